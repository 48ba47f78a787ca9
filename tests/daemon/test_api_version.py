"""A wa-tui that speaks another version of the API is told which side to update, and does nothing."""

from __future__ import annotations

import pytest
from websockets.asyncio.client import unix_connect
from websockets.exceptions import InvalidStatus

from wa_tui import wire
from wa_tui.client import Client, Incompatible, Unix
from wa_tui.wire import API_HEADER, API_VERSION, WHO_HEADER

from .running import CONTROL_KEY, RunningDaemon

OLDER = f"this wa-tui is older (API 1, the daemon {API_VERSION}): update wa-tui here"
NEWER = f"the daemon is older (API {API_VERSION}, here {API_VERSION + 1}): update wa-tui where it runs, restart it"


@pytest.mark.parametrize(("said", "text"), [(None, OLDER), ("1", OLDER), (str(API_VERSION + 1), NEWER)])
async def test_another_version_is_refused_whatever_it_asks_for(
    daemon: RunningDaemon, said: str | None, text: str
) -> None:
    headers = {WHO_HEADER: "anna@host"} | ({API_HEADER: said} if said is not None else {})
    for method, path in (("GET", "status"), ("GET", "sessions"), ("POST", "actions"), ("GET", "jobs")):
        answer = await daemon.web.request(
            method, f"/api/v1/{path}", headers=headers | {"x-api-key": CONTROL_KEY}
        )
        assert (answer.status_code, answer.json()["code"]) == (426, "api_version")
        assert answer.json()["error"] == text
        assert answer.headers[API_HEADER] == str(API_VERSION)
    with pytest.raises(InvalidStatus) as refused:
        await unix_connect(
            str(daemon.socket), uri="ws://localhost/api/v1/live", additional_headers=headers, compression=None
        )
    assert refused.value.response.status_code == 426
    assert text.encode() in (refused.value.response.body or b"")


async def test_a_newer_wa_tui_names_the_process_that_is_to_be_restarted(
    daemon: RunningDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.process is not None
    monkeypatch.setattr(wire, "API_VERSION", API_VERSION + 1)
    newer = Client(Unix(daemon.socket))
    older = rf"^the daemon is older \(API {API_VERSION}, here {API_VERSION + 1}\)"
    text = rf"{older}: update and restart it \(process {daemon.process.pid}\) · /"
    with pytest.raises(Incompatible, match=text):
        await newer.status()
    with pytest.raises(Incompatible, match=text):
        await anext(newer.live())
    await newer.close()


async def test_who_is_no_wa_tui_need_not_name_a_version(daemon: RunningDaemon) -> None:
    answer = await daemon.web.get("/api/v1/status", headers={"x-api-key": CONTROL_KEY})
    assert answer.status_code == 200 and answer.headers[API_HEADER] == str(API_VERSION)


async def test_a_version_that_is_no_number_is_a_bad_header(daemon: RunningDaemon) -> None:
    headers = {"x-api-key": CONTROL_KEY}
    for said in ("two", "2.0", "-2", "9" * 20):
        answer = await daemon.web.get("/api/v1/status", headers=headers | {API_HEADER: said})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_header")
