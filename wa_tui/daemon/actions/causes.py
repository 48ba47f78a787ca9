"""Why a client that was started is down: the reason as a person says it, with the gateway's own words."""

from __future__ import annotations

from wa_tui.model.registers import DOWN
from wa_tui.model.session import Session
from wa_tui.wire.reasons import with_words


def why_down(session: Session, began: int, detail: str | None) -> str:
    """Return why; ``detail`` are the start's answer, ``began`` when it was followed from (milliseconds)."""
    detail = session.detail or _explanation(session, began) or detail
    return with_words(session.reason, detail) or session.reason or "no reason given"


def _explanation(session: Session, began: int) -> str | None:
    """What a webhook said of the end that a check then found."""
    latest = session.claims.latest
    if latest is None or latest.received < began or latest.status not in DOWN:
        return None
    return latest.detail
