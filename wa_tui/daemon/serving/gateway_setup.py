"""``GET /gateways/<name>/setup``: where a gateway's webhooks go, and where they should."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.gateways import GatewayError
from wa_tui.wire import ROOT

from ..actions import Refusal
from ..actions.webhook_setup import Setup
from .responses import json, problem


def setup_routes(setup: Setup) -> list[Route]:
    """Return what is answered here."""

    async def view(request: Request) -> Response:
        try:
            found = await setup.view(request.path_params["name"], request.query_params.get("url"))
        except Refusal as refusal:
            return problem(refusal.status, str(refusal), refusal.code)
        except GatewayError as error:
            return problem(502, str(error), "gateway")
        return json(found)

    return [Route(f"{ROOT}/gateways/{{name}}/setup", view)]
