"""``GET /sessions/<gateway>/<id>/traffic``: a session's counts over time."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.wire import ROOT

from ..traffic.series import MONTH_HOURS, SeriesReader
from .responses import json, problem


def traffic_routes(fleet: Fleet, series: SeriesReader) -> list[Route]:
    """Return what is answered here."""

    async def read(request: Request) -> Response:
        key = SessionKey(request.path_params["gateway"], request.path_params["session_id"])
        if fleet.session(key) is None:
            return problem(404, f"no session {key}", "unknown_session")
        match request.query_params.get("hours", "24"):
            case "24":
                return json(await series.day(key))
            case month if month == str(MONTH_HOURS):
                return json(await series.month(key))
        return problem(400, f"hours must be 24, by minutes, or {MONTH_HOURS}, by hours", "bad_query")

    return [Route(f"{ROOT}/sessions/{{gateway}}/{{session_id:session}}/traffic", read)]
