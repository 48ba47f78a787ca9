"""What is stored, as the API gives it: events, actions and messages; what is long goes out a stretch at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from wa_tui.model.events import Event, Kind
from wa_tui.model.registers import Source
from wa_tui.store import Store
from wa_tui.wire import ROOT

from ..recording.recorder import Recorder
from ..views.view_builder import ViewBuilder
from ..views.wire_views import message_view, receipt
from .query import BadQuery, instant, members, numbers
from .responses import json, problem

PAGE = 5_000
"""Rows of an answer at most."""

STRETCH = 100
"""Events whose views are made at a stretch, in about a millisecond: webhooks go between two of them."""

_USUAL = 200
_NUMBERS = ("after", "before", "limit")


class Stored:
    """Answers from the store; `routes` are its part of the API."""

    def __init__(self, store: Store, recorder: Recorder, view_builder: ViewBuilder) -> None:
        self._store = store
        self._recorder = recorder
        self._view_builder = view_builder

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [
            Route(f"{ROOT}/events", self.events),
            Route(f"{ROOT}/messages", self.messages),
            Route(f"{ROOT}/actions", self.actions, methods=["GET"]),
        ]

    async def events(self, request: Request) -> Response:
        """``GET /events?gateway=&session_id=&source=&kind=&since=&until=&after=&before=&limit=&oldest=``."""
        query = request.query_params
        try:
            found = numbers(query, *_NUMBERS)
            since, until, sources = (
                instant(query, "since"),
                instant(query, "until"),
                members(query, "source", Source),
            )
            kinds = members(query, "kind", Kind)
        except BadQuery as error:
            return problem(400, str(error), "bad_query")
        after, before = found.get("after", 0), found.get("before")
        events = await self._store.events(
            gateway=query.get("gateway"),
            session_id=query.get("session_id"),
            after=after,
            before=before,
            since=since,
            until=until,
            limit=_limit(found),
            sources=sources,
            kinds=kinds,
            # A client that missed some pages on from the last one they saw.
            first="oldest" in query or (after > 0 and before is None),
        )
        if len(events) <= STRETCH:
            return json(self._view_builder.event_views(events))
        return StreamingResponse(self._listed(events), media_type="application/json")

    async def _listed(self, events: Sequence[Event]) -> AsyncIterator[bytes]:
        """Yield a list of events, in pieces."""
        for start in range(0, len(events), STRETCH):
            if start:
                await self._recorder.give_way()
            part = msgspec.json.encode(self._view_builder.event_views(events[start : start + STRETCH]))
            yield (b"," if start else b"[") + part[1:-1]
        yield b"]"

    async def actions(self, request: Request) -> Response:
        """``GET /actions?gateway=&since=&until=&before=&limit=``, newest first; ``before`` is an action's id."""
        query = request.query_params
        try:
            found = numbers(query, "limit")
            since, until = instant(query, "since"), instant(query, "until")
        except BadQuery as error:
            return problem(400, str(error), "bad_query")
        rows = await self._store.actions(
            _limit(found),
            since=since or 0,
            until=until,
            gateway=query.get("gateway"),
            before=query.get("before"),
        )
        return json([receipt(row) for row in rows])

    async def messages(self, request: Request) -> Response:
        """``GET /messages?gateway=&session_id=&before=&limit=``, newest first; ``before`` is an action's id."""
        query = request.query_params
        try:
            found = numbers(query, "limit")
        except BadQuery as error:
            return problem(400, str(error), "bad_query")
        rows = await self._store.messages(
            gateway=query.get("gateway"),
            session_id=query.get("session_id"),
            before=query.get("before"),
            limit=_limit(found),
        )
        return json([message_view(row) for row in rows])


def _limit(given: dict[str, int]) -> int:
    return max(1, min(given.get("limit", _USUAL), PAGE))
