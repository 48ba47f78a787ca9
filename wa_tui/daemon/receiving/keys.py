"""Which key goes to each gateway, and which comes from it; one is generated and stored where none is configured."""

from __future__ import annotations

from wa_tui.config import Config, GatewayConfig, ensure_key


def service_key(config: Config, gateway: GatewayConfig) -> str:
    """Return the key that is sent to a gateway: its own, else the one of the state directory. Raises `ConfigError`."""
    return gateway.api_key or ensure_key(config)


def webhook_key(config: Config, gateway: GatewayConfig) -> str:
    """Return the key that a gateway's webhooks carry: its own, else what is sent to it. Raises `ConfigError`."""
    return gateway.webhook_key or service_key(config, gateway)
