"""A session's traffic of a day, for its details: a line of bars each flow, in time with the ribbon above them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from wa_tui.text.ages import since
from wa_tui.text.cells import NONE
from wa_tui.text.silence import usual_words
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece
from wa_tui.tui.style.ribbon import spark
from wa_tui.tui.style.tables import Field
from wa_tui.wire import SessionView, TrafficSeries, TrafficView

CELLS = 24
"""One an hour, as many as the ribbon of the status has."""
_FLOWS = (
    ("received", "In 24 h", Ink.TEXT),
    ("sent", "Out 24 h", Ink.TEXT),
    ("acked", "Acked 24 h", Ink.GREEN),
    ("failed", "Failed 24 h", Ink.AMBER),
)
_LASTS = (
    ("received_at", "in"),
    ("sent_at", "out"),
    ("acked_at", "acked"),
    ("delivered_at", "delivered"),
    ("read_at", "read"),
    ("failed_at", "failed"),
)


def traffic_fields(
    session: SessionView, series: TrafficSeries | None, now: datetime, *, reading: bool, ascii: bool
) -> list[Field]:
    """Return both directions, acknowledgements and failures of 24 hours, when each flow last had one, what is usual.

    ``series`` is what the daemon told, ``None`` while it is ``reading`` or where it could not.
    """
    if session.traffic is None:
        return [Field("Traffic", "not told by its gateway", Ink.QUIET)]
    if series is None:
        return [
            Field("Traffic", "reading …" if reading else "not read", Ink.QUIET),
            _last(session.traffic, now),
        ]
    return [
        *(_bars(label, series.counts.get(flow), ink, ascii=ascii) for flow, label, ink in _FLOWS),
        _last(session.traffic, now),
        *_usual(session, session.traffic, series, now),
    ]


def _usual(
    session: SessionView, traffic: TrafficView, series: TrafficSeries, now: datetime
) -> Iterator[Field]:
    """Yield its rhythm, where one is known."""
    if series.usual_s is not None:
        text = usual_words(series.usual_s, session.silent, traffic.last_at, now)
        yield Field("Usually", text, Ink.TEXT if session.silent is None else Ink.AMBER)


def _bars(label: str, counts: list[int] | None, ink: Ink, *, ascii: bool) -> Field:
    if counts is None:
        return Field(label, NONE, Ink.QUIET)
    return Field(label, pieces=(Piece(spark(counts, CELLS, ascii), ink), Piece(f"  {sum(counts)}")))


def _last(traffic: TrafficView, now: datetime) -> Field:
    lasts = [
        f"{called} {since(at, now)}" for name, called in _LASTS if (at := getattr(traffic, name)) is not None
    ]
    return Field("Last", f"{' · '.join(lasts)} ago" if lasts else NONE)
