"""Views of the sessions by name: a filter, an order and columns."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from wa_tui.config import Config, ConfigError, ViewConfig
from wa_tui.filters.sessions import parse
from wa_tui.text.columns import COLUMNS, Column
from wa_tui.text.nearest import or_nearest
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.fleet.order import Order


class NamedView(Struct, frozen=True):
    """What the grid shows, and how; no columns are those that there is room for."""

    name: str
    filter: str = ""
    order: Order = Order.TROUBLE
    backwards: bool = False
    columns: tuple[Column, ...] = ()
    trouble: bool = False
    """Only those in trouble."""
    since: datetime | None = None
    """When its filter was left; it is said then what it hides."""

    @property
    def description(self) -> str:
        """The filter and the order, in words."""
        reversed = ", reversed" if self.backwards else ""
        whom = "only trouble" if self.trouble else "every session"
        return f"{self.filter or whom} · {self.order}{reversed}"


EVERYTHING = NamedView("all")
"""The view that is there without any configuration."""


def named_views(config: Config) -> tuple[NamedView, ...]:
    """Return the configured views; raises `ConfigError` for an order, a column or a filter that is none."""
    return tuple(_named(view, f"{config.source}: views.{view.name}") for view in config.views)


def _named(view: ViewConfig, place: str) -> NamedView:
    order = view.order or "status"
    if order not in ORDERS:
        raise ConfigError(f'{place}.order = "{order}" is no column to sort by; {or_nearest(order, ORDERS)}')
    for column in view.columns:
        if column not in COLUMNS:
            raise ConfigError(f'{place}.columns: "{column}" is no column; {or_nearest(column, COLUMNS)}')
    wanted = parse(view.filter)
    if wrong := wanted.problem or wanted.unfinished:
        raise ConfigError(f'{place}.filter = "{view.filter}": {wrong}')
    columns = tuple(COLUMNS[column] for column in view.columns)
    return NamedView(view.name, view.filter, ORDERS[order], view.reversed, columns)
