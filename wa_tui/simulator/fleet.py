"""The accounts of a simulated fleet: those of the demo, or many alike."""

from __future__ import annotations

import random
from dataclasses import dataclass

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator import qr
from wa_tui.simulator.client import Account, Ghost
from wa_tui.simulator.settings import GatewaySettings

# Ranges that regulators keep for fiction, as digits: nobody can be called there.
_FICTIONAL = {
    "de": "491525550{:03d}",
    "fr": "336399801{:02d}",
    "uk": "447700900{:03d}",
    "us": "120255501{:02d}",
}

# gateway, user, country, then instance names; a mark says how the session begins if not simply connected.
_DEMO = (
    ("eu-1", 12, "de", "sales-eu! sales-de billing"),
    ("eu-1", 15, "de", "booking-de support-de"),
    ("eu-1", 18, "de", "courier-1 courier-2~"),
    ("eu-1", 21, "de", "hr-bot alerts-ops&"),
    ("eu-2", 24, "fr", "support-fr- sales-fr billing-fr"),
    ("eu-2", 27, "uk", "crm-north crm-south"),
    ("eu-2", 30, "uk", "clinic-uk= pickup-uk"),
    ("eu-2", 33, "fr", "onboarding?"),
    ("us-1", 36, "us", "sales-us support-us"),
    ("us-1", 39, "us", "returns dispatch-east dispatch-west"),
    ("us-1", 45, "us", "loyalty alerts-us%"),
)
_MARKS = {
    "!": "dropped",
    "~": "flapping",
    "-": "logged_out",
    "?": "waiting",
    "=": "silent",
    "&": "ghost",
    "%": "failing",
}
_GHOSTS = {"silent": Ghost(server="hangs"), "ghost": Ghost()}
"""How the clients of members that say connected do nothing."""

DEMO_GATEWAYS = {
    "eu-1": GatewayKind.CONTRACT,
    "eu-2": GatewayKind.WAHA,
    "us-1": GatewayKind.EVOLUTION,
}
"""The demo's gateways and their kinds."""


@dataclass(frozen=True, slots=True)
class Member:
    """One session of the demo: where it lives and what it is like.

    `kind` is steady, flapping (connected, but not for long), dropped (only the connection is gone), logged_out
    (the credentials too) or waiting (for its first scan); of those that say connected, silent (nothing goes through
    it), ghost (WhatsApp's server denies it too) or failing (some of what it sends).
    """

    gateway: str
    account: Account
    kind: str
    seed: str

    def randomness(self, purpose: str) -> random.Random:
        """Return what is random about this member and nothing else."""
        return random.Random(f"{self.seed}/{self.account.session_id}/{purpose}")

    @property
    def first_code(self) -> str:
        """The text of the QR that a waiting member shows when the demo begins."""
        return qr.payload(self.randomness("qr"))


def bulk(settings: GatewaySettings, count: int, first: int = 0) -> list[Account]:
    """Return `count` paired accounts, ten to a user, with predictable ids: `user_1_instance_eu-1-0`, …

    wwebjs-api takes no underscore in an id: `user-1-instance-eu-1-0`.
    """
    mark = "-" if settings.kind is GatewayKind.WWEBJS_API else "_"
    return [
        Account(
            session_id=mark.join(("user", str(n // 10 + 1), "instance", f"{settings.name}-{n}")),
            user_id=n // 10 + 1,
            instance_name=f"instance-{n}",
            phone=f"155501{n:05d}",
            is_primary=n % 10 == 0,
            credentials=True,
            paired=True,
        )
        for n in range(first, first + count)
    ]


def demo(seed: int) -> list[Member]:
    """Return the 24 sessions of the demo; the same for the same seed."""
    rng = random.Random(f"{seed}/fleet")
    numbers = {country: rng.sample(range(100), 24) for country in _FICTIONAL}
    members = []
    for gateway, user, country, names in _DEMO:
        for place, marked in enumerate(names.split()):
            kind = _MARKS.get(marked[-1], "steady")
            account = Account(
                session_id=f"user_{user}_instance_{rng.getrandbits(16):04x}",
                user_id=user,
                instance_name=marked.rstrip("".join(_MARKS)),
                phone=_FICTIONAL[country].format(numbers[country].pop()),
                is_primary=place == 0,
                credentials=kind not in ("logged_out", "waiting"),
                paired=kind != "waiting",
                ghost=_GHOSTS.get(kind),
            )
            members.append(Member(gateway, account, kind, str(seed)))
    return members
