"""Counters that the bundled Node service posts: what it counted of each session's messages since its start.

They only grow, so that one that is lost, late or repeated costs nothing: nothing is stored before it is answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.gateways.contract.traffic import batch_of
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.model.traffic import Counters
from wa_tui.wire import ROOT, RefusalKind

from ..traffic import Traffic
from .attribution import Attribution, UnknownGateway, WrongKey
from .bodies import Left, TooLarge, read_body
from .envelope import Answer, error, success, wrong_key
from .refusals import Refusals
from .webhook_counter import WebhookCounter

LARGEST = 1024 * 1024
"""Bytes of a post: 500 sessions are some 150 kB."""


class CountersReceiver:
    """Answers posts of counters, by the key that the gateway's webhooks have."""

    def __init__(
        self,
        traffic: Traffic,
        fleet: Fleet,
        attribution: Attribution,
        refusals: Refusals,
        counter: WebhookCounter,
    ) -> None:
        self._traffic = traffic
        self._fleet = fleet
        self._attribution = attribution
        self._refusals = refusals
        self._counter = counter

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        paths = f"{ROOT}/sessions/traffic", f"{ROOT}/gateways/{{name}}/traffic"
        return [Route(f"{path}{end}", self.answer, methods=["POST"]) for path in paths for end in ("", "/")]

    async def answer(self, request: Request) -> Response:
        """``POST …/traffic/``."""
        key, forwarded = (request.headers.get(name) for name in ("x-api-key", "x-forwarded-for"))
        peer = self._refusals.sender(
            request.client.host if request.client is not None else None,
            forwarded.encode() if forwarded is not None else None,
        )
        answer = await self._answer(
            request, key.encode() if key is not None else None, request.path_params.get("name"), peer
        )
        return Response(answer.body, answer.status, dict(answer.headers), "application/json")

    async def _answer(
        self, request: Request, key: bytes | None, route: str | None, peer: str | None
    ) -> Answer:
        refuse = self._refusals.note
        try:
            attributed = self._attribution.of(key, route)
        except WrongKey:
            named = self._attribution.named(route)
            return wrong_key(self._refusals.wrong_key(RefusalKind.WRONG_KEY, peer, named))
        except UnknownGateway:
            refuse(RefusalKind.UNKNOWN_ROUTE, peer, self._attribution.candidates(key), route or "")
            return error(404, f"No gateway named {route!r} is configured")
        odd = Counter[str]()
        try:
            body = await read_body(request.scope, request.receive, LARGEST)
            counters, _ = batch_of(body, odd)
        except TooLarge:
            refuse(RefusalKind.TOO_LARGE, peer, attributed.names)
            return error(413, f"Body too large: at most {LARGEST} bytes")
        except Left:
            return error(400, "The body ended early")
        except Unreadable as problem:
            detail = f"Malformed counters: {problem}"
            refuse(RefusalKind.MALFORMED, peer, attributed.names, detail)
            return error(400, detail)
        if attributed.gateway is not None:
            self._counter.decorate(attributed.gateway, odd.elements())
            self._count(attributed.gateway, counters)
        else:
            self._count_each(key, route, counters)
        return success({"message": "Counted"})

    def _count_each(self, key: bytes | None, route: str | None, counters: Iterable[Counters]) -> None:
        """Count what gateways that share a key post, each session as of the one that has it."""
        for told in counters:
            owner = self._attribution.of(key, route, told.session_id).gateway
            if owner is not None:
                self._count(owner, (told,))

    def _count(self, gateway: str, counters: Iterable[Counters]) -> None:
        """Count for sessions that there are: none is adopted for its messages."""
        there = [told for told in counters if self._fleet.session(SessionKey(gateway, told.session_id))]
        self._traffic.compare(gateway, there)
