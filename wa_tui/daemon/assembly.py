"""The daemon from its start to its end: what listens to what, what begins and ends when."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from functools import partial

from wa_tui import __version__
from wa_tui.config import Config, GatewayConfig
from wa_tui.model.facts import DaemonStarted
from wa_tui.model.registers import HOUR, GatewayState
from wa_tui.store import Loaded, Provenance, Store, StoreError
from wa_tui.system.hosts import is_loopback

from .background import Background
from .clock import Clock, Timeline
from .gateway_work import GatewayWork
from .http.room import Descriptors, Room
from .jobs import storage
from .jobs.clock_steps import Steps
from .needs.watchful import LOOKED_EVERY, Watchful
from .parts import Connect, Parts, connect
from .process.listening import PlaceTaken, UnixDoor, shown
from .process.sidecar import Company, Sidecar
from .receiving.webhook_metrics import Keeper
from .recording.change import Change
from .recording.history import WINDOW
from .recording.recorder import NotTaken
from .serving.browsers import Browsers, Names
from .serving.gate import Gate, KeyGate, SocketGate
from .serving.probes import Probes
from .serving.router import Router
from .serving.servers import Servers
from .serving.subjects import Subjects
from .status import DaemonStatus
from .traffic.publishing import EVERY, FORGETS_EVERY

log = logging.getLogger("wa_tui.daemon")

STORED_LATER = 5.0
"""Seconds after which what could not be recorded at the start is tried again."""

STOPPED = "the daemon stopped before it ended"
"""How actions end that are under way when the daemon ends."""


class Daemon:
    """Runs the parts, and the work at each gateway, of which any may begin and end while all else goes on."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        store: Store,
        loaded: Loaded,
        *,
        read_only: bool,
        sidecar: Sidecar | None = None,
        connect: Connect = connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        timeline = Timeline(clock)
        self._loaded = loaded
        self._started_at = timeline.now()
        self.parts = parts = Parts(config, timeline, store, loaded, read_only=read_only, connect=connect)
        self.company = Company(sidecar)
        self._notices = [*loaded.notices, *_doubled(config, parts.gateways.twins)]
        self.status = DaemonStatus(
            config,
            timeline,
            self._notices,
            parts.refusals.peers,
            [canary.way.view for canary in parts.canaries],
            read_only=read_only,
            runs_node=sidecar is not None,
        )
        self.probes = Probes(parts.recorder, parts.adoption, parts.clock, lambda: self.status.waiting)
        self.api = parts.api(self.status.view, self.probes.routes())
        self._app = self.api.app()
        whole = loaded.provenance is not Provenance.UNREAD
        self._hook = parts.hook(self.status.view, whole=whole)
        watchful = Watchful(parts.bus, parts.clients, parts.needs, self.status.view)
        self._watching = Background.every(LOOKED_EVERY, "needs", watchful.look)
        self._keeper = Keeper(parts.webhook_metrics, store, timeline)
        self._tending = Background.every(
            storage.TENDED_EVERY, "tending of the store", partial(storage.tend, store)
        )
        self._loading_traffic = Background("traffic: loading", parts.traffic_keeper.begin)
        self._publishing_traffic = Background.every(EVERY, "traffic", parts.traffic_publisher.publish)
        forget = parts.traffic_publisher.forget
        self._forgetting_traffic = Background.every(FORGETS_EVERY, "traffic: forgetting", forget)
        self._steps = Steps(timeline, parts.recorder, parts.schedule.replan)
        self._servers = Servers()
        self._tls = tls
        self._descriptors = Descriptors.of_process(len(config.gateways))
        self._works: dict[str, GatewayWork] = {}
        self._has_begun = False
        self._unix: UnixDoor | None = None
        self._said = False
        """Our start is recorded."""
        self._telling: asyncio.Task[None] | None = None
        self._say_what_is_short()
        # A client that asks as soon as it listens is told of the jobs, though none has begun.
        for gateway in config.gateways:
            self._add(gateway)
        parts.add_jobs()

    def _say_what_is_short(self) -> None:
        """Have all asked that may need a person, or be short of something."""
        parts, status = self.parts, self.status
        status.needs.append(
            lambda: storage.attention(parts.store, parts.config.database, parts.recorder.trouble)
        )
        if self._hook is not None:
            status.needs.append(self._hook.attention)
        status.needs.extend(canary.attention for canary in parts.canaries)
        status.jobs = parts.schedule.attention
        status.shortages.append(lambda: [trouble] if (trouble := self.company.trouble) else [])
        status.shortages.append(self._servers.notices)
        status.shortages.append(parts.traffic_keeper.notices)

    async def start(self, door: UnixDoor) -> asyncio.Task[None]:
        """Serve the Unix socket, and do nothing at a gateway yet; returns the recorder's task, which all rests on.

        Until `begin` whoever asks is told what is waited for, and no action is taken.
        """
        parts = self.parts
        for listen in (
            parts.counter.listen,
            parts.refusals.listen,
            parts.restarts.listen,
            parts.webhook_metrics.listen,
            lambda change: parts.histories.apply(change.events),
            parts.view_builder.listen,
            parts.reconciler.listen,
            parts.healer.listen,
            parts.silence_watch.listen,
            parts.traffic.listen,
        ):
            parts.bus.subscribe(listen)
        parts.bus.watch(parts.census.listen)
        parts.bus.watch(parts.journal.listen)
        parts.bus.watch(parts.transitions.listen)
        await self._load()
        writer = parts.recorder.start()
        for notice in self._notices:
            log.warning("%s", notice)
        if not await self._told_start():
            self._telling = asyncio.create_task(self._tell_start(), name="start")
        parts.census.start()
        self._watching.start()
        if self._hook is not None:
            self._hook.start()
        self._unix = door
        await self._servers.start(self._router(SocketGate()), Room.on_socket(self._descriptors), door.socket)
        return writer

    async def _load(self) -> None:
        """Have what is counted and drawn go on where the last daemon left it."""
        parts, started = self.parts, self._started_at
        transitions = await parts.store.transitions(started - WINDOW)
        parts.histories.load(transitions, parts.fleet.gateways())
        counts, kept = await parts.store.counts(started - HOUR), await parts.store.kept_counts()
        parts.webhook_metrics.load(counts, kept, started)
        await parts.view_builder.load()
        await parts.api_keys.load()

    def _router(self, gate: Gate) -> Router:
        parts = self.parts
        return Router(
            parts.receiver, self._app, parts.recorder.publish, parts.refusals, gate, Subjects(parts.fleet)
        )

    def wait_for(self, obstacle: PlaceTaken) -> None:
        """Say what keeps `begin` waiting; no action is taken till then: another daemon may heal the same gateways."""
        self.status.waiting = obstacle
        self.parts.runner.closed = f"the daemon waits: {obstacle.detail}"

    async def begin(self, listeners: list[socket.socket]) -> None:
        """Take webhooks in over TCP, and begin to sync and to heal."""
        parts = self.parts
        self.status.waiting = parts.runner.closed = None
        self.status.places = " and ".join(map(shown, listeners))
        self._has_begun = True
        for work in self._works.values():
            work.begin()
        room = Room.over_tcp(self._descriptors)
        browsers = Browsers(Names((parts.config.listen[0], *parts.config.hosts)))
        gate = KeyGate(parts.api_keys, parts.control_key, browsers)
        await self._servers.start(self._router(gate), room, *listeners, tls=self._tls)
        self._warn_of_plain_text()
        await parts.healer.begin(*self._works)
        if self._hook is not None:
            self._hook.begin()
        parts.reconciler.start()
        self._keeper.start()
        self._tending.start()
        self._loading_traffic.start()
        self._publishing_traffic.start()
        self._forgetting_traffic.start()
        parts.addresses.start()
        self._steps.start()
        parts.schedule.start()
        self.company.start(self._publish_line)
        log.info("Listening on %s and %s", self.status.places, parts.config.socket)

    def _warn_of_plain_text(self) -> None:
        host = self.parts.config.listen[0]
        if self._tls is None and not is_loopback(host):
            log.warning(
                "%s is not loopback, and there is no TLS: keys, numbers and QR codes go over the network as they are; "
                "set tls_cert and tls_key, or listen on loopback behind a proxy that has them",
                self.status.places,
            )

    async def standing(self) -> str:
        """Return in a line what is missing, and how the fleet stands."""
        counts = await self.api.counts()
        fleet = f"{counts.total} sessions, {counts.needs_person} need a person"
        return "; ".join((*self.probes.lacks(), fleet))

    async def start_gateway(self, gateway: GatewayConfig) -> None:
        """Begin to work at a gateway while the daemon runs; its webhooks are taken in from now on."""
        self.parts.know(gateway)
        work = self._add(gateway)
        if self._has_begun:
            work.begin()
            await self.parts.healer.begin(gateway.name)

    async def stop_gateway(self, name: str) -> None:
        """Work at a gateway no more; what it sends is taken in all the same, and its sessions stay as they are."""
        await self._works.pop(name).stop(f"gateway {name} was left before it ended")

    def _add(self, gateway: GatewayConfig) -> GatewayWork:
        work = self._works[gateway.name] = self.parts.work_at(gateway)
        work.add()
        return work

    async def _told_start(self) -> bool:
        """Record that we started, and close what was left open; tells whether that is done."""
        loaded, detail = self._loaded, f"daemon {__version__} started (process {os.getpid()})"
        alive_at = None if loaded.alive_at is None else min(loaded.alive_at, self._started_at)
        try:
            if not self._said:
                await self._steps.caught_up(loaded.alive_at)
                await self.parts.recorder.record(DaemonStarted(self._started_at, alive_at, detail))
                self._said = True
            await self.parts.runner.close_open(loaded.open_actions)
        except (NotTaken, StoreError) as error:
            log.warning("The start cannot be recorded yet: %s", error)
            return False
        return True

    async def _tell_start(self) -> None:
        while not await self._told_start():
            await asyncio.sleep(STORED_LATER)

    async def stop(self) -> None:
        """End in order: nothing new, answer what came in, commit it, close."""
        parts = self.parts
        self.company.dismiss()
        if self._telling is not None:
            self._telling.cancel()
        await self._steps.stop()
        if self._hook is not None:
            await self._hook.stop()
        parts.schedule.stop()
        works, self._works = [*self._works.values()], {}
        await asyncio.gather(*(work.stop(STOPPED) for work in works))
        await parts.reconciler.stop()
        await parts.runner.stop()
        await self._servers.stop()
        if self._unix is not None:
            self._unix.close()
        await parts.recorder.stop()
        for background in (
            self._keeper,
            self._tending,
            self._loading_traffic,
            self._publishing_traffic,
            self._forgetting_traffic,
            self._watching,
            parts.addresses,
            parts.census,
        ):
            await background.stop()
        await parts.traffic_keeper.end()
        try:
            await parts.store.copy_aside(parts.fleet, parts.clock.now())
        except StoreError as error:
            log.warning("%s", error)
        await self.company.gone()

    def _publish_line(self, line: str, gateway: str) -> None:
        parts = self.parts
        parts.bus.publish(Change(lines=[parts.view_builder.line(line, gateway)]))
        if parts.fleet.gateway(gateway).state is not GatewayState.UP:
            # It may just have begun to listen: a person waits for it.
            parts.schedule.hasten("health", gateway)


def _doubled(config: Config, twins: dict[str, str]) -> list[str]:
    """Say which gateways are one place, though they have two names."""
    urls = {gateway.name: gateway.url for gateway in config.gateways}
    return [
        f"gateways {first} and {name} are one place: its sessions are there twice, and healed once; "
        f"remove one of the two from the configuration ({urls[first]}, {urls[name]})"
        for name, first in twins.items()
    ]
