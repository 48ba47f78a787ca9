"""Which key goes where: to each gateway, from each gateway, and to our own API over TCP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wa_tui.config import Config, ensure_control_key, ensure_key


@dataclass(frozen=True, slots=True)
class Keys:
    """``services``: sent to each gateway; ``webhooks``: what each sends us; ``control``: for the API over TCP."""

    services: Mapping[str, str]
    webhooks: Mapping[str, str]
    control: str

    @classmethod
    def of(cls, config: Config) -> Keys:
        """Return the configured keys; one is generated and stored where none is. Raises `ConfigError`."""
        services = {gateway.name: gateway.api_key or ensure_key(config) for gateway in config.gateways}
        webhooks = {g.name: g.webhook_key or services[g.name] for g in config.gateways}
        return cls(services, webhooks, ensure_control_key(config))
