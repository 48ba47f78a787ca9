"""The bundled Node service's counters: in its list, and in a webhook of those that changed."""

from __future__ import annotations

import asyncio
from typing import Any

from wa_tui.simulator.exchanges import Entry
from wa_tui.simulator.gateway import Gateway
from wa_tui.simulator.messages import Counts, Flow
from wa_tui.simulator.posting import Target

_BATCH = 500
"""Sessions in one webhook."""
_PAUSE_S = 3600.0
"""Before a control plane is asked again that has no such route."""


class ContractTraffic:
    """What a service that counts tells of its sessions; one that does not count tells nothing."""

    def __init__(self, gateway: Gateway) -> None:
        settings = gateway.settings
        self._gateway = gateway
        self._target = Target(settings.traffic_url, {"x-api-key": settings.webhook_key})
        self._posted: dict[str, dict[str, Any]] = {}

    def of_row(self, session_id: str) -> dict[str, Any]:
        """Return what a row of the list has besides."""
        messages = self._gateway.traffic
        if not messages.counted:
            return {}
        return {"traffic": {"boot": messages.boot} | _fields(messages.counts.get(session_id, Counts()))}

    async def post(self) -> None:
        """Post the counters that changed, at each interval; what is lost is in the next."""
        messages, last = self._gateway.traffic, None
        self._posted = {}
        while messages.counted:
            await asyncio.sleep(_PAUSE_S if _has_no_route(last) else self._gateway.timing.traffic_interval)
            changed = self._changed()
            for start in range(0, len(changed), _BATCH):
                body = {"boot": messages.boot, "sessions": changed[start : start + _BATCH]}
                last = self._gateway.webhooks.post(body, self._target)

    def _changed(self) -> list[dict[str, Any]]:
        rows = []
        for session_id, counts in self._gateway.traffic.counts.items():
            fields = _fields(counts)
            if self._posted.get(session_id) != fields:
                self._posted[session_id] = fields
                rows.append({"sessionId": session_id} | fields)
        return rows


def _has_no_route(posted: Entry | None) -> bool:
    return posted is not None and posted.answered == 404


def _fields(counts: Counts) -> dict[str, Any]:
    lasts = {f"{flow}At": round(counts.last[flow] * 1000) for flow in Flow if flow in counts.last}
    return counts.number | {"queued": counts.queued} | lasts
