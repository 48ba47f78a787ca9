"""The routes that steer a simulated gateway: tests and the demo ask for faults, and for what really is."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.simulator import faults
from wa_tui.simulator.answers import Json
from wa_tui.simulator.client import Account
from wa_tui.simulator.fleet import bulk
from wa_tui.simulator.gateway import FaultError, Gateway, iso
from wa_tui.simulator.service import Service


def steering_app(service: Service) -> Starlette:
    """Return the routes under /sim/: what really is, what was said, and how to make it go wrong."""
    steering = _Steering(service)
    return Starlette(
        routes=[
            Route("/sim/truth", steering.truth),
            Route("/sim/sessions", steering.sessions),
            Route("/sim/sessions", steering.add, methods=["POST"]),
            Route("/sim/messages", steering.messages),
            Route("/sim/log", steering.log),
            Route("/sim/fault", steering.fault, methods=["POST"]),
        ],
        exception_handlers={FaultError: _not_possible},
    )


class _Steering:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._gateway = service.gateway

    async def truth(self, request: Request) -> Response:
        return Json(_truth(self._gateway))

    async def sessions(self, request: Request) -> Response:
        return Json({"sessions": [account.public() for account in self._gateway.accounts.values()]})

    async def messages(self, request: Request) -> Response:
        return Json({"messages": self._gateway.messages, "count": len(self._gateway.messages)})

    async def log(self, request: Request) -> Response:
        after = int(request.query_params.get("after", 0))
        entries = self._gateway.log.after(after)
        return Json({"entries": entries, "next": entries[-1].n if entries else after})

    async def fault(self, request: Request) -> Response:
        params = await request.json()
        # Whoever asks for a stop through the gateway's own port still gets the answer.
        params["spare"] = (request.client.host, request.client.port) if request.client else None
        await faults.apply(self._service, params)
        return Json({"success": True}, headers={"connection": "close"})

    async def add(self, request: Request) -> Response:
        rows = _add(self._gateway, await request.json())
        return Json({"sessions": [row["sessionId"] for row in rows]})


def _truth(gateway: Gateway) -> dict[str, Any]:
    sessions = {}
    for session_id, account in gateway.accounts.items():
        client = gateway.clients.get(session_id)
        sessions[session_id] = {
            "status": client.truth if client else "not_found",
            "claim": client.claim if client else "not_found",
            "credentials": account.credentials,
            "phoneNumber": client.phone if client else None,
            "userId": account.user_id,
            "hanging": bool(client and client.hanging),
            "zombie": bool(client and client.send_error is not None),
            "ghost": bool(client and client.ghost is not None),
            "traffic": _traffic(gateway, session_id),
        }
    return {
        "gateway": gateway.settings.name,
        "startedAt": iso(gateway.started_at),
        "uptime": gateway.uptime,
        "clockOffset": gateway.clock_offset,
        "messages": len(gateway.messages),
        "webhooksInTransit": gateway.webhooks.in_transit,
        "sessions": sessions,
    }


def _traffic(gateway: Gateway, session_id: str) -> dict[str, int] | None:
    counts = gateway.traffic.counts.get(session_id)
    return None if counts is None else counts.number | {"queued": counts.queued}


def _add(gateway: Gateway, body: dict[str, Any]) -> list[dict[str, Any]]:
    status = body.get("status", "connected")
    if "count" in body:
        accounts = bulk(gateway.settings, body["count"], first=len(gateway.accounts))
        rows = [(account, status) for account in accounts]
    else:
        rows = [(_account(row), row.get("status", status)) for row in body["sessions"]]
    for account, state in rows:
        if state == "not_found":
            gateway.accounts[account.session_id] = account
        else:
            client = gateway.add(account, state)
            if state == "connected" and body.get("webhooks"):
                client.connect()
    return [account.public() for account, _ in rows]


def _account(row: dict[str, Any]) -> Account:
    session_id = row["sessionId"]
    return Account(
        session_id,
        row.get("userId", 1),
        row.get("instanceName", session_id),
        row.get("phoneNumber", "15550001234"),
        credentials=row.get("credentials", True),
        paired=row.get("credentials", True),
    )


async def _not_possible(request: Request, error: Exception) -> Response:
    assert isinstance(error, FaultError)
    return Json({"success": False, "error": str(error)}, status_code=error.status)
