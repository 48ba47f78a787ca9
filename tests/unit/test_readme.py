"""The README's tables say what the code says; ``python -m tests.unit.test_readme`` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from wa_tui.config import REFERENCE
from wa_tui.tui.keys import Context, keys_of
from wa_tui.wire import GUIDE, AttentionCode
from wa_tui.wire.needs import NeedsReport

README = Path(__file__).parents[2] / "README.md"
SECTIONS = ("keys", "needs", "reference")


SHOWN = (
    *(Context.SESSION, Context.DEED, Context.SESSIONS, Context.MARKS),
    *(Context.ORDER, Context.VIEW, Context.EVERYWHERE),
)
"""The contexts of the first screen; `?` shows all."""


def keys() -> Iterator[str]:
    for number, context in enumerate(SHOWN):
        if number:
            yield ""
        yield f"| {context} | |"
        yield "|---|---|"
        for key in keys_of(context):
            if re.fullmatch(r"[2-9]", key.shown):
                continue
            shown = " ".join(f"`{name}`" for name in key.shown.split(" "))
            if key.shown == "1":
                shown, told = "`1` … `9`", key.help.replace("gateway 1", "that gateway")
            else:
                told = key.help
            yield f"| {shown} | {told}{' (asks first)' if key.asks else ''} |"


def reference() -> Iterator[str]:
    yield "| environment | TOML | default | |"
    yield "|---|---|---|---|"
    for setting in REFERENCE:
        env = f"`{setting.env}`" if setting.env else ""
        toml = f"`{setting.toml}`" if setting.toml else ""
        yield f"| {env} | {toml} | {setting.default} | {setting.meaning} |"


def needs() -> Iterator[str]:
    yield "| code | it means | do |"
    yield "|---|---|---|"
    for code in AttentionCode:
        meaning, todo = GUIDE[code]
        yield f"| `{code}` | {meaning} | {todo} |"


def expected(name: str) -> str:
    lines = {"keys": keys, "needs": needs, "reference": reference}[name]()
    return "\n\n" + "\n".join(lines) + "\n\n"


def section(name: str) -> re.Pattern[str]:
    return re.compile(f"(?<=<!-- {name} -->).*?(?=<!-- end of {name} -->)", re.DOTALL)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_readmes_tables_are_the_codes(name: str) -> None:
    found = section(name).search(README.read_text())
    assert found is not None
    assert found.group() == expected(name)


def test_the_report_that_a_program_is_given_is_shown_as_it_is() -> None:
    shown = re.search(r'    \{"version": 1.*?\]\}\n', README.read_text(), re.DOTALL)
    assert shown is not None
    report = msgspec.json.decode(shown.group(), type=NeedsReport)
    assert msgspec.to_builtins(report) == msgspec.json.decode(shown.group()), "every field, and no other"


def test_every_picture_and_file_the_readme_names_is_there() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text()):
        assert (README.parent / link.replace("%5B", "[").replace("%5D", "]")).exists(), link


if __name__ == "__main__":
    text = README.read_text()
    for each in SECTIONS:
        text = section(each).sub(lambda _, name=each: expected(name), text)  # type: ignore[misc]
    README.write_text(text)
