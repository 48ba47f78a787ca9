"""What the terminal's window is called: the installation, and how it stands."""

from __future__ import annotations

from datetime import datetime

from wa_tui.text.counts import many
from wa_tui.tui.fleet.state import FleetState


def watched(state: FleetState, title: str) -> str:
    """Return the program and what is watched, as the daemon calls it, else as ``title`` does."""
    name = state.daemon.title if state.daemon and state.daemon.title else title
    return f"wa-tui {name}".rstrip()


def window_title(state: FleetState, title: str, now: datetime) -> str:
    """Return how it stands: who needs a person, or that nobody can know."""
    name = watched(state, title)
    if not state.connected and state.lost_at is not None:
        return f"{name} · daemon gone"
    number = state.counts(now).needs_person
    return f"{name} · {many(number, 'needs', 'need')} you" if number else name
