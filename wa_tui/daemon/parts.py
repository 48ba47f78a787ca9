"""The daemon's parts, each built with what it uses; `Daemon` alone holds them together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.routing import Route

from wa_tui.config import CanaryConfig, Config, GatewayConfig, ensure_control_key
from wa_tui.gateways import GatewayClient, Place
from wa_tui.gateways.auto import AutoClient
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import AUTO, GatewayKind
from wa_tui.model.registers import SessionKey
from wa_tui.store import Loaded, Provenance, Store
from wa_tui.system.zone import local_zone
from wa_tui.wire import DaemonView, RefusalKind

from .access import ApiKeys
from .actions import ActionRunner
from .actions.context import ActionContext
from .actions.healing import HealingStarts
from .actions.planner import Planner
from .actions.webhook_setup import Setup
from .attention.needs import GatewayNeeds
from .attention.restarts import Restarts
from .canary import Canary
from .canary.way import Way
from .checking.calm import Calm
from .checking.checker import Checker
from .checking.other_kinds import OtherKinds
from .checking.pace import Pace
from .checking.probe import HealthProbe
from .clock import Timeline
from .gateway_work import GatewayWork
from .healing import Healer
from .healing.history import Recall
from .jobs.cleanup import CleanUp, copy_aside
from .jobs.qr_expiry import expire_qr_codes
from .jobs.schedule import Job, Schedule
from .known_gateways import KnownGateways
from .needs import Hook, hook_of
from .receiving.addresses import Addresses
from .receiving.advice import advice
from .receiving.attribution import Attribution
from .receiving.counters import CountersReceiver
from .receiving.foreign import ForeignReceiver
from .receiving.keys import service_key, webhook_key
from .receiving.messages import MessageCounting
from .receiving.receiver import Receiver
from .receiving.refusals import Refusals
from .receiving.senders import Sender, Senders
from .receiving.signatures import Secrets
from .receiving.webhook_counter import WebhookCounter
from .receiving.webhook_metrics import WebhookMetrics
from .recording.bus import Bus
from .recording.history import Histories
from .recording.recorder import Recorder
from .serving.active_sessions import ActiveSessions
from .serving.api import Api
from .serving.api_keys import KeyRoutes
from .serving.gateway_setup import setup_routes
from .serving.metrics import Metrics, Transitions
from .serving.stored import Stored
from .serving.traffic import traffic_routes
from .silence import SilenceWatch
from .silence.looking import Looking
from .silence.rhythms import Rhythms
from .silence.watch import EVERY as WATCHED_EVERY
from .starts import Starts
from .sync.adoption import Adoption
from .sync.reconciler import Reconciler
from .traffic import Traffic
from .traffic.keeping import TrafficKeeper
from .traffic.publishing import TrafficPublisher
from .traffic.series import SeriesReader
from .views.census import Census
from .views.gateway_views import GatewayViews
from .views.journal import Journal
from .views.view_builder import ViewBuilder

HOURLY = 3600.0

Connect = Callable[[GatewayConfig, str], GatewayClient]
"""Returns the client of a gateway, which is sent this key."""


def connect(gateway: GatewayConfig, key: str) -> GatewayClient:
    """Return the client of a gateway by its kind."""
    place = _place_of(gateway, key)
    if gateway.kind == AUTO:
        return AutoClient(place)
    return ADAPTERS[GatewayKind(gateway.kind)].connect(place)


def _way(canary: CanaryConfig) -> Way:
    sender, recipient = (SessionKey(*name.split("/", 1)) for name in (canary.from_, canary.to))
    return Way(sender, recipient, canary.every)


def _place_of(gateway: GatewayConfig, key: str) -> Place:
    return Place(gateway.name, gateway.url, key, gateway.headers, gateway.basic, gateway.ca_file)


def _kind_of(gateway: GatewayConfig) -> GatewayKind | None:
    """Return what a gateway is by its configuration; ``None`` where it is to be asked."""
    return None if gateway.kind == AUTO else GatewayKind(gateway.kind)


class Parts:
    """What does the daemon's work, wired; nothing has begun."""

    def __init__(
        self,
        config: Config,
        clock: Timeline,
        store: Store,
        loaded: Loaded,
        *,
        read_only: bool,
        connect: Connect,
    ) -> None:
        self.config = config
        self.clock = clock
        self.store = store
        self.fleet = loaded.fleet
        self.clients: dict[str, GatewayClient] = {}
        """By name, those of the gateways that are worked at now."""
        self.bus = Bus()
        self.journal = Journal(store, loaded.incarnation, loaded.last_event_id)
        self.recorder = Recorder(store, self.fleet, clock, self.bus.publish)
        self.histories = Histories()
        self.schedule = Schedule(self.recorder, clock)
        self.starts = Starts(config.healing.at_once)
        self._connect = connect
        self._read_only = read_only
        self.control_key = ensure_control_key(config)
        self.gateways = KnownGateways(config.gateways, read_only=read_only)
        self.api_keys = ApiKeys(store, clock, self.gateways.names)
        self._build_counting()
        self._build_asking(loaded.provenance)
        self._build_acting()
        self._build_views()
        self._build_receiving()

    def _build_counting(self) -> None:
        """Build what counts webhooks and refusals, and tells what gateways need a person for."""
        self.webhook_metrics = WebhookMetrics()
        self.traffic = Traffic(self.fleet, self.clock)
        self.traffic_keeper = TrafficKeeper(self.config.traffic_database, self.traffic, self.clock)
        self.traffic_publisher = TrafficPublisher(self.traffic, self.traffic_keeper, self.recorder, self.bus)
        self.counter = WebhookCounter(self.clients, self.webhook_metrics, self.clock)
        self.addresses = Addresses({gateway.name: gateway.url for gateway in self.config.gateways})
        self.refusals = Refusals(
            self.clock, self.addresses, self.counter.count, self._advice, self._keeps_contract
        )
        self.restarts = Restarts(self.clock)
        for gateway in self.fleet.gateways():
            self.restarts.know(gateway.name, gateway.restarts)
        self.needs = GatewayNeeds(self.restarts.attention, self.refusals.attention)
        self.calm = Calm(self.fleet, self.clock, self.needs)

    def _build_asking(self, provenance: Provenance) -> None:
        """Build what asks gateways how they and their sessions are."""
        parts = self.fleet, self.recorder, self.clock
        others = OtherKinds(self._place_of_kind, ADAPTERS)
        self.probe = HealthProbe(self.clients, *parts, self.calm, others)
        self.checker = Checker(*parts, self.probe.look)
        self.pace = Pace(self.fleet, self.config.intervals.status_sync, self.checker.answer_time)
        self.reconciler = Reconciler(
            self.clients,
            self.fleet,
            self.recorder,
            self.bus,
            self.clock,
            self.checker,
            self.probe,
            self.pace,
            self.config.intervals,
            self.traffic,
        )
        lost = provenance in (Provenance.LOST, Provenance.UNREAD)
        adopts = lost or provenance is Provenance.FRESH
        self.adoption = Adoption(self.reconciler.lists, adopts=adopts, lost=lost)
        self.is_unread = provenance is Provenance.UNREAD

    def _build_acting(self) -> None:
        """Build what changes anything at gateways: actions, and healing, which acts through them."""
        config = self.config
        context = ActionContext(
            self.clients,
            self.fleet,
            self.recorder,
            self.bus,
            self.clock,
            self.checker,
            self.starts,
            self.probe.look,
            lambda name: self.pace.proof_window(name, checked=self.clients[name].proof.proves),
            self.calm,
            self.gateways.is_read_only,
            config.healing.enabled,
        )
        # Healing acts through the runner, and the planner asks healing who flaps.
        flaps: Callable[..., bool] = lambda key: self.healer.flaps(key)  # noqa: E731
        self.setup = Setup(
            self.clients,
            ADAPTERS,
            config.listen,
            self._webhook_key,
            config.traffic.messages,
            config.scheme,
        )
        planner = Planner(context, self.reconciler.sync_now, self.schedule, flaps, self.setup)
        self.runner = ActionRunner(
            self.recorder,
            self.checker,
            self.clock,
            planner,
            self.gateways.is_read_only,
            read_only=self._read_only,
        )
        self.healer = Healer(
            config.healing,
            self.fleet,
            self.clock,
            self.recorder,
            self.bus,
            self.checker,
            self.starts,
            Recall(self.fleet, self.histories, self.store, self.clock, config.healing),
            self.probe.look,
            HealingStarts(context, self.runner),
        )
        self.needs.add(self.healer.attention)
        self.canaries = [
            Canary(_way(each), self.clients, self.fleet, self.traffic, self.runner, self.recorder, self.clock)
            for each in config.canary
        ]
        self.rhythms = Rhythms(self.traffic, self.traffic_keeper, self.recorder, self.clock, local_zone())
        self.silence_watch = SilenceWatch(
            self.clients,
            self.fleet,
            self.traffic,
            self.rhythms,
            Looking(
                self.clients,
                self.checker,
                self.recorder,
                self.clock,
                asks_server=config.traffic.server_check,
            ),
            self.recorder,
            self.clock,
        )
        self.needs.add(self.silence_watch.hushes.attention)
        self.clean_up = CleanUp(
            self.clients,
            self.fleet,
            self.store,
            self.recorder,
            self.clock,
            self.checker,
            self.gateways.writable,
            offline_days=self.config.offline_days,
            retention_days=self.config.retention_days,
        )

    def _build_views(self) -> None:
        """Build what monitors see."""
        gateways = GatewayViews(
            self.clients,
            self.fleet,
            self.clock,
            self.histories,
            self.counter,
            self.webhook_metrics,
            self.pace.interval,
            self.needs,
            self.healer.gateway_view,
            self.gateways.is_read_only,
        )
        self.view_builder = ViewBuilder(
            self.clients,
            self.fleet,
            self.store,
            self.recorder,
            self.clock,
            self.histories,
            self.healer.view,
            gateways,
            self.traffic,
        )
        self.census = Census(self.recorder, self.healer.view)
        self.transitions = Transitions()

    def _build_receiving(self) -> None:
        """Build what takes webhooks in."""
        relist = self.reconciler.relist
        self.attribution = Attribution(self.fleet, self.api_keys.sender, self.gateways.twins)
        self.secrets = Secrets()
        self.senders = Senders(self.fleet, self.clock, self.probe.doubts, self.probe.tried)
        counting = MessageCounting(self.fleet, self.clients, self.traffic.count)
        foreign = ForeignReceiver(
            self.senders,
            self.fleet,
            self.recorder,
            self.clock,
            self.refusals,
            self.counter,
            relist,
            self.clients,
            counting,
        )
        self.receiver = Receiver(
            self.fleet,
            self.recorder,
            self.clock,
            self.attribution,
            self.refusals,
            self.counter,
            relist,
            foreign,
            self.secrets,
        )
        for gateway in self.config.gateways:
            self._take_in(gateway.name, webhook_key(self.config, gateway), _kind_of(gateway))
            self.secrets.set(gateway.name, gateway.webhook_secret)

    def api(self, daemon: Callable[[], DaemonView], probes: list[Route]) -> Api:
        """Return what answers requests; ``daemon`` returns what the daemon says of itself."""
        stored = Stored(self.store, self.recorder, self.view_builder)
        active = ActiveSessions(
            self.clients,
            self.fleet,
            self.attribution,
            self.adoption,
            self.refusals,
            unread=self.is_unread,
        )
        counters = CountersReceiver(self.traffic, self.fleet, self.attribution, self.refusals, self.counter)
        return Api(
            self.fleet,
            self.store,
            self.clock,
            self.checker,
            self.runner,
            self.view_builder,
            self.census,
            self.bus,
            self.journal,
            daemon,
            self.schedule.views,
            self.api_keys,
            probes,
            Metrics(
                self.census,
                self.recorder,
                self.clock,
                self.transitions,
                self.counter.webhooks,
                self.view_builder.gateways.all,
                self.schedule.views,
                daemon,
            ).routes(),
            KeyRoutes(self.api_keys).routes(),
            stored.routes(),
            active.routes(),
            setup_routes(self.setup),
            counters.routes(),
            traffic_routes(
                self.fleet, SeriesReader(self.traffic, self.traffic_keeper, self.clock), self.rhythms
            ),
        )

    def hook(self, daemon: Callable[[], DaemonView], *, whole: bool) -> Hook | None:
        """Return what runs the program of ``[hooks] needs``; see `wa_tui.daemon.needs.source.Source`."""
        return hook_of(
            self.config,
            self.fleet,
            self.recorder,
            self.bus,
            self.clock,
            self.clients,
            self.healer.view,
            self.view_builder.gateways.view,
            daemon,
            whole=whole,
        )

    def _place_of_kind(self, name: str) -> Place | None:
        """Return where a gateway is whose kind the configuration says."""
        gateway = self.gateways[name]
        return None if gateway.kind == AUTO else _place_of(gateway, service_key(self.config, gateway))

    def _webhook_key(self, name: str) -> tuple[str, str]:
        """Return the key of a gateway's webhooks, and in words where it stands."""
        gateway = self.gateways[name]
        words = "webhook_key" if gateway.webhook_key else "api_key" if gateway.api_key else None
        place = f"its {words}" if words else f"the key in {self.config.state_dir / 'api-key'}"
        return webhook_key(self.config, gateway), place

    def _advice(self, kind: RefusalKind, gateway: str, detail: str) -> str:
        """Return what to do about a gateway's webhooks that are refused."""
        return advice(kind, gateway, detail, keeps_contract=self._keeps_contract(gateway))

    def _keeps_contract(self, gateway: str) -> bool:
        """Tell whether a gateway is known to keep the contract."""
        return gateway not in self.senders

    def know(self, gateway: GatewayConfig) -> None:
        """Take a gateway's webhooks in from now on, and know what may be changed there."""
        name = gateway.name
        self.gateways.add(gateway)
        self._take_in(name, webhook_key(self.config, gateway), _kind_of(gateway))
        self.secrets.set(name, gateway.webhook_secret)
        self.addresses.add(name, gateway.url)

    def _take_in(self, name: str, key: str, kind: GatewayKind | None) -> None:
        """Take a gateway's webhooks in as those of its kind; ``None``: nobody knows it yet."""
        if kind is GatewayKind.CONTRACT:
            self.senders.remove(name)
            self.attribution.add(name, key)
            self.receiver.add(name)
            return
        self.receiver.remove(name)
        self.attribution.remove(name)
        self.senders.add(Sender(name, key, ADAPTERS[kind].webhooks if kind is not None else None))

    def work_at(self, gateway: GatewayConfig) -> GatewayWork:
        """Return what works at a gateway, not begun."""
        key, config = service_key(self.config, gateway), self.config
        client = self._connect(gateway, key)
        if isinstance(client, AutoClient):
            client.on_kind = partial(self._take_in, gateway.name, webhook_key(config, gateway))
        return GatewayWork(
            gateway,
            client,
            self.clients,
            heals=config.healing.enabled and gateway.name in self.gateways.writable,
            intervals=config.intervals,
            pace=self.pace,
            probe=self.probe,
            checker=self.checker,
            reconciler=self.reconciler,
            adoption=self.adoption,
            starts=self.starts,
            healer=self.healer,
            runner=self.runner,
            schedule=self.schedule,
        )

    def add_jobs(self) -> None:
        """Plan the jobs of the whole daemon."""
        every = self.config.intervals
        parts = self.fleet, self.recorder, self.clock
        statuses = self.reconciler.statuses.run, self.reconciler.sync_all
        aside = partial(copy_aside, self.store, self.fleet, self.clock)
        for job in (
            Job("sync-session-status", None, every.status_sync, *statuses),
            Job("cleanup-expired-qr-codes", None, every.qr_expiry, partial(expire_qr_codes, *parts)),
            Job("cleanup-disconnected-sessions", None, every.cleanup, self.clean_up.run),
            Job("copy-aside", None, HOURLY, aside),
            Job("watch-silences", None, WATCHED_EVERY, self.silence_watch.run),
        ):
            self.schedule.add(job)
        for canary in self.canaries:
            self.schedule.add(Job(f"canary {canary.way}", None, canary.way.every, canary.run, costs=True))
