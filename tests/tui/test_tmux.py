"""The monitor in a terminal that others wrote: tmux draws it, resizes it and tells what state it was left in."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal

pytestmark = [
    pytest.mark.pty,
    pytest.mark.skipif(
        shutil.which("tmux") is None, reason="tmux is not installed: apt-get install tmux, brew install tmux"
    ),
]

ROOT = Path(__file__).parents[2]
COMMAND = shlex.join([sys.executable, "-m", "tests.tui.monitor", "--real"])
FLAGS = ("alternate_on", "cursor_flag", "mouse_any_flag", "mouse_all_flag", "mouse_sgr_flag", "keypad_flag")


class Pane:
    """A shell in a tmux server of its own, which no configuration and no other session touches."""

    def __init__(self, columns: int = 120, rows: int = 40) -> None:
        self._name = f"wa-tui-test-{uuid.uuid4().hex[:12]}"
        self._tmux("new-session", "-d", "-x", f"{columns}", "-y", f"{rows}", "env", "PS1=$ ", "sh")
        self._tmux("set", "-g", "window-size", "manual")

    def close(self) -> None:
        self._tmux("kill-server")

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def press(self, key: str) -> None:
        self._tmux("send-keys", key)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", f"{columns}", "-y", f"{rows}")

    def lines(self) -> list[str]:
        return self._tmux("capture-pane", "-p").split("\n")

    def flags(self) -> dict[str, str]:
        told = self._tmux("display-message", "-p", " ".join(f"#{{{flag}}}" for flag in FLAGS))
        return dict(zip(FLAGS, told.split(), strict=True))

    def told(self, what: str) -> str:
        """What tmux says of the pane or its window: ``pane_title``, ``window_name``."""
        return self._tmux("display-message", "-p", f"#{{{what}}}").removesuffix("\n")

    def option(self, name: str, value: str) -> None:
        self._tmux("set", "-g", name, value)

    def name(self, text: str) -> None:
        self._tmux("rename-window", text)

    def program(self) -> int:
        """The process that the shell waits for. Raises IndexError when there is none."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        return int(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])

    def monitor(self) -> int:
        """The monitor's process, below the shell or a script of it."""
        program = self.program()
        below = Path(f"/proc/{program}/task/{program}/children").read_text().split()
        return (
            int(below[0]) if below and "python" not in Path(f"/proc/{program}/comm").read_text() else program
        )

    def wait_for(self, holds: Callable[[list[str]], object], timeout: float = 40.0) -> list[str]:
        deadline = time.monotonic() + timeout
        while not holds(lines := self.lines()):
            if time.monotonic() > deadline:
                raise TimeoutError("it never held; the screen:\n" + "\n".join(lines))
            time.sleep(0.05)
        return lines

    def _tmux(self, *arguments: str) -> str:
        known = {name: value for name, value in os.environ.items() if name not in ("TMUX", "NO_COLOR")}
        command = ["tmux", "-L", self._name, "-f", "/dev/null", *arguments]
        environment = known | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=40)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def pane() -> Iterator[Pane]:
    pane = Pane()
    try:
        pane.wait_for(lambda lines: lines[0].startswith("$"))
        yield pane
    finally:
        pane.close()


def shows(text: str) -> Callable[[list[str]], object]:
    return lambda lines: any(text in line for line in lines)


def start(pane: Pane) -> dict[str, str]:
    """Start the monitor; return how the terminal was before."""
    before = pane.flags()
    pane.type(f"stty -a > /dev/null; {COMMAND}; echo ended with $?")
    pane.press("Enter")
    pane.wait_for(shows("billing-old"))
    return before


def modes(pane: Pane) -> str:
    """What the terminal's driver does with keys, in the words of `stty`."""
    pane.type("clear; stty -a | tr ';' '\\n'; echo that is all")
    pane.press("Enter")
    lines = pane.wait_for(lambda lines: any(line.startswith("that is all") for line in lines))
    # The shell may say only now how the program ended.
    others = ("$", "that is all", "ended with")
    return " ".join(line.strip() for line in lines if line.strip() and not line.startswith(others))


def settings(pane: Pane) -> str:
    """The same in one word, whatever the terminal's size."""
    pane.type("clear; stty -g; echo that is all")
    pane.press("Enter")
    lines = pane.wait_for(lambda lines: any(line.startswith("that is all") for line in lines))
    return next(line for line in lines if line.count(":") > 10)


def test_it_fits_every_size_it_is_given(pane: Pane) -> None:
    start(pane)
    for columns, rows in ((80, 24), (40, 12), (200, 60), (120, 40)):
        pane.resize(columns, rows)
        lines = pane.wait_for(lambda lines, rows=rows: "Help" in lines[rows - 1] or "Quit" in lines[rows - 1])  # type: ignore[misc]
        assert len(lines) == rows + 1, "and the end of the last line"
        assert all(len(line) <= columns for line in lines)
        assert "billing-old" in "\n".join(lines), f"the first in trouble, at {columns}x{rows}"
        assert "wa-tui" in lines[0]


