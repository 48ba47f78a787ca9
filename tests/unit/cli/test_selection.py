"""`logs` and `sessions` with the filter language and a range."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fake_daemon import FakeDaemon
from tests.unit.cli.shell import NOW, Shell
from wa_tui.cli import exits

HOUR = timedelta(hours=1)


@pytest.fixture
def told(daemon: FakeDaemon) -> FakeDaemon:
    """A daemon with a few events: the older, the higher its hour."""
    for hours, gateway, session_id, source, text in (
        (30, "eu-1", "billing_1", "webhook", "long ago"),
        (5, "eu-2", "shared", "heal", "attempt 1"),
        (2, "eu-1", "billing_1", "action", "reconnect accepted"),
        (1, "eu-1", "billing_1", "heal", "attempt 2"),
    ):
        daemon.say(at=NOW - hours * HOUR, gateway=gateway, session_id=session_id, source=source, text=text)
    return daemon


async def texts(shell: Shell, *arguments: str) -> list[str]:
    done = await shell("logs", *arguments)
    assert done.code == exits.OK, done
    return [line.split("  ")[-1].strip() for line in done.out.splitlines()]


async def test_logs_take_the_filter_language_and_a_range(shell: Shell, told: FakeDaemon) -> None:
    assert await texts(shell, "source:heal") == ["attempt 1", "attempt 2"]
    assert await texts(shell, "source:heal", "-n", "1") == ["attempt 2"]
    assert await texts(shell, "attempt", "!eu-1") == ["attempt 1"]
    assert await texts(shell, "--since", "6h") == ["attempt 1", "reconnect accepted", "attempt 2"]
    assert await texts(shell, "--since", "6h", "-n", "2") == ["reconnect accepted", "attempt 2"]
    assert await texts(shell, "--since", "6h", "--until", "90m") == ["attempt 1", "reconnect accepted"]
    assert await texts(shell, "--until", "3h") == ["long ago", "attempt 1"]
    assert await texts(shell, "--gateway", "eu-2") == ["attempt 1"]
    assert await texts(shell, "--source", "heal,action", "--session", "billing_1") == [
        "reconnect accepted",
        "attempt 2",
    ]
    assert await texts(shell, "--gateway", "eu-2", "--session", "shared") == ["attempt 1"]
    elsewhere = await shell("logs", "--gateway", "eu-2", "--session", "billing_1")
    assert (elsewhere.code, elsewhere.out) == (exits.USAGE, "")
    assert 'no session "eu-2/billing_1"' in elsewhere.err
    day = f"{(NOW - 30 * HOUR).date()}"
    assert "long ago" in await texts(shell, "--since", day)


async def test_what_nothing_matches_is_said(shell: Shell, told: FakeDaemon) -> None:
    done = await shell("logs", "nothing-like-it", "--gateway", "eu-1")
    assert (done.code, done.out, done.err) == (
        exits.OK,
        "",
        "no event matches nothing-like-it on eu-1\n",
    )
    done = await shell("sessions", "status:down", "gateway:eu-9")
    assert (done.out, done.err) == ("", "no session matches status:down gateway:eu-9\n")
    assert (await shell("sessions", "status:down", "--json")).out == "[]\n"


async def test_sessions_take_the_filter_language_and_a_range(shell: Shell, told: FakeDaemon) -> None:
    async def ids(*arguments: str) -> set[str]:
        done = await shell("sessions", "--json", *arguments)
        assert done.code == exits.OK, done
        return {f"{session['gateway']}/{session['session_id']}" for session in done.json}

    assert await ids("billing") == await ids("user:7") == {"eu-1/billing_1"}
    assert await ids("cause:scan_qr") == await ids("status:scan")
    assert (await shell("sessions", "cause:scan")).code == exits.OK, "as it begins"
    assert "scan_qr is" in (await shell("sessions", "cause:scn_qr")).err
    assert await ids("shared", "!gateway:eu-1") == {"eu-2/shared"}
    assert await ids("status:claimed") == {"eu-2/user_7_3f9c"}
    assert await ids("--", "-f", "blg") == {"eu-1/billing_1"}
    assert await ids("--gateway", "eu-1") == {"eu-1/billing_1", "eu-1/shared"}
    assert await ids("--since", "6h") == {"eu-1/billing_1", "eu-2/shared"}
    assert await ids("--since", "6h", "--source", "heal", "--until", "3h") == {"eu-2/shared"}
    assert await ids("--since", "30m") == set()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sessions", "fro:>5m"], "fro: is no field; for: is"),
        (["sessions", "status:conected"], "status:conected is no status; connected is"),
        (["sessions", "status:"], "status: is not finished; write what the status is to be"),
        (["sessions", "for:>5"], "for:>5 is not finished; write for:>5m"),
        (["logs", "sorce:heal"], "sorce: is no field; source: is"),
        (["logs", "source:heel"], "source:heel is no source; heal is"),
        (["logs", "level:toruble"], "level:toruble is no level; trouble is"),
        (["logs", "kind:"], "kind: is not finished; write what the kind"),
        (["logs", "!"], "! belongs to the word after it; write !sales"),
        (["logs", "--source", "heal,lits"], "lits is no source; list is"),
        (["logs", "--gateway", "eu1"], 'no gateway "eu1"; "eu-1" is one; known are eu-1, eu-2'),
        (["logs", "--since", "2099-01-01"], "2099-01-01 is in the future: nothing happened since"),
        (["sessions", "--since", "1h", "--until", "2h"], "--until 2h ("),
        (["logs", "--since", "25:99"], "argument --since: 25:99 is no time; write 12:40"),
        (["logs", "--until", "soon"], "argument --until: soon is no time; write 12:40"),
        (["logs", "-f", "--until", "1h"], "logs: --follow goes on, --until ends: leave one out"),
        (["sessions", "--source", "heal"], "sessions: --source needs a --since"),
    ],
)
async def test_what_is_asked_wrongly_is_said_first_and_the_nearest_with_it(
    shell: Shell, daemon: FakeDaemon, arguments: list[str], said: str
) -> None:
    done = await shell(*arguments)
    assert (done.code, done.out) == (exits.USAGE, "")
    line = done.err.splitlines()[-1]
    assert said in line and line.index(said) <= len("wa-tui sessions: error: ")
