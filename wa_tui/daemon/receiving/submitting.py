"""What is answered when the recorder does not take a webhook in."""

from __future__ import annotations

from wa_tui.wire import RefusalKind

from ..recording.recorder import Inapplicable, QueueFull
from .envelope import Answer, error
from .refusals import Refusals


def not_taken(refusals: Refusals, peer: str | None, gateways: tuple[str, ...], problem: Exception) -> Answer:
    """Count a webhook that was not taken in, or not stored, and return its answer: mostly that it come again."""
    match problem:
        case QueueFull():
            refusals.note(RefusalKind.BUSY, peer, gateways)
            return error(503, f"Busy, come again: {problem}", {"retry-after": "1"})
        case Inapplicable():
            refusals.note(RefusalKind.FAILED, peer, gateways, str(problem))
            return error(500, f"Not taken in: {problem}; the daemon's log has more")
    refusals.note(RefusalKind.NOT_STORED, peer, gateways, str(problem))
    return error(503, f"Not stored: {problem}", {"retry-after": "5"})
