"""QR codes of gateways that go on telling one that is none any more, and no age of it."""

from __future__ import annotations

from collections.abc import Callable

from wa_tui.model.registers import milliseconds
from wa_tui.model.session import QR_LIFE


class ShownCodes:
    """By session the code that it showed last, and when that was first seen; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[str, float]] = {}

    def is_fresh(self, session_id: str, code: str) -> bool:
        """Tell whether a code that a session shows was first seen within its life."""
        now = self._clock()
        known, since = self._seen.get(session_id, ("", now))
        if known != code:
            self._seen[session_id] = code, (since := now)
        return milliseconds(now - since) < QR_LIFE

    def forget(self, session_id: str) -> None:
        """Forget a session's code: it shows none."""
        self._seen.pop(session_id, None)
