"""What the watch knows of one session's silence; nothing of it outlives the daemon but what was recorded."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.model.silence import SilenceCause


@dataclass(slots=True)
class Silence:
    """One silence, from the last message on; instants in milliseconds since the epoch, by our clock."""

    since: int
    explained_at: int | None = None
    """When WhatsApp's server last said that all is fine."""
    times: int = 0
    """How often it did."""
    own_share: float | None = None
    """How much of its usual traffic the session had before, once that was looked up: the hours are soon forgotten."""
    stirs: float = 0.0
    """Stirs expected in it, those of each hour by the share of its usual traffic that there was (`Quiet.stirs`)."""
    counted_until: int = 0
    """Up to when; 0: from its beginning on."""

    def explained(self, now: int) -> None:
        """Note that the server explains it, for a while."""
        self.explained_at = now
        self.times += 1


@dataclass(frozen=True, slots=True)
class Sign:
    """What is strange about a session, since when, and whether a person is to be called for it."""

    cause: SilenceCause
    since: int
    usual_ms: int | None = None
    calls: bool = False
    is_strange: bool = True
    """It is noted; else it is only looked into."""
