"""The commands that were typed, to be had back with the arrows."""

from __future__ import annotations

_LONGEST = 100


class CommandHistory:
    """What was typed, oldest first; each once, where it was typed last."""

    def __init__(self) -> None:
        self._typed: list[str] = []

    def add(self, text: str) -> None:
        """Note a command."""
        if text in self._typed:
            self._typed.remove(text)
        self._typed.append(text)
        del self._typed[:-_LONGEST]

    def __len__(self) -> int:
        return len(self._typed)

    def __getitem__(self, back: int) -> str:
        """The command typed so many before now, 1 the last. Raises IndexError."""
        return self._typed[len(self._typed) - back]
