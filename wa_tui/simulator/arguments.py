"""The simulator's command line, and the gateways that it asks for."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator.faces import FACES
from wa_tui.simulator.fleet import DEMO_GATEWAYS
from wa_tui.simulator.scenario import DEMO_TIMING, DEMO_UPTIMES
from wa_tui.simulator.settings import GatewaySettings, Timing

KEY_VARIABLE = "WA_TUI_SIMULATOR_KEY"
"""Holds the one key of all gateways when ``--api-key`` is not given: arguments are public on a machine."""


def parser() -> argparse.ArgumentParser:
    """Return the command line of the simulator."""
    made = argparse.ArgumentParser(
        prog="python -m wa_tui.simulator", description="Simulated WhatsApp gateways that misbehave on demand."
    )
    add = made.add_argument
    add("--scenario", choices=["demo"], help="three gateways with 24 sessions on which small things happen")
    add("--pace", type=float, default=1.0, help="how many times faster they happen")
    add(
        "--history",
        action="store_true",
        help="print what the scenario posted in 24 hours and counted in a month, and end",
    )
    add("--until", type=_instant, metavar="ISO", help="the end of that history; now, if not given")
    add(
        "--gateway",
        action="append",
        metavar="NAME[:kind=KIND]",
        help="a gateway, of another --kind where it says so; may be repeated",
    )
    add("--kind", choices=[str(kind) for kind in FACES], default=str(GatewayKind.CONTRACT))
    add("--webhook-key", help="what webhooks carry in the way of their kind; the API key, if not given")
    add("--port", action="append", type=int, default=[], help="one for each gateway; 0 is any free port")
    add(
        "--api-key",
        action="append",
        default=[],
        help=f"one for each gateway, or one for all; else ${KEY_VARIABLE}",
    )
    add("--control-plane", default="http://127.0.0.1:8000", metavar="URL")
    add("--gateway-route", action="store_true", help="call /api/v1/gateways/<name>/… (the demo always does)")
    add("--listen", default="127.0.0.1", metavar="HOST")
    add("--sessions", type=int, default=0, help="sessions each gateway has at its start")
    add("--state", default="connected", help="what those sessions are")
    add("--seed", type=int, default=0)
    add("--parent-pipe", type=int, metavar="FD", help="end when this inherited descriptor closes")
    add("--clock-offset-seconds", type=float, default=0.0)
    add("--uptime-seconds", type=float, default=0.0, help="how long it pretends to have been running")
    add("--max-sessions", type=int, default=0, help="refuse more clients than this; 0 refuses none")
    add("--starts-at-once", type=int, default=0, help="let more starts than this queue; 0 lets none")
    add(
        "--traffic",
        type=float,
        metavar="SCALE",
        help="count messages, and have so many times a usual day's go through; 0: those alone that are asked for",
    )
    for field in fields(Timing):
        if field.name != "latency":
            add(f"--{field.name.replace('_', '-')}-seconds", dest=field.name, type=float)
    add("--latency-ms", dest="latency", type=_milliseconds, help="added to every answer")
    return made


def gateways(arguments: argparse.Namespace) -> list[tuple[GatewaySettings, int]]:
    """Return the settings and the port of every gateway that `arguments` ask for."""
    demo = arguments.scenario == "demo"
    named = [f"{name}:kind={kind}" for name, kind in DEMO_GATEWAYS.items()]
    names = named if demo else arguments.gateway or ["default"]
    keys = arguments.api_key or [os.environ.get(KEY_VARIABLE) or "simulated"]
    given = {field.name: getattr(arguments, field.name) for field in fields(Timing)}
    timing = replace(
        DEMO_TIMING if demo else Timing(),
        **{name: value for name, value in given.items() if value is not None},
    )
    return [
        (
            GatewaySettings(
                name=name,
                kind=kind,
                webhook_key=arguments.webhook_key or "",
                api_key=keys[min(place, len(keys) - 1)],
                control_plane=arguments.control_plane,
                seed=arguments.seed,
                gateway_route=demo or arguments.gateway_route,
                clock_offset=arguments.clock_offset_seconds,
                uptime=DEMO_UPTIMES[name] if demo else arguments.uptime_seconds,
                max_sessions=arguments.max_sessions,
                starts_at_once=arguments.starts_at_once,
                traffic=1.0 if demo and arguments.traffic is None else arguments.traffic,
                timing=timing,
            ),
            arguments.port[place] if place < len(arguments.port) else 0,
        )
        for place, (name, kind) in enumerate(_kinds(names, arguments.kind))
    ]


def _kinds(names: list[str], usual: str) -> Iterator[tuple[str, GatewayKind]]:
    """Yield what gateways are called, and their kinds; raises SystemExit for a kind that there is not."""
    for given in names:
        name, _, kind = given.partition(":kind=")
        found = next((each for each in FACES if each == (kind or usual)), None)
        if found is None:
            raise SystemExit(f"{given}: the simulator has the kinds {', '.join(FACES)}")
        yield name, found


def _instant(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _milliseconds(text: str) -> float:
    return float(text) / 1000
