"""Puts a `Config` together from the environment and a TOML file, and says what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .canaries import read_canaries
from .conversion import read
from .errors import ConfigError
from .files import CURLY, read_text
from .gateways import read_gateways
from .kubernetes import made_by_kubernetes
from .places import Places
from .settings import SETTINGS, Config, Healing, Hooks, Intervals, NodeService, Traffic, Ui
from .tables import Origin, Table, or_known
from .views import read_views

_SOCKET_LIMIT = 107
"""Bytes of a Unix socket's path on Linux, the closing zero not counted."""

_GROUPS: dict[str, type] = {
    "intervals": Intervals,
    "healing": Healing,
    "traffic": Traffic,
    "hooks": Hooks,
    "ui": Ui,
    "node_service": NodeService,
}
"""Settings that stand together, in a table of their own where the file may have them."""
_MANY = ("gateways", "views", "canary")
"""Groups there may be several of: they are read by others."""

_PREFIX = "WA_TUI_"
_SINGLE = tuple(
    setting for setting in SETTINGS if not setting.name.startswith(tuple(f"{group}." for group in _MANY))
)
_SOURCE = next(setting for setting in SETTINGS if setting.name == "source")
_ENVIRONMENT = frozenset(setting.env for setting in SETTINGS if setting.env is not None)
_TOML = frozenset(setting.toml for setting in SETTINGS if setting.toml is not None)


def load(environ: Mapping[str, str], path: Path | None = None) -> Config:
    """Return the configuration: the environment wins over the file, the file over the defaults.

    The file is ``path``, else ``WA_TUI_CONFIG``, else the XDG one where it exists. An empty variable
    counts as unset. Raises `ConfigError`.
    """
    environ = {name: value for name, value in environ.items() if value}
    _refuse_unknown_variables(environ)
    places = Places(environ)
    source = _source(environ, path, places)
    table = Table(str(source), "", _read_file(source)) if source is not None else Table("", "", {})
    table.refuse_unknown({key.partition(".")[0] for key in _TOML})
    return _config(environ, table, places, source)


def _config(environ: Mapping[str, str], table: Table, places: Places, source: Path | None) -> Config:
    values = _values(environ, table, places)
    groups = {group: make(**_only_known(values, group)) for group, make in _GROUPS.items()}
    plain = _only_known(values, "")
    state_dir = plain.setdefault("state_dir", places.state_dir)
    plain.setdefault("socket", state_dir / "wa_tui.sock")
    plain.setdefault("title", os.uname().nodename)
    _refuse_long(plain["socket"])
    return Config(
        gateways=read_gateways(table, places, groups.pop("node_service")),
        views=read_views(table, places),
        canary=read_canaries(table, places),
        given=frozenset(values),
        **groups,
        **plain | {"source": source},
    )


def _only_known(values: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Return a group's values by their fields; those of no group are in the group without a name."""
    parted = ((name.rpartition("."), value) for name, value in values.items())
    return {field: value for (own, _, field), value in parted if own == group}


def _values(environ: Mapping[str, str], table: Table, places: Places) -> dict[str, Any]:
    """Return each value that was set, by its setting's name."""
    tables = {"": table} | {group: table.table(group) for group in _GROUPS}
    for group in _GROUPS:
        tables[group].refuse_unknown({key.partition(".")[2] for key in _TOML if key.startswith(f"{group}.")})
    found: dict[str, Any] = {}
    for setting in _SINGLE:
        place = tables[setting.name.rpartition(".")[0]]
        if setting.env is not None and setting.env in environ:
            found[setting.name] = read(setting, environ[setting.env], Origin(setting.env), places)
        elif setting.toml is not None and setting.key in place.content:
            origin = place.origin(setting.key)
            found[setting.name] = read(setting, place.content[setting.key], origin, places)
    return found


def _source(environ: Mapping[str, str], path: Path | None, places: Places) -> Path | None:
    if path is not None:
        return path
    if _SOURCE.env in environ:
        named: Path = read(_SOURCE, environ["WA_TUI_CONFIG"], Origin("WA_TUI_CONFIG"), places)
        return named
    default = places.config_file
    try:
        return default if default is not None and default.exists() else None
    except OSError as error:
        raise ConfigError(
            f"{default}: cannot be looked for ({error.strerror}): HOME or XDG_CONFIG_HOME is another user's; "
            "set it to this user's, or WA_TUI_CONFIG to the file"
        ) from error


def _read_file(source: Path) -> dict[str, Any]:
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
                f"unknown variable {name}; {or_known(name.removeprefix(_PREFIX), known, _PREFIX)}"
            )


def _refuse_long(socket: Path) -> None:
    length = len(os.fsencode(socket))
    if length > _SOCKET_LIMIT:
        raise ConfigError(
            f"the socket's path {socket} has {length} bytes, a Unix socket's may have {_SOCKET_LIMIT}; "
            "set WA_TUI_SOCKET to a shorter one"
        )
