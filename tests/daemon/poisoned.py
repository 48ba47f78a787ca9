"""The daemon, but one whose decoding lets through what no store can hold, where a webhook's reason asks for it."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from wa_tui import cli
from wa_tui.daemon.receiving import receiver
from wa_tui.daemon.receiving.webhooks import fact_of
from wa_tui.model.facts import Webhook

POISON: dict[str, dict[str, Any]] = {
    "half a pair": {"detail": "\ud800"},
    "a long number": {"received": 2**63},
    "no text": {"boot_id": object()},
}
"""Fields of a fact by the webhook's reason."""


def poisoned(*arguments: Any, **named: Any) -> Any:
    fact = fact_of(*arguments, **named)
    if not isinstance(fact, Webhook) or fact.detail not in POISON:
        return fact
    return msgspec.structs.replace(fact, **POISON[fact.detail])


if __name__ == "__main__":
    vars(receiver)["fact_of"] = poisoned
    sys.exit(cli.main())
