"""``sync``, and the periodic ``jobs``."""

from __future__ import annotations

import argparse

from wa_tui.client import Client
from wa_tui.text.ages import age, ahead, since
from wa_tui.text.cells import NONE
from wa_tui.text.columns import JobColumn
from wa_tui.wire import ActionRequest, utc_now

from . import asking, exits
from .printing import say, say_json, table
from .targets import require_gateway


async def sync(client: Client, arguments: argparse.Namespace) -> int:
    """Check every wanted session now and print the summary; exit 1 unless every gateway asked gave its list."""
    if arguments.gateway is not None:
        require_gateway(arguments.gateway, (await client.status()).gateways)
    request = ActionRequest(action="sync", gateway=arguments.gateway)
    subject = arguments.gateway or "all gateways"
    return await asking.one(client, arguments, request, subject)


async def jobs(client: Client, arguments: argparse.Namespace) -> int:
    """Print the jobs, or run one now; exit 1 when its run failed."""
    if arguments.run is None:
        return await _list(client, arguments)
    if arguments.gateway is not None:
        require_gateway(arguments.gateway, (await client.status()).gateways)
    request = ActionRequest(action="run_job", job=arguments.name, gateway=arguments.gateway)
    return await asking.one(client, arguments, request, arguments.name)


async def _list(client: Client, arguments: argparse.Namespace) -> int:
    found = await client.jobs()
    if arguments.json:
        say_json(found)
        return exits.OK
    now = (await client.status()).now or utc_now()
    rows = [
        [
            job.name,
            job.gateway or NONE,
            _lasts(job.interval_s),
            NONE if job.next_at is None else ahead(job.next_at, now),
            since(job.last_at, now),
            NONE if job.duration_ms is None else _took(job.duration_ms),
            job.outcome or NONE,
            job.detail or NONE,
        ]
        for job in found
    ]
    say(table(list(JobColumn), rows))
    return exits.OK


def _lasts(seconds: float) -> str:
    """Return how long something lasts: ``10 s``, ``30m``, ``1d``."""
    return f"{seconds:g} s" if seconds < 60 else age(seconds)


def _took(ms: int) -> str:
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:.1f} s" if ms < 10_000 else _lasts(ms // 1000)
