"""``active-sessions``: what a restarted gateway is told to restore (contract §2, design §3 rule 7).

While nobody knows what to restore, an empty answer would restore nothing, so it is 503 until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.gateways import GatewayClient
from wa_tui.identity.kinds import TITLES, GatewayKind
from wa_tui.identity.users import user_on_wire
from wa_tui.model.fleet import Fleet
from wa_tui.model.session import Session
from wa_tui.wire import ROOT, RefusalKind

from ..receiving.attribution import Attribution, UnknownGateway, WrongKey
from ..receiving.envelope import Answer, error, success, wrong_key
from ..receiving.refusals import Refusals
from ..sync.adoption import Adoption


class ActiveSessions:
    """Answers gateways that ask what to restore, as the contract's services alone do.

    ``unread``: the store is there and cannot be read now.
    """

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        attribution: Attribution,
        adoption: Adoption,
        refusals: Refusals,
        *,
        unread: bool,
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._attribution = attribution
        self._adoption = adoption
        self._refusals = refusals
        self._unread = unread

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        paths = f"{ROOT}/sessions/active-sessions", f"{ROOT}/gateways/{{name}}/active-sessions"
        return [Route(f"{path}{end}", self.answer) for path in paths for end in ("", "/")]

    async def answer(self, request: Request) -> Response:
        """``GET …/active-sessions/``."""
        key, forwarded = (request.headers.get(name) for name in ("x-api-key", "x-forwarded-for"))
        peer = request.client.host if request.client is not None else None
        answer = await self._answer(
            key.encode() if key is not None else None,
            request.path_params.get("name"),
            self._refusals.sender(peer, forwarded.encode() if forwarded is not None else None),
        )
        return Response(answer.body, answer.status, dict(answer.headers), "application/json")

    async def _answer(self, key: bytes | None, route: str | None, peer: str | None) -> Answer:
        """Answer one request for the sessions to restore; a gateway that is refused restores none, which is said."""
        refuse = self._refusals.note
        try:
            attributed = self._attribution.of(key, route)
        except WrongKey:
            named = self._attribution.named(route)
            return wrong_key(self._refusals.wrong_key(RefusalKind.RESTORE_KEY, peer, named))
        except UnknownGateway:
            refuse(RefusalKind.UNKNOWN_ROUTE, peer, self._attribution.candidates(key), route or "")
            return error(404, f"No gateway named {route!r} is configured")
        name = attributed.gateway
        if name is None:
            refuse(RefusalKind.RESTORE_SHARED, peer, attributed.candidates)
            names = ", ".join(attributed.candidates)
            return error(
                400,
                f"{names} share one key: ask /api/v1/gateways/<name>/active-sessions/, or give each its own",
            )
        kind = self._kind(name)
        if kind is not GatewayKind.CONTRACT:
            refuse(RefusalKind.WRONG_PATH, peer, [name], "it asked what to restore")
            return error(404, f"{TITLES[kind]} is not told what to restore: it has its own sessions")
        if not await self._adoption.knows(name):
            return error(
                503,
                "The database cannot be read now, so that nobody knows what to restore: come again"
                if self._unread
                else f"The database was lost: the sessions of {name} are adopted from its list first, come again",
                {"retry-after": "5"},
            )
        self._refusals.answered(name)
        sessions = [session for session in self._fleet.sessions(name) if session.restorable]
        rows = [_row(index, session) for index, session in enumerate(sessions, start=1)]
        return success({"sessions": rows, "count": len(rows)})

    def _kind(self, name: str) -> GatewayKind:
        """Return what a gateway is; one that has not told yet, or is not worked at, may keep the contract."""
        client = self._clients.get(name)
        return GatewayKind.CONTRACT if client is None or client.kind is None else client.kind


def _row(index: int, session: Session) -> dict[str, Any]:
    return {
        "id": index,
        "session_id": session.session_id,
        "user_id": None if session.user_id is None else user_on_wire(session.user_id),
        "instance_name": session.instance_name,
        "phone_number": session.phone_number,
    }
