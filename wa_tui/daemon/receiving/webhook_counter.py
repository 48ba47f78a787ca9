"""What became of each gateway's webhooks since the daemon started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from wa_tui.gateways import GatewayClient
from wa_tui.model.transition import Verdict

from ..clock import Clock
from ..recording.change import Change
from .webhook_metrics import WebhookMetrics

_SAID_AGAIN = (Verdict.UNCHANGED, Verdict.DUPLICATE)
"""Of one without a time: two within a millisecond are the same."""


class WebhookCounter:
    """Counts webhooks by verdict, or by why they were refused; the last hour is in ``webhook_metrics`` too."""

    def __init__(
        self, clients: Mapping[str, GatewayClient], webhook_metrics: WebhookMetrics, clock: Clock
    ) -> None:
        self._clients = clients
        self._webhook_metrics = webhook_metrics
        self._clock = clock
        self.webhooks: dict[str, Counter[str]] = {}
        self.ignored: dict[str, Counter[str]] = {}
        """Webhooks of each gateway that say nothing to us, by the kind of their event."""
        self.repeated: dict[str, Counter[str]] = {}
        """Webhooks without a time of their own that said what was known, by their status."""
        self._decoration: dict[str, Counter[str]] = {}
        """Fields of each gateway's webhooks that had another type than agreed."""

    def listen(self, change: Change) -> None:
        """Count a change's webhooks by verdict."""
        verdicts = Counter((fact.gateway, verdict) for fact, verdict in change.webhooks)
        for (gateway, verdict), number in verdicts.items():
            self.count(verdict, gateway, number=number)
        for fact, verdict in change.webhooks:
            if fact.hint and verdict in _SAID_AGAIN:
                self.repeated.setdefault(fact.gateway, Counter())[fact.status.value] += 1

    def count(self, word: str, *gateways: str, number: int = 1) -> None:
        """Count webhooks under a word at each gateway they may come from."""
        for gateway in gateways:
            self.webhooks.setdefault(gateway, Counter())[str(word)] += number
            self._webhook_metrics.note(gateway, word, self._clock.now(), number)

    def count_messages(self, gateway: str) -> None:
        """Count a webhook whose messages are counted: no event of the last hour either."""
        self.webhooks.setdefault(gateway, Counter())["counted"] += 1

    def ignore(self, gateway: str, event: str) -> None:
        """Count a webhook that says nothing to us: no event of the last hour, since messages come by the thousands."""
        self.webhooks.setdefault(gateway, Counter())["ignored"] += 1
        self.ignored.setdefault(gateway, Counter())[event] += 1

    def decorate(self, gateway: str, fields: Iterable[str]) -> None:
        """Count fields beside a status that were read for what they plainly are, or dropped."""
        self._decoration.setdefault(gateway, Counter()).update(fields)

    def decorated(self, gateway: str) -> dict[str, int]:
        """Return how often each such field of a gateway's webhooks and answers was so."""
        client = self._clients.get(gateway)
        listed = Counter(client.decoration if client is not None else {})
        return dict(listed + self._decoration.get(gateway, Counter()))
