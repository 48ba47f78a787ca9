"""The levels of events: all, news, changes, trouble."""

from __future__ import annotations

from enum import IntEnum

from wa_tui.wire import EventView

_TROUBLE_STATES = frozenset({"disconnected", "auth_failed", "qr_pending", "down", "unauthorised"})
_TROUBLE_KINDS = frozenset(
    {
        "contradiction",
        "unanswered",
        "missing",
        "orphan",
        "unattributed",
        "healing",
        "stale",
        "late",
        "silent",
        "ghost",
    }
)
_FAILED = frozenset({"failed", "no_effect", "unknown", "not_sent"})


class Level(IntEnum):
    """What is shown from this level up."""

    ALL = 0
    NEWS = 1
    """All but the codes that a session goes through while it waits for a scan."""
    CHANGES = 2
    TROUBLE = 3

    @property
    def label(self) -> str:
        """What the title says of it; nothing of the usual one."""
        return ("all, with every QR code", "", "changes and actions", "trouble")[self]


def level_of(event: EventView) -> Level:
    """Return an event's level: what went wrong, what changed or was done, the rest."""
    changed = event.before is not None and event.before != event.after
    if event.kind in _TROUBLE_KINDS or (changed and event.after in _TROUBLE_STATES):
        return Level.TROUBLE
    # These change no status, and are read for how they ended.
    if event.kind in ("outcome", "attempt"):
        failed = event.action is not None and event.action.outcome in _FAILED
        return Level.TROUBLE if failed else Level.CHANGES
    if changed or event.kind in ("action", "adopted", "removed", "daemon"):
        return Level.CHANGES
    return Level.ALL if is_rotation(event) else Level.NEWS


def is_rotation(event: EventView) -> bool:
    """Tell whether an event is one more QR code of a session that waits for a scan, after the first."""
    return event.kind == "qr" and event.before == event.after
