"""Puts a `Config` together from the environment and a TOML file, and says what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import credentials, values
from .files import CURLY, read_text
from .gateways import read_gateways
from .kubernetes import made_by_kubernetes
from .places import Places
from .reference import REFERENCE
from .settings import Config, ConfigError, Healing, Hooks, Intervals, Ui
from .tables import Origin, Table, nearest
from .views import read_views

_SOCKET_LIMIT = 107
"""Bytes of a Unix socket's path on Linux, the closing zero not counted."""

_READERS: dict[str, Callable[[object], Any]] = {
    "listen": values.address,
    "state_dir": values.path,
    "socket": values.path,
    "socket_group": values.text,
    "api_key": credentials.key,
    "read_only": values.flag,
    "title": values.title,
    "retention_days": values.days,
    "offline_days": values.days,
}
_GROUPS: dict[str, Callable[..., Any]] = {
    "intervals": Intervals,
    "healing": Healing,
    "hooks": Hooks,
    "ui": Ui,
}
"""Tables of their own, each a dataclass; their settings are named ``table.field``."""

_READERS |= {setting.name: values.seconds for setting in REFERENCE if setting.name.startswith("intervals.")}
_READERS |= {
    "healing.enabled": values.flag,
    "healing.at_once": values.count,
    "healing.backoff_min": values.seconds,
    "healing.backoff_max": values.seconds,
    "healing.attempts_per_hour": values.count,
    "healing.flapping_drops": values.count,
    "healing.flapping_window": values.seconds,
    "healing.breaker_failures": values.count,
    "healing.breaker_pause": values.seconds,
    "healing.stuck": values.seconds,
}
_READERS |= {
    "hooks.needs": values.command,
    "ui.theme": values.theme,
    "ui.ascii": values.flag_or_auto,
    "ui.mouse": values.flag,
    "ui.bell": values.flag,
    "ui.quiet_hours": values.hours,
    "ui.notify": values.notices,
    "ui.window_title": values.flag,
    "ui.interval": values.frame,
    "ui.wide": values.flag,
    "ui.view": values.text,
    "keys": values.remaps,
}
_PREFIX = "WA_TUI_"
_SECRETS = frozenset({"api_key"})
_ENVIRONMENT = frozenset(setting.env for setting in REFERENCE if setting.env is not None)
_TOML = frozenset(setting.toml for setting in REFERENCE if setting.toml is not None)


def load(environ: Mapping[str, str], path: Path | None = None) -> Config:
    """Return the configuration: the environment wins over the file, the file over the defaults.

    The file is ``path``, else ``WA_TUI_CONFIG``, else the XDG one where it exists. An empty variable
    counts as unset. Raises `ConfigError`.
    """
    environ = {name: value for name, value in environ.items() if value}
    _refuse_unknown_variables(environ)
    places = Places(environ)
    source = _source(environ, path, places)
    table = Table(str(source), "", _read(source)) if source is not None else Table("", "", {})
    table.refuse_unknown({key.partition(".")[0] for key in _TOML})
    return _config(environ, table, places, source)


def _config(environ: Mapping[str, str], table: Table, places: Places, source: Path | None) -> Config:
    found = _found(environ, table)
    given = {name: value for name, (value, _) in found.items()}
    groups = {group: make(**_taken(given, group)) for group, make in _GROUPS.items()}
    for name in ("state_dir", "socket"):
        if name in given:
            given[name] = places.resolve(given[name], found[name][1].directory)
    state_dir = given.setdefault("state_dir", places.state_dir)
    given.setdefault("socket", state_dir / "wa_tui.sock")
    given.setdefault("title", os.uname().nodename)
    _refuse_long(given["socket"])
    return Config(
        gateways=read_gateways(environ, table, places),
        views=read_views(table),
        source=source,
        given=frozenset(found),
        **groups,
        **given,
    )


def _taken(given: dict[str, Any], group: str) -> dict[str, Any]:
    """Take a group's values out of those given, by their field's name."""
    names = [name for name in given if name.startswith(f"{group}.")]
    return {name.partition(".")[2]: given.pop(name) for name in names}


def _found(environ: Mapping[str, str], table: Table) -> dict[str, tuple[Any, Origin]]:
    """Return each value that was set, by its field's name, and where."""
    tables = {"": table} | {group: table.table(group) for group in _GROUPS}
    for group in _GROUPS:
        known = {key.partition(".")[2] for key in _TOML if key.startswith(f"{group}.")}
        tables[group].refuse_unknown(known)
    found: dict[str, tuple[Any, Origin]] = {}
    for setting in REFERENCE:
        name, read = setting.name, _READERS.get(setting.name)
        if read is None:
            continue
        group, _, key = name.rpartition(".")
        place = tables[group]
        if setting.env is not None and setting.env in environ:
            origin, value = Origin(setting.env), environ[setting.env]
        elif key in place.content:
            origin, value = place.origin(key), place.content[key]
        else:
            continue
        found[name] = (origin.read(read, value, secret=name in _SECRETS), origin)
    return found


def _source(environ: Mapping[str, str], path: Path | None, places: Places) -> Path | None:
    if path is not None:
        return path
    if "WA_TUI_CONFIG" in environ:
        origin = Origin("WA_TUI_CONFIG")
        return places.resolve(origin.read(values.path, environ["WA_TUI_CONFIG"]), None)
    default = places.config_file
    try:
        return default if default is not None and default.exists() else None
    except OSError as error:
        raise ConfigError(
            f"{default}: cannot be looked for ({error.strerror}): HOME or XDG_CONFIG_HOME is another user's; "
            "set it to this user's, or WA_TUI_CONFIG to the file"
        ) from error


def _read(source: Path) -> dict[str, Any]:
    import tomllib  # not where there is no file to read

    try:
        text = read_text(source)
    except OSError as error:
        raise ConfigError(
            f"{source}: cannot be read ({error.strerror}); see its path and its mode"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{source}: {error}") from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{source}: is not TOML: brackets in brackets without end") from None
    # Not all of them are `TOMLDecodeError`: a number of 5,000 digits is a bare one.
    except ValueError as error:
        raise ConfigError(f"{source}: is not TOML: {error}{_odd_letters(text)}") from error


def _odd_letters(text: str) -> str:
    """Return what is probably wrong with a text that is not TOML: letters that only look right."""
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("#")[0]
        if quote := next((letter for letter in code if letter in CURLY), None):
            return f'; line {number} has curly quotes ({quote}): write straight ones (")'
        if "\u00a0" in code:
            return f"; line {number} has a no-break space: write a plain one"
    return ""


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    # Compared without what all of them share, which would make any two look alike.
    known = {name.removeprefix(_PREFIX) for name in _ENVIRONMENT if name.startswith(_PREFIX)}
    for name in sorted(environ):
        if (
            name.startswith(_PREFIX)
            and name not in _ENVIRONMENT
            and not made_by_kubernetes(name, environ[name])
        ):
            raise ConfigError(
                f"unknown variable {name}; {nearest(name.removeprefix(_PREFIX), known, _PREFIX)}"
            )


def _refuse_long(socket: Path) -> None:
    length = len(os.fsencode(socket))
    if length > _SOCKET_LIMIT:
        raise ConfigError(
            f"the socket's path {socket} has {length} bytes, a Unix socket's may have {_SOCKET_LIMIT}; "
            "set WA_TUI_SOCKET to a shorter one"
        )
