"""The gateways as monitors see them: registers, counts, and what they need a person for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wa_tui.gateways import GatewayClient
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import Proof
from wa_tui.wire import Attention, GatewayHealingView, GatewayView

from ..clock import Clock
from ..receiving.webhook_counter import WebhookCounter
from ..receiving.webhook_metrics import WebhookMetrics
from ..recording.history import Histories
from .wire_views import Extent, gateway_view


class GatewayViews:
    """Builds the views of gateways.

    ``interval`` returns how often one's sessions are checked, in seconds, ``needs`` what it needs a person for,
    ``healing`` what healing does there, ``is_read_only`` whether its actions are refused.
    """

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        clock: Clock,
        histories: Histories,
        counter: WebhookCounter,
        webhook_metrics: WebhookMetrics,
        interval: Callable[[str], float],
        needs: Callable[[str], list[Attention]],
        healing: Callable[[str], GatewayHealingView | None],
        is_read_only: Callable[[str], bool],
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._clock = clock
        self._histories = histories
        self._counter = counter
        self._webhook_metrics = webhook_metrics
        self._interval = interval
        self._needs = needs
        self._healing = healing
        self._is_read_only = is_read_only

    def view(self, name: str) -> GatewayView:
        """Return one gateway's view."""
        now, client = self._clock.now(), self._clients.get(name)
        sessions, drift = self._fleet.extent(name)
        extent = Extent(
            url=client.url if client is not None else "",
            kind=client.kind if client is not None else None,
            version=client.version if client is not None else None,
            proof=client.proof if client is not None else Proof.CLIENT,
            capabilities=sorted(client.capabilities) if client is not None else [],
            limit=client.limit if client is not None else None,
            read_only=self._is_read_only(name),
            sessions=sessions,
            status_interval_s=self._interval(name),
            drift=drift,
            webhooks=dict(self._counter.webhooks.get(name, {})),
            gaps=self._histories.gaps(name, now),
            hour=self._webhook_metrics.hour(name, now),
            per_minute=self._webhook_metrics.per_minute(name, now),
            healing=self._healing(name),
            attention=self._needs(name),
            ignored=dict(self._counter.ignored.get(name, {})),
            repeated=dict(self._counter.repeated.get(name, {})),
            decoration=self._counter.decorated(name),
            unreadable_rows=client.unreadable_rows if client is not None else 0,
        )
        return gateway_view(self._fleet.gateway(name), extent)

    def names(self) -> list[str]:
        """Return the configured gateways' names."""
        return [*self._clients]

    def all(self) -> list[GatewayView]:
        """Return the views of the gateways that the daemon works at."""
        return [self.view(name) for name in self._clients]
