"""`wa-tui node run` and `wa-tui up`: what the service is given, and what stands in the way."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import pytest

from tests.daemon.running import RunningDaemon
from tests.terminal import Terminal
from wa_tui.cli import main
from wa_tui.config import load
from wa_tui.node.errors import NodeError
from wa_tui.node.requirements import find_tools
from wa_tui.node.service import service_for

from .machine import Machine, ended

pytestmark = pytest.mark.pty


async def test_node_run_installs_first_and_becomes_the_service(machine: Machine) -> None:
    machine.daemon.environ |= {"CHROMIUM_ARGS": "--no-sandbox", "HOST": "a-shell-sets-this"}
    process = machine.popen("node", "run")
    try:
        start = await machine.started()
        assert start["pid"] == process.pid
        env = start["env"]
        assert env["PORT"] == str(machine.port) and env["HOST"] == "127.0.0.1"
        assert env["DJANGO_API_URL"] == machine.daemon.url and env["CHROMIUM_ARGS"] == "--no-sandbox"
        assert "WA_TUI_PARENT_PIPE" not in env and "WA_TUI_STATE_DIR" not in env
    finally:
        process.terminate()
    out, _ = process.communicate(timeout=40)
    assert "The Node service is not installed yet: installing it" in out
    assert f"Running the Node service on port {machine.port}" in out
    assert machine.read("left") == ["SIGTERM"]


@pytest.mark.parametrize(
    ("environ", "detail"),
    [
        ({"NODE_SERVICE_URL": "http://10.0.0.5:3000"}, "http://localhost:3000 of this machine"),
        ({"NODE_SERVICE_URL": "https://localhost:3000"}, "http://localhost:3000 of this machine"),
        ({"WA_TUI_LISTEN": "127.0.0.1:0"}, "set WA_TUI_LISTEN"),
        ({"WA_TUI_CONFIG": "other.toml", "NODE_SERVICE_URL": ""}, 'no gateway is named "default"'),
    ],
)
async def test_what_the_service_cannot_be_is_said(
    machine: Machine, environ: dict[str, str], detail: str
) -> None:
    other = machine.directory / "other.toml"
    other.write_text('[[gateways]]\nname = "eu"\nurl = "http://eu:3000"\n')
    environ = {name: str(other) if value == "other.toml" else value for name, value in environ.items()}
    config = load(machine.daemon.variables() | environ)
    tools = find_tools(machine.environ, npm=False)
    with pytest.raises(NodeError) as refused:
        service_for(config, machine.environ, tools, machine.installed)
    assert detail in str(refused.value)


async def test_an_unsuitable_configuration_is_one_line(machine: Machine) -> None:
    done = await machine.wa_tui("node", "run", NODE_SERVICE_URL="http://10.0.0.5:3000")
    assert done.returncode == 1 and machine.starts() == []
    assert done.stderr.startswith('wa-tui: gateway "default" is at http://10.0.0.5:3000')
    assert done.stderr.count("\n") == 1


async def test_the_generated_key_named_credentials_and_what_it_is_not_to_ask(machine: Machine) -> None:
    credentials = machine.directory / "credentials"
    machine.daemon.environ |= {
        "NODE_SERVICE_API_KEY": "",
        "WWEBJS_DATA_PATH": str(credentials),
        "WA_TUI_TRAFFIC_SERVER_CHECK": "false",
    }
    process = machine.popen("node", "run")
    env = (await machine.started())["env"]
    process.terminate()
    process.communicate(timeout=40)
    assert env["API_KEY"] == (machine.daemon.state_dir / "api-key").read_text().strip()
    assert env["WWEBJS_DATA_PATH"] == str(credentials)
    assert env["SERVER_CHECK"] == "false"


@pytest.mark.parametrize("command", [("node", "run"), ("up",)])
async def test_a_port_that_is_held_is_said(machine: Machine, command: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", machine.port)), up(machine, *command) as terminal:
        text = await asyncio.to_thread(terminal.wait_for, f"port {machine.port} is held by another program")
        assert "NODE_SERVICE_URL" in text
        assert await asyncio.to_thread(terminal.wait) == 1
    assert machine.starts() == []


async def test_up_needs_a_terminal(machine: Machine) -> None:
    done = await machine.wa_tui("up")
    assert done.returncode == 2
    assert "`wa-tui --daemon --with-node`" in done.stderr


async def test_up_opens_the_monitor_beside_the_service(machine: Machine) -> None:
    with up(machine, "up") as terminal:
        await asyncio.to_thread(terminal.wait_for, "the list of default was not read yet")
        screen = await asyncio.to_thread(terminal.wait_for, "Listening")
        assert "was started (process" in screen and "node" in screen
        start = await machine.started()
        terminal.send("q")
        assert await asyncio.to_thread(terminal.wait) == 0
    await ended(start["pid"])
    assert machine.read("left") == ["SIGTERM"]


async def test_a_closed_terminal_ends_the_service_too(machine: Machine) -> None:
    with up(machine, "up") as terminal:
        await asyncio.to_thread(terminal.wait_for, "Listening")
        start = await machine.started()
        os.killpg(terminal.process.pid, signal.SIGKILL)
    await ended(start["pid"])


async def test_up_beside_a_daemon_without_the_service_says_what_to_do(machine: Machine) -> None:
    daemon = RunningDaemon(machine.daemon.state_dir, environ=dict(machine.daemon.environ))
    try:
        daemon.launch()
        await daemon.answering()
        with up(machine, "up") as terminal:
            await asyncio.to_thread(terminal.wait_for, "a daemon without the Node service runs")
            assert await asyncio.to_thread(terminal.wait) == 1
    finally:
        await daemon.close()


async def test_a_second_up_attaches(machine: Machine) -> None:
    daemon = await machine.start()
    await machine.until_said("Listening")
    with up(machine, "up") as terminal:
        await asyncio.to_thread(terminal.wait_for, "Listening")
        terminal.send("q")
        assert await asyncio.to_thread(terminal.wait) == 0
    assert daemon.running and len(machine.starts()) == 1


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (["node"], "required: install|run"),
        (["up", "--attach", "host:1"], "unrecognized arguments: --attach"),
        (["--attach", "host:1", "up"], "leave out --attach"),
        (["--daemon", "up"], "`wa-tui --daemon --with-node`"),
        (["--demo", "node", "run"], "leave out --demo"),
        (["--with-node"], "--with-node belongs to --daemon"),
        (["--demo", "--daemon", "--with-node"], "--with-node belongs to --daemon"),
    ],
)
def test_usage(command: list[str], detail: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(command)
    assert detail in capsys.readouterr().err


def up(machine: Machine, *command: str) -> Terminal:
    environment = machine.daemon.variables()
    return Terminal([sys.executable, "-m", "wa_tui", *command], columns=160, environment=environment)
