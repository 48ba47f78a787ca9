"""What names a user, through every door: webhooks, the API, the command line, and what gateways are told."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from tests.simulated import simulated
from tests.unit.store.older import older, put_session
from wa_tui.model.registers import Credentials
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest

from .conftest import NewDaemon
from .running import CONTROL_KEY, RunningDaemon

USERS: dict[str, tuple[Any, str | None, Any]] = {
    "number": (7, "7", 7),
    "float": (7.0, "7", 7),
    "text": ("7", "7", 7),
    "zeros": ("007", "007", "007"),
    "huge": (10**30, str(10**30), str(10**30)),
    "name": ("ann", "ann", "ann"),
    "digit": ("\u0667", "\u0667", "\u0667"),
    "bool": (True, None, None),
    "object": ({"id": 7}, None, None),
    "user_007_instance_x": (None, "007", "007"),
}
"""What webhooks call each session's user, whose it then is, and how gateways are told."""


async def test_a_user_is_one_text_from_the_webhook_to_the_restart(daemon: RunningDaemon) -> None:
    for session_id, (told, _, _) in USERS.items():
        answer = await daemon.post_webhook(session_id, "connected", phoneNumber="15550001234", userId=told)
        assert answer.status_code == 200, answer.text
    for _ in range(2):
        views = {view.session_id: view.user_id for view in await daemon.client.sessions()}
        assert views == {session_id: text for session_id, (_, text, _) in USERS.items()}
        rows = (await daemon.active_sessions()).json()["data"]["sessions"]
        restored = {row["session_id"]: row["user_id"] for row in rows}
        assert restored == {session_id: written for session_id, (_, _, written) in USERS.items()}
        await daemon.restart()


async def test_a_send_finds_its_users_sessions_alone(daemon: RunningDaemon) -> None:
    through = {"7": "seven", "007": "zeros"}
    for user, name in through.items():
        await daemon.post_webhook(name, "connected", userId=user)
    for user in through:
        await daemon.wa_tui("send", "--user", user, "+15550001234", "hello")
    messages = await daemon.client.messages()
    assert {m.user_id: [attempt.session_id for attempt in m.attempts] for m in messages} == {
        user: [name] for user, name in through.items()
    }
    for user in ("07", "70", "7.0", " 7", "\u0667"):
        sent = await daemon.wa_tui("send", "--user", user, "+15550001234", "hello")
        assert sent.returncode == 2 and f"user {user} has no session" in sent.stderr, sent.stderr


async def test_what_is_ambiguous_is_refused_on_the_command_line_with_both_readings(
    daemon: RunningDaemon,
) -> None:
    await daemon.connected("billing")
    for recipient, readings in (
        ("+49 (0) 152 5550001", ("+491525550001", "+4901525550001")),
        ("0049 152 5550001", ("+491525550001", "before 00491525550001")),
        ("0152 5550001", ("+49 1525550001", "+39 01525550001")),
        ("+6281312000300-1488324890", ("has 23 digits", "a group's id is written without +")),
    ):
        sent = await daemon.wa_tui("send", "billing", recipient, "hello")
        assert sent.returncode == 2 and all(detail in sent.stderr for detail in readings), sent.stderr
    assert await daemon.client.messages() == []


async def test_a_database_that_has_a_user_twice_has_one_pool(new_daemon: NewDaemon) -> None:
    daemon, now = new_daemon(), round(time.time() * 1000)
    with sqlite3.connect(daemon.state_dir / "wa_tui.db", isolation_level=None) as shell:
        older(shell)
        for name, user in (("number", 7), ("text", "7"), ("zeros", "007")):
            put_session(shell, Session("default", name, now, credentials=Credentials.STORED), user)
    shell.close()
    await daemon.start()
    assert (await daemon.client.status()).daemon.notices == []
    for user, pool in (("7", {"number", "text"}), ("007", {"zeros"})):
        sent = await daemon.wa_tui("send", "--user", user, "+15550001234", "hello")
        assert sent.returncode == 1, sent.stderr
        message = (await daemon.client.messages())[0]
        assert message.user_id == user
        assert {attempt.session_id for attempt in message.attempts} == pool
    named = await daemon.wa_tui("rename", "number", "sales")
    assert named.returncode == 0
    taken = await daemon.wa_tui("rename", "text", "sales")
    assert "user 7 has a sales already" in taken.stderr + taken.stdout


