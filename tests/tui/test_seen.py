"""What a person saw: what their terminal took last, and where they moved the cursor themselves since."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wa_tui.tui.widgets.seen import SeenRows

ROWS = ["a", "b", "c"]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("draw"), st.permutations(ROWS)),
        st.tuples(st.just("take"), st.integers(0, 3)),
        st.tuples(st.just("move"), st.sampled_from(ROWS)),
        st.tuples(st.just("wait"), st.sampled_from([0.4, 1.1])),
    ),
    max_size=40,
)


class Told:
    """The same, told plainly: each frame is whole, and is taken some time after it went out."""

    def __init__(self) -> None:
        self.sent: list[tuple[list[str], str, int]] = []
        self.taken = self.moves = 0
        self.cursor: str | None = None
        self.lines: list[str] = []
        self.came_at = float("-inf")

    def take(self, up_to: int, now: float) -> None:
        for lines, cursor, moves in self.sent[self.taken : up_to]:
            self.lines = lines
            if moves == self.moves and cursor != self.cursor:
                self.came_at = now if self.cursor is not None else self.came_at
                self.cursor = cursor
        self.taken = max(self.taken, up_to)


@given(steps)
def test_what_was_seen_is_what_was_taken(actions: list[tuple[str, object]]) -> None:
    seen: SeenRows[str] = SeenRows()
    told = Told()
    now, under = 100.0, "a"
    order = list(ROWS)
    for name, value in actions:
        if name == "draw":
            assert isinstance(value, list)
            order = value
            under = order[0] if not told.moves else under
        elif name == "move":
            under = str(value)
            seen.move(under)
            told.moves, told.cursor, told.came_at = told.moves + 1, under, float("-inf")
        elif name == "wait":
            assert isinstance(value, float)
            now += value
        if name in ("draw", "move"):
            for line, key in enumerate(order):
                seen.draw(line, key, under_cursor=key == under)
            told.sent.append((order, under, told.moves))
        up_to = min(told.taken + int(value), len(told.sent)) if isinstance(value, int) else told.taken
        seen.went_out(lambda _: True, len(told.sent), up_to, now)
        told.take(up_to, now)
        assert (seen.cursor, [*seen.lines.values()]) == (told.cursor, told.lines)
        assert seen.came_lately(now) is (now - told.came_at < 1.0)


def test_of_a_frame_that_went_out_in_part_only_that_part_is_seen() -> None:
    seen: SeenRows[str] = SeenRows()
    for line, key in enumerate("abc"):
        seen.draw(line, key, under_cursor=key == "a")
    seen.went_out(lambda _: True, 1, 1, 0.0)
    for line, key in enumerate("cab"):
        seen.draw(line, key, under_cursor=key == "c")
    seen.went_out(lambda line: line == 1, 2, 2, 5.0)
    assert (seen.cursor, [*seen.lines.values()]) == ("a", ["a", "a", "c"])
    seen.went_out(lambda line: line != 2, 3, 3, 6.0)
    assert (seen.cursor, [*seen.lines.values()]) == ("c", ["c", "a", "c"])
    assert seen.came_lately(6.9) and not seen.came_lately(7.0)


def test_lines_that_are_no_more_are_not_seen() -> None:
    seen: SeenRows[str] = SeenRows()
    for line, key in enumerate("abc"):
        seen.draw(line, key, under_cursor=key == "c")
    seen.went_out(lambda _: True, 1, 1, 0.0)
    seen.end_at(2)
    seen.went_out(lambda _: True, 2, 2, 0.0)
    assert [*seen.lines.values()] == ["a", "b"] and not seen.is_cursor_shown


def test_a_cursor_whose_row_left_the_screen_is_not_shown() -> None:
    seen: SeenRows[str] = SeenRows()
    for line, key in enumerate("ab"):
        seen.draw(line, key, under_cursor=key == "a")
    seen.went_out(lambda _: True, 1, 1, 0.0)
    assert seen.is_cursor_shown
    for line, key in enumerate("bc"):
        seen.draw(line, key, under_cursor=False)
    seen.went_out(lambda _: True, 2, 1, 0.0)
    assert seen.is_cursor_shown, "on its way"
    seen.went_out(lambda _: True, 2, 2, 0.0)
    assert not seen.is_cursor_shown and seen.cursor == "a"
