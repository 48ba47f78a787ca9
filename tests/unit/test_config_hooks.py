"""Programs of the operator's: a list for no shell, checked as it is read; whether it is there, who runs it looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from wa_tui.config import ConfigError, Hooks, load

LIST = '["/usr/local/bin/page", "ops on call", "$HOME"]'
PARTS = ("/usr/local/bin/page", "ops on call", "$HOME")


def read(tmp_path: Path, value: str | None, variable: str = "") -> Hooks:
    path = tmp_path / "wa_tui.toml"
    path.write_text("" if value is None else f"[hooks]\nneeds = {value}\n")
    return load({"HOME": str(tmp_path), "WA_TUI_HOOKS_NEEDS": variable}, path).hooks


def test_a_list_in_a_file_or_as_json_in_the_variable_or_the_program_alone(tmp_path: Path) -> None:
    assert read(tmp_path, None) == Hooks()
    assert read(tmp_path, LIST) == read(tmp_path, '["other"]', LIST) == Hooks(PARTS)
    assert read(tmp_path, '["/opt/a page"]') == Hooks(("/opt/a page",))
    assert read(tmp_path, '"page"') == read(tmp_path, None, "page") == Hooks(("page",))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[]", "is not a list of texts: write"),
        ("7", "hooks.needs = 7 is not a list of texts: write"),
        ('["page", 7]', 'hooks.needs = ["page", 7] is not a list of texts'),
        ('"/opt/page ops"', 'is one text, and no shell parts it: write ["/opt/page", "ops"]'),
        ('["bin/page"]', "does not begin with the whole path of a program, or the name of one in PATH"),
        ('["~/page"]', "does not begin with the whole path"),
        ('["$HOME/page"]', "is not replaced as in a shell, write the whole path"),
        ('["https://pager/hook"]', "is a URL, not a path of this machine"),
        ('["page", "a\\u0000b"]', "is no command: it has a zero byte"),
        (f'["page", "{"x" * 40_000}"]', "or more than 32768 characters"),
        ('[""]', "is not a text"),
        ("{}", "is not a list of texts"),
    ],
)
def test_a_wrong_one(tmp_path: Path, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, value)
    assert message in str(caught.value)


def test_a_wrong_variable(tmp_path: Path) -> None:
    for text in ("[page]", "[" * 100_000):
        with pytest.raises(ConfigError, match="is not a list as JSON: write"):
            read(tmp_path, None, text)


def test_another_hook_is_none(tmp_path: Path) -> None:
    path = tmp_path / "wa_tui.toml"
    path.write_text('[hooks]\nneed = ["page"]\n')
    with pytest.raises(ConfigError, match=r'unknown key "need" in \[hooks\]; did you mean "needs"'):
        load({"HOME": str(tmp_path)}, path)
