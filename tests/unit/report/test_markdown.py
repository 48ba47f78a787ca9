"""A report's text: whatever others wrote stays text, in its cell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wa_tui.report import Report, markdown
from wa_tui.report import report as parts
from wa_tui.report.groups import FEW
from wa_tui.report.report import Action, Need, OpenNow, Outage, Said
from wa_tui.report.wording import name, prose
from wa_tui.wire import AttentionCode

from .memory import at

ODD = "|`*_~[]()<>#&!\\\n\r\t\x00\x1b\u202e\u2028 ab"
odd = st.text(alphabet=st.sampled_from(ODD), max_size=12)


def report(**fields: object) -> Report:
    known = {"since": at(0), "until": at(3600), "made_at": at(3600)} | fields
    return Report(**known)  # type: ignore[arg-type]


def cells(row: str) -> int:
    """Count a row's cells as GFM does: a bar ends one unless it is escaped."""
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) - 1


@given(odd, odd, odd)
@example("a\\", "`", "|")
@example("\\|", "``|", "\u202e|\x1b[31m")
def test_foreign_text_stays_in_its_cell(one: str, two: str, three: str) -> None:
    made = report(
        title=f"t{one}",
        outages=[Outage(gateway=one or "g", session_id=two or "s", user_id=three, begin=at(1), detail=one)],
        needs=[Need(gateway=two, session_id=one, code=AttentionCode.SCAN_QR, taken_by=two, taken_at=at(9))],
        open=[
            OpenNow(
                code=AttentionCode.BANNED, text=one, action=two, gateway=three, session_id="s", quiet=three
            )
        ],
        actions=[
            Action(at=at(5), who=one, action=two, gateway=three, session_id=one, outcome=two, text=three)
        ],
        healing=[Said(at=at(6), text=one, gateway=two, session_id=three)],
        doubts=[Said(at=at(6), text=two, gateway=three, session_id=one)],
        daemon=[Said(at=at(7), text=two, until=at(8))],
    )
    plain = markdown(
        report(
            title="t",
            outages=[Outage(gateway="g", session_id="s", user_id="u", begin=at(1), detail="d")],
            needs=[
                Need(gateway="g", session_id="s", code=AttentionCode.SCAN_QR, taken_by="w", taken_at=at(9))
            ],
            open=[
                OpenNow(
                    code=AttentionCode.BANNED, text="t", action="a", gateway="g", session_id="s", quiet="q"
                )
            ],
            actions=[
                Action(at=at(5), who="w", action="a", gateway="g", session_id="s", outcome="o", text="t")
            ],
            healing=[Said(at=at(6), text="t", gateway="g", session_id="s")],
            doubts=[Said(at=at(6), text="t", gateway="g", session_id="s")],
            daemon=[Said(at=at(7), text="t", until=at(8))],
        )
    )
    shown = markdown(made)
    assert shown.isprintable() or set(shown) - set("\n") == {char for char in shown if char.isprintable()}
    assert len(shown.splitlines()) == len(plain.splitlines())
    for row, usual in zip(shown.splitlines(), plain.splitlines(), strict=True):
        assert row.startswith(usual[:1])
        if usual.startswith("|"):
            assert cells(row) == cells(usual), row


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sales", "`sales`"),
        ("a|b", "`a\\|b`"),
        ("`x`", "`` `x` ``"),
        ("a``b", "```a``b```"),
        ("", "–"),
        ("\x1b[31m\n", "–"),
        (None, "–"),
    ],
)
def test_a_name_is_code(text: str | None, shown: str) -> None:
    assert name(text) == shown


def test_a_sentence_is_text() -> None:
    assert prose("a *b* <i> `c` | [d](e) #1 & \\") == "a \\*b\\* \\<i\\> \\`c\\` \\| \\[d\\](e) \\#1 \\& \\\\"


def test_what_hit_many_at_once_is_one_line_and_what_hit_one_often() -> None:
    many = [
        Outage(gateway="eu", session_id=f"s{n}", begin=at(60 * n), end=at(700 + n), ended="returned",
               cause="browser_died", detail="browser died", down_s=700)
        for n in range(FEW + 1)
    ]  # fmt: skip
    often = [
        Outage(gateway="us", session_id="x", begin=at(100 * n), end=at(100 * n + 9), ended="returned",
               cause="other", detail=f"cause {n % 2}", down_s=9)
        for n in range(FEW + 2)
    ]  # fmt: skip
    alone = [Outage(gateway="us", session_id="y", begin=at(5), cause="logout", down_s=3595)]
    outages = sorted([*many, *often, *alone], key=lambda each: (each.begin, each.gateway))
    rows = [line for line in markdown(report(outages=outages)).splitlines() if line.startswith("| `")]
    assert rows == [
        "| `eu`: 6 sessions | 12:00 | 12:11 | 11 min | browser died |",
        "| `us` `x`, 7 times | 12:00 | 12:10 | 9 s | cause 0, cause 1 |",
        "| `us` `y` | 12:00 | **open** | 59 min | logged out on the phone |",
    ]


def test_a_report_of_nothing_says_so() -> None:
    assert markdown(report()).splitlines()[2:] == [
        "1 h, 0 sessions; made 2026-11-23 13:00:00 UTC.",
        "",
        "## Open now: nobody is needed",
        "",
        "## Outages: none",
    ]


def test_every_field_of_the_json_is_documented() -> None:
    said = (Path(__file__).parents[3] / "docs/report.md").read_text()
    kinds = [
        kind for kind in vars(parts).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ]
    ours = [kind for kind in kinds if kind.__module__ == parts.__name__]
    assert Report in ours
    for kind in ours:
        for field in msgspec.structs.fields(kind):
            assert f"`{field.name}`" in said, f"{kind.__name__}.{field.name}"
    for word in get_args(parts.Ended):
        assert f"`{word}`" in said
