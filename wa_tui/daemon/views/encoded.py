"""Long lists as JSON: encoded part by part, each while it is in the processor's cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


class Encoded:
    """A list of which parts are encoded as they come; it may begin with what another one had."""

    def __init__(self, begin: bytes = b"") -> None:
        self._parts = [begin] if begin else []

    def add(self, values: Sequence[Any]) -> None:
        """Append values."""
        if values:
            self._parts.append(msgspec.json.encode(values)[1:-1])

    def inside(self) -> bytes:
        """Return it without its brackets."""
        return b",".join(self._parts)

    def whole(self) -> Any:
        """Return what stands for the list wherever it is to be encoded."""
        return msgspec.Raw(b"[%b]" % b",".join(self._parts))
