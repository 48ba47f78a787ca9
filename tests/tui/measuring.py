"""Asks the terminal that it runs in how wide foreign names are, and says whether we agree."""

from __future__ import annotations

import os
import re
import sys
import termios
import tty
import unicodedata

from rich.cells import cell_len

from wa_tui.text.cells import fit
from wa_tui.text.cleaning import clean

NAMES = (
    *("हिन्दी कार्यालय", "தமிழ் கோ", "বাংলা দোকান", "ខ្មែរ", "ภาษาไทย", "മലയാളം", "می\u200cخواهم", "עִבְרִית"),
    *(
        "한국어 지원",
        "東京サポート",
        "👨\u200d👩\u200d👧\u200d👦 family",
        "❤\ufe0f heart",
        "1\ufe0f\u20e3 key",
        "🇩🇪🇫🇷",
    ),
    *(
        "👍🏽 ok",
        "🏴\U000e0067\U000e0062\U000e007f",
        "क\u094d\u200dष",
        "\u0903lonely",
        "e\u0301\u0302\u0303\u0304",
    ),
    *("\u3164\uffa0filler", "☺\ufe0e text", "한〮", "ك\u0640\u064e\u0651", "a\u200db", "\u200d\u200c"),
)
MARKS = [chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)) == "Mc"]


def column(text: str) -> int:
    """Return the column in which the cursor stands after a text."""
    os.write(1, b"\r\x1b[K" + text.encode() + b"\x1b[6n")
    said = b""
    while not (found := re.search(rb"\x1b\[\d+;(\d+)R", said)):
        said += os.read(0, 100)
    return int(found.group(1)) - 1


def main() -> None:
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        texts = [clean(name) for name in NAMES] + [fit(name, 9) for name in NAMES]
        texts += ["".join(f"a{mark}" for mark in MARKS[at : at + 20]) for at in range(0, len(MARKS), 20)]
        wrong = [
            (ascii(text), found, cell_len(text))
            for text in texts
            if (found := column(text)) != cell_len(text)
        ]
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
    sys.stdout.write(f"\r\x1b[K{wrong or 'all widths agree'}\r\n")


if __name__ == "__main__":
    main()
