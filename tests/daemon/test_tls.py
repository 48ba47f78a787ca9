"""The API over TLS: clients verify it, what is no TLS is refused, and nothing of a handshake takes a place."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import httpx
import pytest
import uvloop

from tests.nursery import run
from wa_tui.cli import exits
from wa_tui.client import Client, DaemonGone, Tcp
from wa_tui.config import GatewayConfig
from wa_tui.daemon.http import tls
from wa_tui.daemon.receiving.refusals import Refusals
from wa_tui.wire import Delta, Snapshot

from .conftest import NewDaemon
from .inside import Inside, inside
from .running import CONTROL_KEY, KEY, WEBHOOK
from .waiting import webhook

TLS = Path(__file__).parents[1] / "data" / "tls"


def own_key(directory: Path, name: str = "server.key", mode: int = 0o600) -> Path:
    """A copy of a key that may be read by whoever its mode lets."""
    place = directory / name
    shutil.copy(TLS / name, place)
    place.chmod(mode)
    return place


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[Inside]:
    """A daemon with a certificate for localhost."""
    gateway = GatewayConfig("eu", "http://127.0.0.1:9", api_key=KEY)
    async with inside(gateway, tls_cert=TLS / "good.pem", tls_key=own_key(tmp_path)) as daemon:
        yield daemon


def at(daemon: Inside) -> str:
    """Where it is, as its certificate has it."""
    return f"https://localhost:{daemon.config.listen[1]}"


def trusting(daemon: Inside) -> httpx.AsyncClient:
    context = ssl.create_default_context(cafile=TLS / "ca.pem")
    return httpx.AsyncClient(base_url=at(daemon), verify=context, trust_env=False, timeout=40)


async def test_everything_goes_over_tls_and_clients_verify_it(secure: Inside) -> None:
    client = Client(Tcp(at(secure), CONTROL_KEY, TLS / "ca.pem"))
    async with trusting(secure) as web:
        for number in range(20):
            body = webhook(f"s_{number}", "connected")
            assert (await web.post(WEBHOOK, json=body, headers={"x-api-key": KEY})).status_code == 200
        for size in (600_000, 2_000_000):
            large = await web.post(WEBHOOK, content=b"x" * size, headers={"x-api-key": KEY})
            assert large.status_code == 413
            assert (await web.get("/api/v1/status")).status_code == 401
        assert len(await client.sessions()) == 20
        feed = client.live()
        assert isinstance(await anext(feed), Snapshot)
        await web.post(WEBHOOK, json=webhook("s_0", "disconnected"), headers={"x-api-key": KEY})
        assert isinstance(await anext(feed), Delta)
        await feed.aclose()
    await client.close()
    stranger = Client(Tcp(at(secure), CONTROL_KEY))
    with pytest.raises(DaemonGone, match="certificate verify failed"):
        await stranger.jobs()
    with pytest.raises(DaemonGone, match="certificate verify failed"):
        await anext(stranger.live())
    await stranger.close()


async def test_a_command_verifies_the_certificate(secure: Inside) -> None:
    for words, environ in (
        (("--tls-ca", str(TLS / "ca.pem")), {}),
        ((), {"WA_TUI_TLS_CA": str(TLS / "ca.pem")}),
        ((), {"SSL_CERT_FILE": str(TLS / "ca.pem")}),
    ):
        environment = {**os.environ, "WA_TUI_API_KEY": CONTROL_KEY, **environ}
        done = await asyncio.to_thread(
            run, "wa_tui", "--attach", at(secure), *words, "jobs", environment=environment
        )
        assert done.returncode == exits.OK, done.stderr


async def test_who_speaks_no_tls_or_says_nothing_holds_nobody(
    secure: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "MOST", 8)
    port = secure.config.listen[1]
    async with httpx.AsyncClient(trust_env=False, timeout=40) as plain:
        with pytest.raises(httpx.TransportError):
            await plain.get(f"http://127.0.0.1:{port}/api/v1/status")
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(12)]
    # The first ones are given up for the last.
    for reader, _ in silent[:4]:
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    async with trusting(secure) as web:
        assert (await web.get("/api/v1/jobs", headers={"x-api-key": CONTROL_KEY})).status_code == 200
    kinds = [each.kind for each in (await secure.client.status()).daemon.refused]
    assert kinds == ["not_http"]
    # Those that are left hold up no end.
    await secure.stop()
    for _, writer in silent:
        writer.close()


@pytest.mark.parametrize("loop_of", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_handshake_that_began_before_it_is_looked_at_comes_to_its_end(
    tmp_path: Path, loop_of: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """The daemon's own loop reads at once, so that what came by then must not be lost to the handshake."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(TLS / "good.pem", own_key(tmp_path))
    client = ssl.create_default_context(cafile=TLS / "ca.pem")

    def answer() -> asyncio.Protocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), greet)

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"welcome " + await reader.readexactly(4))
        writer.close()

    def talk(plain: socket.socket, theirs: ssl.MemoryBIO, ours: ssl.MemoryBIO, end: ssl.SSLObject) -> bytes:
        plain.settimeout(tls.HANDSHAKE_S * 2)
        steps: list[Callable[[], object]] = [end.do_handshake, lambda: end.write(b"anna")]
        while True:
            try:
                while steps:
                    steps[0]()
                    del steps[0]
                return end.read(100)
            except ssl.SSLWantReadError:
                plain.sendall(ours.read())
                came = plain.recv(65_536)
                assert came, "it was given up"
                theirs.write(came)

    async def run_all() -> None:
        refusals = cast("Refusals", None)
        listening = socket.create_server(("127.0.0.1", 0))
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        end = client.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            end.do_handshake()
        with socket.create_connection(listening.getsockname()) as plain:
            plain.sendall(outgoing.read())
            # It is all here before the first look.
            serving = await asyncio.get_running_loop().create_server(
                tls.Handshakes(server, refusals).before(answer), sock=listening
            )
            assert await asyncio.to_thread(talk, plain, incoming, outgoing, end) == b"welcome anna"
            serving.close()

    with asyncio.Runner(loop_factory=loop_of) as runner:
        runner.run(run_all())


@pytest.mark.parametrize(
    ("cert", "key", "mode", "said"),
    [
        ("good.pem", None, 0o600, "tls_cert is set and tls_key is not: TLS takes both"),
        ("good.pem", "server.key", 0o644, "may be read by everybody (mode 644): chmod o-r it"),
        ("good.pem", "nothing.key", 0o600, "cannot be read (No such file or directory)"),
        ("nothing.pem", "server.key", 0o600, "nothing.pem cannot be read (No such file or directory)"),
        ("good.pem", "good.pem", 0o600, "are no certificate and its key"),
    ],
)
async def test_a_certificate_that_is_none_is_said_and_ends_the_start(
    new_daemon: NewDaemon, cert: str, key: str | None, mode: int, said: str
) -> None:
    daemon = new_daemon()
    environ = {"WA_TUI_TLS_CERT": str(TLS / cert), "WA_TUI_LISTEN": "127.0.0.1:0"}
    if key is not None:
        known = key != "nothing.key"
        environ["WA_TUI_TLS_KEY"] = str(
            own_key(daemon.state_dir, key, mode) if known else daemon.state_dir / key
        )
    done = await daemon.wa_tui("--daemon", **environ)
    assert done.returncode == exits.USAGE and said in done.stderr, done.stderr
