"""What holds a session in its state, for a line of text: the monitor's words, and all that is known besides."""

from __future__ import annotations

from datetime import datetime

from wa_tui.text import why as monitor
from wa_tui.text.answer import Said
from wa_tui.text.quiet import quiet_words
from wa_tui.text.silence import besides
from wa_tui.wire import (
    AttentionCode,
    Condition,
    GatewayView,
    SessionView,
    is_covered,
    is_snoozed,
    session_need,
    utc_now,
)
from wa_tui.wire.reasons import in_brief


def why(found: Condition, session: SessionView, gateway: GatewayView | None, now: datetime) -> str:
    """Return what holds a session in its state and what to do about it, then what else is known of it."""
    answer = monitor.why(session, found, gateway, now=now)
    need = session_need(session, gateway)
    if need is not None and answer.said in (Said.NEED, Said.REASON):
        answer = answer._replace(text=need.sentence, steps=(), said=Said.NEED)
    parts = [answer.text, *answer.hints({})[:1]]
    if (
        answer.said is not Said.CONTRADICTION
        and session.contradiction is not None
        and not _is_unwanted(session)
    ):
        parts.append(session.contradiction)
    if answer.said is not Said.UNANSWERED and session.unanswered is not None:
        parts.append(session.unanswered)
    parts += [text for said, text in besides(session, now) if said is not answer.said]
    parts += _quiet(session, now)
    if gateway is not None and is_covered(session, gateway, now):
        parts.append(f"{gateway.name} {quiet_words(gateway, now)}")
    return " · ".join(filter(None, parts))


def reasons(session: SessionView, gateway: GatewayView | None) -> list[str]:
    """Return why it is as it is, what contradicts, what is not known, what is done about it, and who knows."""
    need = session_need(session, gateway)
    return [
        part
        for part in (
            need.sentence if need is not None else in_brief(session.reason, session.detail),
            None if _is_unwanted(session) else session.contradiction,
            session.unanswered,
            *(text for _, text in besides(session, utc_now())),
            _healing(session),
            *_quiet(session, utc_now()),
        )
        if part
    ]


def _is_unwanted(session: SessionView) -> bool:
    """Tell whether what contradicts is what it needs a person for."""
    return session.attention is not None and session.attention.code is AttentionCode.UNWANTED


def _quiet(session: SessionView, now: datetime) -> list[str]:
    """Return until when it calls nobody, and who takes care of it."""
    parts = []
    if session.snoozed_until is not None and is_snoozed(session, now):
        parts.append(f"snoozed until {session.snoozed_until.astimezone():%Y-%m-%d %H:%M}")
    if session.acknowledged is not None:
        parts.append(f"{session.acknowledged.who} takes care of it")
    return parts


def _healing(session: SessionView) -> str | None:
    """Return what healing does, where what it needs a person for does not say it already."""
    healing = session.healing
    if healing is None or healing.state in ("flapping", "exhausted") or session.status == "connected":
        return None
    if healing.state == "held":
        return f"healing held: {healing.why}"
    return f"healing: attempt {healing.attempts + (healing.state == 'waiting')}"
