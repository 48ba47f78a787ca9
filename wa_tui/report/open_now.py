"""What needs a person as a report is made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wa_tui.wire import (
    Attention,
    GatewayView,
    SessionView,
    StatusView,
    daemon_needs,
    gateway_needs,
    is_covered,
    is_snoozed,
    session_need,
)

from .report import OpenNow


def open_now(
    view: StatusView, gateways: Iterable[GatewayView], sessions: Iterable[SessionView], now: datetime
) -> list[OpenNow]:
    """Return what needs a person, the most urgent first: the daemon itself, gateways, sessions."""
    found = [
        OpenNow(code=each.code, text=each.text, action=each.action) for each in daemon_needs(view.daemon)
    ]
    known = {gateway.name: gateway for gateway in gateways}
    for gateway in known.values():
        found += [
            OpenNow(
                code=each.code,
                text=each.text,
                action=each.action,
                gateway=gateway.name,
                # What is beside its state did not begin with that.
                since=None if each in gateway.attention else gateway.since,
                quiet=_quiet(gateway, now),
            )
            for each in gateway_needs(gateway)
        ]
    needing = [
        (need, each) for each in sessions if (need := session_need(each, known.get(each.gateway))) is not None
    ]
    needing.sort(key=lambda pair: (pair[0].code.urgency, *pair[1].key))
    return found + [
        _of_session(attention, session, known.get(session.gateway), now) for attention, session in needing
    ]


def _of_session(
    attention: Attention, session: SessionView, gateway: GatewayView | None, now: datetime
) -> OpenNow:
    quiet = _quiet(session, now)
    if not quiet and gateway is not None and is_covered(session, gateway, now):
        quiet = f"covered by its gateway: {_quiet(gateway, now)}"
    return OpenNow(
        code=attention.code,
        text=attention.text,
        action=attention.action,
        gateway=session.gateway,
        session_id=session.session_id,
        instance_name=session.instance_name,
        user_id=session.user_id,
        since=session.condition_since,
        quiet=quiet,
    )


def _quiet(each: SessionView | GatewayView, now: datetime) -> str:
    if each.acknowledged is not None:
        return f"{each.acknowledged.who} takes care of it"
    if is_snoozed(each, now) and each.snoozed_until is not None:
        return f"snoozed until {each.snoozed_until.astimezone():%Y-%m-%d %H:%M}"
    return ""
