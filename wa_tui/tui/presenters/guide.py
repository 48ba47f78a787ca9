"""The help pages, in as many columns as there is room for: what every key does, and what the signs mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from textual.content import Content

from wa_tui.keys.table import KEY_NAMES, Context, KeyBinding, Keymap, KeyNames, keys_of
from wa_tui.text.cells import cell_len, fit, wrap
from wa_tui.text.events import status_word
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS, Palette, gateway_look
from wa_tui.tui.style.ribbon import BRIEF
from wa_tui.tui.style.theme import ink_style
from wa_tui.wire import Condition, History

_NUMBER = re.compile(r"\d+$")
_SIGN = 18
_NARROW_SIGN = 17
_NARROW = 60
_TWO_COLUMNS = 112
_GAP = 4
_MEANINGS = {
    Condition.CONNECTED: "connected, and a check or WhatsApp proved it",
    Condition.CLAIMED: "said to be connected; not proved lately, or not provable",
    Condition.DISCONNECTED: "down, though it should be online",
    Condition.AUTH_FAILED: "the credentials were refused",
    Condition.GHOST: "says connected, and WhatsApp's server denies it",
    Condition.SCAN_QR: "waits for somebody to scan",
    Condition.STARTING: "on its way",
    Condition.UNKNOWN: "never observed",
    Condition.OFFLINE: "off by wish",
}
_CELLS = {
    History.CONNECTED: "connected",
    History.STARTING: "starting",
    BRIEF: "down for a moment",
    History.QR: "waiting for a scan",
    History.DOWN: "down",
    History.OFF: "off by wish",
    History.UNOBSERVED: "nobody looked: no proof either way",
}
_GATEWAYS = {
    "up": "it answers",
    "slow": "it answers late",
    "restarting": "it started anew, and brings its sessions back",
    "returned": "it was away, may have started anew, and then brings its sessions back",
    "down": "it does not answer",
    "unauthorised": "it, or a proxy before it, refuses us; or it needs a person for what is said beside it",
    "unknown": "not asked yet",
}


class Entry(NamedTuple):
    """One sign or key, and what it means; ``note`` is said after it, brightly; it is found by ``also`` too."""

    sign: str
    meaning: str
    ink: Ink = Ink.GREEN
    bold: bool = False
    note: str = ""
    also: str = ""

    def has(self, searched: Iterable[str]) -> bool:
        """Tell whether all of these words are in it."""
        text = f"{self.sign} {self.meaning} {self.note} {self.also}".casefold()
        return all(word in text for word in searched)


class Section(NamedTuple):
    """A heading and what stands under it."""

    heading: str
    entries: list[Entry]


def sections(keymap: Keymap | None = None, search: str = "", first: Sequence[Context] = ()) -> list[Section]:
    """Return the keys by context, ``first`` those of the view at hand; with a ``search`` only what has its words."""
    contexts = dict.fromkeys((*first, *Context))
    return searched([Section(context, _keys(keys_of(context, keymap))) for context in contexts], search)


def searched(page: Iterable[Section], search: str) -> list[Section]:
    """Return what has all words that are looked for, in it or in its section's heading; all without any."""
    found = []
    for section in page:
        heading = section.heading.casefold()
        wanted = [word for word in search.casefold().split() if word not in heading]
        entries = [entry for entry in section.entries if entry.has(wanted)]
        if entries:
            found.append(Section(section.heading, entries))
    return found


def guide(page: list[Section], width: int, names: KeyNames = KEY_NAMES) -> Content:
    """Return sections as text of ``width`` cells: in two columns where there is room, else in one."""
    if not page:
        text = f"nothing has these words in it · {names['view.back']} shows everything"
        return Content.styled(text, ink_style(Ink.QUIET))
    if width < _TWO_COLUMNS:
        return Content("\n").join(_column(page, width))
    half = (width - _GAP) // 2
    cut = _middle(page)
    left, right = _column(page[:cut], half), _column(page[cut:], half)
    missing = len(left) - len(right)
    left += [Content("")] * -missing
    right += [Content("")] * missing
    lines = (
        one.pad_right(half + _GAP - one.cell_length) + other for one, other in zip(left, right, strict=True)
    )
    return Content("\n").join(lines)


def _middle(page: list[Section]) -> int:
    """Return where to go on in the second column."""
    heights = [len(section.entries) + 2 for section in page]
    return min(range(1, len(page) + 1), key=lambda cut: max(sum(heights[:cut]), sum(heights[cut:])))


