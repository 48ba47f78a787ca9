"""What a simulated WAHA posts: to the address of its environment, and to those in a session's configuration."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from wa_tui.simulator.gateway import Gateway
from wa_tui.simulator.posting import Target


class WahaPosts:
    """Its webhooks, signed, without a time and without an id; `configs` has the sessions' own, by name."""

    def __init__(self, gateway: Gateway, engine: str) -> None:
        self.configs: dict[str, dict[str, Any]] = {}
        self._gateway = gateway
        self._engine = engine
        settings = gateway.settings
        self._everywhere = Target(settings.foreign_webhook_url, {}, _Signature(settings.webhook_key))

    def status(self, name: str, word: str) -> None:
        """Post a session's status."""
        self.post(name, "session.status", {"name": name, "status": word})

    def closed(self, name: str, code: int) -> None:
        """Post that the engine's socket closed, with its code."""
        output = {"statusCode": code, "payload": {"statusCode": code, "message": "Stream Errored"}}
        error = {"isBoom": True, "output": output}
        self.post(name, "state.change", {"connection": "close", "lastDisconnect": {"error": error}})

    def post(self, name: str, event: str, payload: dict[str, Any]) -> None:
        """Post an event; a session's own addresses get those that they ask for."""
        body = {
            "event": event,
            "session": name,
            "me": self.account(name),
            "payload": payload,
            "engine": self._engine,
        }
        targets = [self._everywhere]
        for entry in (self.configs.get(name) or {}).get("webhooks") or ():
            if event in entry["events"]:
                headers = {each["name"]: each["value"] for each in entry.get("customHeaders") or ()}
                signature = _Signature(entry["hmac"]["key"]) if entry.get("hmac") else None
                targets.append(Target(entry["url"], headers, signature))
        for target in targets:
            self._gateway.webhooks.post(body, target)

    def account(self, name: str) -> dict[str, str] | None:
        """Return a session's account, which one that failed still has, and one that is stopped has not."""
        account = self._gateway.accounts.get(name)
        if account is None or not account.paired or name not in self._gateway.clients:
            return None
        return {"id": f"{account.phone}@c.us"}


class _Signature:
    """The headers that sign a body."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def __call__(self, body: bytes) -> Mapping[str, str]:
        digest = hmac.new(self._key, body, hashlib.sha512).hexdigest()
        return {"x-webhook-hmac": digest, "x-webhook-hmac-algorithm": "sha512"}
