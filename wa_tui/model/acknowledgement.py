"""Who takes care of a session or a gateway that needs a person."""

from __future__ import annotations

import msgspec


class Acknowledged(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """Who takes care of it, and since when (milliseconds)."""

    who: str
    at: int
    until_calm: bool = False
    """Of a session that flaps: being connected again does not end that, being calm does."""

    def moved(self, by: int) -> Acknowledged:
        """Return the same after a step of our own clock."""
        return msgspec.structs.replace(self, at=self.at + by)
