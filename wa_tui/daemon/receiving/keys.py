"""Which key goes where: to each gateway, from each gateway, and to our own API over TCP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wa_tui.config import Config, GatewayConfig, ensure_control_key, ensure_key


@dataclass(frozen=True, slots=True)
class Keys:
    """``services``: sent to each gateway; ``webhooks``: what each sends us; ``control``: for the API over TCP."""

    services: Mapping[str, str]
    webhooks: Mapping[str, str]
    control: str

    @classmethod
    def of(cls, config: Config) -> Keys:
        """Return the configured keys; one is generated and stored where none is. Raises `ConfigError`."""
        services = {gateway.name: service_key(config, gateway) for gateway in config.gateways}
        webhooks = {g.name: g.webhook_key or services[g.name] for g in config.gateways}
        return cls(services, webhooks, ensure_control_key(config))


def service_key(config: Config, gateway: GatewayConfig) -> str:
    """Return the key that is sent to a gateway: its own, else the one of the state directory. Raises `ConfigError`."""
    return gateway.api_key or ensure_key(config)
