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
    announced: list[NeedView] = msgspec.field(name="told")
    unsure: list[str] = []


class Memory:
    """The file that holds what was told to begin, and not yet to end; and of what of it nobody knows that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fails = False

    def read(self) -> tuple[list[NeedView], list[str]]:
        """Return what was told, and the keys of what may have been; nothing where that cannot be read: rather
        called twice than never.
        """
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return [], []
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning(
                "What was told to need a person cannot be read (%s), and is told again: %s", error, self._path
            )
            return [], []
        return (kept.announced, kept.unsure) if kept.version == VERSION else ([], [])

    async def write(self, announced: list[NeedView], unsure: list[str]) -> bool:
        """Keep what was told; return whether the disk took it. The log says so once when it does not."""
        data = msgspec.json.encode(_Kept(version=VERSION, announced=announced, unsure=unsure))
        try:
            await asyncio.to_thread(write_whole, self._path, data)
        except OSError as error:
            if not self._fails:
                log.warning(
                    "What was told to need a person is not kept (%s): a daemon that starts before it is tells it "
                    "again: %s",
                    error.strerror,
                    self._path,
                )
            self._fails = True
            return False
        self._fails = False
        return True
