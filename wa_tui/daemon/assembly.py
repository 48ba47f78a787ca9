"""The daemon's parts, put together: what listens to what, what starts and ends when."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from functools import partial

from wa_tui import __version__
from wa_tui.config import Config
from wa_tui.gateways import NodeService
from wa_tui.identity.gateways import twins
from wa_tui.model.facts import DaemonStarted
from wa_tui.model.registers import HOUR, GatewayState, SessionKey, Source
from wa_tui.model.session import Session
from wa_tui.store import Loaded, Provenance, Store, StoreError
from wa_tui.wire import Attention, AttentionCode, DaemonView

from .actions import ActionRunner, Ended, Refusal
from .actions.planner import Planner, plan_heal
from .checking.checks import Checker
from .clock import Clock, Timeline
from .core import Core
from .healing import Healer
from .http.room import Descriptors, Room
from .jobs import storage
from .jobs.cleanup import clean_up, copy_aside
from .jobs.clock_steps import Steps
from .jobs.health import check_health, look
from .jobs.qr_expiry import expire_qr_codes
from .jobs.schedule import Job, Schedule
from .needs import hook_of
from .needs.watchful import Watchful
from .process.listening import PlaceTaken, UnixDoor, shown
from .process.sidecar import Company, Sidecar
from .receiving.addresses import Addresses
from .receiving.attribution import Attribution
from .receiving.keys import Keys
from .receiving.receiver import Receiver
from .receiving.webhook_metrics import Keeper, WebhookMetrics
from .recording.bus import Bus
from .recording.change import Change
from .recording.recorder import NotTaken, Recorder
from .serving.api import Api
from .serving.router import Router
from .serving.servers import Servers
from .starts import Starts
from .sync.adoption import Adoption
from .sync.pace import status_interval
from .sync.reconciler import Reconciler
from .views.census import Census
from .views.history import WINDOW, Histories
from .views.view_builder import ViewBuilder
from .views.wire_views import instant

log = logging.getLogger("wa_tui.daemon")

HOURLY = 3600.0

STORED_LATER = 5.0
"""Seconds after which what could not be recorded at the start is tried again."""


class Daemon:
    """The daemon's parts, put together."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        store: Store,
        loaded: Loaded,
        *,
        read_only: bool,
        sidecar: Sidecar | None = None,
    ) -> None:
        self._loaded = loaded
        clock = timeline = Timeline(clock)
        self._started_at = clock.now()
        self._began, self._timeline = clock.monotonic(), timeline
        self._run = secrets.token_hex(4)
        self._read_only = read_only
        keys = Keys.of(config)
        fleet, bus = loaded.fleet, Bus()
        clients = {
            gateway.name: NodeService(
                gateway.name,
                gateway.url,
                keys.services[gateway.name],
                headers=gateway.headers,
                basic=gateway.basic,
                ca_file=gateway.ca_file,
            )
            for gateway in config.gateways
        }
        recorder = Recorder(store, fleet, clock, bus.publish)
        checker = Checker(clients, fleet, recorder, clock, lambda name: look(self.core, name))
        self.core = core = Core(
            config,
            clock,
            store,
            fleet,
            bus,
            recorder,
            checker,
            clients,
            Histories(),
            Starts(config.healing.at_once),
            WebhookMetrics(),
            Addresses({gateway.name: gateway.url for gateway in config.gateways}),
        )
        self._twins = twins({gateway.name: gateway.url for gateway in config.gateways})
        attribution = Attribution(keys.webhooks, fleet, self._twins)
        self.reconciler = Reconciler(core)
        self.schedule = Schedule(recorder, clock)
        # Healing acts through the desk, and the desk asks healing who flaps.
        planner = Planner(self.reconciler.sync_now, self.schedule, lambda key: self.healer.flaps(key))
        self.runner = ActionRunner(core, planner, read_only=read_only)
        healed = self._writable() if config.healing.enabled else frozenset()
        self.healer = Healer(core, healed, self._heal, self.runner.busy, self.runner.idle)
        core.needs.append(self.healer.attention)
        self.view_builder = ViewBuilder(core, self.healer)
        self.adoption = Adoption(core, attribution, loaded.provenance)
        self.company = Company(sidecar)
        self.census = Census(recorder, self.healer.view)
        self.api = Api(
            core, self.runner, self.view_builder, self.adoption, self.census, self.view, self.schedule.views
        )
        self._app = self.api.app()
        self._receiver = Receiver(core, attribution, self.reconciler.relist)
        self._control_key = keys.control
        self._watchful = Watchful(core, core.attention, self.view)
        whole = loaded.provenance is not Provenance.UNREAD
        self._hook = hook_of(core, self.healer.view, self.view_builder.gateway, self.view, whole=whole)
        self._keeper = Keeper(core.webhook_metrics, store, clock)
        self._tending = storage.Tending(store)
        self._steps = Steps(timeline, recorder, self.schedule.replan)
        self._servers = Servers()
        self._descriptors = Descriptors.of_process(len(clients))
        self._unix: UnixDoor | None = None
        self._waiting: PlaceTaken | None = None
        self._places = "{}:{}".format(*config.listen)
        self._notices = [*loaded.notices, *self._doubled()]
        self._said = False
        """Our start is recorded."""
        self._telling: asyncio.Task[None] | None = None

    async def start(self, door: UnixDoor) -> asyncio.Task[None]:
        """Serve the Unix socket, and do nothing at a gateway yet; returns the recorder's task, which all rests on.

        Until `begin` whoever asks is told what is waited for, and no action is taken.
        """
        core = self.core
        for listen in (
            core.count,
            core.restarts.listen,
            core.webhook_metrics.listen,
            lambda change: core.histories.apply(change.events),
            self.view_builder.listen,
            self.reconciler.listen,
            self.healer.listen,
        ):
            core.bus.subscribe(listen)
        core.bus.watch(self.census.listen)
        transitions = await core.store.transitions(self._started_at - WINDOW)
        core.histories.load(transitions, core.fleet.gateways())
        counts, kept = await core.store.counts(self._started_at - HOUR), await core.store.kept_counts()
        core.webhook_metrics.load(counts, kept, self._started_at)
        await self.view_builder.load()
        writer = core.recorder.start()
        for notice in self._notices:
            log.warning("%s", notice)
        if not await self._told_start():
            self._telling = asyncio.create_task(self._tell_start(), name="start")
        # Who asks as soon as it listens is told of the jobs, though none has begun.
        self._add_jobs()
        self.census.start()
        self._watchful.start()
        if self._hook is not None:
            self._hook.start()
        self._unix = door
        await self._servers.start(self._router(None), Room.on_socket(self._descriptors), door.socket)
        return writer

    def _router(self, api_key: str | None) -> Router:
        tell, refusals = self.core.recorder.publish, self.core.refusals
        return Router(self._receiver, self._app, tell, refusals, api_key=api_key)

    def wait_for(self, obstacle: PlaceTaken) -> None:
        """Say what keeps `begin` waiting; no action is taken till then: another daemon may heal the same gateways."""
        self._waiting = obstacle
        self.runner.closed = f"the daemon waits: {obstacle.detail}"

    async def begin(self, listeners: list[socket.socket]) -> None:
        """Take webhooks in over TCP, and begin to sync and to heal."""
        core = self.core
        self._waiting = self.runner.closed = None
        self.adoption.start()
        self._places = " and ".join(map(shown, listeners))
        room = Room.over_tcp(self._descriptors)
        await self._servers.start(self._router(self._control_key), room, *listeners)
        await self.healer.begin()
        if self._hook is not None:
            self._hook.begin()
        self.reconciler.start()
        self._keeper.start()
        self._tending.start()
        core.addresses.start()
        self._steps.start()
        self.schedule.start()
        self.company.start(self._publish_line)
        log.info("Listening on %s and %s", self._places, core.config.socket)

    async def _told_start(self) -> bool:
        """Record that we started, and close what was left open; tells whether that is done."""
        loaded, detail = self._loaded, f"daemon {__version__} started (process {os.getpid()})"
        alive_at = None if loaded.alive_at is None else min(loaded.alive_at, self._started_at)
        try:
            if not self._said:
                await self._steps.caught_up(loaded.alive_at)
                await self.core.recorder.record(DaemonStarted(self._started_at, alive_at, detail))
                self._said = True
            await self.runner.close_open(loaded.open_actions)
        except (NotTaken, StoreError) as error:
            log.warning("The start cannot be recorded yet: %s", error)
            return False
        return True

    async def _tell_start(self) -> None:
        while not await self._told_start():
            await asyncio.sleep(STORED_LATER)

    async def stop(self) -> None:
        """End in order: nothing new, answer what came in, commit it, close."""
        self.company.dismiss()
        if self._telling is not None:
            self._telling.cancel()
        await self._steps.stop()
        if self._hook is not None:
            await self._hook.stop()
        self.schedule.stop()
        await self.healer.stop()
        await self.reconciler.stop()
        await self.adoption.stop()
        await self.runner.stop()
        await self._servers.stop()
        if self._unix is not None:
            self._unix.close()
        await self.core.checker.stop()
        await self.core.recorder.stop()
        await self._keeper.stop()
        await self._tending.stop()
        await self._watchful.stop()
        await self.core.addresses.stop()
        await self.census.stop()
        for client in self.core.clients.values():
            await client.close()
        try:
            await self.core.store.copy_aside(self.core.fleet, self.core.clock.now())
        except StoreError as error:
            log.warning("%s", error)
        await self.company.gone()

    def view(self) -> DaemonView:
        """Return the daemon as the API shows it."""
        config = self.core.config
        trouble = self.company.trouble
        return DaemonView(
            pid=os.getpid(),
            version=__version__,
            run=self._run,
            started_at=instant(self._timeline.at(self._began)),  # type: ignore[arg-type]  # never 0
            title=config.title,
            state_dir=str(config.state_dir),
            listen=self._places,
            read_only=self._read_only,
            proof_window_s=2 * config.intervals.status_sync,
            notices=[*self._notices, *([trouble] if trouble else []), *self._servers.notices()],
            attention=self._attention(),
            refused=self.core.refusals.peers(),
            runs_node=self.company.there,
        )

    def _attention(self) -> list[Attention]:
        """Return why the daemon itself needs a person; while it waits, no job is due."""
        stored = storage.attention(self.core.store, self.core.config.database, self.core.recorder.trouble)
        called = self._hook.attention() if self._hook is not None else []
        if (taken := self._waiting) is None:
            return [*stored, *called, *self.schedule.attention()]
        return [
            *stored,
            *called,
            Attention(code=AttentionCode.NOT_LISTENING, text=taken.detail, action=taken.advice),
        ]

    def _publish_line(self, line: str, gateway: str) -> None:
        self.core.bus.publish(Change(lines=[self.view_builder.line(line, gateway)]))
        if self.core.fleet.gateway(gateway).state is not GatewayState.UP:
            # It may just have begun to listen: a person waits for it.
            self.schedule.hasten("health", gateway)

    def _writable(self) -> frozenset[str]:
        """The gateways on which anything may be changed; of two that are one place, one."""
        gateways = () if self._read_only else self.core.config.gateways
        writable = {each.name: each.url for each in gateways if not each.read_only}
        return frozenset(writable.keys() - twins(writable).keys())

    def _doubled(self) -> list[str]:
        """Say which gateways are one place, though they have two names."""
        urls = {gateway.name: gateway.url for gateway in self.core.config.gateways}
        return [
            f"gateways {first} and {name} are one place: its sessions are there twice, and healed once; "
            f"remove one of the two from the configuration ({urls[first]}, {urls[name]})"
            for name, first in self._twins.items()
        ]

    async def _heal(self, key: SessionKey, session: Session, attempt: int) -> Ended | None:
        action, plan = plan_heal(self.core, session, attempt)
        try:
            row = await self.runner.start(plan, action, Source.HEAL)
        except Refusal as refusal:
            if refusal.code != "busy":
                log.info("%s", refusal)
            return None
        ended = await self.runner.wait(row.id, 3600)
        return Ended(ended.outcome, ended.text) if ended is not None else None  # type: ignore[arg-type]  # ours

    def _add_jobs(self) -> None:
        core, every = self.core, self.core.config.intervals
        for name in core.clients:
            self.schedule.add(Job("health", name, every.health, partial(check_health, core, name)))
            self.schedule.add(Job("list-sync", name, every.list_sync, partial(self.reconciler.list, name)))
            pace = partial(status_interval, core, name)
            check = partial(self.reconciler.statuses.round, name)
            now = partial(check, at_once=True)
            self.schedule.add(Job("status-checks", name, every.status_sync, check, now, pace))
        daemon_wide = (
            Job(
                "sync-session-status",
                None,
                every.status_sync,
                self.reconciler.statuses.run,
                self.reconciler.sync_all,
            ),
            Job("cleanup-expired-qr-codes", None, every.qr_expiry, partial(expire_qr_codes, core)),
            Job(
                "cleanup-disconnected-sessions",
                None,
                every.cleanup,
                partial(clean_up, core, self._writable()),
            ),
            Job("copy-aside", None, HOURLY, partial(copy_aside, core)),
        )
        for job in daemon_wide:
            self.schedule.add(job)
