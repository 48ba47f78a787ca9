"""Silences, ghosts and grades of proof in words: what is said of a connected session besides its status."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from wa_tui.wire import AttentionCode, GhostView, Proven, SessionView, SilentView

from .advice import LOOKED_INTO
from .ages import age, since
from .answer import Said, Tone, Why
from .durations import MINUTE, spoken

_SIGNS = {
    "unacked": "sends not acknowledged for {span}",
    "queued": "sends wait for {span}",
    "alone": "silent for {span}, others are not",
}
"""What is strange, by its cause; of one that a newer daemon names, that it is silent."""

_GRADES = {
    "claimed": "as its gateway says",
    "client": "by its client",
    "server": "by WhatsApp's server",
    "delivered": "by a recipient's device",
}
"""Who answered for a session, by the grade of the proof."""


_MARKS = {"server": " ✓", "delivered": " ✓✓"}
"""WhatsApp's own ticks, where it was WhatsApp that answered for a session."""


def silent_words(silent: SilentView, now: datetime) -> str:
    """Return since when a session is silent, and what is usual: ``silent for 40m, usually 2m``."""
    text = _SIGNS.get(silent.cause, "silent for {span}").format(span=since(silent.since, now))
    return text if silent.usual_s is None else f"{text}, usually {age(silent.usual_s)}"


def usual_words(usual_s: int, silent: SilentView | None, last_at: datetime | None, now: datetime) -> str:
    """Return how often a session usually has a message, and how long ago its last one was.

    ``a message every 2 min at this hour; silent for 40 min``
    """
    if silent is not None:
        usual_s = usual_s if silent.usual_s is None else silent.usual_s
        ending = f"; silent for {_roughly((now - silent.since).total_seconds())}"
    elif last_at is not None:
        ending = f"; the last one {_roughly((now - last_at).total_seconds())} ago"
    else:
        ending = ""
    return f"a message every {_roughly(usual_s)} at this hour{ending}"


def _roughly(seconds: float) -> str:
    """Return a duration to the minute, as ages move: ``less than a minute``, ``40 min``, ``1 h 50 min``."""
    return "less than a minute" if seconds < MINUTE else spoken(seconds - seconds % MINUTE)


def silence(silent: SilentView, now: datetime) -> Why:
    """Return that a session is silent, which calls nobody: it is looked into."""
    brief = silent_words(replace(silent, usual_s=None), now)
    return Why(silent_words(silent, now), Tone.WARN, [LOOKED_INTO], brief=brief, said=Said.SILENT)


def besides(session: SessionView, now: datetime) -> list[tuple[Said, str]]:
    """Return what is said of a session beside its status, unless that is what it needs a person for."""
    found = []
    code = session.attention.code if session.attention is not None else None
    if session.ghost is not None and code is not AttentionCode.GHOST:
        found.append((Said.GHOST, ghost_words(session.ghost)))
    if session.silent is not None and code is not AttentionCode.SILENT:
        found.append((Said.SILENT, silent_words(session.silent, now)))
    return found


def ghost_words(ghost: GhostView) -> str:
    """Return what makes a session a ghost, and that a restart did not help, where there was one."""
    again = " again" if ghost.restarted_at is not None else ""
    return f"ghost{again}: {ghost.detail}" if ghost.detail else f"ghost{again}"


def proven_words(proven: Proven | None, at: datetime, now: datetime) -> str:
    """Return how old the strongest proof is that counts, and its ticks; where none does, how old the newest is."""
    if proven is None:
        return since(at, now)
    return f"{since(proven.at, now)}{_MARKS.get(proven.grade, '')}"


def grade_words(grade: str) -> str:
    """Return who answered for a session."""
    return _GRADES.get(grade, f"by {grade}")
