"""What gateways' lists say: claims, which a check settles (design §3, rules 2, 5 and 6)."""

from __future__ import annotations

import msgspec

from wa_tui.identity.recipients import account_number

from .events import Event, Kind
from .facts import Listed, key_of
from .registers import Source, Status
from .session import ABSENT, Check, Session, new_session
from .transition import NOTHING, Transition, Verdict, transition


def on_listed(session: Session | None, fact: Listed) -> Transition:
    """Take in a difference between a gateway's list and the fleet: adopt, or check at once."""
    if session is None:
        return _adopt(fact) if fact.status is not None else NOTHING
    if session.deleted_at is not None:
        return _orphan(session, fact)
    says = str(fact.status) if fact.status is not None else ABSENT
    agrees = fact.status is session.status or (fact.status is None and _is_known_gone(session))
    # A row without a status withdraws what an earlier one said.
    agrees = agrees or fact.status is Status.UNKNOWN
    # The list comes every few seconds: what it says once is an event, what it repeats is none.
    if agrees or says == session.listed:
        outstanding = None if agrees else says
        after = msgspec.structs.replace(session, listed=outstanding, moved=True)
        return Transition(Verdict.UNCHANGED, session=None if after == session else after, check=not agrees)
    after = msgspec.structs.replace(session, listed=says)
    return transition(
        session,
        after,
        fact,
        Source.LIST,
        happened=fact.at,
        recorded=fact.at,
        verdict=Verdict.CONTRADICTION,
        text=f"the list says {says}, checking",
        check=True,
    )


def _is_known_gone(session: Session) -> bool:
    """Tell whether a check found it gone, and is shown so: what is switched off is not restored any more."""
    return session.gone and (session.status is not Status.INITIALIZING or session.restorable)


def _adopt(fact: Listed) -> Transition:
    """Rule 5: first seen in a list; connected means that its credentials are stored."""
    status = fact.status or Status.UNKNOWN
    check = Check(fact.began, fact.at, status, source=Source.LIST)
    after = msgspec.structs.replace(
        new_session(key_of(fact), fact.at),
        check=check,
        observed_at=fact.at,
        phone_number=account_number(fact.phone_number),
        online_check_at=fact.began if status is Status.CONNECTED else None,
    )
    return transition(
        None,
        after,
        fact,
        Source.LIST,
        happened=fact.at,
        recorded=fact.at,
        text=f"first seen in the gateway's list as {status}",
        # A list claims; only the check that follows proves.
        check=True,
    )


def _orphan(session: Session, fact: Listed) -> Transition:
    """A deleted session's client still lives (or no longer): offered for disconnect or adoption."""
    orphan = fact.status is not None
    # A list that was asked for before the deletion may show the client that is gone by now.
    if orphan is session.orphan or fact.began < (session.deleted_at or 0):
        return NOTHING
    event = Event(
        at=fact.at,
        recorded=fact.at,
        source=Source.LIST,
        kind=Kind.ORPHAN,
        fact=fact,
        text="deleted, but the gateway still runs its client" if orphan else "its client is gone",
        gateway=fact.gateway,
        session_id=fact.session_id,
        after=session.status,
    )
    return Transition(Verdict.APPLIED, session=msgspec.structs.replace(session, orphan=orphan), event=event)