def test_keys_reach_it_and_what_they_change_is_drawn(pane: Pane) -> None:
    start(pane)
    pane.press("Down")
    pane.wait_for(lambda lines: any(line.startswith("▌") and "billing-old" not in line for line in lines))
    pane.press("?")
    pane.wait_for(shows("The session under the cursor"))
    pane.press("Escape")
    pane.wait_for(shows("billing-old"))
    pane.press("q")
    pane.wait_for(shows("ended with 0"))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_leaves_the_terminal_as_it_was(pane: Pane, number: signal.Signals) -> None:
    cooked = modes(pane)
    before = start(pane)
    during = pane.flags()
    assert (during["alternate_on"], during["cursor_flag"]) == ("1", "0")
    assert during["mouse_any_flag"] == "1"
    os.kill(pane.program(), number)
    lines = pane.wait_for(shows("ended with 0"))
    assert not any("billing-old" in line for line in lines), "the alternate screen is left"
    assert not any("[" in line and "R" in line and ";" in line for line in lines[-3:]), (
        "no answer is left over"
    )
    assert pane.flags() == before
    assert modes(pane) == cooked
    assert " icanon" in cooked and " echo " in cooked


@pytest.mark.parametrize(("allowed", "named"), [("on", ""), ("on", "mine"), ("off", "mine")])
def test_panes_title_and_windows_name_are_given_back(pane: Pane, allowed: str, named: str) -> None:
    pane.option("allow-rename", allowed)
    if named:
        pane.name(named)
    pane.type("printf '\\033]2;former\\007'; clear")
    pane.press("Enter")
    pane.wait_for(lambda _: pane.told("pane_title") == "former")
    automatic = pane.told("automatic-rename")
    start(pane)
    pane.wait_for(lambda _: "need you" in pane.told("pane_title"))
    shown = pane.told("pane_title") if allowed == "on" else named
    pane.wait_for(lambda _: pane.told("window_name") == shown)
    pane.press("q")
    pane.wait_for(shows("ended with 0"))
    pane.wait_for(lambda _: pane.told("pane_title") == "former")
    pane.wait_for(lambda _: pane.told("window_name") == (named or "sh"))
    assert pane.told("automatic-rename") == automatic


@pytest.mark.parametrize("wrapped", [False, True], ids=["alone", "in a script"])
@pytest.mark.parametrize("how", ["key", "SIGTSTP"])
def test_it_is_suspended_and_comes_back_in_another_size(pane: Pane, how: str, wrapped: bool) -> None:
    cooked = settings(pane)
    before = pane.flags()
    pane.type(f"sh -c {shlex.quote(COMMAND + '; true')}" if wrapped else COMMAND)
    pane.press("Enter")
    pane.wait_for(shows("billing-old"))
    for columns, rows in ((100, 30), (100, 30), (80, 24)):
        if how == "key":
            pane.press("C-z")
        else:
            os.kill(pane.monitor(), signal.SIGTSTP)
        pane.wait_for(lambda lines: any("Stopped" in line for line in lines))
        assert pane.flags() == before
        assert settings(pane) == cooked
        pane.resize(columns, rows)
        pane.type("clear; fg")
        pane.press("Enter")
        lines = pane.wait_for(lambda lines, rows=rows: "Help" in lines[rows - 1] and "wa-tui" in lines[0])  # type: ignore[misc]
        assert "billing-old" in "\n".join(lines)
        assert pane.flags()["alternate_on"] == "1"
        pane.press("Down")
        pane.press("Home")
    pane.press("q")
    pane.wait_for(lambda lines: lines[-2].startswith("$") or any(line.strip() == "$" for line in lines))
    assert pane.flags() == before


def test_a_desktop_notice_reaches_the_terminal_that_tmux_is_in(tmp_path: Path) -> None:
    configuration, name = tmp_path / "tmux.conf", f"wa-tui-test-{uuid.uuid4().hex[:12]}"
    configuration.write_text("set -g allow-passthrough on\n")
    command = shlex.join([sys.executable, "-m", "tests.tui.window_stage", "osc777"])
    tmux = ["tmux", "-L", name, "-f", str(configuration)]
    try:
        inner = {"TMUX": "", "LC_ALL": "C.UTF-8"}
        with Terminal([*tmux, "new-session", command], environment=inner, cwd=str(ROOT)) as terminal:
            terminal.wait_for("sales-eu")
            told = subprocess.run(
                [*tmux, "display-message", "-p", "#{pane_pid}"], capture_output=True, text=True, check=True
            )
            terminal.wait_for("need you")
            os.kill(int(told.stdout), signal.SIGUSR1)
            deadline = time.monotonic() + 15
            while b"\x1b]777;notify;wa-tui prod;gateway eu-1: refuses our key\x07" not in terminal.output:
                assert time.monotonic() < deadline, bytes(terminal.output)[-2000:]
                time.sleep(0.05)
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)


def test_foreign_names_are_as_wide_as_we_think(pane: Pane) -> None:
    pane.type(f"clear; {shlex.join([sys.executable, '-m', 'tests.tui.measuring'])}; echo measured")
    pane.press("Enter")
    lines = pane.wait_for(lambda lines: "measured" in lines)
    assert "all widths agree" in lines, "\n".join(lines)
