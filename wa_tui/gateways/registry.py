"""The kinds of gateways that there are: a new one is a folder beside this file, and a line here."""

from __future__ import annotations

from wa_tui.identity.kinds import GatewayKind

from .adapter import Adapter
from .contract.client import ADAPTER as CONTRACT
from .evolution.client import ADAPTER as EVOLUTION
from .openwa.client import ADAPTER as OPENWA
from .waha.client import ADAPTER as WAHA
from .wppconnect.client import ADAPTER as WPPCONNECT
from .wwebjs_api.client import ADAPTER as WWEBJS_API

ADAPTERS: dict[GatewayKind, Adapter] = {
    each.kind: each for each in (CONTRACT, EVOLUTION, OPENWA, WAHA, WPPCONNECT, WWEBJS_API)
}
