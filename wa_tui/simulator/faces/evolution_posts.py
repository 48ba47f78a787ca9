"""What a simulated Evolution API posts: to one address for all instances, and to an instance's own."""

from __future__ import annotations

from typing import Any

from wa_tui.simulator import qr
from wa_tui.simulator.gateway import Gateway, iso
from wa_tui.simulator.posting import Target

_ZONE = 3 * 3600
"""Seconds by which its ``date_time`` is wrong: local time that says it is UTC."""


class EvolutionPosts:
    """Its webhooks; `hooks` has the instances' own, by name, as they were set."""

    def __init__(self, gateway: Gateway) -> None:
        self.hooks: dict[str, dict[str, Any]] = {}
        self._gateway = gateway
        settings = gateway.settings
        self._everywhere = Target(f"{settings.foreign_webhook_url}/{settings.webhook_key}", {})

    def state(self, name: str, state: str, reason: int = 200) -> None:
        """Post an instance's state."""
        data: dict[str, Any] = {"instance": name, "state": state, "statusReason": reason}
        if state == "open":
            data["wuid"] = f"{self._gateway.accounts[name].phone}@s.whatsapp.net"
        self.post(name, "connection.update", data)

    def code(self, name: str, code: str) -> None:
        """Post a code to scan, with its picture."""
        shown = {"instance": name, "pairingCode": None, "code": code, "base64": qr.data_url(code)}
        self.post(name, "qrcode.updated", {"qrcode": shown})

    def post(self, name: str, event: str, data: dict[str, Any]) -> None:
        """Post an event, with a live credential in it; an instance's own address gets those that it asked for."""
        targets = [self._everywhere]
        hook = self.hooks.get(name)
        if hook is not None and hook["enabled"] and event.upper().replace(".", "_") in hook["events"]:
            targets.append(Target(hook["url"], hook["headers"] or {}))
        body = {"event": event, "instance": name, "data": data}
        account = self._gateway.accounts.get(name)
        if account is not None and account.paired:
            body["sender"] = f"{account.phone}@s.whatsapp.net"
        body |= {"date_time": iso(self._gateway.now() - _ZONE), "apikey": "a-live-token"}
        for target in targets:
            self._gateway.webhooks.post(body | {"destination": target.path}, target)
