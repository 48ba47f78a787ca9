"""What needs no daemon: help, errors, import costs."""

from __future__ import annotations

import asyncio
import os
import pty
import sys

import pytest

from tests.fake_daemon import FakeDaemon
from tests.unit.cli.shell import Shell
from wa_tui.cli import exits
from wa_tui.cli.arguments import COMMANDS
from wa_tui.cli.verbs import VERBS, function
from wa_tui.client import spawn

HEAVY = {"textual", "rich", "httpx", "websockets", "msgspec", "asyncio"}


async def helped(shell: Shell, *verbs: str) -> str:
    """Return the help of all and of these verbs, shown in one process, which imports nothing that is slow to."""
    code = (
        "import sys\nfrom wa_tui.cli import main\n"
        f"for verb in ([], *([name] for name in {verbs!r})):\n"
        "    try: main([*verb, '--help'])\n"
        "    except SystemExit as end: assert end.code == 0, verb\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env=shell.environment
    )
    text = (await process.communicate())[0].decode()
    assert text.splitlines()[-1] == "[]"
    return text


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_read_and_done(verb: str) -> None:
    assert verb in COMMANDS
    assert callable(function(verb))


async def test_a_verbs_help_is_quick(shell: Shell) -> None:
    text = await helped(shell, *VERBS)
    assert all(f"usage: wa-tui {verb} " in text for verb in VERBS)


async def test_help_is_quick_and_complete(shell: Shell) -> None:
    text = await helped(shell)
    for word in ("status", "sessions", "logs", "reconnect", "send", "sync", "--attach", "NODE_SERVICE_URL"):
        assert word in text
    for word in (
        "watch",
        "messages",
        "delete",
        "pairing-code",
        "primary",
        "rename",
        "adopt",
        "snooze",
        "ack",
    ):
        assert word in text
    assert "--owner-fd" not in text


async def test_a_command_loads_no_textual(shell: Shell, daemon: FakeDaemon) -> None:
    code = "import sys\nfrom wa_tui.cli import main\nmain(['status'])\nprint('textual' in sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env=shell.environment
    )
    assert (await process.communicate())[0].endswith(b"\nFalse\n")


async def test_version(shell: Shell) -> None:
    assert (await shell("--version")).out == "wa-tui 0.1.0\n"


def test_the_client_knows_the_code_of_a_taken_lock() -> None:
    assert spawn.ANOTHER_DAEMON == exits.ANOTHER_DAEMON


@pytest.mark.parametrize(
    "command", [["status"], ["sessions", "--json"], ["reconnect", "x"], ["logs", "-f"], ["sync"]]
)
async def test_no_daemon(shell: Shell, command: list[str]) -> None:
    done = await shell(*command)
    assert (done.code, done.out) == (exits.NO_DAEMON, "")
    assert "no daemon answers (" in done.err
    assert "wa-tui --daemon" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (["banana"], "invalid choice: 'banana'"),
        (["status", "--attach", "ftp://x"], "is not an address"),
        (["logs", "-n", "many"], '"many" is not a number of lines'),
        (["send", "a", "b", "  "], "the message is empty"),
        (["--daemon", "status"], "leave out --daemon"),
        (["--demo", "--attach", "host:1"], "leave out --daemon and --demo"),
        (["--owner-fd", "3"], "belongs to --daemon"),
        ([], "the monitor needs a terminal;"),
        (["--demo"], "the monitor needs a terminal;"),
    ],
)
async def test_usage(shell: Shell, command: list[str], detail: str) -> None:
    done = await shell(*command)
    assert (done.code, done.out) == (exits.USAGE, "")
    assert detail in done.err


@pytest.mark.parametrize("command", [[], ["up"], ["--demo"]])
async def test_a_dumb_terminal_is_not_enough(shell: Shell, command: list[str]) -> None:
    shell.environment["TERM"] = "dumb"
    master, slave = pty.openpty()
    done = await shell(*command, stdin=slave, stderr=slave)
    os.close(slave)
    said = os.read(master, 4096).decode()
    os.close(master)
    assert done.code == exits.USAGE
    assert "needs a terminal that can move its cursor (TERM=dumb cannot); without one use" in said


async def test_a_configuration_error_is_one_line(shell: Shell) -> None:
    shell.environment["WA_TUI_HEALTH_INTERVAL"] = "ten"
    done = await shell("status")
    assert (done.code, done.err.count("\n")) == (exits.USAGE, 1)
    assert done.err.startswith("wa-tui: ")
    assert "ten" in done.err
    assert (await shell("status", "--config", "/nonexistent.toml")).code == exits.USAGE
