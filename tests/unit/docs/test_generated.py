"""The generated parts of docs/ are what the code says, and its examples are what the code takes."""

from __future__ import annotations

import re

import msgspec
import pytest

from tests.unit.docs.generated import GENERATED, ROOT, SCHEMA, expected, part, schema_text
from wa_tui.wire.needs import NeedsReport


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_part_is_what_the_code_says(name: str) -> None:
    page = GENERATED[name][0]
    found = part(name).search((ROOT / page).read_text())
    assert found is not None, f"{page} has lost its marks <!-- {name} -->"
    assert found.group() == expected(name), f"{page} is old: `make docs` writes it anew"


def test_the_schema_of_the_configuration_is_what_the_code_says() -> None:
    assert SCHEMA.read_text() == schema_text(), "docs/config.schema.json is old: `make docs` writes it anew"


def test_the_report_that_a_program_is_given_is_shown_as_it_is() -> None:
    shown = re.search(r'    \{"version": 1.*?\]\}\n', (ROOT / "docs/operations.md").read_text(), re.DOTALL)
    assert shown is not None
    report = msgspec.json.decode(shown.group(), type=NeedsReport)
    assert msgspec.to_builtins(report) == msgspec.json.decode(shown.group()), "every field, and no other"
