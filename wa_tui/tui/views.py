"""The monitor's views: what can be gone to by name, by key and back in the history."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wa_tui.tui.fleet.assessment import SessionKey

if TYPE_CHECKING:
    from wa_tui.tui.screens.base import FleetScreen

SESSIONS = "sessions"
RESULTS = "results"


class Place(Struct, frozen=True):
    """Where somebody is: a view, and the session or the gateway that it is about."""

    view: str
    key: SessionKey | None = None
    gateway: str | None = None
    since: str | None = None
    """Since when, as it was typed: of a report."""


class View(Struct, frozen=True):
    """One view: ``make`` imports its screen and puts it at a place. ``of_session``: it is about one session."""

    name: str
    aliases: tuple[str, ...]
    title: str
    help: str
    make: Callable[[Place], FleetScreen[Any]]
    of_session: bool = False


def _screen(path: str) -> Callable[[Place], FleetScreen[Any]]:
    """Screens are imported when they are first opened: the first frame needs one of them."""
    module, name = path.split(".")

    def make(place: Place) -> FleetScreen[Any]:
        screen: FleetScreen[Any] = getattr(importlib.import_module(f"wa_tui.tui.screens.{module}"), name)(
            place
        )
        return screen

    return make


VIEWS: tuple[View, ...] = (
    View(SESSIONS, ("s", "session"), "Sessions", "Every session", _screen("main.MainScreen")),
    View("details", ("d", "describe"), "Details", "Facts and timeline of the session",
         _screen("details.DetailsScreen"), of_session=True),
    View("gateways", ("gw", "gateway"), "Gateways", "Health, load and drift of the gateways",
         _screen("gateways.gateways_screen")),
    View("log", ("l", "logs", "events"), "Log", "What happened, to the fleet or to one session",
         _screen("log.LogScreen")),
    View("jobs", ("j",), "Jobs", "Periodic jobs: last run, next run, run now", _screen("jobs.JobsScreen")),
    View("needs", ("n", "need"), "Needs you", "What needs a person, most urgent first",
         _screen("needs.NeedsScreen")),
    View("messages", ("m", "msg", "message"), "Messages", "Messages sent, and through which sessions",
         _screen("messages.MessagesScreen")),
    View("qr", (), "QR code", "The QR code to scan", _screen("qr.QrScreen"), of_session=True),
    View("raw", ("json", "y"), "JSON", "The session as the API shows it", _screen("raw.RawScreen"),
         of_session=True),
    View("users", ("u", "user"), "Users", "Sessions, trouble and uptime by user", _screen("users.UsersScreen")),
    View("report", ("handover",), "Handover", "The handover: what was down, who did what, what is open",
         _screen("report.ReportScreen")),
    View(RESULTS, (), "Results", "What became of the last action on many sessions",
         _screen("results.ResultsScreen")),
    View("help", ("h", "?"), "Help", "The keys: of the view at hand, then all others", _screen("help.HelpScreen")),
    View("signs", ("legend",), "Signs", "What the signs mean", _screen("help.SignsScreen")),
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
