"""What is missing is named, with the command that installs it."""

from __future__ import annotations

import os

import pytest

from wa_tui.node.errors import NodeError
from wa_tui.node.requirements import find_tools

from .machine import Machine

SUDO = "" if os.geteuid() == 0 else "sudo "


def refusal(machine: Machine, **environ: str) -> str:
    with pytest.raises(NodeError) as refused:
        find_tools(machine.environ | environ, npm=True)
    return str(refused.value)


@pytest.mark.parametrize(
    ("gone", "detail", "command"),
    [
        ("node", "Node is missing", "apt-get install -y nodejs npm"),
        ("npm", "npm is missing", "apt-get install -y npm"),
        ("chromium", "Chromium is missing", "apt-get install -y chromium"),
    ],
)
async def test_what_is_missing_is_named(machine: Machine, gone: str, detail: str, command: str) -> None:
    (machine.bin / gone).unlink()
    machine.put("apt-get", "#!/bin/sh\n")
    said = refusal(machine)
    assert detail in said and said.endswith(f"\n    {SUDO}{command}")
    assert said.count("is missing") == 1


async def test_everything_that_is_missing_is_named_at_once_before_anything_is_done(machine: Machine) -> None:
    for gone in ("node", "npm", "chromium"):
        (machine.bin / gone).unlink()
    machine.put("brew", "#!/bin/sh\n")
    done = await machine.wa_tui("node", "install")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "    brew install node\n" in done.stderr
    assert "    brew install --cask google-chrome\n" in done.stderr
    assert done.stderr.count("is missing") == 2
    assert not (machine.directory / "data").exists()


async def test_an_old_node_is_told_from_a_new_one(machine: Machine) -> None:
    machine.put("apt-get", "#!/bin/sh\n")
    for version in ("18.19.0", "0.10.1"):
        machine.write("version", f"v{version}")
        said = refusal(machine)
        assert f"Node {version} ({machine.bin}/node) is too old: 20 or newer is needed" in said
        assert "deb.nodesource.com" in said
    machine.write("version", "v20.0.0")
    assert find_tools(machine.environ, npm=True).version == "20.0.0"


async def test_a_node_that_does_not_run_is_named(machine: Machine) -> None:
    machine.put("node", "#!/bin/sh\nexit 1\n")
    said = refusal(machine)
    assert f"{machine.bin}/node does not tell its version" in said
    assert "https://nodejs.org/en/download" in said


async def test_another_browser_can_be_named(machine: Machine) -> None:
    brave = (machine.bin / "chromium").rename(machine.directory / "brave")
    said = refusal(machine, PUPPETEER_EXECUTABLE_PATH="/nowhere/brave")
    assert "PUPPETEER_EXECUTABLE_PATH=/nowhere/brave is not a program" in said
    found = find_tools(machine.environ | {"PUPPETEER_EXECUTABLE_PATH": str(brave)}, npm=False)
    assert (found.browser, found.npm) == (brave, None)
