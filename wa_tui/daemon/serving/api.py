"""The API on the Unix socket and over TCP; `wa_tui.wire` names its routes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import msgspec
from starlette.applications import Starlette
from starlette.convertors import register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.status import WS_1008_POLICY_VIOLATION
from starlette.websockets import WebSocket, WebSocketDisconnect

from wa_tui.identity.users import user_text
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey, Status
from wa_tui.store import ActionRow, Store, StoreError
from wa_tui.wire import (
    CALLING_SHOWN,
    ROOT,
    ActionRequest,
    Counts,
    DaemonView,
    JobView,
    Snapshot,
    StatusView,
)

from ..access import ApiKeys
from ..actions import ActionRunner, Refusal
from ..checking.checker import Checker
from ..checking.slots import Urgency
from ..clock import Clock
from ..dates import time_of
from ..receiving.bodies import Left, TooLarge, read_body
from ..recording.bus import Bus
from ..recording.recorder import NotTaken
from ..views.census import Census
from ..views.feed import Feed
from ..views.journal import Journal
from ..views.view_builder import ViewBuilder
from ..views.wire_views import qr_view, receipt
from .activity_middleware import ActivityMiddleware
from .auditing import caller_of, is_read_only, who_asks
from .convertors import SessionId
from .query import BadQuery, cursor
from .responses import crashed, json, not_found, not_read, problem
from .rules import scope_of
from .subjects import Subjects
from .version_middleware import VersionMiddleware

LOOKED = 3_000
"""Milliseconds after which a code somebody looks for is asked of the gateway again (rule 8)."""

LARGEST = 256 * 1024

register_url_convertor("session", SessionId())


class Api:
    """Answers for the fleet; ``others`` are the routes of what is answered elsewhere.

    ``monitors`` counts the clients that watch; ``asked_at`` is `time.monotonic`'s at the last request over the Unix
    socket.
    """

    def __init__(
        self,
        fleet: Fleet,
        store: Store,
        clock: Clock,
        checker: Checker,
        runner: ActionRunner,
        view_builder: ViewBuilder,
        census: Census,
        bus: Bus,
        journal: Journal,
        daemon: Callable[[], DaemonView],
        jobs: Callable[[], list[JobView]],
        api_keys: ApiKeys,
        *others: list[Route],
    ) -> None:
        self._fleet = fleet
        self._store = store
        self._clock = clock
        self._checker = checker
        self._runner = runner
        self._view_builder = view_builder
        self._census = census
        self._feed = Feed(bus, view_builder, journal, self.snapshot, jobs, daemon)
        self._daemon = daemon
        self._jobs = jobs
        self._api_keys = api_keys
        self._subjects = Subjects(fleet)
        self._others = others
        self.monitors = 0
        self.asked_at = 0.0
        self.on_left: Callable[[], None] = lambda: None

    def app(self) -> Starlette:
        """Return the routes as a Starlette app."""
        return Starlette(
            routes=[
                Route(f"{ROOT}/status", self.status),
                Route(f"{ROOT}/sessions", self.sessions),
                Route(f"{ROOT}/sessions/{{gateway}}/{{session_id:session}}/qr", self.qr),
                *(route for routes in self._others for route in routes),
                Route(f"{ROOT}/jobs", self.jobs),
                Route(f"{ROOT}/actions", self.act, methods=["POST"]),
                Route(f"{ROOT}/actions/{{id}}", self.action),
                WebSocketRoute(f"{ROOT}/live", self.live),
            ],
            exception_handlers={HTTPException: not_found, StoreError: not_read, Exception: crashed},
            middleware=[Middleware(ActivityMiddleware, note=self._note), Middleware(VersionMiddleware)],
        )

    def snapshot(self) -> Snapshot:
        """Return everything a monitor shows, but for the sessions."""
        return Snapshot(
            daemon=self._daemon(),
            gateways=self._view_builder.gateways.all(),
            events=self._view_builder.events(),
            jobs=self._jobs(),
            receipts=[receipt(row) for row in self._runner.open()],
        )

    async def counts(self) -> Counts:
        """Return the fleet in numbers as they are now."""
        now = time_of(self._clock.now())
        gateways = self._view_builder.gateways.all()
        return await self._census.counts(gateways, now, self._daemon().proof_window_s)

    async def status(self, request: Request) -> Response:
        """``GET /status``."""
        now, daemon = time_of(self._clock.now()), self._daemon()
        gateways = self._view_builder.gateways.all()
        fleet = await self._census.counts(gateways, now, daemon.proof_window_s)
        keys = self._census.calling(gateways, now, CALLING_SHOWN)
        calling = [view for view in self._view_builder.views(keys, history=False) if view is not None]
        return json(StatusView(daemon=daemon, gateways=gateways, sessions=fleet, calling=calling, now=now))

    async def sessions(self, request: Request) -> Response:
        """``GET /sessions?gateway=&id=…&history=0``: all, or those that an id, bare or with its gateway, may mean."""
        query = request.query_params
        history, gateway = query.get("history", "1") != "0", query.get("gateway")
        if "id" in query:
            found = dict.fromkeys(key for id in query.getlist("id") for key in self._fleet.meant(id))
            keys = [key for key in found if gateway in (None, key.gateway)]
            return json(
                [view for view in self._view_builder.views(keys, history=history) if view is not None]
            )
        return StreamingResponse(self._listed(gateway, history=history), media_type="application/json")

    async def _listed(self, gateway: str | None, *, history: bool) -> AsyncIterator[bytes]:
        """Yield a list of all sessions: a client that asks for a hundred thousand sees that they come."""
        before = b"["
        async for part in self._view_builder.sessions(self._fleet.keys(gateway), history=history):
            if part:
                yield before + msgspec.json.encode(part)[1:-1]
                before = b","
        yield b"]" if before == b"," else b"[]"

    async def jobs(self, request: Request) -> Response:
        """``GET /jobs``."""
        return json(self._jobs())

    async def qr(self, request: Request) -> Response:
        """``GET /sessions/<gateway>/<id>/qr``; somebody looks, so a code that is over is asked for again."""
        key = SessionKey(request.path_params["gateway"], request.path_params["session_id"])
        session = self._fleet.session(key)
        if session is None:
            return problem(404, f"no session {key}", "unknown_session")
        now = self._clock.now()
        view = qr_view(session)
        if view is None or (session.qr is not None and session.qr.expires_at <= now):
            looked = session.check.at if session.check is not None else 0
            if session.status is Status.QR_PENDING and now - looked > LOOKED:
                self._checker.request(key, urgency=Urgency.PERSON)
            return problem(404, f"{key} has no QR code now", "no_qr")
        return json(view)

    async def act(self, request: Request) -> Response:
        """``POST /actions``."""
        try:
            body = await read_body(request.scope, request.receive, LARGEST)
        except TooLarge:
            return problem(413, f"an action has at most {LARGEST} bytes", "too_large")
        except Left:
            return Response(status_code=400)
        try:
            wish = _request(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return problem(400, f"not an action: {error}", "malformed")
        caller, doing = caller_of(request), f"the action {wish.action}"
        barred = caller.lacks(scope_of(wish.action), doing)
        barred = barred or caller.is_barred_from(self._subjects.of_request(wish), doing)
        if barred is not None:
            return problem(403, barred, "forbidden")
        try:
            row = await self._runner.submit(wish, who_asks(request), read_only=is_read_only(request))
        except Refusal as refusal:
            return problem(refusal.status, str(refusal), refusal.code)
        except (NotTaken, StoreError) as error:
            return problem(503, f"not accepted: {error}", "not_stored")
        return json(receipt(row), 202)

    async def action(self, request: Request) -> Response:
        """``GET /actions/<id>?wait=seconds``."""
        action_id = request.path_params["id"]
        try:
            wait = min(60.0, max(0.0, float(request.query_params.get("wait", 0))))
        except ValueError:
            return problem(400, "wait is a number of seconds", "bad_query")
        row: ActionRow | None = await self._runner.wait(action_id, wait)
        if row is None:
            row = await self._store.action(action_id)
        # Who may not see it learns nothing of it.
        if row is None or caller_of(request).is_barred_from(self._subjects.of_action(row), "it") is not None:
            return problem(404, f"no action {action_id}", "unknown_action")
        return json(receipt(row))

    async def live(self, socket: WebSocket) -> None:
        """``WS /live?after=&store=``: a snapshot, or what changed since an event; then deltas."""
        try:
            after = cursor(socket.query_params)
        except BadQuery as error:
            await socket.receive()
            await socket.send_denial_response(problem(400, str(error), "bad_query"))
            return
        await socket.accept()
        self.monitors += 1
        gone = asyncio.create_task(_until_gone(socket))
        try:
            held = self._api_keys.held_open(caller_of(socket), gone.cancel)
            with self._feed.reader(after) as reader, held:
                gone.add_done_callback(lambda _: reader.wake())
                while not gone.done():
                    await reader.changed()
                    if not gone.done():
                        await socket.send_bytes(await reader.message())
                        await asyncio.sleep(reader.rest)
            if gone.cancelled():
                await socket.close(WS_1008_POLICY_VIOLATION, "the key was revoked")
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass
        finally:
            gone.cancel()
            self.monitors -= 1
            self.on_left()

    def _note(self) -> None:
        self.asked_at = time.monotonic()


def _request(body: bytes) -> ActionRequest:
    """Return the action that a body asks for; whose it is may be written as a number."""
    asked = msgspec.json.decode(body)
    if isinstance(asked, dict) and type(asked.get("user_id")) in (int, float):
        asked["user_id"] = user_text(asked["user_id"]) or asked["user_id"]
    return msgspec.convert(asked, ActionRequest)


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