async def test_the_api_takes_a_number_for_a_text(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url) as sim:
        await daemon.start(sim)

        async def new(name: str, user: Any) -> tuple[int, str]:
            content = {"action": "new", "session_id": name, "user_id": user}
            headers = {"x-api-key": CONTROL_KEY}
            answer = await daemon.web.post("/api/v1/actions", json=content, headers=headers)
            if answer.status_code == 202:
                await daemon.client.receipt(answer.json()["id"], wait=10)
            return answer.status_code, answer.json().get("code", "")

        for name, right in (("a", 7), ("b", 7.0), ("c", "7"), ("d", "007")):
            assert await new(name, right) == (202, "")
        none: list[Any] = [1.5, True, {}, []]
        for odd in none:
            assert await new("x", odd) == (400, "malformed")
        assert await new("", "ann@x") == (202, "")
        for bad in ("", " ", " 7 ", "7\n", "\u202e7", "x" * 101):
            assert await new("x", bad) == (400, "bad_user"), bad
        users = {view.session_id: view.user_id for view in await daemon.client.sessions()}
        made = next(session_id for session_id, user in users.items() if user == "ann@x")
        assert made.startswith("session_"), "what cannot stand in an id is not put into one"
        assert users == {**dict.fromkeys("abc", "7"), "d": "007", made: "ann@x"}
        asked = [entry["body"] for entry in await sim.requests("/api/session/init")]
        told = [("a", 7), ("b", 7), ("c", 7), ("d", "007"), (made, "ann@x")]
        assert [(body["sessionId"], body["userId"]) for body in asked] == told


FOREIGN = ["-x", "a b", "a/b", "../up", "..", "50%", "%2F", "ünï 📱", "a?b#c&d", "x" * 1000]
FOREIGN += ["line\nbreak", "\x1b[31mred", "\u202ert"]
"""Session ids that no one makes here, and that a gateway may have."""


async def test_a_gateways_own_ids_are_taken_in_everywhere(daemon: RunningDaemon) -> None:
    code = "data:image/png;base64,AA"
    for session_id in FOREIGN:
        answer = await daemon.post_webhook(session_id, "connected", phoneNumber="15550001234", userId=1)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["session_id"] == session_id
        if len(session_id) < 1000:
            await daemon.post_webhook(f"{session_id}/", "qr_pending", qrCode=code)
    for _ in range(2):
        known = {view.session_id for view in await daemon.client.sessions()}
        assert known == {*FOREIGN, *(f"{session_id}/" for session_id in FOREIGN if len(session_id) < 1000)}
        rows = (await daemon.active_sessions()).json()["data"]["sessions"]
        assert [row["session_id"] for row in rows] == FOREIGN
        for session_id in FOREIGN:
            assert await daemon.client.events("default", session_id), session_id
            if f"{session_id}/" in known:
                assert await daemon.client.qr("default", f"{session_id}/") is not None, session_id
        await daemon.restart()
    for session_id in FOREIGN:
        receipt = await daemon.client.act(
            ActionRequest(action="snooze", gateway="default", session_id=session_id, minutes=5)
        )
        assert (await daemon.client.receipt(receipt.id, wait=10)).outcome == "verified"
    for detail in (["sessions"], ["logs", "-n", "100"], ["status"]):
        shown = (await daemon.wa_tui(*detail)).stdout
        assert shown and not {"\x1b", "\u202e"} & set(shown) and "line\nbreak" not in shown
    assert "\x1b" not in daemon.log() and "line\nbreak" not in daemon.log()


async def test_an_id_that_begins_with_a_dash_on_the_command_line(daemon: RunningDaemon) -> None:
    await daemon.connected("-x")
    for detail in (
        ["snooze", "--for", "5m", "--", "-x"],
        ["primary", "default/-x"],
        ["logs", "--session=-x"],
    ):
        done = await daemon.wa_tui(*detail)
        assert done.returncode == 0, done.stderr
    done = await daemon.wa_tui("new", "--user", "1", "--id=-y")
    assert done.returncode == 2 and "begins with -" in done.stderr
    done = await daemon.wa_tui("new", "--user", "1", "--id", "y" * 256)
    assert done.returncode == 2 and "has 256 characters: at most 255" in done.stderr


async def test_what_is_no_phone_number_is_not_shown_as_one(daemon: RunningDaemon) -> None:
    told = {
        "plain": ("15550001234", "15550001234"),
        "plus": ("+1 555 000 1234", "15550001234"),
        "device": ("15550001234:12@s.whatsapp.net", "15550001234"),
        "user": ("15550001234@c.us", "15550001234"),
        "lid": ("246813579024680@lid", None),
        "channel": ("120363025246125486@newsletter", None),
        "group": ("120363025246125486@g.us", None),
        "detail": ("sales team", None),
    }
    for session_id, (number, _) in told.items():
        answer = await daemon.post_webhook(session_id, "connected", phoneNumber=number, userId=1)
        assert answer.status_code == 200, answer.text
    views = {view.session_id: view.phone_number for view in await daemon.client.sessions()}
    assert views == {session_id: shown for session_id, (_, shown) in told.items()}
    rows = (await daemon.active_sessions()).json()["data"]["sessions"]
    assert {row["session_id"]: row["phone_number"] for row in rows} == views
