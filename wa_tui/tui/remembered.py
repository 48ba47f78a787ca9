"""A file of the state directory that keeps what the monitor showed last; the next monitor takes it up again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from wa_tui.config import Config, ConfigError, Ui, private_dir
from wa_tui.config.files import read_text
from wa_tui.text.nearest import or_nearest
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.style.inks import SCHEMES
from wa_tui.tui.views import PLAIN
from wa_tui.wire import utc_now

NAME = "monitor.json"
_LONGEST = 65_536
_LONGEST_FILTER = 500


class Remembered(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was chosen; ``filter``, ``gateway`` and ``trouble`` are of the last filter there was, left ``at``."""

    theme: str | None = None
    view: str | None = None
    order: str | None = None
    """A column's name, as `ORDERS` has it."""
    backwards: bool = False
    wide: bool | None = None
    where: str | None = None
    """The daemon that the filter was for."""
    filter: str = ""
    gateway: str | None = None
    trouble: bool = False
    at: datetime | None = None
    filtered: bool = False
    """Whether the filter was on when the monitor was left."""


class Resume(msgspec.Struct, frozen=True):
    """Where a monitor begins: with what is remembered, and at the view that the configuration names."""

    before: Remembered = Remembered()
    problem: str = ""
    view: str = ""


def resumed(config: Config, named: Collection[str]) -> tuple[Ui, Resume]:
    """Return how the monitor looks and where it begins: what is configured wins over what is remembered.

    Raises `ConfigError` for a view that is none.
    """
    ui = config.ui
    known = (*named, "all", "last", *PLAIN)
    if ui.view and ui.view not in known:
        raise ConfigError(f"{ui.view} is no view to begin with; {or_nearest(ui.view, known)}")
    before, problem = read(config.state_dir / NAME)
    if before.theme is not None and "ui.theme" not in config.given:
        ui = replace(ui, theme=before.theme)
    if before.wide is not None and "ui.wide" not in config.given:
        ui = replace(ui, wide=before.wide)
    return ui, Resume(before, problem, ui.view)


def read(path: Path) -> tuple[Remembered, str]:
    """Return what a file remembers, and what is wrong with it, empty if nothing is: then it remembers nothing."""
    try:
        found = msgspec.json.decode(read_text(path, limit=_LONGEST), type=Remembered)
    except FileNotFoundError:
        return Remembered(), ""
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Remembered(), f"what was shown last is not known, the monitor begins anew: {reason} · {path}"
    return _plausible(found), ""


def write(path: Path, before: Remembered, now: Remembered) -> str:
    """Keep what changed since ``before`` beside what other monitors kept meanwhile; return what went wrong."""
    changed = {name: value for name, value in asdict(now).items() if value != getattr(before, name)}
    if not changed:
        return ""
    kept, _ = read(path)
    kept = msgspec.structs.replace(kept, **changed)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        private_dir(path.parent)
        descriptor = os.open(
            draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(kept) + b"\n")
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        return f"what was shown is not remembered: {error.strerror}: {path}"
    except ConfigError as error:
        return f"what was shown is not remembered: {error}"
    return ""


def _plausible(found: Remembered) -> Remembered:
    """Leave out values of another version, and a filter that no person can have typed."""
    wrong: dict[str, object] = {}
    if found.theme not in SCHEMES:
        wrong["theme"] = None
    if found.order not in ORDERS:
        wrong |= {"order": None, "backwards": False}
    if len(found.filter) > _LONGEST_FILTER or not found.filter.isprintable():
        wrong |= {"filter": "", "filtered": False}
    if found.at is not None and (found.at.tzinfo is None or found.at > utc_now()):
        wrong["at"] = None
    return msgspec.structs.replace(found, **wrong)
