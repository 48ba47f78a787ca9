"""What is told of needs: each begin and each end once, nothing that came and went, whatever happens meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

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
        st.sampled_from(["begin", "end", "quiet", "tell", "fail", "restart"]),
        st.sampled_from(CODES),
        st.integers(0, 80),
    ),
    max_size=60,
)


@given(STEPS)
def test_whoever_is_told_knows_in_the_end_what_stands(steps: list[tuple[str, AttentionCode, int]]) -> None:
    """Begins and ends of a key alternate over failures, restarts and changes in the middle of a run."""
    ledger, now = Ledger([], HOLDS), 0
    standing, known = set[str](), set[str]()

    def tell(*, meanwhile: tuple[str, AttentionCode] | None = None) -> None:
        changes = ledger.due(now)
        if meanwhile is not None:
            change(*meanwhile)
        for each in changes:
            assert (each.need.key in known) is (each.event == "ends")
            known.symmetric_difference_update({each.need.key})
        ledger.took(changes, now)

    def change(what: str, code: AttentionCode) -> None:
        if what == "begin":
            standing.add(code)
            ledger.begin(need(code), now)
        else:
            standing.discard(code)
            ledger.end(code, Ended.SNOOZED if what == "quiet" else Ended.OVER, now)

    for what, code, later in steps:
        now += later
        if what in ("begin", "end", "quiet"):
            change(what, code)
        elif what == "tell":
            tell(meanwhile=("begin" if later % 2 else "end", code))
        elif what == "fail":
            ledger.due(now)
        else:
            ledger = Ledger(ledger.told(), HOLDS)
            for each in standing:
                ledger.begin(need(AttentionCode(each)), now)
            ledger.know_all(now)
    now += 60
    tell()
    assert known == standing
    assert ledger.standing == len(standing)
    assert {each.key for each in ledger.told()} == standing
