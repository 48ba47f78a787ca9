"""The side file: the fleet once an hour, beside the database, for when that is damaged."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import msgspec

from .errors import DamagedError
from .files import side_path, write_whole
from .snapshot import Snapshot

_FORMAT = 1


class Head(msgspec.Struct, frozen=True):
    """A side file's first line: of when it is, and the checksum of the rest."""

    format: int
    at: int
    last_event_id: int
    sha256: str


def write_side(path: Path, snapshot: Snapshot) -> None:
    """Replace the side file of a database."""
    body = snapshot.encode()
    head = Head(_FORMAT, snapshot.at, snapshot.last_event_id, hashlib.sha256(body).hexdigest())
    write_whole(side_path(path), msgspec.json.encode(head) + b"\n" + body)


def read_head(path: Path) -> Head | None:
    """Return the first line of a database's side file, ``None`` if it has none that can be read."""
    try:
        with side_path(path).open("rb") as file:
            return msgspec.json.decode(file.readline(1000), type=Head)
    except (OSError, msgspec.MsgspecError):
        return None


def read_side(path: Path) -> Snapshot:
    """Return the snapshot in a database's side file; raises DamagedError, which says why there is none."""
    side = side_path(path)
    try:
        line, _, body = side.read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise DamagedError("there is no side file") from None
    except OSError as error:
        raise DamagedError(f"the side file {side} cannot be read ({error})") from error
    try:
        head = msgspec.json.decode(line, type=Head)
        if head.format != _FORMAT:
            raise DamagedError(
                f"the side file {side} has a format this version does not know ({head.format})"
            )
        if hashlib.sha256(body).hexdigest() != head.sha256:
            raise DamagedError(f"the side file {side} is damaged too (its checksum is wrong)")
        snapshot = Snapshot.decode(body)
    except (msgspec.MsgspecError, zlib.error) as error:
        raise DamagedError(f"the side file {side} is damaged too ({error})") from error
    if (snapshot.at, snapshot.last_event_id) != (head.at, head.last_event_id):
        raise DamagedError(f"the side file {side} is damaged too (its first line is wrong)")
    return snapshot
