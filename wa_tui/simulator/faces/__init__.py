"""The kinds of gateways that can be simulated: a module beside this file for each."""

from __future__ import annotations

from wa_tui.identity.kinds import GatewayKind

from .contract import Contract
from .evolution import Evolution
from .face import Face
from .openwa import OpenWa
from .waha import Waha
from .wppconnect import WppConnect
from .wwebjs_api import WwebjsApi

FACES: dict[GatewayKind, type[Face]] = {
    each.kind: each for each in (Contract, Evolution, OpenWa, Waha, WppConnect, WwebjsApi)
}
