"""`wa-tui report` as a process, against a real daemon."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec

from wa_tui.cli import exits
from wa_tui.report import Report
from wa_tui.report.report import Outage
from wa_tui.wire import ActionRequest, AttentionCode

from .running import TESTER, RunningDaemon

HOSTILE = "sales | `x` *b* [l](http://e)\n# h\x1b[31m\u202e <b>"


async def report(daemon: RunningDaemon, *arguments: str) -> Report:
    done = await daemon.wa_tui("report", "--format", "json", *arguments)
    assert done.returncode == exits.OK, done
    return msgspec.json.decode(done.stdout, type=Report)


def of(made: Report, session_id: str | None) -> list[Outage]:
    return [outage for outage in made.outages if outage.session_id == session_id]


async def test_what_was_down_who_did_what_and_what_is_open(daemon: RunningDaemon) -> None:
    began = datetime.now(UTC)
    await daemon.connected("sales", "billing", "calm")
    await daemon.post_webhook("sales", "disconnected", reason="LOGOUT", at=began + timedelta(seconds=1))
    await daemon.post_webhook("billing", "disconnected", reason="NAVIGATION", at=began + timedelta(seconds=1))
    await daemon.connected("billing", at=began + timedelta(seconds=4))
    receipt = await daemon.client.act(
        ActionRequest(action="acknowledge", gateway="default", session_id="sales")
    )
    await daemon.client.receipt(receipt.id, wait=5)
    made = await report(daemon, "--since", "1h")
    (lost,) = of(made, "sales")
    assert (lost.ended, lost.end, lost.cause, lost.user_id) == ("open", None, "logout", "1")
    (dropped,) = of(made, "billing")
    assert (dropped.ended, dropped.cause) == ("returned", "navigation")
    assert of(made, "calm") == []
    need = next(each for each in made.needs if each.session_id == "sales")
    assert (need.code, need.end, need.taken_by) == (AttentionCode.SCAN_QR, None, TESTER)
    (deed,) = made.actions
    assert (deed.who, deed.action, deed.outcome) == (TESTER, "acknowledge", "verified")
    (gateway,) = made.by_gateway
    assert (gateway.gateway, gateway.session_outages, gateway.sessions_hit) == ("default", 2, 2)
    assert gateway.outages == 1, "nothing listens where the gateway should"
    assert [(each.user_id, each.sessions_hit) for each in made.by_user] == [("1", 2)]
    opened = next(each for each in made.open if each.session_id == "sales")
    assert opened.quiet == f"{TESTER} takes care of it"
    shown = (await daemon.wa_tui("report", "--since", "1h")).stdout
    assert shown.startswith("# Handover ")
    for part in (
        "## Open now",
        "## Needed a person: ",
        "## Outages: 3",
        "## Done",
        "## By gateway",
        "## By user",
    ):
        assert part in shown, shown
    assert "| scan QR | `default` `sales` of user `1` |" in shown


async def test_what_the_daemon_did_not_watch_is_said(daemon: RunningDaemon) -> None:
    await daemon.connected("a")
    await daemon.kill()
    await asyncio.sleep(1.5)
    daemon.launch()
    await daemon.answering()
    await daemon.post_webhook("a", "disconnected", reason="LOGOUT")
    made = await report(daemon, "--since", "1h")
    gap = next(each for each in made.daemon if each.until is not None)
    assert gap.until is not None and gap.until - gap.at > timedelta(seconds=1)
    (lost,) = of(made, "a")
    assert lost.begin is not None and lost.begin >= gap.until - timedelta(seconds=2)
    assert "**Not watched " in (await daemon.wa_tui("report")).stdout


async def test_names_of_others_do_nothing_in_a_chat(daemon: RunningDaemon) -> None:
    await daemon.connected("a")
    rename = ActionRequest(
        action="rename", gateway="default", session_id="a", instance_name="sales | `x` <b>"
    )
    receipt = await daemon.client.act(rename)
    assert (await daemon.client.receipt(receipt.id, wait=5)).outcome == "verified"
    await daemon.post_webhook("a", "disconnected", reason=HOSTILE)
    shown = (await daemon.wa_tui("report")).stdout
    rows = [line for line in shown.splitlines() if "sales" in line]
    assert rows and all(line.startswith("| ") for line in rows)
    assert "``sales \\| `x` <b>``" in shown
    assert "\x1b" not in shown and "\u202e" not in shown and "\n# h" not in shown
    assert "\\*b\\* \\[l\\](http://e) \\# h \\<b\\>" in shown


async def test_without_a_daemon_it_says_so(daemon: RunningDaemon) -> None:
    await daemon.sigterm()
    done = await daemon.wa_tui("report", "--since", "3h")
    assert (done.returncode, done.stdout) == (exits.NO_DAEMON, "")
    assert "no daemon" in done.stderr


async def test_a_time_or_a_gateway_that_is_none_is_refused(daemon: RunningDaemon) -> None:
    for arguments, said in (
        (["--since", "2h", "--until", "3h"], "is before --since 2h"),
        (["--gateway", "defalt"], 'no gateway "defalt"; "default" is one'),
        (["--since", "soon"], "soon is no time"),
        (["--format", "html"], "invalid choice: 'html'"),
    ):
        done = await daemon.wa_tui("report", *arguments)
        assert (done.returncode, done.stdout) == (exits.USAGE, "")
        assert said in done.stderr
