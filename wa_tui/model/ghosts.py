"""Takes in what messages tell of a session: acknowledgements prove it, silences cast doubt, a denial makes a ghost."""

from __future__ import annotations

import msgspec

from .facts import GhostFound, MessageAcked, SilenceEnded, SilenceNoted
from .gateway import Gateway
from .registers import Desired, Proof, Source, Status, length
from .session import Session
from .silence import NOTHING_SAID, Ghost, SilenceCause, Silent
from .transition import NOTHING, Transition, transition

_SIGNS = {
    SilenceCause.QUIET: "silent for {span}",
    SilenceCause.UNACKED: "WhatsApp acknowledges none of its messages for {span}",
    SilenceCause.QUEUED: "its messages wait to be sent for {span}",
    SilenceCause.ALONE: "silent for {span}, while its gateway's other sessions go on",
}


def on_message_acked(session: Session | None, gateway: Gateway, fact: MessageAcked) -> Transition:
    """Take in an acknowledgement: it proves a session that was connected then, as a check does.

    One dated ahead of its time proves nothing, since nobody knows when it happened.
    """
    if session is None or session.deleted_at is not None or gateway.dated_ahead(fact.happened, fact.at):
        return NOTHING
    happened = min(gateway.corrected(fact.happened), fact.at)
    before = session.vouched or NOTHING_SAID
    vouched = before.merge(server=happened, delivered=happened if fact.proof is Proof.DELIVERED else 0)
    if vouched is before:
        return NOTHING
    after = msgspec.structs.replace(session, vouched=vouched)
    return transition(session, after, fact, Source.TRAFFIC, happened=happened, recorded=fact.at)


def on_silence_noted(session: Session | None, fact: SilenceNoted) -> Transition:
    """Note that a connected session's messages stopped; its status and its proof stay."""
    if session is None or not _is_awaited(session) or session.status is not Status.CONNECTED:
        return NOTHING
    known = session.silent
    called_at = fact.at if fact.calls else 0
    if known is not None and known.calls:
        # Who was called is so until it ends: after a restart of ours the daemon only begins to ask again.
        called_at = known.called_at
    silent = Silent(fact.since, fact.at if known is None else known.at, fact.cause, fact.usual_ms, called_at)
    if silent == known:
        return NOTHING
    after = msgspec.structs.replace(session, silent=silent)
    return transition(
        session,
        after,
        fact,
        Source.TRAFFIC,
        happened=fact.at,
        recorded=fact.at,
        text=_silence(fact),
    )


def on_silence_ended(session: Session | None, fact: SilenceEnded) -> Transition:
    """End a silence; a ghost too, where messages go through it again."""
    if session is None or (session.silent is None and session.ghost is None):
        return NOTHING
    denied = (session.vouched or NOTHING_SAID).denied
    works = fact.resumed is not None and fact.resumed > denied
    if session.ghost is None or works:
        after = session.undoubted()
    elif session.silent is not None:
        after = msgspec.structs.replace(session, silent=None)
    else:
        return NOTHING
    return transition(
        session,
        after,
        fact,
        Source.TRAFFIC,
        happened=min(fact.resumed or fact.at, fact.at),
        recorded=fact.at,
        text="messages go through it again" if fact.resumed is not None else "the silence is usual by now",
        check=session.ghost is not None and works,
    )


def on_ghost_found(session: Session | None, fact: GhostFound) -> Transition:
    """Note that WhatsApp's server denies a connected session: its proof is withdrawn, its status stays."""
    if session is None or not _is_awaited(session):
        return NOTHING
    vouched = (session.vouched or NOTHING_SAID).merge(denied=fact.began)
    since = fact.at if session.ghost is None else min(session.ghost.since, fact.at)
    # Where it is down, or something newer says that it works, it is none: `derive` decides, whatever comes in first.
    after = msgspec.structs.replace(session, vouched=vouched, ghost=Ghost(since, fact.detail))
    return transition(
        session,
        after,
        fact,
        Source.TRAFFIC,
        happened=fact.at,
        recorded=fact.at,
        text=f"ghost: {fact.detail}",
    )


def _is_awaited(session: Session) -> bool:
    """Whether anybody waits for its messages."""
    return session.deleted_at is None and session.desired is Desired.ONLINE


def _silence(fact: SilenceNoted) -> str:
    text = _SIGNS[fact.cause].format(span=length(fact.at - fact.since))
    if fact.usual_ms is not None:
        text += f", usually {length(fact.usual_ms)}"
    return f"{text}: a person is called" if fact.calls else text
