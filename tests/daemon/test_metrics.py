"""``/metrics``: the daemon in numbers, as Prometheus' own parser reads them."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from wa_tui.config import GatewayConfig
from wa_tui.daemon.serving.exposition import Figures, LastRun, written
from wa_tui.wire import ApiKeyRequest, Condition, Scope

from .inside import Inside, inside
from .running import CONTROL_KEY

NOWHERE = GatewayConfig("eu", "http://127.0.0.1:9", api_key="eu-key")

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Samples:
    """Return the value of each sample by its name and labels."""
    parser = pytest.importorskip("prometheus_client.parser")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


async def scrape(daemon: Inside, key: str | None) -> httpx.Response:
    host, port = daemon.config.listen
    headers = {} if key is None else {"x-api-key": key}
    async with httpx.AsyncClient(trust_env=False) as web:
        return await web.get(f"http://{host}:{port}/metrics", headers=headers)


async def test_the_fleet_its_webhooks_and_its_jobs_are_told() -> None:
    pytest.importorskip("prometheus_client")
    async with inside(NOWHERE) as daemon:
        await daemon.tell("user_7_instance_a", "connected")
        await daemon.tell("user_8_instance_b", "qr_pending")
        await daemon.quiet()
        answer = await scrape(daemon, CONTROL_KEY)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        told = read(answer.text)
        by = {labels: value for (name, labels), value in told.items() if name == "wa_tui_sessions"}
        assert sum(by.values()) == 2
        assert {dict(labels)["gateway"] for labels in by} == {"eu"}
        assert told["wa_tui_webhooks_total", (("gateway", "eu"), ("outcome", "applied"))] == 2
        assert told["wa_tui_transitions_total", (("gateway", "eu"), ("status", "connected"))] == 1
        assert told["wa_tui_store_takes_writes", ()] == 1
        assert told["wa_tui_gateway_state", (("gateway", "eu"), ("state", "down"))] == 1
        assert told["wa_tui_job_last_failed", (("gateway", "eu"), ("job_name", "health"))] in (0, 1)
        status = await daemon.client.status()
        assert told["wa_tui_sessions_needing_person", (("quiet", "calling"),)] == status.sessions.needs_person
        assert "user_7" not in answer.text


async def test_who_has_no_key_that_may_read_is_told_nothing() -> None:
    pytest.importorskip("prometheus_client")
    async with inside(NOWHERE) as daemon:
        assert (await scrape(daemon, None)).status_code == 401
        made = {
            scope: (
                await daemon.client.create_api_key(ApiKeyRequest(name=f"key-{scope}", scopes=[scope]))
            ).secret
            for scope in (Scope.READ, Scope.WEBHOOK)
        }
        assert (await scrape(daemon, made[Scope.READ])).status_code == 200
        assert (await scrape(daemon, made[Scope.WEBHOOK])).status_code == 403


def test_a_name_is_escaped_and_what_never_ran_is_left_out() -> None:
    pytest.importorskip("prometheus_client")
    odd = 'eu "\\\n'
    figures = Figures(
        version="1",
        sessions={odd: {Condition.CONNECTED: 3}},
        needing={"calling": 0},
        gateways={},
        transitions={},
        webhooks={},
        waiting=0,
        takes_writes=False,
        attention={},
        jobs=[LastRun("health", odd, None, None, failed=False)],
    )
    told = read(written(figures)[0].decode())
    assert told["wa_tui_sessions", (("condition", "connected"), ("gateway", odd))] == 3
    assert told["wa_tui_store_takes_writes", ()] == 0
    assert not [name for name, _ in told if name.startswith("wa_tui_job")]


def test_the_library_is_not_loaded_before_somebody_asks() -> None:
    code = "import sys, wa_tui.daemon.main; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
