"""Configuration: what wins, and what each mistake is called."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from wa_tui.config import (
    Config,
    ConfigError,
    GatewayConfig,
    Intervals,
    ensure_control_key,
    ensure_key,
    ensure_state_dir,
    load,
)

DEFAULT = GatewayConfig("default", "http://localhost:3000")
EU = '[[gateways]]\nname = "eu-1"\nurl = "http://10.0.0.1:3000"\n'


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": "/bin"}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "wa_tui.toml"
    path.write_text(text)
    return path


def refused(environ: dict[str, str], path: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(environ, path)
    return str(caught.value)


def test_nothing_configured(environ: dict[str, str], tmp_path: Path) -> None:
    state = tmp_path / ".local/state/wa_tui"
    assert load(environ, None) == Config(
        gateways=(DEFAULT,),
        state_dir=state,
        socket=state / "wa_tui.sock",
        title=os.uname().nodename,
    )
    assert load(environ, None).database == state / "wa_tui.db"
    assert not state.exists()


def test_everything_in_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "us.key").write_text("from-a-file\n")
    path = write(
        tmp_path,
        """
        listen = "[::1]:9000"
        state_dir = "state"
        socket = "~/s.sock"
        socket_group = "oncall"
        api_key = "control"
        read_only = true
        title = "prod"
        retention_days = 90
        offline_days = 14
        [intervals]
        health = 5
        list_sync = 7.5
        status_sync = 60
        qr_expiry = 30
        cleanup = 3600
        restore_grace = 20
        [[gateways]]
        name = "eu-1"
        url = "https://eu.example/wa/"
        api_key = "eu-key"
        webhook_key = "eu-hook"
        read_only = true
        [[gateways]]
        name = "us-1"
        url = "http://us.example:3000"
        api_key_file = "us.key"
        """,
    )
    assert load(environ, path) == Config(
        gateways=(
            GatewayConfig("eu-1", "https://eu.example/wa", "eu-key", "eu-hook", read_only=True),
            GatewayConfig("us-1", "http://us.example:3000", "from-a-file"),
        ),
        listen=("::1", 9000),
        state_dir=tmp_path / "state",
        socket=tmp_path / "s.sock",
        socket_group="oncall",
        api_key="control",
        read_only=True,
        title="prod",
        intervals=Intervals(5.0, 7.5, 60.0, 30.0, 3600.0, 20.0),
        retention_days=90,
        offline_days=14,
        source=path,
    )


def test_the_environment_wins(environ: dict[str, str], tmp_path: Path) -> None:
    path = write(
        tmp_path, 'title = "file"\nread_only = true\nlisten = "0.0.0.0:1"\n[intervals]\nhealth = 5\n'
    )
    given = {
        "WA_TUI_TITLE": "environment",
        "WA_TUI_READ_ONLY": "no",
        "WA_TUI_LISTEN": "127.0.0.1:0",
        "WA_TUI_HEALTH_INTERVAL": "0.5",
        "WA_TUI_STATE_DIR": str(tmp_path / "elsewhere"),
    }
    config = load(environ | given, path)
    assert (config.title, config.read_only, config.listen) == ("environment", False, ("127.0.0.1", 0))
    assert config.intervals == Intervals(health=0.5)
    assert config.socket == tmp_path / "elsewhere/wa_tui.sock"


def test_an_empty_variable_is_unset(environ: dict[str, str]) -> None:
    empty = {"WA_TUI_TITLE": "", "NODE_SERVICE_URL": "", "WA_TUI_CONFIG": "", "WA_TUI_HEALTH_INTERVAL": ""}
    assert load(environ | empty, None) == load(environ, None)


def test_where_the_file_is_looked_for(environ: dict[str, str], tmp_path: Path) -> None:
    places = {"home": ".config/wa_tui/config.toml", "xdg": "xdg/wa_tui/config.toml", "named": "named.toml"}
    for title, place in places.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(f'title = "{title}"')
    assert load(environ, None).title == "home"
    environ["XDG_CONFIG_HOME"] = "relative/is/ignored"
    assert load(environ, None).title == "home"
    environ["XDG_CONFIG_HOME"] = str(tmp_path / "xdg")
    assert load(environ, None).title == "xdg"
    environ["WA_TUI_CONFIG"] = "~/named.toml"
    assert load(environ, None).title == "named"
    assert load(environ, write(tmp_path, 'title = "argument"')).title == "argument"


def test_the_state_directory_follows_xdg(environ: dict[str, str], tmp_path: Path) -> None:
    assert load(environ | {"XDG_STATE_HOME": "/var/s"}, None).state_dir == Path("/var/s/wa_tui")


def test_default_exists_only_when_it_should(environ: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path, EU)
    url, key = {"NODE_SERVICE_URL": "http://node:3000/"}, {"NODE_SERVICE_API_KEY": "k"}
    eu = GatewayConfig("eu-1", "http://10.0.0.1:3000")
    node = GatewayConfig("default", "http://node:3000")
    assert load(environ, path).gateways == (eu,)
    assert load(environ | key, path).gateways == (eu,)
    assert load(environ | url, path).gateways == (node, eu)
    assert load(environ | url | key, path).gateways[0].api_key == "k"
    assert load(environ | key, None).gateways == (GatewayConfig("default", DEFAULT.url, "k"),)


def test_default_in_the_file_and_in_the_environment(environ: dict[str, str], tmp_path: Path) -> None:
    text = '[[gateways]]\nname = "default"\nurl = "http://a:1"\napi_key = "file"\nread_only = true\n'
    path = write(tmp_path, EU + text)
    url, key = {"NODE_SERVICE_URL": "http://b:2"}, {"NODE_SERVICE_API_KEY": "env"}
    default = load(environ | url, path).gateways[0]
    assert default == GatewayConfig("default", "http://b:2", "file", read_only=True)
    assert load(environ | key, path).gateways[1] == GatewayConfig(
        "default", "http://a:1", "env", read_only=True
    )
    assert load(environ | url | key, path).gateways[0].api_key == "env"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("WA_TUI_HEALTH_INTERVAL", "ten", 'WA_TUI_HEALTH_INTERVAL="ten" is not a number of seconds'),
        ("WA_TUI_HEALTH_INTERVAL", "nan", 'WA_TUI_HEALTH_INTERVAL="nan" is not a number of seconds'),
        ("WA_TUI_HEALTH_INTERVAL", "inf", 'WA_TUI_HEALTH_INTERVAL="inf" is not a number of seconds'),
        ("WA_TUI_CLEANUP_INTERVAL", "0", 'WA_TUI_CLEANUP_INTERVAL="0" is not more than 0 seconds'),
        ("WA_TUI_CLEANUP_INTERVAL", "-5", 'WA_TUI_CLEANUP_INTERVAL="-5" is not more than 0 seconds'),
        ("WA_TUI_RETENTION_DAYS", "1.5", "is not a whole number of days"),
        ("WA_TUI_READ_ONLY", "maybe", 'WA_TUI_READ_ONLY="maybe" is neither true nor false'),
        ("WA_TUI_LISTEN", "8000", 'WA_TUI_LISTEN="8000" is not host:port, as 127.0.0.1:8000 is'),
        ("WA_TUI_LISTEN", "localhost:http", "is not host:port"),
        ("WA_TUI_LISTEN", "localhost:65536", "a port is 1 to 65535, or 0"),
        ("WA_TUI_LISTEN", ":8000", "names no host"),
        ("WA_TUI_LISTEN", "::1:8000", "an IPv6 address goes in brackets"),
        ("WA_TUI_LISTEN", "[::zz]:8000", "no IPv6 address in the brackets"),
        ("WA_TUI_LISTEN", "a b:8000", "names no host"),
        ("NODE_SERVICE_URL", "localhost:3000", "is not a URL, as http://localhost:3000 is"),
        ("NODE_SERVICE_URL", "ftp://a/", "is not a URL, as http://a/ is"),
        ("NODE_SERVICE_URL", "http://", "is not a URL"),
        ("NODE_SERVICE_URL", "http://a:99999", "its host or port is wrong"),
        ("NODE_SERVICE_URL", "http://a:x", "its host or port is wrong"),
        ("NODE_SERVICE_URL", "http://[::1", "its host or port is wrong"),
        ("NODE_SERVICE_URL", "http://a/?x=1", "leave out spaces"),
        ("NODE_SERVICE_URL", "http://a\n.b/", "control character"),
        ("WA_TUI_TITLE", "a\x1b[2J", "control character"),
        ("WA_TUI_TITEL", "x", 'unknown variable WA_TUI_TITEL; did you mean "WA_TUI_TITLE"?'),
        ("WA_TUI_XQZ", "x", "unknown variable WA_TUI_XQZ; known are WA_TUI_API_KEY, "),
        ("WA_TUI_CONFIG", "/nowhere/at.toml", "/nowhere/at.toml: cannot be read (No such file"),
    ],
)
def test_a_wrong_variable(environ: dict[str, str], variable: str, value: str, message: str) -> None:
    assert message in refused(environ | {variable: value})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[intervals]\nhelth = 5", 'unknown key "helth" in [intervals]; did you mean "health"?'),
        ("[intervalls]\nhealth = 5", 'unknown key "intervalls"; did you mean "intervals"?'),
        ('titel = "x"', 'unknown key "titel"; did you mean "title"?'),
        (EU + 'apikey = "k"', 'unknown key "apikey" in [gateways.1]; did you mean "api_key"?'),
        ('[intervals]\nhealth = "ten"', 'intervals.health = "ten" is not a number of seconds'),
        ("[intervals]\nhealth = true", "intervals.health = true is not a number of seconds"),
        ("[intervals]\nhealth = 0", "intervals.health = 0 is not more than 0 seconds"),
        ("intervals = 5", "intervals is not a table: write [intervals]"),
        ('[gateways]\nname = "a"', "gateways is not a list of tables: write [[gateways]]"),
        ("gateways = [1]", "gateways is not a list of tables"),
        ("listen = 8000", "listen = 8000 is not a text"),
        ("title = ['a']", 'title = ["a"] is not a text'),
        ("read_only = 1", "read_only = 1 is neither true nor false"),
        ('[[gateways]]\nurl = "http://a"', "gateways.1 has no name"),
        ('[[gateways]]\nname = "a"', "gateways.1 has no url"),
        ('[[gateways]]\nname = "a/b"\nurl = "http://a"', 'gateways.1.name = "a/b" is not a name'),
        ('[[gateways]]\nname = "-a"\nurl = "http://a"', "is not a name"),
        (
            f'[[gateways]]\nname = "{"a" * 33}"\nurl = "http://a"',
            "is not a name: up to 32 of a-z, A-Z, 0-9, dot, -",
        ),
        ('[[gateways]]\nname = "Köln"\nurl = "http://a"', "is not a name"),
        (EU + EU.replace("0.0.1", "0.0.2"), 'two gateways are named "eu-1"; give'),
        (EU + EU.replace("0.0.1", "0.0.2").replace("eu", "EU"), 'two gateways are named "eu-1" and "EU-1"'),
        (EU + EU.replace("eu-1", "eu-2"), 'gateways "eu-1" and "eu-2" have one url, http://10.0.0.1:3000'),
        (EU + 'api_key = "a"\napi_key_file = "b"', "api_key and api_key_file: keep one"),
        (EU + 'api_key_file = "nowhere"', "nowhere cannot be read (No such file"),
        ("title = ", "is not TOML: "),
        ('title = "a"\ntitle = "b"', "is not TOML: "),
    ],
)
def test_a_wrong_file(environ: dict[str, str], tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    told = refused(environ, path)
    assert told.startswith(f"{path}: ")
    assert message in told


def test_a_file_that_is_not_text(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"title = '\xff'")
    assert "not UTF-8" in refused(environ, path)
    assert "cannot be read (Is a directory)" in refused(environ, tmp_path)


@pytest.mark.parametrize("value", ["has space", "ümlaut", "new\nline"])
def test_keys_are_never_told(environ: dict[str, str], tmp_path: Path, value: str) -> None:
    (tmp_path / "key").write_text(value)
    quoted = value.replace("\n", "\\n")
    told = [
        refused(environ | {"WA_TUI_API_KEY": value}),
        refused(environ | {"NODE_SERVICE_API_KEY": value}),
        refused(environ, write(tmp_path, EU + f'api_key = "{quoted}"')),
        refused(environ, write(tmp_path, EU + f'webhook_key = "{quoted}"')),
        refused(environ, write(tmp_path, EU + 'api_key_file = "key"')),
    ]
    for message in told:
        assert "is not a key" in message
        assert value not in message
        assert quoted not in message


def test_keys_are_not_in_a_repr(environ: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path, 'api_key = "s3cret"\n' + EU + 'api_key = "s3cret"\nwebhook_key = "s3cret"')
    assert "s3cret" not in repr(load(environ, path))


@pytest.mark.parametrize("url", ["http://me:s3cret@host/", "me:s3cret@host:3000"])
def test_a_user_in_a_url_is_refused_and_not_told(environ: dict[str, str], url: str) -> None:
    told = refused(environ | {"NODE_SERVICE_URL": url})
    assert "use api_key" in told
    assert "s3cret" not in told


def test_what_stands_before_a_gateway(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("pä: ss\n")
    certificate = Path(__file__).parents[1] / "data" / "tls" / "ca.pem"
    front = f'ca_file = "{certificate}"\nbasic_user = "ops"\nbasic_password_file = "pw"\n'
    path = write(tmp_path, EU.replace("http:", "https:") + front + 'headers = { "X-Tenant" = "s3cret" }\n')
    config = load(environ, path)
    [gateway] = config.gateways
    assert (gateway.ca_file, gateway.basic) == (certificate, ("ops", "pä: ss"))
    assert gateway.headers == {"x-tenant": "s3cret"}
    assert "s3cret" not in repr(config) and "pä: ss" not in repr(config)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ca_file = "pw"', "gateways.1.ca_file is for https://, but gateways.1.url is http://10.0.0.1:3000"),
        ('basic_user = "ops"', "gateways.1 has basic_user and no basic_password_file: it takes both"),
        ('basic_password_file = "pw"', "has basic_password_file and no basic_user"),
        ('basic_user = "o:ps"\nbasic_password_file = "pw"', "it has a colon in it"),
        (
            'headers = { "X-A" = "s3cret\\nX-B: c" }',
            "has a value for X-A that is no line of ASCII characters",
        ),
        ('headers = { "X A" = "s3cret" }', 'has "X A" in it, which is no header\'s name'),
        ('headers = { "X-Api-Key" = "s3cret" }', "has X-Api-Key in it, which wa-tui sets itself"),
        ('headers = "s3cret"', "is not a table of headers"),
        (
            'basic_user = "o"\nbasic_password_file = "pw"\nheaders = { Authorization = "s3cret" }',
            "has basic_user and a header Authorization: keep one",
        ),
    ],
)
def test_what_cannot_stand_before_a_gateway(
    environ: dict[str, str], tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "pw").write_text("s3cret")
    told = refused(environ, write(tmp_path, EU + text))
    assert message in told and "s3cret" not in told


def test_a_file_without_a_certificate(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret")
    for name, message in (("pw", "holds no certificate"), ("nowhere", "cannot be read (No such file")):
        told = refused(environ, write(tmp_path, EU.replace("http:", "https:") + f'ca_file = "{name}"'))
        assert message in told and "s3cret" not in told


def test_a_socket_path_that_is_too_long(environ: dict[str, str]) -> None:
    assert load(environ | {"WA_TUI_SOCKET": "/" + "s" * 106}, None).socket == Path("/" + "s" * 106)
    told = refused(environ | {"WA_TUI_SOCKET": "/" + "ä" * 54})
    assert "has 109 bytes, a Unix socket's may have 107; set WA_TUI_SOCKET" in told


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_once(environ: dict[str, str], tmp_path: Path) -> None:
    config = load(environ | {"WA_TUI_STATE_DIR": str(tmp_path / "a/b")}, None)
    before = os.umask(0)
    try:
        key, control = ensure_key(config), ensure_control_key(config)
    finally:
        os.umask(before)
    assert len({key, control}) == 2
    assert len(key) >= 43
    assert (ensure_key(config), ensure_control_key(config)) == (key, control)
    assert sorted(path.name for path in config.state_dir.iterdir()) == ["api-key", "control-key"]
    assert mode(config.state_dir) == 0o700
    assert {mode(path) for path in config.state_dir.iterdir()} == {0o600}


def test_a_configured_control_key_is_not_stored(environ: dict[str, str], tmp_path: Path) -> None:
    config = load(environ | {"WA_TUI_STATE_DIR": str(tmp_path / "s"), "WA_TUI_API_KEY": "mine"}, None)
    assert ensure_control_key(config) == "mine"
    assert not config.state_dir.exists()


def test_a_key_file_open_to_others_is_tightened(
    environ: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = load(environ | {"WA_TUI_STATE_DIR": str(tmp_path)}, None)
    path = tmp_path / "api-key"
    path.write_text("old\n")
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert ensure_key(config) == "old"
        assert ensure_key(config) == "old"
    assert mode(path) == 0o600
    assert caplog.text.count("could be read by others (mode 644)") == 1


@pytest.mark.parametrize("content", ["", "two words", "\x00"])
def test_a_key_file_without_a_key(environ: dict[str, str], tmp_path: Path, content: str) -> None:
    config = load(environ | {"WA_TUI_STATE_DIR": str(tmp_path)}, None)
    (tmp_path / "api-key").write_text(content)
    with pytest.raises(ConfigError, match=r"api-key holds is not a key.*remove it for a new one"):
        ensure_key(config)


def test_a_key_file_that_is_a_link_is_refused(environ: dict[str, str], tmp_path: Path) -> None:
    config = load(environ | {"WA_TUI_STATE_DIR": str(tmp_path)}, None)
    (tmp_path / "elsewhere").write_text("planted")
    (tmp_path / "api-key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="api-key is a symbolic link"):
        ensure_key(config)


def test_a_state_directory_that_cannot_be_made(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = load(environ | {"WA_TUI_STATE_DIR": str(tmp_path / "file/state")}, None)
    with pytest.raises(ConfigError, match=r"cannot be made .*; set WA_TUI_STATE_DIR"):
        ensure_state_dir(config)


def test_a_state_directory_open_to_others_is_refused(environ: dict[str, str], tmp_path: Path) -> None:
    state = tmp_path / "a state"
    config = load(environ | {"WA_TUI_STATE_DIR": str(state)}, None)
    ensure_state_dir(config)
    for wide in (0o777, 0o770, 0o1777, 0o702):
        state.chmod(wide)
        with pytest.raises(ConfigError, match=rf"by others \(mode {wide:o}\): chmod go-w '.*a state'"):
            ensure_key(config)
    # A group that may use the socket has to get there.
    state.chmod(0o750)
    assert ensure_key(config)
    if os.geteuid() == 0:
        os.chown(state, 65534, -1)
        with pytest.raises(ConfigError, match="belongs to another user"):
            ensure_state_dir(config)


def test_two_processes_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import os, sys; from wa_tui.config import ensure_key, load; config = load(os.environ)\n"
        "print('ready', flush=True); sys.stdin.readline(); print(ensure_key(config))"
    )
    environ = os.environ | {"WA_TUI_STATE_DIR": str(tmp_path / "state")}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=40)[0] for process in processes}
    assert len(keys) == 1
    assert len(keys.pop()) > 40
