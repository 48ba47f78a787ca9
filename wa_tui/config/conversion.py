"""From what is written to the value of a setting: its kind reads it, msgspec checks type and bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from .declaration import FILE, Setting, bounds_of
from .errors import ConfigError
from .files import read_text
from .places import Places
from .tables import Origin, Table

_LONGEST_SECRET = 16 * 1024


def read_table(table: Table, settings: Iterable[Setting], places: Places) -> dict[str, Any]:
    """Return the values that a table gives, by their fields; a relative path in it starts at its file.

    Raises `ConfigError`, also for a key that is not among ``settings`` and for two keys of one field.
    """
    known = {setting.key: setting for setting in settings}
    table.refuse_unknown(known)
    found: dict[str, Any] = {}
    for key, value in table.content.items():
        setting = known[key]
        if setting.field in found:
            raise ConfigError(
                f"{table.file}: {table.name} has {setting.field} and {setting.field}_file: keep one of them"
            )
        found[setting.field] = read(setting, value, table.origin(key), places)
    return found


def read(setting: Setting, value: object, origin: Origin, places: Places) -> Any:
    """Return the value of a setting from what is written at ``origin``; raises `ConfigError`."""
    if setting.in_file:
        value, origin = _held(value, origin, places)

    def converted(value: object) -> Any:
        return _convert(setting, value, lambda text: places.absolute(text, origin.directory))

    return origin.read(converted, value, secret=setting.kind.is_secret(value))


def _held(value: object, origin: Origin, places: Places) -> tuple[str, Origin]:
    """Return what the file holds that a value names, and how an error is to call that place."""
    path = places.absolute(origin.read(FILE.read, value), origin.directory)
    try:
        secret = read_text(path, limit=_LONGEST_SECRET).strip()
    except OSError as error:
        raise ConfigError(f"{origin}: {path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{origin}: {path} {error}") from None
    return secret, Origin(f"{origin.name}: what {path} holds", origin.file)


def _convert(setting: Setting, value: object, absolute: Callable[[str], Path]) -> Any:
    """Return a value of the setting's type; raises ValueError with the end of a sentence."""
    plain = setting.kind.read(value)
    try:
        # Lax only for numbers: a lax `str | None` takes the text "null" for nothing at all.
        return msgspec.convert(
            plain, setting.type, strict=not setting.kind.is_number, dec_hook=lambda _, text: absolute(text)
        )
    except msgspec.ValidationError:
        raise ValueError(_refusal(setting, plain)) from None


def _refusal(setting: Setting, value: object) -> str:
    """Return what is wrong with a value that msgspec refused, and what is allowed."""
    kind, bounds = setting.kind, bounds_of(setting.type)
    if isinstance(value, str) and bounds.max_length is not None and len(value) > bounds.max_length:
        return f"is too long: {len(value)} characters, not {bounds.max_length}"
    if not kind.is_number:
        return f"is not a {kind.noun}"
    number, unit = _number(value), f" {kind.noun.partition(' of ')[2]}".rstrip()
    allowed = f"between {bounds.ge} and {bounds.le}{unit}"
    if number is None or (kind.noun.startswith("whole") and number != int(number)):
        return f"is not a {kind.noun}, {allowed}"
    return f"is not more than 0{unit}: it is {allowed}" if number <= 0 else f"is not {allowed}"


def _number(value: object) -> float | None:
    try:
        number = None if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return None
    return number if number is not None and math.isfinite(number) else None
