"""What ends a command."""

from __future__ import annotations

from . import exits


class CommandError(Exception):
    """Ends a command with a text for the person and an exit code; nothing was done."""

    def __init__(self, text: str, code: int = exits.FAILED) -> None:
        super().__init__(text)
        self.code = code


class UnknownSession(CommandError):
    """No session is meant by an id on the command line."""

    def __init__(self, text: str) -> None:
        super().__init__(text, exits.USAGE)
