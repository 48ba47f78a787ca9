"""`wa-tui node install`: whole or not at all, once."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.daemon.waiting import until
from wa_tui.node.errors import NodeError
from wa_tui.node.installing import SHIPPED, Installation
from wa_tui.node.requirements import Tools, find_tools

from .machine import Machine


@pytest.fixture
def tools(machine: Machine) -> Tools:
    return find_tools(machine.environ, npm=True)


@pytest.fixture
def shipped(machine: Machine) -> Path:
    directory = machine.directory / "shipped"
    (directory / "src" / "routes").mkdir(parents=True)
    (directory / "test").mkdir()
    (directory / "node_modules" / "x").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "README.md", "src/main.js", "src/routes/a.js"):
        (directory / name).write_text("one")
    for name in ("test/a.test.js", "node_modules/x/index.js", "src/notes.txt", ".gitignore"):
        (directory / name).write_text("not shipped")
    return directory


def names(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


async def test_it_installs_the_service_and_says_each_step(machine: Machine) -> None:
    done = await machine.wa_tui("node", "install")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"Found Node 22.1.0, npm, {machine.bin}/chromium"
    assert lines[1].startswith("Copying the service")
    assert lines[2] == "Installing its dependencies: npm ci --omit=dev --omit=optional --no-audit --no-fund"
    assert str(machine.installed) in lines[3]
    assert machine.read("npm-calls") == ["1 ci --omit=dev --omit=optional --no-audit --no-fund"]
    assert {"package.json", "package-lock.json", "src"} <= set(machine.read("npm-saw"))
    assert (machine.installed / "node_modules" / "kept").is_dir()
    source = SHIPPED / "package.json"
    assert (machine.installed / "package.json").read_bytes() == source.read_bytes()


async def test_a_second_time_there_is_nothing_to_do(machine: Machine) -> None:
    await machine.wa_tui("node", "install")
    again = await machine.wa_tui("node", "install")
    assert again.returncode == 0
    assert again.stdout == f"Nothing to do: {machine.installed} is up to date\n"
    assert len(machine.read("npm-calls")) == 1


async def test_what_npm_says_is_told_when_it_fails(machine: Machine) -> None:
    machine.write("npm-fails")
    done = await machine.wa_tui("node", "install")
    assert done.returncode == 1
    assert "(exit code 7)" in done.stderr and "    npm error code ENOTFOUND" in done.stderr
    assert not machine.installed.exists()
    left = {path.name for path in machine.installed.parent.iterdir()}
    assert left == {".node_service.lock"}


async def test_only_what_is_shipped_is_installed(machine: Machine, shipped: Path, tools: Tools) -> None:
    installation = Installation(machine.environ, shipped)
    installation.install(tools, lambda text: None)
    assert names(installation.directory) == {
        "package.json",
        "package-lock.json",
        "README.md",
        "src/main.js",
        "src/routes/a.js",
        ".installed",
    }


async def test_a_failed_update_leaves_the_old_one_working(
    machine: Machine, shipped: Path, tools: Tools
) -> None:
    said: list[str] = []
    installation = Installation(machine.environ, shipped)
    installation.install(tools, said.append)
    (shipped / "src" / "main.js").write_text("two")
    assert installation.there and not installation.current
    machine.write("npm-fails")
    with pytest.raises(NodeError, match="untouched"):
        installation.install(tools, said.append)
    assert (installation.directory / "src" / "main.js").read_text() == "one"
    assert (installation.directory / "node_modules" / "kept").is_dir()
    (machine.directory / "npm-fails").unlink()
    installation.install(tools, said.append)
    assert installation.current
    assert (installation.directory / "src" / "main.js").read_text() == "two"


async def test_a_running_service_keeps_the_files_of_its_version(
    machine: Machine, shipped: Path, tools: Tools
) -> None:
    installation = Installation(machine.environ, shipped)
    places: list[Path] = []
    for version in ("one", "two", "three"):
        (shipped / "src" / "main.js").write_text(version)
        installation.install(tools, lambda text: None)
        places.append(installation.directory.resolve())
    assert [place.exists() for place in places] == [False, True, True]
    # Back to the version before: it is still there, and npm is not asked.
    (shipped / "src" / "main.js").write_text("two")
    installation.install(tools, lambda text: None)
    assert installation.directory.resolve() == places[1]
    assert len(machine.read("npm-calls")) == 3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_an_interrupted_installation_is_begun_anew(machine: Machine, number: signal.Signals) -> None:
    machine.write("npm-hangs")
    process = machine.popen("node", "install")

    async def npm_runs() -> bool:
        return (machine.directory / "npm-runs").exists()

    await until(npm_runs)
    if number is signal.SIGINT:
        # Ctrl-C goes to all of them.
        os.killpg(process.pid, number)
        assert process.wait(10) == 130
    else:
        os.killpg(process.pid, number)
        process.wait(10)
    assert not machine.installed.exists()
    (machine.directory / "npm-hangs").unlink()
    done = await machine.wa_tui("node", "install")
    assert done.returncode == 0, done.stderr
    assert not [path for path in machine.installed.parent.iterdir() if path.name.startswith(".node_service-")]


async def test_two_at_once_do_not_meet(machine: Machine) -> None:
    root = machine.installed.parent
    root.mkdir(parents=True)
    with (root / ".node_service.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = await machine.wa_tui("node", "install")
    assert done.returncode == 1 and "by somebody else" in done.stderr


async def test_a_place_that_cannot_be_used_is_named(machine: Machine) -> None:
    machine.write("data", "a file")
    done = await machine.wa_tui("node", "install")
    assert done.returncode == 1
    assert str(machine.directory / "data") in done.stderr and "XDG_DATA_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wheel_without_the_service_is_said_so(machine: Machine, tools: Tools) -> None:
    empty = machine.directory / "empty"
    empty.mkdir()
    with pytest.raises(NodeError, match="carries no Node service; reinstall wa-tui"):
        Installation(machine.environ, empty).install(tools, lambda text: None)
    assert machine.read("npm-calls") == []


async def test_a_damaged_installation_is_made_anew(machine: Machine, shipped: Path, tools: Tools) -> None:
    installation = Installation(machine.environ, shipped)
    installation.install(tools, lambda text: None)
    shutil.rmtree(installation.directory.resolve())
    assert not installation.there
    installation.install(tools, lambda text: None)
    assert installation.current
