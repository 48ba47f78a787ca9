"""The simulator as a process: its first line, its ends, and its scenario."""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import sys
import time
from typing import Any

import httpx
import msgspec
import pytest

from tests.simulated import NOWHERE, simulator, start_simulator
from wa_tui.simulator.messages import Flow

DEMO = ("--scenario", "demo", "--seed", "7", "--control-plane", NOWHERE, "--api-key", "k")
UNTIL = "2026-11-23T12:00:00Z"


def _get(url: str) -> Any:
    return httpx.get(url, headers={"x-api-key": "k"}, trust_env=False, verify=False).json()


def test_the_first_line_names_gateways_that_already_listen() -> None:
    arguments = ("--gateway", "a", "--gateway", "b", "--api-key", "k", "--api-key", "l", "--sessions", "2")
    with simulator(*arguments) as (_, gateways):
        assert [(row["name"], row["api_key"]) for row in gateways] == [("a", "k"), ("b", "l")]
        assert _get(gateways[0]["url"] + "/api/session/list")["count"] == 2
        assert _get(gateways[1]["url"] + "/api/session/list")["error"] == "Invalid API key"
        assert _get(gateways[1]["control_url"] + "/sim/truth")["gateway"] == "b"


def test_the_sessions_that_a_gateway_begins_with_have_ids_that_its_kind_takes() -> None:
    with simulator("--gateway", "a:kind=wwebjs-api", "--api-key", "k", "--sessions", "1") as (_, (gateway,)):
        (session_id,) = _get(gateway["url"] + "/session/getSessions")["result"]
        assert _get(gateway["url"] + f"/session/status/{session_id}")["state"] == "CONNECTED"


def test_the_key_may_come_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WA_TUI_SIMULATOR_KEY", "hidden")
    with simulator("--gateway", "a", "--gateway", "b") as (_, gateways):
        assert [row["api_key"] for row in gateways] == ["hidden", "hidden"]
    with simulator("--api-key", "given") as (_, gateways):
        assert gateways[0]["api_key"] == "given"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(number: signal.Signals) -> None:
    with simulator("--sessions", "1", "--api-key", "k") as (process, gateways):
        with httpx.Client(base_url=gateways[0]["url"], trust_env=False, verify=False) as client:
            client.get("/health")
            began = time.monotonic()
            process.send_signal(number)
            assert process.wait(timeout=40) == 0
        assert time.monotonic() - began < 10, "it waits for no connection that is kept"
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_it_ends_when_the_parents_pipe_closes() -> None:
    process, parent_end = start_simulator("--api-key", "k")
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline()
        os.close(parent_end)
        assert process.wait(timeout=40) == 0


def test_a_port_that_is_held_is_said_so() -> None:
    with simulator("--api-key", "k") as (_, gateways):
        port = gateways[0]["url"].rpartition(":")[2]
        command = [sys.executable, "-m", "wa_tui.simulator", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=40, check=False)
    assert ended.returncode == 1
    assert "cannot listen" in ended.stderr


def test_each_gateway_is_of_its_kind_and_the_others_of_the_usual_one() -> None:
    with simulator("--gateway", "eu-1:kind=contract", "--gateway", "eu-2", "--api-key", "k") as (_, gateways):
        assert [(each["name"], each["kind"]) for each in gateways] == [
            ("eu-1", "contract"),
            ("eu-2", "contract"),
        ]


