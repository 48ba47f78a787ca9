"""``report``: the handover, as Markdown or JSON."""

from __future__ import annotations

import argparse

from wa_tui.client import Client
from wa_tui.report import make_report, markdown
from wa_tui.wire import utc_now

from . import exits
from .printing import say, say_json
from .selection import require_known, time_range

_USUAL = "8h"
"""A shift."""


async def report(client: Client, arguments: argparse.Namespace) -> int:
    """Print what was down, who did what, what needed a person and what is open now."""
    view = await client.status()
    since, until = time_range(arguments.since or _USUAL, arguments.until, view.now or utc_now())
    assert since is not None
    await require_known(client, arguments.gateway, view)
    made = await make_report(client, since, until, arguments.gateway, view)
    if arguments.json or arguments.format == "json":
        say_json(made)
    else:
        say(markdown(made).rstrip("\n"))
    return exits.OK
