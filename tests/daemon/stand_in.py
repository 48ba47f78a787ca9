"""A kind of gateway that the tests make up: it can show its key in every way, and posts ``{"event", "session"}``."""

from __future__ import annotations

import json

import pytest

from wa_tui.gateways import Adapter, Place, Posted, Reading, Report
from wa_tui.gateways.authentication import any_of, by_header, by_hmac, by_jwt, by_path_secret
from wa_tui.gateways.contract.client import NodeService
from wa_tui.gateways.reading.loose import Unreadable, loads
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.registers import Reason, Status

KIND = GatewayKind.OPENWA


class StandInClient(NodeService):
    """Asked as the contract's service is; its kind alone differs."""

    kind = KIND


class StandInFormat:
    """Takes every authentication; ``state`` events tell a status, all else is ignored by its name."""

    events = frozenset({"message", "ack"})

    def __init__(self) -> None:
        self._shown = any_of(
            by_header("x-api-key", "x-ours"), by_path_secret, by_hmac("x-hmac", "sha512"), by_jwt
        )

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        return self._shown(key, posted)

    def read(self, body: bytes) -> Reading:
        told = loads(body)
        if not isinstance(told, dict):
            raise Unreadable("it is no object")
        if told.get("event") == "bug":
            raise KeyError(told["data"])
        if told.get("event") != "state":
            return Reading(ignored=str(told.get("event")))
        named = told["session"] if isinstance(told["session"], list) else [told["session"]]
        at, reason = told.get("at"), told.get("reason")
        return Reading(
            tuple(
                Report(
                    session,
                    Status(told["status"]),
                    at,
                    Reason(reason) if reason else None,
                    reason,
                    told.get("qr"),
                )
                for session in named
            ),
            odd=("odd",) if "odd" in told else (),
        )


async def _recognise(_: Place) -> bool:
    return False


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Adapter:
    """Return the adapter, registered while a test runs."""
    adapter = Adapter(KIND, StandInClient, _recognise, frozenset(), StandInFormat())
    monkeypatch.setitem(ADAPTERS, KIND, adapter)
    return adapter


def state(session: str | list[str], status: str, **fields: object) -> bytes:
    """Return the body of an event that tells a status."""
    return json.dumps({"event": "state", "session": session, "status": status} | fields).encode()
