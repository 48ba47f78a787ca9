"""The named views of a configuration: ``[views.NAME]``, each a filter, an order and columns for the sessions."""

from __future__ import annotations

from .conversion import read_table
from .errors import ConfigError
from .places import Places
from .settings import SETTINGS, ViewConfig
from .tables import Table

_SETTINGS = tuple(setting for setting in SETTINGS if setting.name.startswith("views."))
RESERVED = ("last", "all")
"""Names that mean a view already."""


def read_views(table: Table, places: Places) -> tuple[ViewConfig, ...]:
    """Return the named views, in the file's order; raises `ConfigError`."""
    views = table.table("views")
    return tuple(_view(views.table(name), name, places) for name in views.content)


def _view(table: Table, name: str, places: Places) -> ViewConfig:
    place = f"views.{name}"
    if name in RESERVED:
        raise ConfigError(f"{table.file}: {place}: {name} is a view already; choose another name")
    if not name.strip() or not name.isprintable() or " " in name:
        raise ConfigError(f"{table.file}: {place}: the name of a view is one word")
    return ViewConfig(name, **read_table(Table(table.file, place, table.content), _SETTINGS, places))
