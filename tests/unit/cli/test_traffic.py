"""`traffic`, and what else of the command line tells how many messages go through sessions."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.fake_daemon import FakeDaemon
from tests.unit.cli.shell import MINUTE, NOW, Shell, session
from wa_tui import wire
from wa_tui.cli import exits

QUIET = wire.TrafficView(received=0, sent=0, failed=0, hours=[0] * 23 + [2])
BUSY = wire.TrafficView(
    received=1200,
    sent=830,
    acked=829,
    failed=12,
    received_at=NOW - 3 * MINUTE,
    sent_at=NOW - 9 * MINUTE,
    hours=[100] * 24,
)
FLEET = [
    session("eu-1", "quiet", user_id="7", traffic=QUIET),
    session("eu-1", "busy", instance_name="Sales", traffic=BUSY),
    session("eu-2", "untold"),
    session(
        "eu-2",
        "still",
        traffic=QUIET,
        silent=wire.SilentView(since=NOW - timedelta(hours=2), usual_s=120),
    ),
]


def fill(daemon: FakeDaemon) -> None:
    daemon.push(wire.Delta(sessions=FLEET))


def column(out: str, title: str) -> list[str]:
    header, *rows = [line for line in out.splitlines() if not line.startswith(" ")]
    begin = header.index(title)
    return [row[begin : begin + len(title)].strip() for row in rows]


async def test_the_busiest_come_first_and_what_is_not_told_is_no_zero(
    shell: Shell, daemon: FakeDaemon
) -> None:
    fill(daemon)
    done = await shell("traffic", "id:busy")
    assert done.code == exits.OK
    assert done.out.splitlines()[0] == (
        "1 session, in the last hour: 1200 in, 830 out, 829 acknowledged, 12 failed"
    )
    done = await shell("traffic")
    head, header, first, *rest = done.out.splitlines()
    assert head.endswith("nothing is told") and " 1200 in, 830 out" in head
    assert header.split()[4:] == [
        "IN/H",
        "OUT/H",
        "ACKED/H",
        "DELIV/H",
        "FAILED/H",
        "IN+OUT/D",
        "LAST",
        "WHY",
    ]
    assert first.split()[1:10] == ["Sales", "busy", "eu-1", "1200", "830", "829", "–", "12", "2400"]
    assert not any("untold" in row for row in rest)


async def test_the_silent_and_the_failing_alone(shell: Shell, daemon: FakeDaemon) -> None:
    fill(daemon)
    silent = (await shell("traffic", "--silent")).out.splitlines()
    assert len(silent) == 3 and "silent for 2h, usually 2m" in silent[-1]
    failing = (await shell("traffic", "--failing")).out.splitlines()
    assert len(failing) == 3 and "  busy  " in failing[-1]
    nobody = await shell("traffic", "--failing", "id:quiet")
    assert nobody.code == exits.OK and "nothing failed in the last hour" in nobody.err
    assert (await shell("traffic", "--silent", "--failing")).code == exits.USAGE


async def test_sums_of_users_and_gateways(shell: Shell, daemon: FakeDaemon) -> None:
    fill(daemon)
    _, header, *rows = (await shell("traffic", "--by", "gateway")).out.splitlines()
    assert header.split()[:4] == ["GATEWAY", "SESSIONS", "IN/H", "OUT/H"]
    assert [row.split()[0] for row in rows] == ["eu-1", "eu-2"] and rows[0].split()[2:4] == ["1200", "830"]
    found = (await shell("traffic", "id:quiet", "--by", "user", "--json")).json
    [user] = found["users"]
    assert (user["user_id"], user["sessions"], user["traffic"]["received"]) == ("7", 1, 0)
    assert user["traffic"]["hours"][-1] == 2 == found["sum"]["hours"][-1]
    untold = (await shell("traffic", "id:untold", "--by", "user")).out.splitlines()[-1]
    assert untold.split() == ["–", "1", *"–" * 7]


async def test_as_json(shell: Shell, daemon: FakeDaemon) -> None:
    fill(daemon)
    found = (await shell("traffic", "-n", "1", "--json")).json
    assert {
        flow: found["sum"].get(flow) for flow in ("received", "sent", "acked", "delivered", "failed")
    } == {
        "received": 1200,
        "sent": 830,
        "acked": 829,
        "delivered": None,
        "failed": 12,
    }
    [busy] = found["sessions"]
    assert (busy["session_id"], busy["condition"], busy["traffic"]["received"]) == ("busy", "connected", 1200)
    [still] = (await shell("traffic", "--silent", "--json")).json["sessions"]
    assert still["silent"]["usual_s"] == 120
    by_id = {each["session_id"]: each for each in (await shell("sessions", "--json")).json}
    assert by_id["busy"]["traffic"]["acked"] == 829 and by_id["untold"]["traffic"] is None


async def test_sessions_have_it_where_there_is_room(shell: Shell, daemon: FakeDaemon) -> None:
    fill(daemon)
    assert "IN/H" not in (await shell("sessions")).out
    done = await shell("sessions", "--wide", "id:busy")
    assert column(done.out, "IN/H") == ["1200"]
    # Counted from when the suite began: it may take a while until this runs.
    [last] = column(done.out, "LAST")
    assert re.fullmatch(r"\d+m", last)
    assert done.out.splitlines()[0].split()[-1] == "WHY"
    assert column((await shell("sessions", "--wide", "id:untold")).out, "IN/H") == ["–"]
