"""``python -m wa_tui.simulator``: one process with as many gateways as are asked for, until its parent ends."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import Any

import msgspec
import uvloop

from wa_tui.simulator import arguments as command
from wa_tui.simulator import fleet
from wa_tui.simulator.control import steering_app
from wa_tui.simulator.history import history, sessions
from wa_tui.simulator.listener import Listener
from wa_tui.simulator.past_messages import past_messages
from wa_tui.simulator.router import Router
from wa_tui.simulator.scenario import Demo, place_members
from wa_tui.simulator.service import Service


def main(argv: list[str] | None = None) -> int:
    """Run the gateways that the arguments ask for until a signal or the parent's end, or print a history."""
    arguments = command.parser().parse_args(argv)
    if arguments.history:
        members, until = fleet.demo(arguments.seed), arguments.until or time.time()
        known = sessions(members) | {"traffic": [*past_messages(members, until)]}
        _print([known, *history(members, until)])
        return 0
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(arguments))


async def _serve(arguments: argparse.Namespace) -> int:
    ended = asyncio.Event()
    _end_on_signals(ended, arguments.parent_pipe)
    try:
        services, described = await _bind(arguments)
    except OSError as error:
        sys.stderr.write(
            f"The simulator cannot listen on {arguments.listen}: {error}. Choose another --port.\n"
        )
        return 1
    demo = _populate(services, arguments)
    for service in services.values():
        await service.start()
    _print([{"gateways": described}])
    happening = asyncio.ensure_future(demo.run()) if demo else None
    await ended.wait()
    if happening:
        happening.cancel()
    for service in services.values():
        await service.aclose()
    return 0


async def _bind(arguments: argparse.Namespace) -> tuple[dict[str, Service], list[dict[str, str]]]:
    services, described = {}, []
    for settings, port in command.gateways(arguments):
        service = services[settings.name] = Service(settings)
        steering = steering_app(service)
        service.bind(Router(service, steering), arguments.listen, port)
        control = Listener(steering, arguments.listen)
        await control.open()
        urls = {"url": service.url, "control_url": control.url}
        described.append(
            {"name": settings.name, "kind": str(settings.kind), "api_key": settings.api_key} | urls
        )
    return services, described


def _populate(services: dict[str, Service], arguments: argparse.Namespace) -> Demo | None:
    if arguments.scenario == "demo":
        members = fleet.demo(arguments.seed)
        place_members(services, members)
        return Demo(services, members, arguments.seed, arguments.pace)
    for service in services.values():
        for account in fleet.bulk(service.gateway.settings, arguments.sessions):
            service.gateway.add(account, arguments.state)
    return None


def _print(rows: Iterable[dict[str, Any]]) -> None:
    with contextlib.suppress(BrokenPipeError):
        for row in rows:
            sys.stdout.write(msgspec.json.encode(row).decode() + "\n")
        sys.stdout.flush()


def _end_on_signals(ended: asyncio.Event, parent_pipe: int | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if parent_pipe is not None:
        os.set_blocking(parent_pipe, False)
        loop.add_reader(parent_pipe, _read_pipe, parent_pipe, ended)


def _read_pipe(parent_pipe: int, ended: asyncio.Event) -> None:
    with contextlib.suppress(BlockingIOError):
        if not os.read(parent_pipe, 4096):
            asyncio.get_running_loop().remove_reader(parent_pipe)
            ended.set()


if __name__ == "__main__":
    sys.exit(main())
