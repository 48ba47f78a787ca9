"""`reconnect`, `send` and `sync`."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from pathlib import Path

import msgspec
import pytest

from tests.fake_daemon import FakeDaemon, until
from tests.unit.cli.shell import NOW, Shell, session, verify_all
from wa_tui import wire
from wa_tui.cli import exits
from wa_tui.cli.targets import resolve_one
from wa_tui.wire.actions import MAY_BE_OUT


async def test_reconnect(shell: Shell, daemon: FakeDaemon) -> None:
    verify_all(daemon)
    done = await shell("reconnect", "user_7_3f9c", "eu-1/shared", "user_7_3f9c", "--yes")
    assert done.code == exits.OK, done
    assert sorted(done.out.splitlines()) == [
        "verified    eu-1/shared       connected",
        "verified    eu-2/user_7_3f9c  connected",
    ]
    asked = {(request.action, request.session_id, request.force) for request in daemon.requests}
    assert asked == {("reconnect", "user_7_3f9c", True), ("reconnect", "shared", True)}


async def test_reconnect_many_at_once(shell: Shell, daemon: FakeDaemon) -> None:
    ids = [f"s{number}" for number in range(150)]
    for id in ids:
        daemon.sessions["eu-1", id] = session("eu-1", id, status="disconnected")
    process = await shell.start("reconnect", *ids)
    await until(lambda: len(daemon.receipts) == len(ids))
    for receipt in list(daemon.receipts):
        daemon.finish(receipt, "verified", "connected")
    out, err = await process.communicate()
    assert (process.returncode, err, out.count(b"verified")) == (exits.OK, b"", 150)


async def test_reconnect_waits_and_tells_what_was_not_verified(shell: Shell, daemon: FakeDaemon) -> None:
    process = await shell.start("reconnect", "user_7_3f9c", "--json")
    await until(lambda: bool(daemon.receipts))
    await asyncio.sleep(0.1)
    daemon.finish("a1", "no_effect", "a QR code must be scanned")
    out, _ = await process.communicate()
    receipts = msgspec.json.decode(out)
    assert process.returncode == exits.FAILED
    assert [(receipt["outcome"], receipt["text"]) for receipt in receipts] == [
        ("no_effect", "a QR code must be scanned")
    ]
    assert not daemon.requests[0].force


async def test_reconnect_survives_a_restart_of_the_daemon(shell: Shell, daemon: FakeDaemon) -> None:
    process = await shell.start("reconnect", "user_7_3f9c")
    await until(lambda: bool(daemon.receipts))
    await daemon.kill()
    await asyncio.sleep(0.5)
    daemon.finish("a1", "unknown", "the daemon restarted meanwhile")
    await daemon.start()
    out, err = await process.communicate()
    assert (process.returncode, err) == (exits.FAILED, b"")
    assert out == b"unknown     eu-2/user_7_3f9c  the daemon restarted meanwhile\n"


async def test_a_send_that_nobody_knows_of_any_more_is_not_to_be_repeated(
    shell: Shell, daemon: FakeDaemon
) -> None:
    process = await shell.start("send", "billing_1", "4915112345678", "hello")
    await until(lambda: bool(daemon.receipts))
    await daemon.kill()
    daemon.receipts.clear()
    await daemon.start()
    out, err = await process.communicate()
    assert (process.returncode, err) == (exits.FAILED, b"")
    assert out.startswith(b"unknown     eu-1/billing_1  ") and MAY_BE_OUT.encode() in out


async def test_one_that_works_is_not_reconnected_without_a_word(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("reconnect", "user_7_3f9c", "billing_1")
    assert (done.code, done.out, daemon.requests) == (exits.FAILED, "", [])
    assert "billing (eu-1/billing_1) is connected and proven" in done.err
    assert "--yes" in done.err


@pytest.mark.parametrize(
    ("answer", "code"), [("y", exits.OK), ("n", exits.FAILED), ("\x03", exits.INTERRUPTED)]
)
async def test_one_that_works_asks_on_a_terminal(
    shell: Shell, daemon: FakeDaemon, answer: str, code: int
) -> None:
    verify_all(daemon)
    master, slave = pty.openpty()
    setup = (
        "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", setup, "-m", "wa_tui", "reconnect", "billing_1"),
        env=shell.environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    async with asyncio.timeout(40):
        screen = ""
        while "[y/N]" not in screen:
            screen += (await asyncio.to_thread(os.read, master, 4096)).decode()
        os.write(master, f"{answer}\n".encode())
        assert await process.wait() == code
    os.close(master)
    assert [request.force for request in daemon.requests] == ([True] if answer == "y" else [])


async def test_an_id_on_two_gateways_is_refused_naming_both(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("reconnect", "shared", "billing_1", "--yes")
    assert (done.code, done.out, daemon.requests) == (exits.USAGE, "", [])
    assert "eu-1/shared and eu-2/shared" in done.err


def test_a_full_id_means_one_session_whatever_another_is_called() -> None:
    meant, odd = session("eu-2", "s"), session("eu-1", "eu-2/s")
    for order in ([meant, odd], [odd, meant]):
        assert resolve_one("eu-2/s", order) is meant
        assert resolve_one("eu-1/eu-2/s", order) is odd


@pytest.mark.parametrize(
    ("id", "detail"),
    [
        ("biling_1", "the nearest: billing_1"),
        ("eu-2/billing_1", "the nearest: eu-1/billing_1"),
        ("billing", "an instance of that name: eu-1/billing_1"),
        ("zzzzzz", "`wa-tui sessions` lists them"),
    ],
)
async def test_an_unknown_id_names_the_nearest(
    shell: Shell, daemon: FakeDaemon, id: str, detail: str
) -> None:
    done = await shell("send", id, "49", "hello")
    assert (done.code, done.out, daemon.requests) == (exits.USAGE, "", [])
    assert detail in done.err


async def test_sync_of_an_unknown_gateway_names_the_known(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("sync", "nope")
    assert (done.code, done.out, daemon.requests) == (exits.USAGE, "", [])
    assert done.err == 'wa-tui: no gateway "nope"; known are eu-1, eu-2\n'


@pytest.mark.parametrize(
    "command",
    [
        ["jobs", "run", "nap"],
        ["new", "--user", "5"],
        ["send", "--user", "99", "15550100", "x"],
        ["rename", "billing_1", "x" * 101],
    ],
)
@pytest.mark.parametrize("status", [400, 404])
async def test_what_the_daemon_finds_no_such_thing_for_is_a_wrong_argument(
    shell: Shell, daemon: FakeDaemon, command: list[str], status: int
) -> None:
    daemon.refuse = (status, wire.Problem(error="no job is called 'nap': health"))
    done = await shell(*command)
    assert (done.code, done.out, done.err) == (exits.USAGE, "", "wa-tui: no job is called 'nap': health\n")


@pytest.mark.parametrize("outcome", ["no_effect", "failed", "unknown"])
@pytest.mark.parametrize("command", [["sync", "eu-1"], ["jobs", "run", "health", "eu-1"]])
async def test_what_was_not_done_exits_1(
    shell: Shell, daemon: FakeDaemon, command: list[str], outcome: wire.Outcome
) -> None:
    def end(request: wire.ActionRequest, receipt: wire.Receipt) -> wire.Receipt:
        return msgspec.structs.replace(receipt, outcome=outcome, text="connection refused", ended_at=NOW)

    daemon.on_action = end
    done = await shell(*command)
    assert done.code == exits.FAILED
    assert done.out.startswith(outcome.replace("_", " ")) and done.out.endswith("  connection refused\n")


@pytest.mark.parametrize("command", [["sync"], ["status"], ["sessions", "--json"]])
async def test_output_that_cannot_be_written_is_one_line(
    shell: Shell, daemon: FakeDaemon, command: list[str]
) -> None:
    verify_all(daemon)
    with Path("/dev/full").open("w") as full:  # noqa: ASYNC230
        done = await shell(*command, stdout=full)
    assert done.code == exits.FAILED
    assert done.err == "wa-tui: standard output cannot be written: No space left on device\n"


async def test_send(shell: Shell, daemon: FakeDaemon) -> None:
    def sent(request: wire.ActionRequest, receipt: wire.Receipt) -> wire.Receipt:
        return msgspec.structs.replace(
            receipt, outcome="verified", text="sent", message_id="3EB0", ended_at=NOW
        )

    daemon.on_action = sent
    done = await shell("send", "billing_1", "15550100", "hello -- world", "--json")
    assert (done.code, done.json["message_id"]) == (exits.OK, "3EB0")
    assert daemon.requests == [
        wire.ActionRequest(
            action="send",
            gateway="eu-1",
            session_id="billing_1",
            recipient="15550100",
            message="hello -- world",
        )
    ]
    assert (await shell("send", "billing_1", "1", "x")).out == "verified    eu-1/billing_1  sent (3EB0)\n"


async def test_a_refused_send_has_the_daemons_words(shell: Shell, daemon: FakeDaemon) -> None:
    done = await shell("--read-only", "send", "billing_1", "1", "x")
    assert done.code == exits.FAILED
    assert done.out == "failed      eu-1/billing_1  send was refused: this client is read-only\n"
    shell.environment["WA_TUI_READ_ONLY"] = "1"
    assert (await shell("send", "billing_1", "1", "x", "--json")).json["outcome"] == "failed"


async def test_a_send_whose_connection_is_lost_is_unknown_and_not_tried_again(
    shell: Shell, daemon: FakeDaemon
) -> None:
    daemon.hang = "POST"
    process = await shell.start("send", "billing_1", "1", "x")
    await until(lambda: bool(daemon.busy))
    await daemon.kill()
    out, err = await process.communicate()
    assert (process.returncode, err) == (exits.FAILED, b"")
    assert out.startswith(b"unknown     eu-1/billing_1  the connection to the daemon at ")
    assert b"whether it did send eu-1/billing_1 is unknown" in out
    assert (daemon.busy, daemon.requests) == (1, [])


async def test_sync(shell: Shell, daemon: FakeDaemon) -> None:
    def synced(request: wire.ActionRequest, receipt: wire.Receipt) -> wire.Receipt:
        text = "Session sync complete: 4 checked, 0 updated"
        return msgspec.structs.replace(receipt, outcome="verified", text=text, ended_at=NOW)

    daemon.on_action = synced
    done = await shell("sync")
    assert (done.code, done.out) == (
        exits.OK,
        "verified    all gateways  Session sync complete: 4 checked, 0 updated\n",
    )
    assert (await shell("sync", "eu-2", "--json")).json["action"] == "sync"
    assert [request.gateway for request in daemon.requests] == [None, "eu-2"]
