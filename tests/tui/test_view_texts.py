"""Each view as text, at three sizes, narrow, without colour and in ASCII."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import pytest

from tests.tui.environment import same_terminal
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import busy, snapshot
from tests.tui.monitor import SALES
from tests.tui.places import at
from tests.tui.test_needs import stormy
from tests.tui.test_text_screens import SIZES, same
from tests.tui.until import settled, text, until
from wa_tui.config import Ui
from wa_tui.tui.views import Place


class View(NamedTuple):
    """A place, the keys pressed there, and a text by which one knows that it is complete."""

    place: Place
    shows: str
    keys: tuple[str, ...] = ()


VIEWS = {
    "details-timeline": View(Place("details", SALES), "reconnect accepted"),
    "details-attempts": View(Place("details", SALES), "no effect", ("2",)),
    "details-messages": View(Place("details", SALES), "unknown", ("3",)),
    "gateways": View(Place("gateways"), "ap-1"),
    "gateway": View(Place("gateways", gateway="eu-1"), "Capacity"),
    "log": View(Place("log"), "connection refused", ("w",)),
    "log-found": View(Place("log"), "mark 1", ("m", "slash", *"reconnect", "enter", "v")),
    "jobs": View(Place("jobs"), "us-1", ("end", "up")),
    "needs": View(Place("needs"), "ghost"),
    "messages": View(Place("messages"), "39:26  billing", ("enter",)),
    "users": View(Place("users"), "PRIMARY"),
    "report": View(Place("report"), "# Handover"),
    "raw": View(Place("raw", SALES), "session_id"),
}


@pytest.fixture(autouse=True)
def one_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    same_terminal(monkeypatch, "CET-1")


async def pages(names: Iterable[str], size: tuple[int, int], *, ascii: bool = False) -> dict[str, str]:
    """The views' texts, gone to one after the other."""
    found = {}
    async with at(Place("sessions"), size, FakeDaemon(busy()), ui=Ui(ascii=ascii)) as screen:
        for name in names:
            view = VIEWS[name]
            screen.app.navigation.go(view.place, anew=True)
            await until(screen.pilot, lambda view=view: screen.view == view.place)  # type: ignore[misc]
            # Messages and older events are read on the way.
            await settled(screen.pilot)
            await screen.press(*view.keys)
            if size[0] > 40:
                await screen.shows(view.shows)
            await settled(screen.pilot)
            shown = re.sub(r" *[▁▂▃▄▅▆▇]$", "", text(screen.pilot), flags=re.MULTILINE) + "\n"
            assert max(map(len, shown.split("\n"))) <= size[0]
            found[name] = shown
            screen.app.navigation.go(Place("sessions"))
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_views(size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    for name, found in (await pages(VIEWS, size)).items():
        same(f"view-{name}-{size[0]}x{size[1]}", found, request)


async def test_views_in_forty_columns(request: pytest.FixtureRequest) -> None:
    names = ("details-timeline", "gateways", "log", "jobs", "needs", "messages")
    for name, found in (await pages(names, (40, 24))).items():
        same(f"view-{name}-40x24", found, request)


async def test_views_without_colour(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    names = ("details-timeline", "gateways", "needs", "messages")
    for name, found in (await pages(names, (80, 24))).items():
        same(f"view-{name}-mono", found, request)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("ascii", [False, True], ids=["unicode", "ascii"])
async def test_needs_of_many(size: tuple[int, int], ascii: bool, request: pytest.FixtureRequest) -> None:
    """One cause of 88 sessions, closed and then open."""
    async with at(
        Place("needs"), size, FakeDaemon(snapshot(sessions=stormy())), ui=Ui(ascii=ascii)
    ) as screen:
        await screen.shows("88 sessions")
        await screen.press("end")
        await settled(screen.pilot)
        closed = text(screen.pilot)
        await screen.press("enter")
        await settled(screen.pilot)
        name = f"view-needs-many-{'ascii-' if ascii else ''}{size[0]}x{size[1]}"
        same(name, f"{closed}\n{text(screen.pilot)}\n", request)


async def test_views_in_ascii(request: pytest.FixtureRequest) -> None:
    names = ("gateways", "gateway", "needs", "log")
    for name, found in (await pages(names, (80, 24), ascii=True)).items():
        assert found.isascii()
        same(f"view-{name}-ascii", found, request)
