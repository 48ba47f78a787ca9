"""``--json`` in a terminal: nothing in it acts, and a program reads what was written."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from wa_tui.cli.printing import as_json

ACTING = "\x1b\x7f\x85\x9b\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff"
texts = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(ACTING)))


@given(st.dictionaries(texts, st.one_of(texts, st.lists(texts))), st.sampled_from([None, 2]))
def test_what_acts_is_escaped_and_means_the_same(value: dict[str, object], indent: int | None) -> None:
    text = as_json(value, indent=indent)
    assert json.loads(text) == value
    assert not set(text) & set(ACTING)
    assert not any(unicodedata.category(char) == "Cc" for char in text.replace("\n", ""))
