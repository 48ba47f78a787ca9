"""What the daemon's parts share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from wa_tui.config import Config
from wa_tui.gateways import GatewayClient
from wa_tui.model.fleet import Fleet
from wa_tui.store import Store
from wa_tui.wire import Attention

from .attention.restarts import Restarts
from .checking.checks import Checker
from .clock import Clock
from .receiving.addresses import Addresses
from .receiving.advice import advice
from .receiving.refusals import Refusals
from .receiving.webhook_metrics import WebhookMetrics
from .recording.bus import Bus
from .recording.change import Change
from .recording.recorder import Recorder
from .starts import Starts
from .views.history import Histories


@dataclass(slots=True)
class Core:
    """The fleet, the way in, and the gateways; built once by `wa_tui.daemon.main`."""

    config: Config
    clock: Clock
    store: Store
    fleet: Fleet
    bus: Bus
    recorder: Recorder
    checker: Checker
    clients: Mapping[str, GatewayClient]
    histories: Histories
    starts: Starts
    webhook_metrics: WebhookMetrics
    addresses: Addresses
    refusals: Refusals = field(init=False)
    restarts: Restarts = field(init=False)
    needs: list[Callable[[str], list[Attention]]] = field(init=False)
    """Who can tell what a gateway needs a person for, the most urgent first."""
    webhooks: dict[str, Counter[str]] = field(default_factory=dict)
    """What became of each gateway's webhooks since the daemon started."""
    decoration: dict[str, Counter[str]] = field(default_factory=dict)
    """Fields of each gateway's webhooks that had another type than agreed."""

    def __post_init__(self) -> None:
        self.refusals = Refusals(self.clock, self.addresses, self.count_webhook, advice)
        self.restarts = Restarts(self.clock)
        self.needs = [self.restarts.attention, self.refusals.attention]
        for gateway in self.fleet.gateways():
            self.restarts.know(gateway.name, gateway.restarts)

    def count(self, change: Change) -> None:
        """Count a change's webhooks by verdict."""
        verdicts = Counter((fact.gateway, verdict) for fact, verdict in change.webhooks)
        for (gateway, verdict), number in verdicts.items():
            self.count_webhook(verdict, gateway, number=number)
            self.refusals.accepted(gateway)

    def decorate(self, gateway: str, fields: Iterable[str]) -> None:
        """Count fields beside a status that were read for what they plainly are, or dropped."""
        self.decoration.setdefault(gateway, Counter()).update(fields)

    def decorated(self, gateway: str) -> dict[str, int]:
        """Return how often each such field of a gateway's webhooks and answers was so."""
        client = self.clients.get(gateway)
        listed = Counter(client.decoration if client is not None else {})
        return dict(listed + self.decoration.get(gateway, Counter()))

    def attention(self, gateway: str) -> list[Attention]:
        """Return why a gateway needs a person besides its state, the most urgent first."""
        return [each for needs in self.needs for each in needs(gateway)]

    def count_webhook(self, word: str, *gateways: str, number: int = 1) -> None:
        """Count one webhook under a word (a verdict, or why it was refused) at each gateway it may come from."""
        for gateway in gateways:
            self.webhooks.setdefault(gateway, Counter())[str(word)] += number
            self.webhook_metrics.note(gateway, word, self.clock.now(), number)
