"""Ages as a filter asks for them: ``>5m``, ``<2h``."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from wa_tui.text.durations import is_begun, seconds_of


class Age(Struct, frozen=True):
    """At least ``seconds`` old, or less where it is ``younger``."""

    seconds: float
    younger: bool = False

    def holds(self, since: datetime | None, now: datetime) -> bool:
        """Tell whether an instant is as old as that; none at all is of no age."""
        if since is None:
            return False
        return ((now - since).total_seconds() < self.seconds) is self.younger


def age_wanted(field: str, text: str) -> Age | None:
    """Return what ``>5m`` asks for, ``None`` while it is not finished (``>``, ``>1h3``). Raises ValueError."""
    how = text[:1] if text[:1] in ("<", ">") else ""
    duration = text.removeprefix(how).removeprefix("=")
    seconds = seconds_of(duration)
    if seconds is not None:
        return Age(seconds, younger=how == "<")
    if is_begun(duration):
        return None
    raise ValueError(f"{field}:{text} is no age; {age_example(field)}")


def age_example(field: str) -> str:
    """Say how a field's age is written."""
    return f"write {field}:>5m, {field}:<2h or {field}:>1h30m (s m h d w)"