def _column(page: list[Section], width: int) -> list[Content]:
    lines: list[Content] = []
    for section in page:
        if lines:
            lines.append(Content(""))
        style = ink_style(Ink.BRIGHT, bold=True)
        lines += [Content.styled(line, style) for line in wrap(section.heading, width)]
        indent = _indent(section, width)
        for entry in section.entries:
            lines += _lines(entry, width, indent)
    return lines


def _indent(section: Section, width: int) -> int:
    """Return where the meanings begin; on a narrow screen as near to the signs as they let it."""
    if width >= _NARROW:
        return _SIGN
    return min(max(cell_len(entry.sign) for entry in section.entries) + 3, _NARROW_SIGN)


def _lines(entry: Entry, width: int, indent: int) -> list[Content]:
    """Return the sign, and beside it the meaning: what is broken goes on under its own beginning."""
    style = ink_style(entry.ink, bold=entry.bold)
    meaning = [Content(line) for line in wrap(entry.meaning, max(width - indent - 1, 8))]
    if entry.note:
        note = Content.styled(entry.note, ink_style(Ink.AMBER))
        if meaning[-1].cell_length + 2 + note.cell_length <= width - indent:
            meaning[-1] += Content("  ") + note
        else:
            meaning.append(note)
    sign = f"  {entry.sign}"
    if cell_len(sign) >= indent:
        return [Content.styled(sign, style), *(Content(" " * indent) + line for line in meaning)]
    first = Content.styled(fit(sign, indent), style) + meaning[0]
    return [first, *(Content(" " * indent) + line for line in meaning[1:])]


def _keys(keys: list[KeyBinding]) -> list[Entry]:
    """Return an entry for each key; those that do the same to one number after the other share one."""
    entries: list[Entry] = []
    for stem, group in groupby(keys, key=lambda key: _NUMBER.sub("", key.help)):
        same = list(group)
        first, last = same[0], same[-1]
        if len(same) == 1 or first.help == last.help:
            entries += [_key(key) for key in same]
            continue
        begin, end = first.help.removeprefix(stem), last.help.removeprefix(stem)
        entries.append(
            _key(first)._replace(sign=f"{first.shown} – {last.shown}", meaning=f"{stem}{begin} – {end}")
        )
    return entries


def _key(key: KeyBinding) -> Entry:
    note = "asks first" if key.asks else ""
    return Entry(key.shown, key.help, Ink.GREEN, True, note, also=f"{key.id} {key.label}")


_PAUSED = Entry("‖ paused", "starts fail there, so that healing starts nothing for a while", Ink.AMBER)
_BESIDE = (
    Entry("▌", "the session under the cursor", Ink.BRIGHT),
    Entry("◆", "marked: what is done is done to all of these", Ink.BRIGHT),
    Entry("▾ ▴", "sorted by this column, downwards or upwards", Ink.BRIGHT),
    Entry("✓", "done, and where a check can prove it, proved", Ink.GREEN),
    Entry("3m ✓", "proved by WhatsApp's server; ✓✓ by a recipient's device", Ink.GREEN),
    Entry("!", "not done, or not known to be", Ink.AMBER),
    Entry("✖", "failed, or a fault that needs a person", Ink.RED, bold=True),
)


def signs(palette: Palette, search: str = "") -> list[Section]:
    """Return the sections of the page of signs; with a ``search`` only what has all of its words."""
    page = [
        Section("What the signs mean", [_state(condition, _MEANINGS[condition]) for condition in LOOKS]),
        Section("The last 24 hours", [_cell(palette, code, meaning) for code, meaning in _CELLS.items()]),
        Section("Gateways in the header", [*_gateways(), _PAUSED]),
        Section("Beside a row, and of what was done", list(_BESIDE)),
    ]
    return searched(page, search)


def _state(condition: Condition, meaning: str) -> Entry:
    look = LOOKS[condition]
    return Entry(f"{look.glyph} {condition}", meaning, look.ink, look.bold)


def _cell(palette: Palette, code: str, meaning: str) -> Entry:
    glyph, ink = palette.ribbon(code)
    return Entry(glyph * 4, meaning, ink)


def _gateways() -> Iterator[Entry]:
    for state, meaning in _GATEWAYS.items():
        look = gateway_look(state)
        yield Entry(f"{look.glyph} {status_word(state)}", meaning, look.ink, look.bold)
