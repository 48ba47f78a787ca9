"""What goes to the terminal: cells that differ, and no more than it takes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from wa_tui.tui.output.canvas import Canvas
from wa_tui.tui.output.flow import LEAST, Flow
from wa_tui.tui.output.painter import ASK, Painter
from wa_tui.tui.output.pens import PLAIN, Pen, pen_of, step

WIDTH, HEIGHT = 20, 4
STYLES = [
    None,
    *map(Style.parse, ("bold red", "dim", "reverse", "on blue", "bold underline", "#102030 on #405060")),
]


def line(*parts: tuple[str, Style | None]) -> Strip:
    """A line of the screen, filled up with spaces."""
    strip = Strip([Segment(*part) for part in parts])
    return strip.adjust_cell_length(WIDTH)


def full(*lines: Strip) -> LayoutUpdate:
    blank = [line(("", None))] * (HEIGHT - len(lines))
    return LayoutUpdate([[strip] for strip in (*lines, *blank)], Region(0, 0, WIDTH, HEIGHT))


def part(y: int, x: int, strip: Strip) -> ChopsUpdate:
    """A widget's line from a column to the screen's right edge; what is left of it belongs to another one."""
    chops = [{0: None, x: strip if row == y else None} if x else {0: strip} for row in range(HEIGHT)]
    return ChopsUpdate(chops, [(y, x, WIDTH)], [[x, WIDTH] if x else [WIDTH]] * HEIGHT)


class Screen:
    """A terminal of 20x4."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self._screen)

    def take(self, frame: str) -> None:
        self._stream.feed(frame)

    def cells(self) -> list[list[pyte.screens.Char]]:
        return [[self._screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]

    def seen(self) -> list[list[object]]:
        """What is seen of the cells: of a space its ground alone, unless it is reversed or underlined."""
        return [[sight(cell) for cell in row] for row in self.cells()]


def sight(cell: pyte.screens.Char) -> object:
    hidden = cell.data == " " and not (cell.reverse or cell.underscore)
    return (" ", cell.bg) if hidden else cell


texts = st.text(st.sampled_from("ab ▆é東"), max_size=8)
lines = st.lists(st.tuples(texts, st.sampled_from(STYLES)), max_size=4).map(
    lambda parts: line(*parts).crop(0, WIDTH)
)


@given(
    st.lists(st.lists(lines, min_size=HEIGHT, max_size=HEIGHT), min_size=1, max_size=6), st.integers(1, 400)
)
def test_frame_by_frame_the_terminal_comes_to_show_what_it_is_to_show(
    states: list[list[Strip]], limit: int
) -> None:
    canvas, screen, whole = Canvas(), Screen(), Screen()
    for number, state in enumerate(states):
        canvas.draw(full(*state))
        screen.take(canvas.frame(limit, grounds=number % 2 == 0, erase=number % 3 == 0))
    while canvas.differs:
        screen.take(canvas.frame(limit, erase=True))
    anew = Canvas()
    anew.draw(full(*states[-1]))
    whole.take(anew.frame(10**6))
    assert screen.seen() == whole.seen()


def test_a_cell_that_changes_is_sent_alone() -> None:
    canvas = Canvas()
    canvas.draw(full(line(("connected 3m", Style.parse("green")))))
    canvas.frame(10_000)
    canvas.draw(full(line(("connected 4m", Style.parse("green")))))
    assert canvas.frame(10_000) == "\x1b[1;11H\x1b[32m4\x1b[0m"
    assert not canvas.differs
    assert canvas.frame(10_000) == ""


def test_what_becomes_as_it_was_before_it_was_sent_is_not_sent() -> None:
    canvas = Canvas()
    canvas.draw(full(line(("a", None))))
    canvas.frame(10_000)
    canvas.draw(full(line(("b", None))))
    canvas.draw(full(line(("a", None))))
    assert not canvas.differs


def test_a_part_of_a_line_leaves_the_rest() -> None:
    canvas, screen = Canvas(), Screen()
    canvas.draw(full(line(("left", None))))
    canvas.draw(part(0, 10, Strip([Segment("right     ")])))
    screen.take(canvas.frame(10_000))
    assert "".join(cell.data for cell in screen.cells()[0]) == "left      right     "


def test_where_not_all_may_be_sent_what_changed_last_comes_first() -> None:
    canvas, screen = Canvas(), Screen()
    canvas.draw(full(*(line(("old", None)) for _ in range(HEIGHT))))
    canvas.draw(part(3, 0, line(("new", None))))
    screen.take(canvas.frame(1))
    assert [row[0].data for row in screen.cells()] == [" ", " ", " ", "n"]
    assert canvas.differs


def test_behind_a_letter_of_doubtful_width_all_is_sent() -> None:
    canvas = Canvas()
    canvas.draw(full(line(("東京 a        b", None))))
    canvas.frame(10_000)
    canvas.draw(full(line(("東京 a        c", None))))
    assert "東京 a        c" in canvas.frame(10_000)


def test_the_empty_rest_of_a_line_may_be_erased() -> None:
    for erase, sequence in ((True, "\x1b[1;1Ha\x1b[K"), (False, "\x1b[1;1Ha" + " " * (WIDTH - 1))):
        canvas = Canvas()
        canvas.draw(full(line(("a", None))))
        assert sequence in canvas.frame(10_000, erase=erase)


def test_empty_lines_come_last_on_a_terminal_of_which_nothing_is_known() -> None:
    canvas = Canvas()
    canvas.draw(full(line(("", None)), line(("a", None))))
    assert canvas.frame(10_000, grounds=False).startswith("\x1b[2;1Ha")
    assert canvas.frame(10_000, grounds=False) == "" and canvas.differs
    assert canvas.frame(10_000).count("H") == HEIGHT - 1 and not canvas.differs


def test_another_size_is_another_screen() -> None:
    canvas = Canvas()
    canvas.draw(full(line(("a", None))))
    canvas.frame(10_000)
    canvas.draw(LayoutUpdate([[Strip([Segment("abc")])]], Region(0, 0, 3, 1)))
    assert "abc" in canvas.frame(10_000)


def test_a_mark_that_takes_a_cell_is_never_sent_without_its_letter() -> None:
    canvas = Canvas()
    canvas.draw(full(line(("हि x", None))))
    assert "हि x" in canvas.frame(10_000)
    canvas.draw(full(line(("हु x", None))))
    assert canvas.frame(10_000).startswith("\x1b[1;1Hहु x")


@pytest.mark.parametrize(
    ("old", "new", "sequence"),
    [
        (PLAIN, PLAIN, ""),
        (PLAIN, Pen(("1",), "31"), "\x1b[1;31m"),
        (Pen(("1",), "31"), PLAIN, "\x1b[0m"),
        (Pen(("1",), "38;2;1;2;3", "48;2;1;2;3"), Pen((), "38;2;1;2;3", "48;2;1;2;3"), "\x1b[22m"),
        (Pen(("1", "2"), "38;2;1;2;3"), Pen(("2",), "38;2;1;2;3"), "\x1b[22;2m"),
        (Pen((), "38;2;1;2;3", "44"), Pen((), "38;2;9;9;9", "44"), "\x1b[38;2;9;9;9m"),
        (Pen((), "38;2;1;2;3", "44"), Pen((), "39", "44"), "\x1b[39m"),
    ],
)
def test_a_step_between_pens_is_as_short_as_can_be(old: Pen, new: Pen, sequence: str) -> None:
    assert step(old, new) == sequence


def test_a_style_is_drawn_in_the_colours_there_are() -> None:
    style = Style.parse("bold #ff0000 on #000080 link https://example.org")
    assert pen_of(style, ColorSystem.TRUECOLOR) == Pen(("1",), "38;2;255;0;0", "48;2;0;0;128")
    assert pen_of(Style.parse("bold bright_red on blue"), ColorSystem.STANDARD) == Pen(("1",), "91", "44")
    assert pen_of(Style.parse("color(200)"), ColorSystem.EIGHT_BIT).ink == "38;5;200"


class Line:
    """A line that carries some bytes a second, to a terminal some way off; time passes when `wait` says so."""

    def __init__(self, rate: float, way_s: float = 0.0) -> None:
        self.now = 0.0
        self.rate, self.way_s = rate, way_s
        self.flow = Flow(lambda: self.now)
        self._free_at = 0.0
        self._answers: list[float] = []

    def send(self, size: int) -> None:
        self.flow.sent(size)
        self._free_at = max(self.now, self._free_at) + size / self.rate
        self._answers.append(self._free_at + 2 * self.way_s)

    def wait(self, until: Callable[[], object]) -> None:
        """Let answers come until something holds."""
        while not until():
            self.now = self._answers.pop(0)
            self.flow.answered(self.now)

    @property
    def backlog_s(self) -> float:
        """How long something sent now would take to arrive."""
        return max(0.0, self._free_at - self.now)


def test_a_slow_line_is_given_little_at_a_time() -> None:
    line = Line(960)
    line.send(4)
    worst = 0.0
    for number in range(100):
        line.wait(lambda: line.flow.room)
        line.send(min(line.flow.room, 5_000))
        if number > 3:
            worst = max(worst, line.backlog_s)
    assert worst < 1.0


def test_a_long_line_is_not_taken_for_a_slow_one() -> None:
    line = Line(1_000_000, way_s=0.15)
    line.send(4)
    for _ in range(100):
        line.wait(lambda: line.flow.room)
        line.send(2_000)
    assert line.now < 6, "frames follow one another; waiting for each answer would be 30 s"


def test_a_line_that_becomes_fast_again_is_given_more() -> None:
    line = Line(960)
    for rate in (960, 10_000_000):
        line.rate = rate
        for _ in range(30):
            line.wait(lambda: line.flow.room)
            line.send(line.flow.room)
    line.wait(lambda: not line.flow.on_its_way)
    assert line.flow.room > 16 * LEAST


def test_a_line_that_stood_still_is_not_a_slow_one() -> None:
    now = 0.0
    flow = Flow(lambda: now)
    for _ in range(9):
        flow.sent(5_000)
        now += 0.01
        flow.answered(now)
    flow.sent(5_000)
    now += 0.02
    flow.sent(5_000)
    now += 60
    assert not flow.is_clear
    for _ in range(2):
        flow.answered(now)
    assert flow.room > 9_000, "the newest state is sent whole"


def test_a_frame_is_taken_once_the_question_behind_it_is_answered() -> None:
    now = 0.0
    flow = Flow(lambda: now)
    for _ in range(3):
        flow.sent(500)
    assert (flow.frames_sent, flow.frames_taken) == (3, 0)
    flow.answered(0.01)
    assert flow.frames_taken == 1
    flow.asked_again(4)
    flow.sent(500)
    assert flow.frames_taken == 1, "one answer is to all that was asked before"
    flow.answered(0.02)
    assert flow.frames_taken == 3
    flow.give_up()
    assert flow.frames_taken == flow.frames_sent == 4, "nothing more is ever known of it"


def test_a_terminal_that_never_answers_is_soon_sent_to_all_the_same() -> None:
    now = 0.0
    flow = Flow(lambda: now)
    while flow.room:
        flow.sent(5_000)
    now = 1.1
    assert flow.patience() <= 0
    flow.give_up()
    assert flow.room
    flow.sent(1_000_000)
    assert flow.room and not flow.awaits


def test_an_answer_that_was_lost_is_missed_for_seconds_where_somebody_types() -> None:
    now = 0.0
    flow = Flow(lambda: now)
    flow.sent(4)
    flow.answered(0.01)
    flow.sent(100)
    now = 5.0
    assert flow.patience() > 0
    assert flow.patience(typing=True) <= 0
    flow.give_up()
    assert flow.room == LEAST


def test_a_line_that_stands_is_sent_nothing_until_it_answers() -> None:
    now = 0.0
    flow = Flow(lambda: now)
    for _ in range(9):
        flow.sent(500)
        now += 0.01
        assert not flow.answered(now)
    flow.sent(500)
    now += 0.2
    assert not flow.is_clear, "states wait for a moment's silence"
    assert flow.room, "keys do not"
    now += 0.2
    assert flow.stands
    assert not flow.room
    assert flow.answered(now), "it had stood"
    assert flow.room and flow.is_clear


def test_a_line_that_stood_for_long_is_no_slower_than_before() -> None:
    now = 0.0
    flow = Flow(lambda: now)
    for _ in range(9):
        flow.sent(5_000)
        now += 0.01
        flow.answered(now)
    before = flow.room
    flow.sent(500)
    for _ in range(3):
        now += 100
        assert flow.patience() <= 0
        flow.give_up()
        assert flow.room == LEAST
        flow.sent(LEAST)
    flow.answered(now)
    assert flow.room == before


class Wire:
    """What a painter writes, and whether it said that the terminal is clear."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.questions = 0
        self.cleared = 0
        self.now = 0.0
        self.painter = Painter(self.write, self.clear, monotonic=lambda: self.now)
        self.painter.begin()

    def write(self, text: str) -> None:
        if text != ASK:
            self.frames.append(text)
        else:
            self.questions += 1

    def clear(self) -> None:
        self.cleared += 1

    def draw(self, text: str) -> None:
        self.painter.draw(full(line((text, None))), (0, 0), synchronised=False)


async def test_while_a_terminal_stands_the_states_between_are_never_sent() -> None:
    wire = Wire()
    wire.draw("first")
    wire.painter.stuck = True
    for number in range(50):
        wire.draw(f"state {number}")
    assert len(wire.frames) == 1
    assert not wire.painter.is_clear
    wire.painter.drained()
    assert len(wire.frames) == 2
    assert "49" in wire.frames[1]
    wire.painter.answered(0.1)
    wire.painter.answered(0.1)
    assert wire.cleared and wire.painter.is_clear
    wire.painter.stop()


def standing() -> Wire:
    """A terminal that was quick, and has not answered the last of two frames for long."""
    wire = Wire()
    for number in range(6):
        wire.draw(f"quick {number}")
        wire.now += 0.01
        wire.painter.answered(wire.now)
    wire.painter.answered(wire.now)
    wire.draw("the frame it stood in")
    wire.now += 10.0
    return wire


async def test_what_was_drawn_while_a_terminal_stood_is_not_sent_before_what_is_newest() -> None:
    wire = standing()
    sent, cleared = len(wire.frames), wire.cleared
    wire.draw("what the minute changed")
    assert len(wire.frames) == sent and not wire.painter.is_clear
    wire.painter.answered(wire.now)
    assert wire.cleared > cleared, "what waited may be composed now"
    assert len(wire.frames) == sent
    wire.draw("newest")
    assert len(wire.frames) == sent + 1 and "newest" in wire.frames[-1]
    wire.painter.stop()


async def test_what_was_drawn_while_a_terminal_stood_is_sent_where_nothing_newer_comes() -> None:
    wire = standing()
    wire.draw("what a key changed")
    wire.painter.answered(wire.now)
    async with asyncio.timeout(40):
        while "what a key changed" not in wire.frames[-1]:
            await asyncio.sleep(0.01)
    wire.painter.stop()


async def test_a_terminal_that_stands_is_asked_again_for_what_was_lost() -> None:
    wire = standing()
    sent, asked = len(wire.frames), wire.questions
    for number in range(5):
        wire.draw(f"key {number}")
    assert wire.questions == asked + 1, "once a second"
    wire.painter.answered(wire.now)
    wire.draw("newest")
    assert len(wire.frames) == sent + 1, "one answer is enough for both questions"
    wire.painter.stop()


async def test_nothing_is_sent_where_nothing_differs() -> None:
    wire = Wire()
    wire.draw("same")
    wire.draw("same")
    assert len(wire.frames) == 1
    wire.painter.redraw()
    assert len(wire.frames) == 2, "unless somebody asked for it"
    wire.painter.stop()
    wire.draw("another")
    assert len(wire.frames) == 2, "nor where the terminal is not ours any more"


async def test_a_frame_is_one_for_a_terminal_that_can_hold_its_picture() -> None:
    wire = Wire()
    wire.painter.draw(full(line(("a", None))), (3, 1), synchronised=True)
    assert wire.frames[0].startswith("\x1b[?2026h")
    assert wire.frames[0].endswith("\x1b[2;4H\x1b[?2026l")
    wire.painter.stop()


def test_random_walks_through_states_end_where_they_should() -> None:
    """As the property above, longer and with parts: what the monitor really sends."""
    draw = random.Random(7)
    canvas, screen, anew, whole = Canvas(), Screen(), Canvas(), Screen()
    first = full(*(line(("row", None)) for _ in range(HEIGHT)))
    canvas.draw(first)
    anew.draw(first)
    for _ in range(500):
        text = "".join(draw.choice("ab ▆") for _ in range(10))
        update = part(
            draw.randrange(HEIGHT), draw.choice((0, 10)), Strip([Segment(text, draw.choice(STYLES))])
        )
        canvas.draw(update)
        anew.draw(update)
        screen.take(canvas.frame(draw.choice((1, 30, 1000))))
    while canvas.differs:
        screen.take(canvas.frame(50))
    whole.take(anew.frame(10**6))
    assert screen.seen() == whole.seen()
