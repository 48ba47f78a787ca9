"""What was told, beside the database: it must be kept also while that takes nothing, which is told too."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec

from wa_tui.store.files import write_whole
from wa_tui.wire.needs import VERSION, NeedView

log = logging.getLogger("wa_tui.needs")


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    told: list[NeedView]


class Memory:
    """The file that holds what was told to begin, and not yet to end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[NeedView]:
        """Return what was told; nothing where that cannot be read: rather called twice than never."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning(
                "What was told to need a person cannot be read (%s), and is told again: %s", error, self._path
            )
            return []
        return kept.told if kept.version == VERSION else []

    async def write(self, told: list[NeedView]) -> None:
        """Keep what was told; where the disk does not take it, the log says so and this daemon knows it still."""
        data = msgspec.json.encode(_Kept(version=VERSION, told=told))
        try:
            await asyncio.to_thread(write_whole, self._path, data)
        except OSError as error:
            log.warning(
                "What was told to need a person is not kept (%s), and is told again by the next daemon: %s",
                error.strerror,
                self._path,
            )
