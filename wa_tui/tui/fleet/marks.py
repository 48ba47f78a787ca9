"""Sessions that a person marked, to do something to all of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from wa_tui.wire import SessionKey


class Marks:
    """A set of sessions, and the one that was marked last: where a range begins."""

    def __init__(self) -> None:
        self._marked: dict[SessionKey, None] = {}
        self._anchor: SessionKey | None = None

    def __len__(self) -> int:
        return len(self._marked)

    def __contains__(self, key: object) -> bool:
        return key in self._marked

    def toggle(self, key: SessionKey) -> None:
        """Mark a session, or unmark one that is marked."""
        self._anchor = key
        if key in self._marked:
            del self._marked[key]
        else:
            self._marked[key] = None

    def extend(self, rows: Sequence[SessionKey], key: SessionKey) -> None:
        """Mark the rows from the session marked last to this one; without one marked last, this one alone."""
        start = rows.index(self._anchor) if self._anchor in rows else rows.index(key)
        end = rows.index(key)
        low, high = min(start, end), max(start, end)
        self._marked |= dict.fromkeys(rows[low : high + 1])
        self._anchor = key

    def invert(self, rows: Iterable[SessionKey]) -> None:
        """Mark the unmarked rows and unmark the others; marks of sessions without a row stay."""
        for key in rows:
            if key in self._marked:
                del self._marked[key]
            else:
                self._marked[key] = None

    def clear(self) -> None:
        """Unmark every session."""
        self._marked.clear()
        self._anchor = None

    def keep(self, known: Container[SessionKey]) -> None:
        """Unmark sessions that are not ``known`` any more."""
        for key in [key for key in self._marked if key not in known]:
            del self._marked[key]

    def sorted_by(self, rows: Sequence[SessionKey]) -> list[SessionKey]:
        """Return the marked ones in the order of the rows, then those that have none."""
        shown = [key for key in rows if key in self._marked]
        seen = set(shown)
        return [*shown, *(key for key in self._marked if key not in seen)]
