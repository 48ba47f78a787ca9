"""Which key goes where: to each gateway, from each gateway, and to our own API over TCP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wa_tui.config import Config, GatewayConfig, ensure_control_key, ensure_key


@dataclass(frozen=True, slots=True)
class Keys:
    """``webhooks``: what each gateway sends us; ``control``: for the API over TCP."""

    webhooks: Mapping[str, str]
    control: str

    @classmethod
    def of(cls, config: Config) -> Keys:
        """Return the configured keys; one is generated and stored where none is. Raises `ConfigError`."""
        webhooks = {each.name: each.webhook_key or service_key(config, each) for each in config.gateways}
        return cls(webhooks, ensure_control_key(config))


def service_key(config: Config, gateway: GatewayConfig) -> str:
    """Return the key that is sent to a gateway: its own, else the one of the state directory. Raises `ConfigError`."""
    return gateway.api_key or ensure_key(config)
