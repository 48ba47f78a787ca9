"""A daemon that keeps nothing but a fleet in memory, on a real Unix socket: for the client, the commands, the monitor.

``async with FakeDaemon(socket, sessions=[…]) as daemon: …``; as a process: ``python -m tests.fake_daemon_process``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket as sockets
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.ranges import events_in
from wa_tui import wire

STARTED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Key = tuple[str, str]


class _RefusalError(Exception):
    def __init__(self, status: int, error: str, code: str) -> None:
        super().__init__(error)
        self.status = status
        self.problem = wire.Problem(error=error, code=code)


def _parts_of(snapshot: wire.Snapshot) -> list[wire.LiveFrame]:
    """Return a snapshot as it travels: a thousand sessions in a message."""
    sessions, last = snapshot.sessions, max(0, len(snapshot.sessions) - 1) // 1000 * 1000
    parts = [wire.SnapshotPart(sessions=sessions[start : start + 1000]) for start in range(0, last, 1000)]
    return [*parts, msgspec.structs.replace(snapshot, sessions=sessions[last:])]


class _Version:
    """Says the version of the API with each answer; version 1 had no such header."""

    def __init__(self, app: ASGIApp, daemon: FakeDaemon) -> None:
        self._app = app
        self._daemon = daemon

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if (
                message["type"] in ("http.response.start", "websocket.accept")
                and self._daemon.api_version > 1
            ):
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[wire.API_HEADER] = str(self._daemon.api_version)
            await send(message)

        await self._app(scope, receive, marked)


class FakeDaemon:
    """The API of `wa_tui.wire` on a fleet in memory. With ``api_key`` it listens on TCP too (``url``).

    ``requests`` records each action asked for and ``headers`` what came with it. An action stays ``accepted`` until
    `finish`, or is decided at once by ``on_action`` (which may also `push`). ``refuse`` refuses the next one.
    """

    def __init__(
        self,
        socket: Path,
        *,
        sessions: Iterable[wire.SessionView] = (),
        gateways: Iterable[wire.GatewayView] = (),
        events: Iterable[wire.EventView] = (),
        jobs: Iterable[wire.JobView] = (),
        messages: Iterable[wire.MessageView] = (),
        daemon: wire.DaemonView | None = None,
        api_key: str | None = None,
    ) -> None:
        self.socket = socket
        self.api_key = api_key
        self.url = ""
        self.daemon = daemon or wire.DaemonView(pid=os.getpid(), version="0.1.0", started_at=STARTED)
        self.sessions: dict[Key, wire.SessionView] = {session.key: session for session in sessions}
        self.gateways: dict[str, wire.GatewayView] = {gateway.name: gateway for gateway in gateways}
        self.events = list(events)
        self.jobs: dict[Key, wire.JobView] = {(job.name, job.gateway or ""): job for job in jobs}
        self.messages = list(messages)
        """Newest first."""
        self.receipts: dict[str, wire.Receipt] = {}
        self.qr: dict[Key, wire.QrView] = {}
        self.requests: list[wire.ActionRequest] = []
        self.headers: list[dict[str, str]] = []
        self.refuse: tuple[int, wire.Problem] | None = None
        self.on_action: Callable[[wire.ActionRequest, wire.Receipt], wire.Receipt | None] | None = None
        self.hang: bool | str = False
        """Accept requests, or those with this method, and never answer them."""
        self.api_version = wire.API_VERSION
        self.busy = 0
        """How many requests hang."""
        self.garbage: bytes | None = None
        """Answer every request with these bytes."""
        self._feeds: dict[asyncio.Queue[wire.LiveFrame], WebSocket] = {}
        self._ended: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._servers: list[uvicorn.Server] = []
        self._app = self._build()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    @property
    def monitors(self) -> int:
        """How many live feeds are connected."""
        return len(self._feeds)

    async def start(self) -> None:
        """Listen; also after `kill`, with the same fleet."""
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        listener = sockets.socket(sockets.AF_UNIX)
        listener.bind(str(self.socket))
        await self._serve(listener)
        if self.api_key is not None:
            tcp = sockets.create_server(("127.0.0.1", int(self.url.rpartition(":")[2] or 0)))
            self.url = f"http://127.0.0.1:{tcp.getsockname()[1]}"
            await self._serve(tcp)

    async def kill(self) -> None:
        """Die as by SIGKILL: connections are cut and the socket's file is left behind; memory is kept."""
        tasks: list[asyncio.Task[None]] = []
        for server in self._servers:
            for listener in server.servers:
                listener.close()
            for connection in list(server.server_state.connections):
                if (transport := getattr(connection, "transport", None)) is not None:
                    transport.abort()
            tasks += server.server_state.tasks
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._servers.clear()
        self._feeds.clear()

    def push(self, message: wire.LiveMessage) -> None:
        """Apply a `Delta` to the fleet and send it to every monitor; a `Snapshot` is only sent."""
        if isinstance(message, wire.Delta):
            self._apply(message)
        for queue in self._feeds:
            queue.put_nowait(message)

    def put(self, *sessions: wire.SessionView) -> None:
        """Add or replace sessions, and tell the monitors."""
        self.push(wire.Delta(sessions=list(sessions)))

    def change(self, gateway: str, session_id: str, **fields: Any) -> None:
        """Change fields of one session, and tell the monitors."""
        self.put(msgspec.structs.replace(self.sessions[gateway, session_id], **fields))

    def say(self, **fields: Any) -> wire.EventView:
        """Append an event with the next id, and tell the monitors; ``source`` and ``kind`` have defaults."""
        defaults: dict[str, Any] = {"source": "webhook", "kind": "status", "at": wire.utc_now()}
        fields = defaults | fields
        event = wire.EventView(id=self.events[-1].id + 1 if self.events else 1, **fields)
        self.push(wire.Delta(events=[event]))
        return event

    def finish(self, id: str, outcome: wire.Outcome, text: str = "", **fields: Any) -> wire.Receipt:
        """End an action, and tell the monitors and whoever waits for the receipt."""
        receipt = msgspec.structs.replace(
            self.receipts[id], outcome=outcome, text=text, ended_at=wire.utc_now(), **fields
        )
        self.push(wire.Delta(receipts=[receipt]))
        return receipt

    def snapshot(self) -> wire.Snapshot:
        """Return what a monitor is sent first."""
        return wire.Snapshot(
            daemon=self.daemon,
            gateways=list(self.gateways.values()),
            sessions=list(self.sessions.values()),
            events=self.events[-500:],
            jobs=list(self.jobs.values()),
            receipts=list(self.receipts.values()),
        )

    def _apply(self, delta: wire.Delta) -> None:
        for key in delta.removed:
            self.sessions.pop((key[0], key[1]), None)
        self.sessions.update((session.key, session) for session in delta.sessions)
        self.gateways.update((gateway.name, gateway) for gateway in delta.gateways)
        self.jobs.update(((job.name, job.gateway or ""), job) for job in delta.jobs)
        for receipt in delta.receipts:
            self.receipts[receipt.id] = receipt
            if receipt.ended:
                self._ended[receipt.id].set()
        self.events.extend(delta.events)
        self.daemon = delta.daemon or self.daemon

    async def _serve(self, listener: sockets.socket) -> None:
        config = uvicorn.Config(self._app, lifespan="off", log_level="critical", ws="websockets-sansio")
        config.load()
        # Only what listens: its main loop would take the signals, and a tenth of a second to end.
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        self._servers.append(server)

    def _build(self) -> Starlette:
        def route(path: str, answer: Callable[[Request], Any], method: str = "GET") -> Route:
            return Route(wire.ROOT + path, self._guarded(answer), methods=[method])

        return Starlette(
            middleware=[Middleware(_Version, daemon=self)],
            routes=[
                route("/status", lambda _: self._status()),
                route("/sessions", self._listed),
                route("/sessions/{gateway}/{session_id}/qr", self._qr),
                route("/events", self._events),
                route("/messages", self._messages),
                route("/jobs", lambda _: list(self.jobs.values())),
                route("/actions", self._act, "POST"),
                route("/actions", self._actions),
                route("/actions/{id}", self._receipt),
                WebSocketRoute(f"{wire.ROOT}/live", self._live),
            ],
        )

    def _guarded(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                self._check_key(request.client, request.headers.get("x-api-key"))
                if self.hang in (True, request.method):
                    self.busy += 1
                    await asyncio.Event().wait()
                body = answer(request)
                if asyncio.iscoroutine(body):
                    body = await body
            except _RefusalError as refusal:
                return _json(refusal.problem, refusal.status)
            if self.garbage is not None:
                return Response(self.garbage)
            return _json(body, 202 if request.method == "POST" else 200)

        return endpoint

    def _check_key(self, client: Any, key: str | None) -> None:
        if client is not None and client.host and key != self.api_key:
            raise _RefusalError(401, "wrong or no key", "unauthorised")

    def _status(self) -> wire.StatusView:
        by_status: dict[str, int] = {}
        for session in self.sessions.values():
            by_status[session.status] = by_status.get(session.status, 0) + 1
        by_condition: dict[str, int] = {}
        now, needing = wire.utc_now(), [each for each in self.sessions.values() if each.attention is not None]
        calling = [each for each in needing if wire.calls(each, self.gateways.get(each.gateway), now)]
        quiet = [each for each in needing if wire.is_quiet(each, now)]
        snoozed = sum(wire.is_snoozed(session, now) for session in quiet)
        for session in self.sessions.values():
            gateway = self.gateways.get(session.gateway)
            found = wire.condition(session, gateway, now, self.daemon.proof_window_s)
            by_condition[found] = by_condition.get(found, 0) + 1
        counts = wire.Counts(
            total=len(self.sessions),
            needs_person=len(calling),
            by_status=by_status,
            by_condition=by_condition,
            snoozed=snoozed,
            acknowledged=len(quiet) - snoozed,
            covered=len(needing) - len(quiet) - len(calling),
        )
        return wire.StatusView(
            daemon=self.daemon,
            gateways=list(self.gateways.values()),
            sessions=counts,
            calling=calling,
        )

    def _listed(self, request: Request) -> list[wire.SessionView]:
        ids, history = request.query_params.getlist("id"), request.query_params.get("history") != "0"
        found = [
            each
            for each in self.sessions.values()
            if not ids or {each.session_id, "/".join(each.key)} & {*ids}
        ]
        return found if history else [msgspec.structs.replace(each, history=[]) for each in found]

    def _qr(self, request: Request) -> wire.QrView:
        key = (request.path_params["gateway"], request.path_params["session_id"])
        if key not in self.qr:
            raise _RefusalError(404, f"{key[1]} on {key[0]} has no QR code", "no_qr")
        return self.qr[key]

    def _events(self, request: Request) -> list[wire.EventView]:
        query = request.query_params
        after, before = int(query.get("after", 0)), int(query.get("before", sys.maxsize))
        wanted = wire.EventRange(
            gateway=query.get("gateway"),
            session_id=query.get("session_id"),
            sources=tuple(query.getlist("source")),
            kinds=tuple(query.getlist("kind")),
            since=_time(query, "since"),
            until=_time(query, "until"),
        )
        chosen = events_in(self.events, wanted, after, before)
        limit = min(int(query.get("limit", 200)), 5000)
        first = "oldest" in query or (after > 0 and "before" not in query)
        return chosen[:limit] if first else chosen[-limit:]

    def _actions(self, request: Request) -> list[wire.Receipt]:
        query = request.query_params
        since, until = _time(query, "since"), _time(query, "until")
        newest = sorted(self.receipts.values(), key=lambda receipt: receipt.accepted_at, reverse=True)
        if "before" in query:
            newest = newest[[receipt.id for receipt in newest].index(query["before"]) + 1 :]
        chosen = [
            receipt
            for receipt in newest
            if query.get("gateway", receipt.gateway) == receipt.gateway
            and (since is None or receipt.accepted_at >= since)
            and (until is None or receipt.accepted_at <= until)
        ]
        return chosen[: int(query.get("limit", 200))]

    def _messages(self, request: Request) -> list[wire.MessageView]:
        query = request.query_params
        older = self.messages
        if "before" in query:
            ids = [message.action_id for message in older]
            older = older[ids.index(query["before"]) + 1 :]
        chosen = [message for message in older if not message.attempts or _tried(message, query)]
        return chosen[: int(query.get("limit", 200))]

    async def _act(self, request: Request) -> wire.Receipt:
        asked = msgspec.json.decode(await request.body(), type=wire.ActionRequest)
        self.requests.append(asked)
        self.headers.append(dict(request.headers))
        if self.refuse is not None:
            status, problem = self.refuse
            self.refuse = None
            raise _RefusalError(status, problem.error, problem.code)
        if request.headers.get(wire.READ_ONLY_HEADER) == "1" and asked.action not in ("sync", "run_job"):
            raise _RefusalError(403, f"{asked.action} was refused: this client is read-only", "read_only")
        if (
            asked.session_id
            and asked.action != "new"
            and (asked.gateway, asked.session_id) not in self.sessions
        ):
            raise _RefusalError(404, f"no session {asked.session_id} on {asked.gateway}", "not_found")
        receipt = wire.Receipt(
            id=f"a{len(self.receipts) + 1}",
            action=asked.action,
            outcome="accepted",
            gateway=asked.gateway,
            session_id=asked.session_id,
            who=request.headers.get(wire.WHO_HEADER, ""),
            accepted_at=wire.utc_now(),
        )
        decided = self.on_action(asked, receipt) if self.on_action else None
        self.push(wire.Delta(receipts=[decided or receipt]))
        return receipt

    async def _receipt(self, request: Request) -> wire.Receipt:
        id = request.path_params["id"]
        if id not in self.receipts:
            raise _RefusalError(404, f"no action {id}", "not_found")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(float(request.query_params.get("wait", 0))):
                await self._ended[id].wait()
        return self.receipts[id]

    async def _live(self, websocket: WebSocket) -> None:
        try:
            self._check_key(websocket.client, websocket.headers.get("x-api-key"))
        except _RefusalError as refusal:
            await websocket.close(4401, str(refusal))
            return
        await websocket.accept()
        queue: asyncio.Queue[wire.LiveFrame] = asyncio.Queue()
        for frame in _parts_of(self.snapshot()):
            queue.put_nowait(frame)
        self._feeds[queue] = websocket
        sending = asyncio.create_task(self._send(websocket, queue))
        try:
            while True:
                await websocket.receive_text()
        except (WebSocketDisconnect, KeyError):
            pass
        finally:
            self._feeds.pop(queue, None)
            sending.cancel()

    async def _send(self, websocket: WebSocket, queue: asyncio.Queue[wire.LiveFrame]) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                message = await queue.get()
                await websocket.send_text((self.garbage or msgspec.json.encode(message)).decode())


async def until(holds: Callable[[], bool], seconds: float = 40.0) -> None:
    """Wait until something holds; raises AssertionError after ``seconds``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not holds():
        assert loop.time() < deadline, f"it did not come about in {seconds:g} s"
        await asyncio.sleep(0.01)


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    return datetime.fromisoformat(query[name]) if name in query else None


def _tried(message: wire.MessageView, query: Mapping[str, str]) -> bool:
    """Whether it was tried through the session, or on the gateway, that is asked for."""
    return any(
        query.get("gateway", attempt.gateway) == attempt.gateway
        and query.get("session_id", attempt.session_id) == attempt.session_id
        for attempt in message.attempts
    )


def _json(body: Any, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
