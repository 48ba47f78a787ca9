"""``GET /sessions/<gateway>/<id>/traffic``: a session's counts over time, and its usual gap."""

from __future__ import annotations

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND, SessionKey
from wa_tui.wire import ROOT

from ..silence.rhythms import Rhythms
from ..traffic.series import MONTH_HOURS, SeriesReader
from .responses import json, problem


def traffic_routes(fleet: Fleet, series: SeriesReader, rhythms: Rhythms) -> list[Route]:
    """Return what is answered here."""

    async def read(request: Request) -> Response:
        key = SessionKey(request.path_params["gateway"], request.path_params["session_id"])
        if fleet.session(key) is None:
            return problem(404, f"no session {key}", "unknown_session")
        match request.query_params.get("hours", "24"):
            case "24":
                found = await series.day(key)
            case month if month == str(MONTH_HOURS):
                found = await series.month(key)
            case _:
                return problem(400, f"hours must be 24, by minutes, or {MONTH_HOURS}, by hours", "bad_query")
        usual = await rhythms.usual(key)
        return json(replace(found, usual_s=None if usual is None else usual // SECOND))

    return [Route(f"{ROOT}/sessions/{{gateway}}/{{session_id:session}}/traffic", read)]
