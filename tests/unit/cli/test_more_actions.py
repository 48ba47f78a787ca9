"""`send`, `delete`, `disconnect`, `new` and the commands about one session each."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.fake_daemon import FakeDaemon
from tests.unit.cli.shell import NOW, Shell, session, verify_all
from wa_tui import wire
from wa_tui.cli import exits
from wa_tui.tui.presenters.messages import COLUMNS as MESSAGES


def asked(daemon: FakeDaemon) -> list[dict[str, Any]]:
    """Return what was asked for, without what was left at its default."""
    defaults = msgspec.structs.asdict(wire.ActionRequest(action="sync"))
    return [
        {
            name: value
            for name, value in msgspec.structs.asdict(request).items()
            if name == "action" or value != defaults[name]
        }
        for request in daemon.requests
    ]


BILLING = {"gateway": "eu-1", "session_id": "billing_1"}


@pytest.mark.parametrize(
    ("command", "request_"),
    [
        (
            ["rename", "billing_1", "Rechnung 2"],
            {"action": "rename", **BILLING, "instance_name": "Rechnung 2"},
        ),
        (["primary", "eu-1/billing_1"], {"action": "set_primary", **BILLING}),
        (["adopt", "billing_1"], {"action": "adopt", **BILLING}),
        (["adopt", "billing_1", "--name", "b"], {"action": "adopt", **BILLING, "instance_name": "b"}),
        (["snooze", "billing_1"], {"action": "snooze", **BILLING}),
        (["snooze", "eu-2"], {"action": "snooze", "gateway": "eu-2"}),
        (["snooze", "--gateway", "eu-2", "--end"], {"action": "snooze", "gateway": "eu-2", "minutes": 0}),
        (["ack", "eu-2"], {"action": "acknowledge", "gateway": "eu-2"}),
        (["ack", "eu-2", "--undo"], {"action": "acknowledge", "gateway": "eu-2", "force": True}),
        (["snooze", "billing_1", "--for", "2d"], {"action": "snooze", **BILLING, "minutes": 2880}),
        (["snooze", "billing_1", "--end"], {"action": "snooze", **BILLING, "minutes": 0}),
        (["ack", "billing_1"], {"action": "acknowledge", **BILLING}),
        (["ack", "billing_1", "--undo"], {"action": "acknowledge", **BILLING, "force": True}),
        (["delete", "billing_1", "--yes"], {"action": "delete", **BILLING, "force": True}),
        (["disconnect", "billing_1", "--yes"], {"action": "disconnect", **BILLING, "force": True}),
        (["logout", "billing_1", "--yes"], {"action": "logout", **BILLING, "force": True}),
        (["restart", "billing_1", "--yes"], {"action": "restart", **BILLING, "force": True}),
        (
            ["pairing-code", "billing_1", "+49 152 1"],
            {"action": "pairing_code", **BILLING, "phone_number": "+49 152 1"},
        ),
        (
            ["new", "--user", "7", "--name", "x", "--gateway", "eu-2"],
            {"action": "new", "gateway": "eu-2", "user_id": "7", "instance_name": "x"},
        ),
        (
            ["new", "--id", "sales", "--gateway", "eu-2"],
            {"action": "new", "gateway": "eu-2", "session_id": "sales"},
        ),
        (["jobs", "run", "health", "eu-2"], {"action": "run_job", "gateway": "eu-2", "job": "health"}),
        (
            ["send", "billing_1", "1555", "hello", "--fallback"],
            {"action": "send", **BILLING, "recipient": "1555", "message": "hello", "fallback": True},
        ),
        (
            ["send", "--user", "7", "1555", "hello"],
            {"action": "send", "user_id": "7", "recipient": "1555", "message": "hello"},
        ),
        (
            [
                "send",
                "--user",
                "ann",
                "1555",
                "--media",
                "https://x/a.pdf",
                "--type",
                "document",
                "--caption",
                "c",
            ],
            {
                "action": "send_media",
                "user_id": "ann",
                "recipient": "1555",
                "media_url": "https://x/a.pdf",
                "media_type": "document",
                "caption": "c",
            },
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_what_is_asked_for(
    shell: Shell, daemon: FakeDaemon, command: list[str], request_: dict[str, Any]
) -> None:
    verify_all(daemon)
    done = await shell(*command)
    assert (done.code, done.err) == (exits.OK, ""), done
    assert done.out.startswith("verified    ")
    assert asked(daemon) == [request_]


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (["send", "a", "b"], "send takes ID RECIPIENT TEXT here, not 2 words"),
        (["send", "--user", "7", "a", "b", "c"], "send takes RECIPIENT TEXT here, not 3 words; quote a text"),
        (["send", "a", "b", "c", "--media", "u"], "send takes ID RECIPIENT here"),
        (["send", "a", "b", "c", "--caption", "u"], "--caption goes with --media"),
        (["send", "--user", "7", "b", "c", "--fallback"], "leave out --fallback"),
        (["send", "a", "b", "--media", "u", "--type", "gif"], "invalid choice: 'gif'"),
        (["snooze", "a", "--for", "soon"], "soon is no duration; write 30m, 2h, 1d or 1h30m"),
        (["snooze", "a", "--for", "8d"], "8d is longer than anything may be snoozed: 7d at most"),
        (["snooze", "a", "--for", "1h", "--end"], "not allowed with argument"),
        (["snooze", "--for", "1h"], "snooze: which session or gateway?"),
        (["ack"], "ack: which session or gateway?"),
        (["rename", "a", " "], "it is empty"),
        (["new"], "--user"),
        (["jobs", "run"], "which one? `wa-tui jobs` lists them"),
    ],
)
async def test_usage(shell: Shell, command: list[str], detail: str) -> None:
    done = await shell(*command)
    assert (done.code, done.out) == (exits.USAGE, "")
    assert detail in done.err


async def test_delete_asks_first(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("delete", "billing_1", "user_7_3f9c")
    assert (done.code, done.out, daemon.requests) == (exits.FAILED, "", [])
    assert "deleting billing (eu-1/billing_1), 日本 (eu-2/user_7_3f9c) takes them off every list" in done.err
    assert "add --yes" in done.err


async def test_delete_says_where_it_unlinks(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.gateways["eu-1"] = msgspec.structs.replace(daemon.gateways["eu-1"], capabilities=["delete"])
    done = await shell("delete", "billing_1", "user_7_3f9c")
    assert "; on eu-1 they are deleted too, which unlinks the phone" in done.err
    assert (done.code, daemon.requests) == (exits.FAILED, [])


async def test_logout_says_that_it_unlinks_and_asks_first(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("logout", "billing_1")
    assert (done.code, done.out, daemon.requests) == (exits.FAILED, "", [])
    assert "billing (eu-1/billing_1) out unlinks the phone, and only a new scan brings it back" in done.err
    assert "add --yes to log out all the same" in done.err


async def test_disconnect_asks_for_one_that_works(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("disconnect", "billing_1")
    assert (done.code, daemon.requests) == (exits.FAILED, [])
    assert "add --yes to disconnect it all the same" in done.err
    verify_all(daemon)
    assert (await shell("disconnect", "user_7_3f9c")).code == exits.OK, (
        "one that is not proven is not asked for"
    )


@pytest.mark.parametrize("verb", ["disconnect", "restart", "logout"])
async def test_nobody_is_asked_about_what_a_gateway_cannot_do(
    shell: Shell, daemon: FakeDaemon, verb: str
) -> None:
    """The daemon refuses it with the reason: ``--yes`` would change nothing."""
    daemon.gateways["eu-1"] = msgspec.structs.replace(daemon.gateways["eu-1"], capabilities=["raw_qr"])
    verify_all(daemon)
    done = await shell(verb, "billing_1")
    assert "--yes" not in done.err
    assert [request.action for request in daemon.requests] == [verb]


async def test_the_code_is_on_the_line(shell: Shell, daemon: FakeDaemon) -> None:
    def code(request: wire.ActionRequest, receipt: wire.Receipt) -> wire.Receipt:
        return msgspec.structs.replace(
            receipt, outcome="verified", text="type it", pairing_code="WZYE-R1VX", ended_at=NOW
        )

    daemon.on_action = code
    done = await shell("pairing-code", "billing_1", "4915255500007")
    assert done.out == "verified    eu-1/billing_1  WZYE-R1VX  type it\n"
    json = (await shell("pairing-code", "billing_1", "4915255500007", "--json")).json
    assert json["pairing_code"] == "WZYE-R1VX"


async def test_many_acknowledged_at_once_fail_where_one_does(shell: Shell, daemon: FakeDaemon) -> None:
    verify_all(daemon)
    assert (await shell("ack", "billing_1", "user_7_3f9c")).code == exits.OK
    daemon.refuse = (409, wire.Problem(error="eu-1/billing_1 is connected: nothing to do"))
    done = await shell("ack", "billing_1", "user_7_3f9c", "--json")
    assert done.code == exits.FAILED
    assert [receipt["outcome"] for receipt in done.json] == ["failed", "verified"]


async def test_a_name_that_a_session_and_a_gateway_have_is_refused_with_both_readings(
    shell: Shell, daemon: FakeDaemon
) -> None:
    daemon.put(session("eu-2", "eu-1"))
    verify_all(daemon)
    done = await shell("ack", "billing_1", "eu-1")
    assert (done.code, done.out, daemon.requests) == (exits.USAGE, "", [])
    assert (
        '"eu-1" is a session and a gateway: say eu-2/eu-1 for the session, --gateway eu-1 for the gateway'
        in done.err
    )
    done = await shell("ack", "eu-2/eu-1", "--gateway", "eu-1")
    assert [line.split()[1] for line in done.out.splitlines()] == ["gateway", "eu-2/eu-1"]
    assert asked(daemon) == [
        {"action": "acknowledge", "gateway": "eu-1"},
        {"action": "acknowledge", "gateway": "eu-2", "session_id": "eu-1"},
    ]


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (["ack", "eu-3"], 'no session "eu-3"; `wa-tui sessions` lists them; the gateways are eu-1, eu-2'),
        (["snooze", "--gateway", "eu-3"], 'no gateway "eu-3"; "eu-2" is one; known are eu-1, eu-2'),
    ],
)
async def test_who_is_neither_is_told_which_gateways_there_are(
    shell: Shell, daemon: FakeDaemon, command: list[str], detail: str
) -> None:
    done = await shell(*command)
    assert (done.code, daemon.requests) == (exits.USAGE, [])
    assert detail in done.err


async def test_messages(shell: Shell, daemon: FakeDaemon) -> None:
    def attempt(session_id: str, outcome: str, text: str) -> wire.AttemptView:
        return wire.AttemptView(gateway="eu-1", session_id=session_id, outcome=outcome, text=text, at=at)

    at = daemon.daemon.started_at
    failed = attempt("billing_1", "not_sent", "Client not found. Please reconnect the session.")
    daemon.messages = [
        wire.MessageView(
            action_id="send-2",
            at=at + timedelta(minutes=1),
            who="ann@ops",
            recipient="15550100",
            length=5,
            outcome="verified",
            text="sent to 15550100 through eu-1/spare",
            attempts=[failed, attempt("spare", "sent", "sent to 15550100")],
        ),
        wire.MessageView(
            action_id="send-1",
            at=at,
            who="bob\x1b[31m",
            recipient="15550101",
            kind="image",
            outcome="unknown",
            text="timed out",
            attempts=[attempt("other", "unknown", "timed out")],
        ),
    ]
    lines = (await shell("messages")).out.splitlines()
    assert [line.split()[0] for line in lines] == ["WHEN", "2026-11-23", "2026-11-23", "·", "·"]
    assert "unknown" in lines[1] and "eu-1/other" in lines[1] and "\x1b" not in lines[1]
    assert lines[0].split() == [column.title for column in MESSAGES if column.title != "TRIES"]
    assert " sent " in lines[2] and "eu-1/spare" in lines[2] and "ann@ops" in lines[2]
    assert "· not sent" in lines[3] and "eu-1/billing_1" in lines[3] and "Please reconnect" in lines[3]
    assert len((await shell("messages", "-n", "1")).out.splitlines()) == 4
    only = await shell("messages", "--session", "billing_1", "--json")
    assert [message["action_id"] for message in only.json] == ["send-2"]


async def test_jobs(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.jobs["health", "eu-1"] = wire.JobView(
        name="health",
        gateway="eu-1",
        interval_s=10.0,
        next_at=wire.utc_now() + timedelta(minutes=3, seconds=30),
        last_at=wire.utc_now(),
        duration_ms=4,
        outcome="ok",
        detail="answered in 4 ms",
    )
    done = await shell("jobs")
    header, row = done.out.splitlines()
    assert header.split() == ["JOB", "GATEWAY", "EVERY", "NEXT", "LAST", "TOOK", "OUTCOME", "DETAIL"]
    assert re.split("  +", row) == [
        "health",
        "eu-1",
        "10 s",
        "in 3m",
        "<1m",
        "4 ms",
        "ok",
        "answered in 4 ms",
    ]
    assert (await shell("jobs", "--json")).json[0]["name"] == "health"
    daemon.jobs["health", "eu-1"] = wire.JobView(name="copy-aside", interval_s=86400, duration_ms=48002)
    (row,) = (await shell("jobs")).out.splitlines()[1:]
    assert re.split("  +", row) == ["copy-aside", "–", "1d", "–", "–", "48 s", "–", "–"]


async def test_a_sessions_row_tells_who_cares_and_what_heals(shell: Shell, daemon: FakeDaemon) -> None:
    daemon.change(
        "eu-1",
        "billing_1",
        status="disconnected",
        reason="browser_died",
        healing=wire.HealingView(state="waiting", attempts=1),
        acknowledged=wire.AcknowledgedView(who="ann@ops", at=NOW),
        snoozed_until=NOW + timedelta(hours=1),
    )
    (row,) = [line for line in (await shell("sessions")).out.splitlines() if "billing_1" in line]
    assert "browser died · retry 2 · snoozed until " in row
    assert row.endswith("ann@ops takes care of it")
