"""The README's pictures: `python -m tests.tui.pictures [DIRECTORY]` (or `make pictures`) draws them into `docs/`.

Each is Textual's own SVG of a screen with the demo fleet, whose clock stands still: the same bytes every time.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace
from textual.pilot import Pilot

from tests.tui.cursor import put_cursor
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import HOUR, MINUTE, ago, snapshot
from tests.tui.monitor import ONBOARDING, SALES, monitor
from tests.tui.until import text, until
from wa_tui.config import Ui
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import TrafficSeries, TrafficView

_FONTS = "ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace"
DOCS = Path(__file__).parents[2] / "docs"


class Picture(NamedTuple):
    """A screen: the session under the cursor, the keys that lead there, and a text by which one knows it."""

    name: str
    keys: tuple[str, ...]
    shows: str
    size: tuple[int, int] = (120, 34)
    key: tuple[str, str] = SALES
    theme: str = "dark"


PICTURES = (
    Picture("sessions", (), "credentials on disk"),
    Picture("details", ("enter",), "Target closed", size=(120, 30)),
    Picture("qr", ("o",), "valid for", size=(100, 34), key=ONBOARDING),
    Picture("gateways", (*":gateways", "enter"), "connection", size=(120, 18)),
    Picture("help", ("question_mark",), "The session under the cursor", size=(120, 34)),
    Picture("light", (), "reconnect accepted", size=(120, 26), theme="light"),
)


def one_terminal() -> None:
    """The same zone and colours wherever it runs."""
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", TZ="CET-1CEST,M3.5.0,M10.5.0/3")
    os.environ.pop("NO_COLOR", None)
    time.tzset()


def _busy() -> FakeDaemon:
    """The demo fleet, with messages through two of its gateways."""
    known = snapshot()
    sessions = [
        replace(one, traffic=TrafficView(received=7 * n, sent=4 * n, received_at=ago(n * n * MINUTE)))
        if one.gateway != "us-1" and one.connected_at is not None
        else one
        for n, one in enumerate(known.sessions, 1)
    ]
    daemon = FakeDaemon(replace(known, sessions=sessions))
    hours = [2, 1, 0, 1, 3, 9, 14, 22, 30, 28, 19, 24, 31, 29, 22, 17, 12, 9, 6, 4, 11, 25, 33, 3]
    counts = {
        "received": hours,
        "sent": [each // 2 for each in hours],
        "acked": [each // 2 for each in hours],
    }
    daemon.series = TrafficSeries(
        since=ago(24 * HOUR), step_s=3600, counts={**counts, "failed": [0] * 22 + [2, 5]}
    )
    return daemon


async def draw(picture: Picture) -> str:
    """The picture as SVG."""
    app = monitor(_busy(), ui=Ui(theme=picture.theme, ascii=False))
    async with app.run_test(size=picture.size) as pilot:
        await _prepare(pilot, app, picture)
        return _alone(app.export_screenshot(title=f"wa-tui · {picture.name}", simplify=True))


def _alone(svg: str) -> str:
    """The same without fonts from elsewhere, which no page that shows it as an image would load."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code, monospace", _FONTS)
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)


async def _prepare(pilot: Pilot[None], app: WaTuiApp, picture: Picture) -> None:
    await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
    assert isinstance(app.screen, MainScreen)
    put_cursor(app.screen.query_one(SessionGrid), picture.key)
    await pilot.press(*picture.keys)
    await until(pilot, lambda: picture.shows in text(pilot))
    await pilot.pause()


def main(directory: Path) -> None:
    """Draw them all."""
    directory.mkdir(exist_ok=True, parents=True)
    for picture in PICTURES:
        path = directory / f"{picture.name}.svg"
        path.write_text(asyncio.run(draw(picture)), "utf-8")
        sys.stdout.write(f"{path}  {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    one_terminal()
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
