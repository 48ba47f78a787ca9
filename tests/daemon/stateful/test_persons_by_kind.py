"""Persons against healing on gateways of other kinds: their recipes, their lists, and webhooks that are hints."""

from __future__ import annotations

from tests.daemon.kinds import EVOLUTION, WAHA, WPPCONNECT, WWEBJS

from .profiles import SOAKING, bounded
from .test_persons import Persons

pytestmark = SOAKING


class AtEvolution(Persons):
    given = EVOLUTION


class AtWaha(Persons):
    given = WAHA


class AtWppConnect(Persons):
    given = WPPCONNECT


class AtWwebjs(Persons):
    given = WWEBJS


TestAtEvolution = AtEvolution.TestCase
TestAtWaha = AtWaha.TestCase
TestAtWppConnect = AtWppConnect.TestCase
TestAtWwebjs = AtWwebjs.TestCase

TestAtEvolution.settings = TestAtWaha.settings = bounded(60, 40)
TestAtWppConnect.settings = TestAtWwebjs.settings = bounded(60, 40)
