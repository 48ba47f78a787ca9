"""Hostile surroundings: whatever is wrong with settings, files and streams is one sentence and exit code 2."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.shell import Shell
from wa_tui.cli import entry, exits
from wa_tui.cli.parser import build
from wa_tui.config import SETTINGS

VALUES = {
    "spaces": "   ",
    "quoted": '"10"',
    "a quoted URL": "'http://127.0.0.1:8000'",
    "a BOM": "\ufeff10",
    "curly quotes": "“10”",
    "a word": "banana",
    "a zero byte": "1\x00",
    "a line break": "1\n2",
    "an escape": "\x1b[2J",
    "bytes that are not UTF-8": "10\udcff",
    "a URL": "http://127.0.0.1:8000/x",
    "huge": "9" * 5000,
    "long": "x" * 100_000,
    "negative": "-1",
    "nan": "nan",
    "infinite": "inf",
    "tiny": "1e-300",
    "enormous": "1e300",
    "a shell's home": "~nobody-at-all/x",
    "a shell's variable": "$HOME/x",
    "a dot": ".",
    "labels too long": f"http://{'a' * 64}.example:{1}",
    "a label too long": f"{'a' * 64}.example:80",
}
"""What people, shells and tools put where a setting belongs; as texts."""

LITERALS = [
    *(json.dumps(value) for value in VALUES.values() if "\udcff" not in value),
    *("true", "-1", "0", "1.5", "nan", "-inf", "1e308", "9" * 400, "0x" + "f" * 9000, "[]", "[[[]]]", "{}"),
    *('{ a = "x" }', "1979-05-27", "07:32:00", "[1, 2]", '["a"]', '[{ name = "a" }]', "{ a = { b = 1 } }"),
]
"""What stands to the right of = in TOML."""

ENVIRONMENT = [setting.env for setting in SETTINGS if setting.env is not None]
TOML = [setting.toml for setting in SETTINGS if setting.toml is not None]

PARSER = build()

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `wa-tui` in this process, in a home of its own: its exit code and what it complained of."""
    for name in set(os.environ):
        if name.startswith(("WA_TUI_", "NODE_SERVICE_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))

    # What is taken is not tried out: that is for those that need a daemon.
    monkeypatch.setattr(entry, "_command", lambda *_, **__: entry._complain("no daemon", exits.NO_DAEMON))

    # Most of a run's time goes into building the parser.
    monkeypatch.setattr(entry, "parse", PARSER.parse_args)

    def run(*arguments: str, **variables: str) -> tuple[int, str]:
        with monkeypatch.context() as patch:
            # Python's `environ` refuses what the system would refuse, a zero byte; a test has to go around that.
            patch.setattr(os, "environ", os.environ | variables)
            code = entry.main(list(arguments))
        return code, capsys.readouterr().err

    return run


def is_one_sentence(code: int, said: str, *names: str) -> None:
    """Assert that a setting was refused in one line that names it, or taken: then nobody answers."""
    assert code in (exits.USAGE, exits.NO_DAEMON), said
    assert said.startswith("wa-tui: ") and said.count("\n") == 1 and len(said) < 2500, said
    assert code == exits.NO_DAEMON or any(name in said for name in names), said


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_any_value_of_any_variable(run: Run, variable: str) -> None:
    for what, value in VALUES.items():
        code, said = run("status", **{variable: value})
        is_one_sentence(code, said, variable, str(Path.cwd()))
        assert "API_KEY" not in variable or value.strip() in ("", ".") or value.strip() not in said, what


@pytest.mark.parametrize("setting", TOML)
def test_any_literal_of_any_key(run: Run, tmp_path: Path, setting: str) -> None:
    path = tmp_path / "c.toml"
    table, _, key = setting.rpartition(".")
    for literal in LITERALS:
        lines = [f"{key} = {literal}"]
        if table == "gateways":
            known = {"name": '"eu-1"', "url": '"http://127.0.0.1:1"'}
            lines = ["[[gateways]]", *(f"{name} = {known[name]}" for name in known if name != key), *lines]
        elif table:
            lines = [f"[{table}]", *lines]
        path.write_text("\n".join(lines))
        is_one_sentence(*run("status", "--config", str(path)), str(path), str(tmp_path))


@pytest.mark.parametrize(
    ("variable", "value", "detail"),
    [
        ("NODE_SERVICE_URL", '"http://localhost:3000"', "stands in quotes, which are part of it here"),
        ("NODE_SERVICE_URL", "“http://localhost:3000”", "stands in quotes"),
        ("WA_TUI_HEALTH_INTERVAL", "'10'", "stands in quotes"),
        ("WA_TUI_STATE_DIR", '"/var/lib/wa_tui"', "stands in quotes"),
        ("WA_TUI_STATE_DIR", "~ops/state", "~ops is not looked up, write the whole path"),
        ("WA_TUI_STATE_DIR", "$HOME/state", "$HOME is not replaced as in a shell"),
        ("WA_TUI_STATE_DIR", "file:///var", "is a URL, not a path"),
        ("WA_TUI_LISTEN", "http://0.0.0.0:8000/", "is a URL: write host and port alone, as 0.0.0.0:8000 is"),
        ("WA_TUI_LISTEN", "https://ops", "is a URL: write host and port alone, as ops:8000 is"),
        ("WA_TUI_PORT", "8000", "unknown variable WA_TUI_PORT"),
        ("WA_TUI_SERVICE_HOST", "banana", "unknown variable WA_TUI_SERVICE_HOST"),
        ("HOME", "somewhere/else", "HOME=somewhere/else is not an absolute path"),
        ("NODE_SERVICE_API_KEY", "\ufeffk", "it begins with a byte order mark (BOM)"),
        ("NODE_SERVICE_API_KEY", "“k”", "it has curly quotes in it"),
    ],
)
def test_it_is_said_for_what_it_is(run: Run, variable: str, value: str, detail: str) -> None:
    code, said = run("status", **{variable: value})
    assert (code, detail in said) == (exits.USAGE, True), said


def test_what_kubernetes_puts_into_a_pod_beside_a_service_is_nobodys_setting(run: Run) -> None:
    made = {
        "WA_TUI_SERVICE_HOST": "10.96.0.17",
        "WA_TUI_SERVICE_PORT": "8000",
        "WA_TUI_SERVICE_PORT_HTTP": "8000",
        "WA_TUI_PORT": "tcp://10.96.0.17:8000",
        "WA_TUI_PORT_8000_TCP": "tcp://10.96.0.17:8000",
        "WA_TUI_PORT_8000_TCP_PROTO": "tcp",
        "WA_TUI_PORT_8000_TCP_PORT": "8000",
        "WA_TUI_PORT_8000_TCP_ADDR": "10.96.0.17",
        "WA_TUI_PORT_53_UDP": "udp://[fd00::1]:53",
        "WA_TUI_PORT_53_UDP_ADDR": "fd00::1",
        "WA_TUI_EU_1_SERVICE_HOST": "10.96.0.18",
        "WA_TUI_EU_1_PORT_3000_TCP_ADDR": "10.96.0.18",
        "WA_TUI_EU_1_PORT": "tcp://10.96.0.18:3000",
    }
    code, said = run("status", **made)
    assert code == exits.NO_DAEMON, said


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"\xef\xbb\xbftitle = 'a'", "begins with a byte order mark (BOM): save it as UTF-8 without one"),
        ("title = 'a'".encode("utf-16"), "is UTF-16 text (a BOM says so)"),
        ("a = 1\ntitle = “prod”".encode(), "line 2 has curly quotes (“): write straight ones"),
        ("title\u00a0= 'a'".encode(), "line 1 has a no-break space"),
        (b"title = '\xff'", "is not UTF-8 text"),
        (b"title = 'a'\ntitle = 'b'", "is not TOML"),
        (b"x = " + b"[" * 100_000, "is not TOML: brackets in brackets"),
        (b"retention_days = " + b"9" * 5000, "is not TOML"),
        (b"title = '" + b"x" * 5_000_000 + b"'", "has more than 4 MB: that is another file"),
    ],
)
def test_a_configuration_is_said_for_what_it_is(
    run: Run, tmp_path: Path, content: bytes, detail: str
) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    code, said = run("status", "--config", str(path))
    is_one_sentence(code, said, str(path))
    assert detail in said


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfkey", "“key”".encode(), b"", b"a b", b"x" * 20_000, b"\xff"]
)
def test_a_key_file_is_said_for_what_it_is(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    path = tmp_path / "c.toml"
    path.write_text('[[gateways]]\nname = "eu-1"\nurl = "http://127.0.0.1:1"\napi_key_file = "key"\n')
    code, said = run("status", "--config", str(path))
    is_one_sentence(code, said, "api_key_file")
    assert code == exits.USAGE
    assert b"BOM" in said.encode() or not content.startswith(b"\xef")


def test_a_configuration_that_is_no_file(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, detail in (
        (tmp_path / "pipe", "is a pipe, not a file"),
        (tmp_path, "Is a directory"),
        (Path("/dev/zero"), "is a device, not a file"),
        (tmp_path / "nowhere", "No such file"),
    ):
        code, said = run("status", "--config", str(path))
        assert (code, detail in said) == (exits.USAGE, True), said
    code, _ = run("status", "--config", os.devnull)
    assert code == exits.NO_DAEMON


async def test_a_closed_stream_is_no_traceback(shell: Shell) -> None:
    command = shlex.join([sys.executable, "-m", "wa_tui"])
    for arguments, closed, code in (
        ("keys", "<&-", exits.OK),
        ("keys", ">&-", exits.FAILED),
        ("keys", "2>&-", exits.OK),
        ("status", "<&- >&- 2>&-", exits.NO_DAEMON),
        ("", "<&-", exits.USAGE),
        ("status", "2>/dev/full", exits.NO_DAEMON),
    ):
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", f"exec {command} {arguments} {closed}"),
            env=shell.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        assert (process.returncode, b"Traceback" in said) == (code, False), (arguments, closed, said)
        assert (b"cannot be written" in said) == (closed == ">&-"), said


def test_the_home_of_another_user(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    command = [sys.executable, "-m", "wa_tui"]
    if os.geteuid() == 0:
        # Root is let into everybody's directories, unless it gives that up.
        os.chown(home, 65534, 65534)
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    else:
        home.chmod(0)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), "HOME": str(tmp_path)}
    for variable, *arguments in (("HOME", "status"), ("XDG_CONFIG_HOME", "--daemon"), ("HOME", "keys")):
        done = subprocess.run(
            [*command, *arguments],
            env=environment | {variable: str(home)},
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
        assert done.returncode == exits.USAGE, (variable, arguments, done.stderr)
        assert done.stderr.count("\n") == 1 and "Permission denied" in done.stderr, done.stderr
        assert "another user" in done.stderr
    home.chmod(0o700)
