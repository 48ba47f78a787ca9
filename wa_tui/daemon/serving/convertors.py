"""What a part of a route's path may be."""

from __future__ import annotations

from starlette.convertors import Convertor


class SessionId(Convertor[str]):
    """A session's id as its gateway has it, slashes and line ends included; written ``{session_id:session}``."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        """Return the id."""
        return value

    def to_string(self, value: str) -> str:
        """Return the id."""
        return value