def test_a_kind_that_there_is_not_is_said_so() -> None:
    command = [sys.executable, "-m", "wa_tui.simulator", "--gateway", "eu-1:kind=fax"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=40, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("eu-1:kind=fax: the simulator has the kinds contract")


def test_it_imports_nothing_of_wa_tui_but_itself_and_the_names_of_kinds() -> None:
    code = (
        "import sys, wa_tui.simulator.__main__;"
        "print(*[m for m in sys.modules if m.startswith('wa_tui.')"
        " and not m.startswith(('wa_tui.simulator', 'wa_tui.identity'))],"
        " *[m for m in ('textual', 'sqlite3') if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""


@functools.cache
def _history(seed: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "wa_tui.simulator", "--scenario", "demo", "--history"]
    command += ["--until", UNTIL, "--seed", str(seed)]
    output = subprocess.run(command, capture_output=True, check=True).stdout
    return [msgspec.json.decode(line) for line in output.splitlines()]


def test_the_same_seed_is_the_same_history_and_another_is_not() -> None:
    assert _history(7) == _history.__wrapped__(7)
    assert _history(7) != _history(8)


def test_the_history_is_a_days_and_mostly_quiet() -> None:
    first, *lines = _history(7)
    rows = first["sessions"]
    assert len(rows) == len({row["sessionId"] for row in rows}) == 24
    assert len({row["phoneNumber"] for row in rows}) == 24
    assert all(re.fullmatch(r"user_\d+_instance_[0-9a-f]{4}", row["sessionId"]) for row in rows)
    ats = [line["at"] for line in lines]
    assert ats == sorted(ats)
    assert ats[-1] < UNTIL
    old = [line["body"]["status"] for line in lines if line["at"] <= "2026-11-22T12:00:00.000Z"]
    assert old == ["connected"] * 23
    pictures = [line for line in lines if len(line["body"].get("qrCode", "")) > 1000]
    assert len(pictures) == 1
    assert 60 < len(lines) < 400


def test_the_history_ends_in_the_state_in_which_the_demo_begins() -> None:
    _, *lines = _history(7)
    last = {line["body"]["sessionId"]: line["body"] for line in lines}
    with simulator(*DEMO) as (_, gateways):
        assert [row["name"] for row in gateways] == ["eu-1", "eu-2", "us-1"]
        seen = 0
        for row in gateways:
            known = {item["sessionId"] for item in _get(row["url"] + "/sim/sessions")["sessions"]}
            for session_id, item in _get(row["control_url"] + "/sim/truth")["sessions"].items():
                assert session_id in known
                assert last[session_id]["status"] == item["claim"]
                if row["kind"] == "contract":
                    status = _get(f"{row['url']}/api/session/status/{session_id}")
                    assert status["qrCode"] == last[session_id].get("qrCode")
                seen += 1
        assert seen == len(last) == 24
        counts = [body["status"] for body in last.values()]
        assert (counts.count("connected"), counts.count("disconnected")) == (21, 2)


def test_small_things_happen_while_the_demo_runs_and_never_many_at_once() -> None:
    with simulator(*DEMO, "--pace", "400") as (_, gateways):
        deadline = time.monotonic() + 20
        statuses: set[str] = set()
        posting: set[str] = set()
        unreachable = False
        while not (unreachable and len(posting) == 3 and {"connected", "disconnected"} <= statuses):
            assert time.monotonic() < deadline
            down = 0
            for row in gateways:
                truth = _get(row["control_url"] + "/sim/truth")
                down += sum(item["status"] == "disconnected" for item in truth["sessions"].values())
                log = _get(row["control_url"] + "/sim/log")["entries"]
                bodies = [entry["body"] for entry in log if entry["kind"] == "webhook" and entry["body"]]
                posting |= {row["name"]} if bodies else set()
                statuses |= {body["status"] for body in bodies if row["kind"] == "contract"}
            assert down <= 6
            try:
                _get(gateways[2]["url"] + "/")
            except httpx.TransportError:
                unreachable = True


def test_the_past_has_the_messages_of_a_month_in_a_daily_rhythm() -> None:
    counts = {row["sessionId"]: row for row in _history(7)[0]["traffic"]}
    assert len(counts) == 23, "all but the one that waits for its first scan"
    width, by_hour = len(Flow), [0] * 24
    for row in counts.values():
        days = dict(row["days"])
        assert len(days) == 31 and len(row["last"]) == width
        for hour, minutes in row["hours"]:
            place = hour % 24 * width
            step = days[hour // 24][place : place + width]
            assert step == [sum(minutes[flow::width]) for flow in range(width)], "minutes are of their hour"
        if "doubt" not in row:
            for day in days.values():
                by_hour = [sum(pair) for pair in zip(by_hour, day[::width], strict=True)]
    assert max(by_hour[9:18]) > 5 * max(by_hour[0:4])
    (silent,) = [row for row in counts.values() if row.get("doubt", {}).get("kind") == "silent"]
    assert silent["doubt"]["since"] == max(silent["last"][:3]) < silent["doubt"]["noticed"]
    assert sum(bool(row["last"][5]) for row in counts.values()) == 1, "one fails to send"
