"""`status` and `sessions`."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import sys
from datetime import timedelta

import msgspec

from tests.fake_daemon import FakeDaemon
from tests.needing import BANNED, DOWN, need
from tests.unit.cli.shell import MINUTE, NOW, Shell, session
from wa_tui import wire
from wa_tui.cli import exits
from wa_tui.filters.sessions import Filter
from wa_tui.text.attention import gateway_word
from wa_tui.tui.fleet.columns import layout
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.gateways import COLUMNS as GATEWAYS


async def test_status(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("status")
    assert done.code == exits.OK, done
    assert "daemon" in done.out.splitlines()[0]
    assert "eu-2     up     2h   4   0  " in done.out
    assert "4 sessions: 1 claimed · 3 connected" in done.out


async def test_columns_and_words_are_the_monitors(shell: Shell, daemon: FakeDaemon) -> None:
    states = ("up", "slow", "down", "restarting", "unauthorised", "unknown")
    found = [wire.GatewayView(name=state[:4], url="http://x", state=state) for state in states]
    daemon.push(wire.Delta(gateways=found))
    status = (await shell("status")).out
    for each in found:
        assert re.search(rf"^{each.name} +{gateway_word(each)}  ", status, re.MULTILINE)
    header = next(line for line in status.splitlines() if line.startswith("GATEWAY")).split()
    titles = [column.title for column in GATEWAYS]
    assert header.pop() == "URL" and header == [title for title in titles if title in header]
    header = (await shell("sessions")).out.splitlines()[0].split()
    assert header == [
        slot.column.strip() for slot in layout(300, 2, wide=True) if slot.column.strip() in header
    ]
    assert header[0] == "STATUS" and header[-1] == "WHY"


async def test_where_two_kinds_are_each_row_says_its_own(shell: Shell, daemon: FakeDaemon) -> None:
    for command in ("status", "sessions"):
        assert "KIND" not in (await shell(command)).out
    contract = wire.GatewayView(name="eu-1", url="http://x", kind="contract", state="up")
    evolution = wire.GatewayView(name="eu-2", url="http://y", kind="evolution", state="up", proof="claimed")
    daemon.push(wire.Delta(gateways=[contract, evolution]))
    done = await shell("status")
    assert done.code == exits.OK and "eu-1     contract   up" in done.out
    assert "this kind proves nothing by itself" in next(x for x in done.out.splitlines() if x[:4] == "eu-2")
    done = await shell("sessions", "kind:evolution")
    header, *rows = done.out.splitlines()
    assert done.code == exits.OK and "GATEWAY  KIND" in header and rows
    assert all(" evolution " in row for row in rows)
    assert [row.endswith("  –") for row in rows if row.startswith("claimed")] == [True]


async def test_gateways_say_what_they_can_and_what_not(shell: Shell, daemon: FakeDaemon) -> None:
    can = ["list_status", "logout", "restart"]
    evolution = wire.GatewayView(
        name="eu-2",
        url="http://y",
        kind="evolution",
        version="2.3.7",
        state="up",
        proof="claimed",
        capabilities=can,
    )
    daemon.push(wire.Delta(gateways=[evolution]))
    done = await shell("gateways")
    row = next(line for line in done.out.splitlines() if line.startswith("eu-2"))
    assert re.split(r"  +", row)[1:5] == ["evolution", "2.3.7", "up", "claimed"]
    assert "restart, log out, list statuses  stop, delete, pairing codes, files, tell its uptime" in row


async def test_status_says_which_webhooks_never_came(shell: Shell, daemon: FakeDaemon) -> None:
    assert "missing" not in (await shell("status")).out
    daemon.push(
        wire.Delta(
            gateways=[
                wire.GatewayView(name="eu-1", url="http://x", state="up", hour={"missing": 3}),
                wire.GatewayView(name="eu-2", url="http://y", state="up", hour={"missing": 1}),
            ]
        )
    )
    said = (await shell("status")).out.splitlines()
    assert "3 webhooks missing from eu-1 in the last hour" in said
    assert "1 webhook missing from eu-2 in the last hour" in said


async def test_status_json(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.change(
        "eu-1",
        "billing_1",
        status="disconnected",
        attention=DOWN,
        reason="browser_died",
    )
    done = await shell("status", "--json")
    assert done.code == exits.FAILED
    body = done.json
    assert body["daemon"]["pid"] == os.getpid()
    assert body["daemon"]["version"] == "0.1.0"
    assert body["daemon"]["started_at"] == "2026-11-23T09:00:00Z"
    assert {"name", "url", "state", "since"} <= body["gateways"][0].keys()
    assert body["sessions"] == {
        "total": 4,
        "needs_person": 1,
        "by_status": {"disconnected": 1, "connected": 3},
        "by_condition": {"disconnected": 1, "connected": 2, "claimed": 1},
        "snoozed": 0,
        "acknowledged": 0,
        "covered": 0,
    }


async def test_status_names_who_needs_a_person_and_which_gateway_is_down(
    shell: Shell, daemon: FakeDaemon
) -> None:
    down = wire.GatewayView(name="us-1", url="http://y", state="down", detail="connection refused", since=NOW)
    daemon.push(wire.Delta(gateways=[down]))
    done = await shell("status")
    assert done.code == exits.FAILED
    assert "connection refused" in done.out
    daemon.change(
        "eu-1",
        "billing_1",
        status="disconnected",
        attention=DOWN,
        reason="browser_died",
    )
    done = await shell("status")
    assert "2 need a person" in done.out
    assert "eu-1/billing_1  billing   nothing brings it back; reconnect it" in done.out


async def test_a_gateway_that_calls_is_named_among_those_that_need_a_person(
    shell: Shell, daemon: FakeDaemon
) -> None:
    gateway = wire.GatewayView(name="us-1", url="http://y", state="unauthorised", detail="Invalid API key")
    daemon.push(wire.Delta(gateways=[gateway]))
    done = await shell("status")
    assert done.code == exits.FAILED
    assert re.search(
        r"^1 needs a person:\n.*\nwrong key +us-1 +– +Invalid API key; set its api_key to .*$",
        done.out,
        re.MULTILINE,
    )
    daemon.push(wire.Delta(gateways=[wire.GatewayView(name="us-1", url="http://y", state="restarting")]))
    assert (await shell("status")).code == exits.OK, "it restores by itself"


async def test_a_gateway_that_was_quieted_is_counted_apart_and_fails_nothing(
    shell: Shell, daemon: FakeDaemon
) -> None:
    now = wire.utc_now()
    snoozed = wire.GatewayView(
        name="eu-1",
        url="http://x",
        state="down",
        detail="connection refused",
        snoozed_until=now + timedelta(hours=1, minutes=58, seconds=30),
    )
    taken = wire.AcknowledgedView(who="mira@ops", at=now - timedelta(minutes=3))
    restarts = wire.Attention(code=wire.AttentionCode.GATEWAY_RESTARTS, text="it restarted 5 times")
    acknowledged = wire.GatewayView(
        name="eu-2", url="http://x", state="up", attention=[restarts], acknowledged=taken
    )
    daemon.push(wire.Delta(gateways=[snoozed, acknowledged]))
    done = await shell("status")
    assert done.code == exits.OK
    assert "nobody is needed now: eu-1 snoozed 1h58m, eu-2 taken by mira@ops 3m" in done.out
    assert "snoozed 1h58m · connection refused" in done.out
    down = wire.GatewayView(name="us-1", url="http://y", state="down")
    daemon.push(wire.Delta(gateways=[down]))
    done = await shell("status")
    assert done.code == exits.FAILED
    assert "1 needs a person (eu-1 snoozed 1h58m, eu-2 taken by mira@ops 3m):" in done.out


async def test_sessions_are_covered_by_their_quieted_gateway_for_its_trouble_alone(
    shell: Shell, daemon: FakeDaemon
) -> None:
    snoozed = wire.utc_now() + timedelta(hours=1, seconds=30)
    gateway = wire.GatewayView(name="eu-1", url="http://x", state="up", snoozed_until=snoozed)
    daemon.push(wire.Delta(gateways=[gateway]))
    daemon.change("eu-1", "billing_1", status="disconnected", attention=DOWN, reason="missing")
    done = await shell("status")
    assert done.code == exits.OK
    assert "nobody is needed now: eu-1 snoozed 1h, 1 covered by their gateway" in done.out
    (billing,) = [each for each in (await shell("sessions", "--json")).json if each["covered"]]
    assert billing["session_id"] == "billing_1"
    assert "· eu-1 snoozed 1h" in (await shell("sessions")).out
    daemon.change("eu-1", "billing_1", attention=BANNED, reason="banned")
    done = await shell("status")
    assert done.code == exits.FAILED
    assert "1 needs a person (eu-1 snoozed 1h):" in done.out
    assert not any(each["covered"] for each in (await shell("sessions", "--json")).json)


REFUSED = wire.Attention(
    code=wire.AttentionCode.WEBHOOKS_REFUSED,
    text="3 webhooks refused: wrong key",
    action="set its webhook_key",
)
STOPPED = wire.Attention(code=wire.AttentionCode.JOB_STOPPED, text="The job health began last 5 min ago")
UNSTORED = wire.Attention(code=wire.AttentionCode.STORE_FAILED, text="the disk is full", action="make room")


async def test_what_a_gateway_and_the_daemon_need_is_said_and_fails(shell: Shell, daemon: FakeDaemon) -> None:
    gateway = wire.GatewayView(
        name="eu-1", url="http://x", state="up", attention=[REFUSED], hour={"wrong_key": 3, "status": 9}
    )
    daemon.push(wire.Delta(gateways=[gateway]))
    done = await shell("status")
    assert done.code == exits.FAILED
    assert "3 refused from eu-1 in the last hour: 3 wrong key" in done.out
    assert "refused  eu-1   –         3 webhooks refused: wrong key; set its webhook_key" in done.out
    daemon.push(wire.Delta(gateways=[wire.GatewayView(name="eu-1", url="http://x", state="up")]))
    assert (await shell("status")).code == exits.OK
    daemon.daemon = msgspec.structs.replace(daemon.daemon, attention=[STOPPED, UNSTORED])
    done = await shell("status")
    assert done.code == exits.FAILED
    needs = done.out[done.out.index("2 need a person:") :].splitlines()[2:4]
    assert [line.split("  ")[0] for line in needs] == ["cannot store", "job stopped"], "the most urgent first"
    assert all("this daemon" in line for line in needs) and "the disk is full; make room" in needs[0]


async def test_what_was_refused_of_strangers_is_said_and_calls_nobody(
    shell: Shell, daemon: FakeDaemon
) -> None:
    refused = [
        wire.RefusedView(peer=f"10.0.0.{number}", kind="control_key", count=9 - number, last_at=NOW)
        for number in range(8)
    ]
    daemon.daemon = msgspec.structs.replace(daemon.daemon, refused=refused)
    done = await shell("status")
    assert done.code == exits.OK
    assert "9 requests refused from 10.0.0.0: wrong control key, the last " in done.out
    assert "9 more refused from others" in done.out and "10.0.0.6" not in done.out


async def test_who_is_snoozed_or_taken_care_of_calls_nobody(shell: Shell, daemon: FakeDaemon) -> None:
    down = {
        "status": "disconnected",
        "attention": DOWN,
        "reason": "browser_died",
    }
    daemon.change("eu-1", "billing_1", **down, snoozed_until=wire.utc_now() + 60 * MINUTE)
    daemon.change("eu-2", "shared", **down, acknowledged=wire.AcknowledgedView(who="ann@ops", at=NOW))
    done = await shell("status")
    assert done.code == exits.OK, done
    assert done.out.splitlines()[-1] == "nobody is needed now: 1 snoozed, 1 taken"
    assert (await shell("status", "--json")).code == exits.OK
    daemon.change("eu-2", "user_7_3f9c", **down, snoozed_until=wire.utc_now() - MINUTE)
    done = await shell("status")
    assert done.code == exits.FAILED
    assert "\n1 needs a person (1 snoozed, 1 taken):" in done.out
    assert "eu-2/user_7_3f9c" in done.out and "eu-1/billing_1" not in done.out


async def test_what_its_reason_says_is_not_said_again(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.change(
        "eu-1",
        "billing_1",
        status="disconnected",
        reason="banned",
        attention=BANNED,
    )
    assert (await shell("sessions")).out.splitlines()[1].endswith("  banned by WhatsApp")


async def test_sessions_are_in_the_order_of_the_monitors_grid(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.change("eu-1", "billing_1", status="disconnected", status_since=NOW - 9 * MINUTE)
    daemon.change("eu-2", "user_7_3f9c", status="qr_pending", status_since=NOW - 2 * MINUTE)
    daemon.change("eu-2", "shared", contradiction="the gateway's list says disconnected")
    daemon.put(session("eu-1", "a", status="authenticated"))
    grid = FleetState()
    grid.apply(daemon.snapshot())
    shown = [(each["gateway"], each["session_id"]) for each in (await shell("sessions", "--json")).json]
    assert shown == grid.rows(Filter(), Order.TROUBLE, grid.now)
    assert [id for _, id in shown] == ["user_7_3f9c", "billing_1", "shared", "shared", "a"]


async def test_sessions_json(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("sessions", "--json")
    assert done.code == exits.OK
    billing = next(item for item in done.json if item["session_id"] == "billing_1")
    needed = (
        "gateway session_id user_id instance_name status credentials desired reason phone_number is_primary "
        "connected_at observed_at proven_at condition"
    )
    assert set(needed.split()) <= billing.keys()
    assert (billing["user_id"], billing["condition"], billing["connected_at"]) == ("7", "connected", None)
    assert billing["proven_at"].endswith("Z")


async def test_sessions_of_a_gateway_that_is_down(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.push(wire.Delta(gateways=[wire.GatewayView(name="eu-2", url="http://x", state="down")]))
    lines = [line for line in (await shell("sessions")).out.splitlines() if " eu-2 " in line]
    assert [line[:8] for line in lines] == ["claimed ", "claimed "]
    assert all(line.endswith("gateway down: it does not answer · see that eu-2 runs") for line in lines)


async def test_sessions_in_columns_trouble_first(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.change("eu-2", "shared", status="disconnected", reason="logout", credentials="needs_scan")
    done = await shell("sessions")
    lines = done.out.splitlines()
    # Second comes one that is connected and should be offline.
    assert [line[:9].strip() for line in lines] == ["STATUS", "scan QR", "connected", "claimed", "connected"]
    assert re.search(r" \d+m +<?\d+m +logged out on the phone · scan needed$", lines[1])
    phone = lines[0].index("PHONE")
    assert "日本" in lines[3]
    assert lines[3][phone - 2 :].startswith("–")  # two wide letters take four columns
    assert re.match(r"\+4915255500007  eu-1 +\d+m +<?\d+m", lines[4][phone:])
    assert "\x1b" not in done.out


async def test_foreign_text_cannot_steer_the_terminal(shell: Shell, daemon: FakeDaemon) -> None:
    evil = "a\x1b]0;owned\x07b\r\nc\x9b31m\u202e"
    daemon.change(
        "eu-1",
        "billing_1",
        instance_name=evil,
        detail=evil,
        phone_number=evil,
        attention=need("down", evil, evil),
    )
    daemon.say(gateway="eu-1", session_id="billing_1", instance_name=evil, text=evil, detail=evil)
    for command in ("sessions", "status", "logs"):
        out = (await shell(command)).out
        assert not {"\x1b", "\x07", "\r", "\x9b", "\u202e"} & set(out), command
        assert "owned" not in out
        assert "ab" in out


async def test_colours_only_on_a_terminal_that_wants_them(shell: Shell, daemon: FakeDaemon) -> None:
    async def on_terminal() -> str:
        master, slave = pty.openpty()
        done = await shell("sessions", stdout=slave)
        os.close(slave)
        assert done.code == exits.OK
        text = os.read(master, 65536).decode()
        os.close(master)
        return text

    assert "\x1b[32mconnected" in await on_terminal()
    shell.environment["NO_COLOR"] = "1"
    assert "\x1b" not in await on_terminal()


async def test_an_encoding_without_the_letters_is_no_failure(shell: Shell, daemon: FakeDaemon) -> None:
    shell.environment["PYTHONIOENCODING"] = "ascii"
    done = await shell("sessions")
    assert (done.code, done.err) == (exits.OK, "")
    assert "??" in done.out


async def test_a_reader_that_leaves_is_no_complaint(shell: Shell, daemon: FakeDaemon) -> None:
    for number in range(3000):
        daemon.sessions["eu-1", f"s{number}"] = session("eu-1", f"s{number}")
    command = f"{sys.executable} -m wa_tui sessions | head -1"
    process = await asyncio.create_subprocess_shell(
        command,
        env=shell.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (out.split()[0], err) == (b"STATUS", b"")


async def test_over_tcp_with_the_key_of_the_environment(shell: Shell) -> None:
    async with FakeDaemon(shell.directory / "other.sock", api_key="key") as daemon:
        denied = await shell("status", "--attach", daemon.url)
        assert (denied.code, denied.out) == (exits.USAGE, "")
        assert "asks for a key; set WA_TUI_API_KEY" in denied.err
        shell.environment["WA_TUI_API_KEY"] = "key"
        assert (await shell("status", "--attach", daemon.url)).code == exits.OK
        assert (await shell("--attach", str(daemon.socket), "status")).code == exits.OK


async def test_a_ghost_is_said_to_be_one_and_a_proof_by_whatsapp_has_its_ticks(
    shell: Shell, daemon: FakeDaemon
) -> None:
    ghost = wire.GhostView(since=NOW - 3 * MINUTE, detail="WhatsApp's server does not know its number")
    needed = need("ghost", f"ghost: {ghost.detail}", "reconnect it")
    haunted = session("eu-1", "haunted", ghost=ghost, proven_at=None, attention=needed)
    acked = session("eu-1", "acked", proven_at=NOW, server_at=NOW - 2 * MINUTE, proof="client")
    daemon.push(wire.Delta(sessions=[haunted, acked]))
    done = await shell("sessions", "status:ghost")
    [row] = done.out.splitlines()[1:]
    assert row.startswith("ghost") and row.endswith(f"ghost: {ghost.detail}; reconnect it")
    assert re.search(r"  \d+m ", row), "for as long as it is a ghost"
    [row] = (await shell("sessions", "proof:>=server")).out.splitlines()[1:]
    assert "acked" in row and "✓" in row and "✓✓" not in row
    assert (await shell("sessions", "silent:>1m", "--json")).out.strip() == "[]"
