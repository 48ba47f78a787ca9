"""Signed webhooks, as the library of Standard Webhooks signs them, and as the bundled service does."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from wa_tui.config import ConfigError, GatewayConfig, load
from wa_tui.daemon.receiving.signatures import Secrets, signed

from .inside import Inside, inside
from .running import WEBHOOK
from .waiting import webhook

standardwebhooks = pytest.importorskip("standardwebhooks", reason="the oracle of signatures is not installed")

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
EU = GatewayConfig("eu", "http://127.0.0.1:7", api_key="eu-key", webhook_secret=SECRET)
US = GatewayConfig("us", "http://127.0.0.1:9", api_key="us-key")
SIGNING = Path(__file__).parents[2] / "wa_tui/node_service/src/signing.js"


def signature(body: bytes, at: datetime, secret: str = SECRET, id: str | None = None) -> dict[str, str]:
    """The headers that the library gives a webhook."""
    id = id or f"msg_{uuid.uuid4()}"
    made = standardwebhooks.Webhook(secret).sign(id, at, body.decode())
    return {"webhook-id": id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": made}


class Signer:
    """Posts webhooks of one gateway, as its service does."""

    def __init__(self, daemon: Inside, web: httpx.AsyncClient, key: str = "eu-key") -> None:
        self.daemon, self.web, self.key = daemon, web, key

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.daemon.clock.now() / 1000, UTC)

    def body(self, status: str = "connected", session_id: str = "a") -> bytes:
        return json.dumps(webhook(session_id, status, at=self.now())).encode()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        answer = await self.web.post(WEBHOOK, content=body, headers={"x-api-key": self.key, **headers})
        return answer.status_code

    def counted(self) -> Counter[str]:
        return self.daemon.daemon.parts.counter.webhooks.get("eu", Counter())


def over_tcp(daemon: Inside) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{daemon.config.listen[1]}", trust_env=False, timeout=40
    )


async def test_what_is_signed_is_taken_in_once_and_what_is_not_is_refused() -> None:
    async with inside(EU, US) as daemon, over_tcp(daemon) as web:
        signer = Signer(daemon, web)
        body, now = signer.body(), signer.now()
        good = signature(body, now)
        assert await signer.post(body, good) == 200
        # An id that was seen: nothing changes, whatever is signed with it.
        assert await signer.post(body, good) == 200
        again = signer.body("disconnected")
        assert await signer.post(again, signature(again, now, id=good["webhook-id"])) == 200
        view = await daemon.client.named(["eu/a"])
        assert [each.status for each in view] == ["connected"]
        assert signer.counted() == {"applied": 1, "duplicate": 2}
        for wrong in (
            {},
            signature(body, now, OTHER),
            good | {"webhook-id": "msg_2"},
            good | {"webhook-timestamp": str(int(now.timestamp()) + 1)},
            good | {"webhook-timestamp": "soon"},
            good | {"webhook-signature": "v1,"},
            good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")},
            {name: value for name, value in good.items() if name != "webhook-id"},
        ):
            assert await signer.post(body, wrong) == 403, wrong
        assert await signer.post(body + b" ", good) == 403
        both = signature(body, now, OTHER)["webhook-signature"] + " " + good["webhook-signature"]
        assert await signer.post(body, good | {"webhook-signature": both}) == 200
        # Longer than the short way takes, and through uvicorn.
        long = json.dumps(webhook("a", "qr_pending", at=signer.now(), qr="x" * 20_000)).encode()
        assert await signer.post(long, {}) == 403
        assert await signer.post(long, signature(long, now)) == 200
        assert daemon.daemon.parts.refusals.attention("eu") == []  # it was heard since
        await signer.post(body, {})
        [attention] = daemon.daemon.parts.refusals.attention("eu")
        assert attention is not None and "wrong signature" in attention.text
        assert "WEBHOOK_SECRET" in attention.action
        # Another gateway signs nothing.
        unsigned = Signer(daemon, web, "us-key")
        assert await unsigned.post(unsigned.body(session_id="b"), {}) == 200


async def test_a_late_signature_is_taken_in_and_counted_by_the_gateways_clock() -> None:
    async with inside(EU) as daemon, over_tcp(daemon) as web:
        signer = Signer(daemon, web)

        async def late(by: float) -> int:
            body = signer.body()
            before = signer.counted()["signed_late"]
            assert await signer.post(body, signature(body, signer.now() + timedelta(seconds=by))) == 200
            return signer.counted()["signed_late"] - before

        assert [await late(by) for by in (-400, -200, 0, 200, 400)] == [1, 0, 0, 0, 1]
        # Its clock is an hour ahead of ours, and it is known to be.
        fleet = daemon.daemon.parts.fleet
        fleet._gateways["eu"] = msgspec.structs.replace(fleet.gateway("eu"), clock_offset=3_600_000)
        assert [await late(by) for by in (0, 3_600, 3_600 + 400)] == [1, 0, 1]


async def test_on_one_connection_each_signature_is_that_of_its_own_webhook() -> None:
    """A head that was seen is not parsed again, and must not lend its signature to the next."""
    async with inside(EU) as daemon, over_tcp(daemon) as web:
        signer = Signer(daemon, web)
        for number in range(12):
            body = signer.body(session_id=f"s_{number:02}")
            good = signature(body, signer.now())
            wrong = good | {"webhook-signature": signature(body, signer.now(), OTHER)["webhook-signature"]}
            for headers, status in ((wrong, 403), (good, 200), ({}, 403), (good, 200), (wrong, 403)):
                assert await signer.post(body, headers) == status, (number, headers)
        assert signer.counted() == {"applied": 12, "duplicate": 12, "wrong_signature": 36}


async def test_the_bundled_service_signs_as_the_library_verifies(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    script = (
        f"import {{ readSecret, signature }} from {json.dumps(SIGNING.as_uri())};"
        f"const body = JSON.stringify({{ sessionId: 'ä', n: 1 }});"
        f"console.log(JSON.stringify([body, signature(readSecret({json.dumps(SECRET)}), 'e-1', body)]));"
    )
    process = await asyncio.create_subprocess_exec(
        node, "--input-type=module", "-e", script, stdout=asyncio.subprocess.PIPE
    )
    body, headers = json.loads((await process.communicate())[0])
    assert standardwebhooks.Webhook(SECRET).verify(body, headers) == {"sessionId": "ä", "n": 1}
    secrets = Secrets()
    secrets.set("eu", SECRET)
    head = signed({name.encode(): value.encode() for name, value in headers.items()})
    assert secrets.admit(["eu"], head, body.encode())
    assert not secrets.admit(["eu"], head, body.encode() + b" ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('webhook_secret = "secret"', "is not a webhook secret: it begins with whsec_"),
        ('webhook_secret = "whsec_§"', "what follows whsec_ is not base64"),
        ('webhook_secret = "whsec_AAAA"', "it has 3 bytes, not 24 to 64"),
        (f'webhook_secret = "{SECRET}"\nkind = "waha"', "is for gateways that keep the contract"),
    ],
)
def test_a_secret_that_is_none_is_said_and_not_told(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[[gateways]]\nname = "eu"\nurl = "http://127.0.0.1:9"\n{line}\n')
    file.chmod(0o600)
    environ: dict[str, Any] = {"HOME": str(tmp_path)}
    with pytest.raises(ConfigError) as refused:
        load(environ, file)
    assert (
        said in str(refused.value)
        and "whsec_A" not in str(refused.value)
        and SECRET not in str(refused.value)
    )
