"""``wa-tui gateways``, and ``gateways setup``: a gateway is told where to post its webhooks, as a person would."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.simulated import Simulated, simulated_fleet
from wa_tui.daemon.actions.our_address import address_for, doubts
from wa_tui.gateways import Capability
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.simulator.faces import FACES

from .conftest import NewDaemon
from .running import RunningDaemon
from .waiting import until

KEY, HOOK_KEY = "gateways-key", "webhooks-key"


async def running(
    new_daemon: NewDaemon, *sims: Simulated, hook_key: bool = True, **environ: str
) -> RunningDaemon:
    daemon = new_daemon(**environ)
    own = f'webhook_key = "{HOOK_KEY}"\n' if hook_key else ""
    tables = [
        f'[[gateways]]\nname = "{each.name}"\nurl = "{each.url}"\napi_key = "{KEY}"\nkind = "{each.kind}"\n{own}'
        for each in sims
    ]
    file = daemon.state_dir / "config.toml"
    file.write_text("\n".join(tables))
    daemon.environ |= {"WA_TUI_CONFIG": str(file)}
    daemon.launch()
    await daemon.answering()
    for each in sims:
        await daemon.gateway_until(lambda gateway: gateway.state == "up", each.name)
    return daemon


async def hook_of(sim: Simulated, session_id: str) -> Any:
    async with httpx.AsyncClient(base_url=sim.url, trust_env=False, headers={"apikey": KEY}) as web:
        return (await web.get(f"/webhook/find/{session_id}")).json()


async def set_hook(sim: Simulated, session_id: str, url: str) -> None:
    hook = {"enabled": True, "url": url, "headers": {}, "events": ["MESSAGES_UPSERT"]}
    async with httpx.AsyncClient(base_url=sim.url, trust_env=False, headers={"apikey": KEY}) as web:
        (await web.post(f"/webhook/set/{session_id}", json={"webhook": hook})).raise_for_status()


async def test_it_is_shown_set_and_seen(new_daemon: NewDaemon) -> None:
    async with simulated_fleet({"evo:kind=evolution": KEY}, sessions=2) as [sim]:
        daemon = await running(new_daemon, sim)
        first, second = sorted(await sim.truth())
        ours = f"{daemon.url}/api/v1/gateways/evo/webhook"
        shown = await daemon.wa_tui("gateways", "setup", "evo")
        assert shown.returncode == 0, shown.stderr
        assert f"evo is to post its webhooks to {ours}, with its webhook_key" in shown.stdout
        assert f"2 to be set: {first}, {second}" in shown.stdout
        assert "--yes` sets it" in shown.stdout and "in a container" in shown.stdout
        assert f"WEBHOOK_GLOBAL_URL={ours}/<its webhook_key>" in shown.stdout
        assert await hook_of(sim, first) is None
        setting = await daemon.wa_tui("gateways", "setup", "evo", "--yes", "--wait", "0")
        assert setting.returncode == 0, setting
        assert "verified" in setting.stdout and "2 of 2 sessions post to wa-tui" in setting.stdout
        assert "No webhook came within 0 s" in setting.stdout
        for session_id in (first, second):
            hook = await hook_of(sim, session_id)
            assert (hook["url"], hook["headers"]) == (ours, {"x-api-key": HOOK_KEY})
        again = await daemon.wa_tui("gateways", "setup", "evo", "--json")
        setup = json.loads(again.stdout)
        assert {place["state"] for place in setup["places"]} == {"ours"}
        # What it sends from now on is taken in.
        await sim.fault("storm", first, count=3)
        await daemon.gateway_until(lambda gateway: gateway.repeated.get("initializing", 0) > 0, "evo")
        taken = await daemon.client.actions()
        assert [each.outcome for each in taken if each.action == "setup_webhooks"] == ["verified"]
        # No key is told, neither on the screen nor in what is kept.
        told = [shown.stdout, setting.stdout, again.stdout, daemon.log(), str(taken)]
        assert not any(HOOK_KEY in text or KEY in text for text in told)


async def test_nobody_elses_address_is_overwritten(new_daemon: NewDaemon) -> None:
    theirs = "http://n8n.example/hook?token=secret"
    async with simulated_fleet({"evo:kind=evolution": KEY}, sessions=2) as [sim]:
        daemon = await running(new_daemon, sim)
        first = min(await sim.truth())
        await set_hook(sim, first, theirs)
        setting = await daemon.wa_tui("gateways", "setup", "evo", "--yes")
        assert setting.returncode == 1
        assert (
            f"1 of 2 sessions post to wa-tui; somebody else's address was left as it is: {first} to"
            in setting.stdout
        )
        assert "http://n8n.example/hook" in setting.stdout and "secret" not in setting.stdout
        assert (await hook_of(sim, first))["url"] == theirs
        shown = await daemon.wa_tui("gateways", "setup", "evo")
        assert f"{first} posts to somebody else: http://n8n.example/hook" in shown.stdout
        assert "never overwritten" in shown.stdout
        # Ours with another key, or other events, is set anew, which takes a --yes.
        await set_hook(sim, first, f"{daemon.url}/api/v1/gateways/evo/webhook")
        shown = await daemon.wa_tui("gateways", "setup", "evo")
        assert "1 to be set anew" in shown.stdout
        missing = "CONNECTION_UPDATE, QRCODE_UPDATED, STATUS_INSTANCE, MESSAGES_UPDATE, SEND_MESSAGE"
        assert f"not posted to wa-tui so far: {missing}\n" in shown.stdout
        assert (await hook_of(sim, first))["events"] == ["MESSAGES_UPSERT"]
        assert (await daemon.wa_tui("gateways", "setup", "evo", "--yes", "--wait", "0")).returncode == 0
        # At another address, which the person knows.
        elsewhere = ("gateways", "setup", "evo", "--url", "https://wa.example.org/prefix")
        assert (
            "https://wa.example.org/prefix/api/v1/gateways/evo/webhook"
            in (await daemon.wa_tui(*elsewhere)).stdout
        )
        for bad in ("ftp://x", "nonsense", "http://u:p@x"):
            refused = await daemon.wa_tui("gateways", "setup", "evo", "--url", bad)
            assert refused.returncode == 2 and "is no address" in refused.stderr


async def test_a_gateway_of_several_addresses_keeps_those_of_others(new_daemon: NewDaemon) -> None:
    async with simulated_fleet({"waha:kind=waha": KEY}, sessions=1) as [sim]:
        daemon = await running(new_daemon, sim)
        [session_id] = await sim.truth()
        theirs = {"url": "http://n8n.example/hook", "events": ["message"]}
        async with httpx.AsyncClient(base_url=sim.url, trust_env=False, headers={"x-api-key": KEY}) as web:
            place = f"/api/sessions/{session_id}"
            (await web.put(place, json={"config": {"debug": True, "webhooks": [theirs]}})).raise_for_status()
            shown = await daemon.wa_tui("gateways", "setup", "waha")
            assert "restarts each session that runs" in shown.stdout
            setting = await daemon.wa_tui("gateways", "setup", "waha", "--yes", "--wait", "0")
            assert setting.returncode == 0, setting
            again = await daemon.wa_tui("gateways", "setup", "waha")
            assert "1 as they should be" in again.stdout and "restarts each session" not in again.stdout
            config = (await web.get(place)).json()["config"]
        assert (config["debug"], config["webhooks"][0]) == (True, theirs)
        assert config["webhooks"][1]["url"] == f"{daemon.url}/api/v1/gateways/waha/webhook"
        assert HOOK_KEY not in shown.stdout + setting.stdout + daemon.log()


async def test_what_has_no_api_for_it_is_told_what_to_put_where(new_daemon: NewDaemon) -> None:
    fleet = {"web:kind=wwebjs-api": KEY, "eu": KEY}
    async with simulated_fleet(fleet) as sims:
        daemon = await running(new_daemon, *sims, hook_key=False)
        shown = await daemon.wa_tui("gateways", "setup", "web")
        ours = f"{daemon.url}/api/v1/gateways/web/webhook"
        assert shown.returncode == 0 and "cannot be told by its API" in shown.stdout
        assert f"BASE_WEBHOOK_URL={ours}" in shown.stdout
        assert "WEBHOOK_URL=" in (await daemon.wa_tui("gateways", "setup", "eu")).stdout
        assert (await daemon.wa_tui("gateways", "setup", "eu", "--yes")).returncode == 1
        wrong = await daemon.wa_tui("gateways", "setup", "us")
        assert wrong.returncode == 2 and "known are web, eu" in wrong.stderr
        listed = await daemon.wa_tui("gateways")
        rows = [line.split()[:2] for line in listed.stdout.splitlines()]
        assert rows == [["GATEWAY", "KIND"], ["web", "wwebjs-api"], ["eu", "contract"]]
        assert "restart" in listed.stdout and "list status" in listed.stdout
        assert len(json.loads((await daemon.wa_tui("gateways", "--json")).stdout)) == 2
        for words in (["setup"], ["--yes"], ["--url", "http://x"]):
            assert (await daemon.wa_tui("gateways", *words)).returncode == 2


async def test_who_wants_no_messages_is_posted_none(new_daemon: NewDaemon) -> None:
    async with simulated_fleet({"evo:kind=evolution": KEY}, sessions=1) as [sim]:
        daemon = await running(new_daemon, sim, WA_TUI_TRAFFIC_MESSAGES="false")
        setting = await daemon.wa_tui("gateways", "setup", "evo", "--yes", "--wait", "0")
        assert setting.returncode == 0, setting
        hook = await hook_of(sim, *await sim.truth())
        assert hook["events"] == ["CONNECTION_UPDATE", "QRCODE_UPDATED", "STATUS_INSTANCE"]
        assert "MESSAGE" not in (await daemon.wa_tui("gateways", "setup", "evo")).stdout


async def test_each_kind_is_set_up_or_says_how(new_daemon: NewDaemon) -> None:
    async with simulated_fleet({f"{kind}:kind={kind}": KEY for kind in FACES}, sessions=1) as sims:
        daemon = await running(new_daemon, *sims)
        for kind in FACES:
            adapter = ADAPTERS[kind]
            shown = await daemon.wa_tui("gateways", "setup", kind)
            assert f"/api/v1/gateways/{kind}/webhook" in shown.stdout
            assert adapter.setup_notice in shown.stdout
            setting = await daemon.wa_tui("gateways", "setup", kind, "--yes", "--wait", "0")
            can = Capability.WEBHOOK_SETUP in adapter.capabilities
            assert setting.returncode == (0 if can else 1), setting.stdout
            assert (
                "1 of 1 sessions post to wa-tui" if can else "cannot be told by its API"
            ) in setting.stdout
        assert HOOK_KEY not in daemon.log()


async def test_a_read_only_daemon_shows_and_sets_nothing(new_daemon: NewDaemon) -> None:
    async with simulated_fleet({"evo:kind=evolution": KEY}, sessions=1) as [sim]:
        daemon = new_daemon(WA_TUI_READ_ONLY="1")
        file = daemon.state_dir / "config.toml"
        file.write_text(f'[[gateways]]\nname = "evo"\nurl = "{sim.url}"\napi_key = "{KEY}"\nkind = "auto"\n')
        daemon.environ |= {"WA_TUI_CONFIG": str(file)}
        daemon.launch()
        await daemon.answering()

        async def shown() -> bool:
            return (await daemon.wa_tui("gateways", "setup", "evo")).returncode == 0

        await until(shown)
        setting = await daemon.wa_tui("gateways", "setup", "evo", "--yes")
        assert setting.returncode == 1 and "read-only" in setting.stdout
        assert await hook_of(sim, *await sim.truth()) is None


@pytest.mark.parametrize(
    ("listen", "gateway", "ours"),
    [
        (("127.0.0.1", 8000), "http://10.0.0.1:3000", "http://127.0.0.1:8000"),
        (("0.0.0.0", 8000), "http://127.0.0.1:3000", "http://127.0.0.1:8000"),
        (("::1", 8000), "http://localhost:3000", "http://[::1]:8000"),
        (("10.0.0.5", 80), "http://10.0.0.1:3000", "http://10.0.0.5:80"),
        (("0.0.0.0", 8000), "http://nowhere.invalid:3000", "http://127.0.0.1:8000"),
    ],
)
async def test_the_address_of_ours(listen: tuple[str, int], gateway: str, ours: str) -> None:
    assert await address_for(listen, gateway) == ours


@pytest.mark.parametrize(
    ("ours", "gateway", "doubt"),
    [
        ("http://127.0.0.1:8000", "http://10.0.0.1:3000", "10.0.0.1 cannot reach 127.0.0.1"),
        ("http://127.0.0.1:8000", "http://localhost:3000", "takes 127.0.0.1 for the container"),
        ("http://10.0.0.5:8000", "http://10.0.0.1:3000", ""),
    ],
)
def test_what_is_likely_to_be_wrong_with_it(ours: str, gateway: str, doubt: str) -> None:
    assert doubt in "".join(doubts(ours, gateway)) if doubt else not doubts(ours, gateway)
