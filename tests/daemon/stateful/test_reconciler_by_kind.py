"""The reconciler against gateways of other kinds: whatever their lists tell, checks end at their own truth."""

from __future__ import annotations

from tests.daemon.kinds import EVOLUTION, WAHA, WPPCONNECT, WWEBJS
from wa_tui.gateways import Capability

from .profiles import SOAKING, bounded
from .test_reconciler import GATEWAYS, Reconciler

pytestmark = SOAKING


class ByKind(Reconciler):
    def __init__(self) -> None:
        super().__init__()
        # Their webhooks have no time: which of them was missed cannot be told.
        self.steady = dict.fromkeys(GATEWAYS, False)

    def _is_true(self, name: str, *, claimed_alone: bool = False) -> None:
        if not claimed_alone or Capability.LIST_STATUS in self._gateway(name).capabilities:
            super()._is_true(name, claimed_alone=claimed_alone)


class AtEvolution(ByKind):
    given = EVOLUTION


class AtWaha(ByKind):
    given = WAHA


class AtWppConnect(ByKind):
    given = WPPCONNECT


class AtWwebjs(ByKind):
    given = WWEBJS


TestAtEvolution = AtEvolution.TestCase
TestAtWaha = AtWaha.TestCase
TestAtWppConnect = AtWppConnect.TestCase
TestAtWwebjs = AtWwebjs.TestCase

TestAtEvolution.settings = TestAtWaha.settings = bounded(60, 40)
TestAtWppConnect.settings = TestAtWwebjs.settings = bounded(60, 40)
