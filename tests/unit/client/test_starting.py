"""What a person is told to type is what starts the daemon."""

from __future__ import annotations

import shlex
from pathlib import Path

from wa_tui.client import DaemonGone, Tcp, Unix, start_command
from wa_tui.client.errors import lost, unreachable
from wa_tui.config import load


def told(environ: dict[str, str], file: Path | None = None, **options: bool) -> str:
    return start_command(load(environ, file), environ, **options)


def test_by_default_it_is_short(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert told(home) == "wa-tui --daemon"
    default = tmp_path / ".config/wa_tui/config.toml"
    default.parent.mkdir(parents=True)
    default.write_text("")
    assert told(home) == "wa-tui --daemon"
    assert told(home, with_node=True) == "wa-tui --daemon --with-node"


def test_whatever_leads_elsewhere_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "a b.toml"
    file.write_text("")
    state = tmp_path / "it's"
    environ = {"HOME": str(tmp_path), "WA_TUI_STATE_DIR": str(state), "WA_TUI_LISTEN": "127.0.0.1:8001"}
    detail = shlex.split(told(environ, file))
    assert detail == [
        f"WA_TUI_STATE_DIR={state}",
        "WA_TUI_LISTEN=127.0.0.1:8001",
        *("wa-tui", "--daemon", "--config", str(file)),
    ]


def test_a_daemon_that_stopped_says_how_to_start_it_before_any_path() -> None:
    address = Unix(Path("/run/wa_tui.sock"), "WA_TUI_STATE_DIR=/x wa-tui --daemon")
    for error in (lost(address, "the daemon is stopping"), unreachable(address, ConnectionRefusedError())):
        assert isinstance(error, DaemonGone) and error.start == address.start
        assert f"`{address.start}`" in str(error)
    said = str(lost(address, "the daemon is stopping"))
    assert said.index("is stopping") < said.index(address.start) < said.index("/run/wa_tui.sock")
    assert not lost(Tcp("https://x:8000"), "closed").start


def test_how_to_start_one_that_is_gone_is_said_within_eighty_columns() -> None:
    for gone in (
        lost(Unix(Path("/run/user/1000/wa_tui/wa_tui.sock")), "it ended without a word"),
        lost(Tcp("https://ops.example:8000"), "it ended without a word"),
        unreachable(Unix(Path("/run/user/1000/wa_tui/wa_tui.sock")), FileNotFoundError()),
        unreachable(Unix(Path("/run/user/1000/wa_tui/wa_tui.sock")), ConnectionRefusedError()),
    ):
        # A notice has a border of a cell, a sign and a space.
        assert "wa-tui --daemon" in str(gone)[:76]
