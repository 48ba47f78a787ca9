"""What a person goes to by name, by key and back in the history: views, and named views of the sessions."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from wa_tui.config import Config, ConfigError, ViewConfig
from wa_tui.filters.sessions import parse
from wa_tui.text.columns import COLUMNS, Column
from wa_tui.text.nearest import or_nearest
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.fleet.order import Order
from wa_tui.wire import SessionKey

SESSIONS = "sessions"
RESULTS = "results"


class Place(Struct, frozen=True):
    """A place to go to: a view, and the session or the gateway that it is about."""

    view: str
    key: SessionKey | None = None
    gateway: str | None = None
    since: str | None = None
    """Since when, as it was typed: of a report."""


class View(Struct, frozen=True):
    """One view. ``screen`` names its module and class (or what returns one), called with the monitor and a place.

    ``of_session``: it is about one session.
    """

    name: str
    aliases: tuple[str, ...]
    title: str
    help: str
    screen: str
    of_session: bool = False


VIEWS: tuple[View, ...] = (
    View(SESSIONS, ("s", "session"), "Sessions", "Every session", "main.MainScreen"),
    View("details", ("d", "describe"), "Details", "Facts and timeline of the session",
         "details.DetailsScreen", of_session=True),
    View("gateways", ("gw", "gateway"), "Gateways", "Health, load and drift of the gateways",
         "gateways.gateways_screen"),
    View("log", ("l", "logs", "events"), "Log", "What happened, to the fleet or to one session",
         "log.LogScreen"),
    View("jobs", ("j",), "Jobs", "Periodic jobs: last run, next run, run now", "jobs.JobsScreen"),
    View("needs", ("n", "need"), "Needs you", "What needs a person, most urgent first",
         "needs.NeedsScreen"),
    View("messages", ("m", "msg", "message"), "Messages", "Messages sent, and through which sessions",
         "messages.MessagesScreen"),
    View("qr", (), "QR code", "The QR code to scan", "qr.QrScreen", of_session=True),
    View("raw", ("json", "y"), "JSON", "The session as the API shows it", "raw.RawScreen",
         of_session=True),
    View("users", ("u", "user"), "Users", "Sessions, trouble, messages and uptime by user", "users.UsersScreen"),
    View("traffic", ("t", "counts"), "Traffic", "Messages through the sessions: busiest, silent, failing",
         "traffic.TrafficScreen"),
    View("report", ("handover",), "Handover", "The handover: what was down, who did what, what is open",
         "report.ReportScreen"),
    View(RESULTS, (), "Results", "What became of the last action on many sessions",
         "results.ResultsScreen"),
    View("help", ("h", "?"), "Help", "The keys: of the view at hand, then all others", "help.HelpScreen"),
    View("signs", ("legend",), "Signs", "What the signs mean", "help.SignsScreen"),
)  # fmt: skip
"""Every view."""

PLAIN = tuple(
    view.name for view in VIEWS if not view.of_session and view.name not in (RESULTS, "help", "signs")
)
"""Those that are about no session and about nothing that was done: one can begin with them."""

_BY_NAME = {view.name: view for view in VIEWS}


def view_of(place: Place) -> View:
    """Return a place's view. Raises KeyError."""
    return _BY_NAME[place.view]


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
