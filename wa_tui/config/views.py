"""The named views of a configuration: ``[views.NAME]``, each a filter, an order and columns for the sessions."""

from __future__ import annotations

from . import values
from .reference import REFERENCE
from .settings import ConfigError, ViewConfig
from .tables import Table

_KEYS = frozenset(
    setting.toml.removeprefix("views.")
    for setting in REFERENCE
    if setting.toml is not None and setting.toml.startswith("views.")
)
RESERVED = ("last", "all")
"""Names that mean a view already."""


def read_views(table: Table) -> tuple[ViewConfig, ...]:
    """Return the named views, in the file's order; raises `ConfigError`."""
    views = table.table("views")
    return tuple(_view(views.table(name), name) for name in views.content)


def _view(table: Table, name: str) -> ViewConfig:
    place = f"views.{name}"
    table = Table(table.file, place, table.content)
    if name in RESERVED:
        raise ConfigError(f"{table.file}: {place}: {name} is a view already; choose another name")
    if not name.strip() or not name.isprintable() or " " in name:
        raise ConfigError(f"{table.file}: {place}: the name of a view is one word")
    table.refuse_unknown(_KEYS)
    content = table.content
    return ViewConfig(
        name=name,
        filter=table.origin("filter").read(values.text, content["filter"]) if "filter" in content else "",
        order=table.origin("order").read(values.text, content["order"]) if "order" in content else "",
        reversed=table.origin("reversed").read(values.flag, content.get("reversed", False)),
        columns=table.origin("columns").read(values.words, content.get("columns", [])),
    )
