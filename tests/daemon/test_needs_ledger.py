"""What is told of needs: each begin and each end once, nothing that came and went, whatever happens meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import MANY_EXAMPLES
from wa_tui.daemon.needs.ledger import Holds, Ledger
from wa_tui.wire import AttentionCode
from wa_tui.wire.needs import Ended, NeedView

HOLDS = Holds(begins=10, ends=60)
SINCE = datetime(2026, 11, 23, tzinfo=UTC)
CODES = (AttentionCode.GATEWAY_DOWN, AttentionCode.BANNED, AttentionCode.SCAN_QR)


def need(code: AttentionCode) -> NeedView:
    return NeedView(
        key=code, code=code, urgency=code.urgency, about="session", name="a", text="…", since=SINCE
    )


def told(ledger: Ledger, now: int) -> list[str]:
    changes = ledger.due(now)
    ledger.took(changes, now)
    return [f"{each.event} {each.need.key}" + (f" {each.ended}" if each.ended else "") for each in changes]


def test_what_comes_and_goes_is_told_neither_to_begin_nor_to_end() -> None:
    ledger = Ledger([], HOLDS)
    for second in range(0, 40, 2):
        ledger.begin(need(AttentionCode.BANNED), second)
        ledger.end(AttentionCode.BANNED, Ended.OVER, second + 1)
        assert told(ledger, second + 1) == []
    ledger.begin(need(AttentionCode.BANNED), 40)
    assert told(ledger, 50) == ["begins banned"]
    ledger.end(AttentionCode.BANNED, Ended.OVER, 60)
    assert told(ledger, 119) == []
    ledger.begin(need(AttentionCode.BANNED), 119)
    assert told(ledger, 300) == []
    ledger.end(AttentionCode.BANNED, Ended.OVER, 300)
    assert told(ledger, 360) == ["ends banned over"]


def test_a_persons_word_ends_it_at_once() -> None:
    for ended in (Ended.SNOOZED, Ended.ACKNOWLEDGED, Ended.COVERED):
        ledger = Ledger([need(AttentionCode.BANNED)], HOLDS)
        ledger.begin(need(AttentionCode.BANNED), 0)
        ledger.end(AttentionCode.BANNED, ended, 5)
        assert told(ledger, 5) == [f"ends banned {ended}"]


def test_the_most_urgent_begin_comes_first_and_ends_come_after() -> None:
    ledger = Ledger([need(AttentionCode.GATEWAY_DOWN)], HOLDS)
    ledger.know_all(0)
    ledger.begin(need(AttentionCode.SCAN_QR), 0)
    ledger.begin(need(AttentionCode.BANNED), 0)
    assert told(ledger, 60) == ["begins banned", "begins scan_qr", "ends gateway_down over"]


def test_what_a_daemon_does_not_know_of_is_not_over_until_it_knows_all() -> None:
    ledger = Ledger([need(AttentionCode.BANNED), need(AttentionCode.SCAN_QR)], HOLDS)
    assert told(ledger, 9_000) == []
    ledger.begin(need(AttentionCode.BANNED), 9_000)
    ledger.know_all(9_000)
    assert told(ledger, 9_059) == []
    assert told(ledger, 10_000) == ["ends scan_qr over"]
    ledger.begin(need(AttentionCode.BANNED), 10_000)
    ledger.end(AttentionCode.BANNED, Ended.OVER, 10_001)
    assert told(ledger, 20_000) == ["ends banned over"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "end", "quiet", "tell", "fail", "cut", "killed", "restart"]),
        st.sampled_from(CODES),
        st.integers(0, 80),
    ),
    max_size=60,
)


class _Pager:
    """A ledger, and a program that knows what it was told; what stands changes also while it is told."""

    def __init__(self) -> None:
        self.ledger = Ledger([], HOLDS)
        self.now = 0
        self.standing: set[str] = set()
        self.known: set[str] = set()

    def change(self, what: str, code: AttentionCode) -> None:
        if what == "begin":
            self.standing.add(code)
            self.ledger.begin(need(code), self.now)
        else:
            self.standing.discard(code)
            self.ledger.end(code, Ended.SNOOZED if what == "quiet" else Ended.OVER, self.now)

    def run(self, how: str, meanwhile: tuple[str, AttentionCode] | None, *, heard: bool) -> None:
        """Tell what is due; ``heard``: the program took it, though nobody learns that where it was cut or killed."""
        changes, unsure = self.ledger.due(self.now), self.ledger.unsure()
        self.ledger.give(changes)
        kept = self.ledger.announced(), self.ledger.unsure()
        if how == "tell" or (heard and how in ("cut", "killed")):
            for each in changes:
                if each.need.key not in unsure:
                    assert (each.need.key in self.known) is (each.event == "ends"), "told once"
                (self.known.add if each.event == "begins" else self.known.discard)(each.need.key)
        if meanwhile is not None:
            self.change(*meanwhile)
        if how == "killed":
            self.restart(*kept)
        elif how == "tell":
            self.ledger.took(changes, self.now)
        elif how == "fail":
            self.ledger.refused(changes)

    def restart(self, told: list[NeedView], unsure: list[str]) -> None:
        self.ledger = Ledger(told, HOLDS, unsure)
        for each in sorted(self.standing):
            self.ledger.begin(need(AttentionCode(each)), self.now)
        self.ledger.know_all(self.now)


@settings(max_examples=MANY_EXAMPLES)
@given(STEPS)
def test_whoever_is_told_knows_in_the_end_what_stands(steps: list[tuple[str, AttentionCode, int]]) -> None:
    """Begins and ends of a key alternate over failures, restarts and changes in the middle of a run.

    Only what a run may have told of which nobody knows how it ended is told twice.
    """
    pager = _Pager()
    for what, code, later in steps:
        pager.now += later
        if what in ("begin", "end", "quiet"):
            pager.change(what, code)
        elif what == "restart":
            pager.restart(pager.ledger.announced(), pager.ledger.unsure())
        else:
            pager.run(what, ("begin" if later % 2 else "end", code), heard=later % 4 < 2)
    pager.now += 60
    pager.run("tell", None, heard=True)
    assert pager.known == pager.standing
    assert pager.ledger.calling == len(pager.standing)
    assert {each.key for each in pager.ledger.announced()} == pager.standing
    assert pager.ledger.unsure() == []


def test_who_takes_care_of_it_while_it_is_told_is_why_it_ends() -> None:
    ledger = Ledger([], HOLDS)
    ledger.begin(need(AttentionCode.BANNED), 0)
    changes = ledger.due(10)
    ledger.give(changes)
    ledger.end(AttentionCode.BANNED, Ended.ACKNOWLEDGED, 12)
    ledger.took(changes, 13)
    assert told(ledger, 13) == ["ends banned acknowledged"]
