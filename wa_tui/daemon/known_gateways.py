"""The gateways that the daemon knows, and what may be changed at each."""

from __future__ import annotations

from collections.abc import Iterable

from wa_tui.config import GatewayConfig
from wa_tui.identity.gateways import twins


class KnownGateways:
    """The gateways of the configuration, and those that were added since; ``read_only`` says that of the daemon."""

    def __init__(self, gateways: Iterable[GatewayConfig], *, read_only: bool) -> None:
        self._read_only = read_only
        self._gateways: dict[str, GatewayConfig] = {}
        self.twins: dict[str, str] = {}
        """The gateways that are one place with another, and that one's name."""
        self.writable: set[str] = set()
        """The gateways on which anything may be changed; of two that are one place, one."""
        for gateway in gateways:
            self._gateways[gateway.name] = gateway
        self._compare()

    def add(self, gateway: GatewayConfig) -> None:
        """Know one more gateway, or another configuration of one."""
        self._gateways[gateway.name] = gateway
        self._compare()

    def names(self) -> list[str]:
        """Return the names of all, in their order."""
        return [*self._gateways]

    def __getitem__(self, name: str) -> GatewayConfig:
        """Return a gateway's configuration."""
        return self._gateways[name]

    def is_read_only(self, name: str) -> bool:
        """Tell whether a gateway's actions are refused; the daemon itself may be read-only besides."""
        known = self._gateways.get(name)
        return known is not None and known.read_only

    def _compare(self) -> None:
        """Compare all with each other; changed in place, since parts hold the sets themselves."""
        urls = {each.name: each.url for each in self._gateways.values()}
        self.twins.clear()
        self.twins.update(twins(urls))
        writable = {name: url for name, url in urls.items() if not self._gateways[name].read_only}
        self.writable.clear()
        if not self._read_only:
            self.writable.update(writable.keys() - twins(writable).keys())
