"""Whatever README, CONTRIBUTING and docs/ name is there: files, symbols, commands, settings, keys, routes."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import certifi
import pytest

from tests.unit.docs.generated import ROOT
from wa_tui.cli import exits
from wa_tui.cli.parser import parse
from wa_tui.config import SETTINGS, load
from wa_tui.keys.table import KEYS
from wa_tui.tui.commands.runner import BY_NAME

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))

_EXAMPLES = {"COMMAND": "status", "TEXT": "text", "RECIPIENT": "4915255501", "N": "1"}
"""What stands for itself in a command line, where any word would not do."""

_SECTION = re.compile(r"^## §(\d+) .*?\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
"""A numbered section of a page, and its text."""

_TITLES = ("wa-tui prod ·",)
"""What begins as a command line and is none."""


def _ids(pages: Iterable[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


every_page = pytest.mark.parametrize("page", PAGES, ids=_ids(PAGES))


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 130


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        if heading:
            assert heading in set(_headings(target)), link


def _headings(page: Path) -> Iterator[str]:
    """Yield the names by which links find the headings of a page, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@every_page
def test_every_path_is_there(page: Path) -> None:
    text = page.read_text()
    for path in re.findall(r"(?<![\w./~-])((?:wa_tui|tests|docs)/[\w./*-]*[\w*])", text):
        assert list(ROOT.glob(path)), path
    for module in re.findall(r"python -m ((?:wa_tui|tests)[\w.]*)", text):
        assert list(ROOT.glob(f"{module.replace('.', '/')}*")), module


@every_page
def test_every_symbol_stands_in_the_file_that_is_named(page: Path) -> None:
    for symbol, path in re.findall(r"`([\w.]+)`\s+in\s+`((?:wa_tui|tests)/[\w/]+\.py)`", page.read_text()):
        assert symbol in set(_symbols(ROOT / path)), f"{symbol} in {path}"


def test_every_floor_is_in_the_drawing() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    drawn = set(re.findall(r"\w+", (ROOT / "docs/architecture.md").read_text().partition("## A webhook")[0]))
    for name in contracts.sections():
        floors = re.findall(r"[\w.]+", contracts[name].get("layers", ""))
        missing = {floor.removeprefix("wa_tui.") for floor in floors} - drawn - {"__main__"}
        assert not missing, (name, missing)


def test_every_name_that_the_architecture_has_is_in_the_code() -> None:
    sources = "\n".join(path.read_text() for path in _sources())
    known = set(re.findall(r"\w+", sources))
    page = (ROOT / "docs/architecture.md").read_text()
    named = set(re.findall(r"`([A-Za-z_]*(?:_|[a-z][A-Z])\w*)`", page))
    assert named, "the page names what it is about"
    assert named <= known, named - known


def _symbols(path: Path) -> Iterator[str]:
    """Yield what a module defines: names at its top, and ``Class.member``."""
    for node in ast.parse(path.read_text()).body:
        for name in _defined(node):
            yield name
            if isinstance(node, ast.ClassDef):
                yield from (f"{name}.{inner}" for each in node.body for inner in _defined(each))


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize(("name", "page"), [("design", "design.md"), ("contract", "gateways.md")])
def test_every_section_that_the_code_names_is_there(name: str, page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    sections = {found.group(1): found.group(2) for found in re.finditer(_SECTION, text)}
    for path in _sources():
        for section, item, rules in re.findall(
            rf"{name} §(\d+)(?:\.(\d+))?(?:, rules? ([\d, and-]*\d))?", path.read_text()
        ):
            assert section in sections, f"{path}: {name} §{section}"
            for rule in re.findall(r"\d+", f"{item} {rules}"):
                assert f"\n{rule}. " in sections[section], f"{path}: {name} §{section}, rule {rule}"


@every_page
def test_every_command_line_is_taken(page: Path) -> None:
    for line in _command_lines(page.read_text()):
        words = [_EXAMPLES.get(word, word) for word in shlex.split(re.sub(r"[\[\]]", "", line))]
        try:
            parse(words[1:])
        except SystemExit as end:
            assert end.code == 0, line


def _command_lines(text: str) -> Iterator[str]:
    """Yield every ``wa-tui …`` in a block of code or between backticks, without what the shell does with it."""
    inline = re.findall(
        r"`(?:\w+=\S+ )?(wa-tui(?: [^`]*)?)`", re.sub(r"^    .*$", "", text, flags=re.MULTILINE)
    )
    for found in (*re.findall(r"^    (wa-tui(?: .*)?)$", text, re.MULTILINE), *inline):
        if found.startswith(_TITLES):
            continue
        bare = re.split(r"\s+#|\s+[|>&]", found.replace("\n", " "))[0]
        yield bare.replace("…", "").replace("’", "'")


def test_the_routes_are_those_that_the_daemon_answers() -> None:
    answered = set()
    for path in (ROOT / "wa_tui/daemon/serving").glob("*.py"):
        for route in re.findall(r'Route\(f"\{ROOT\}(/[^"]*)"', path.read_text()):
            answered.add(
                re.sub(r"\{\{(\w+?)(?:_id)?(?::\w+)?\}\}", r"<\1>", route).replace("<session>", "<id>")
            )
    page = (ROOT / "docs/api.md").read_text()
    told = {
        found.partition("?")[0]
        for found in re.findall(r"^\| `(?:GET|POST|DELETE|WS) (/\S+?)`", page, re.MULTILINE)
    }
    assert told == {route for route in answered if "active-sessions" not in route}


def test_the_exit_codes_are_those_that_the_program_ends_with() -> None:
    page = (ROOT / "docs/api.md").read_text()
    codes = {value for value in vars(exits).values() if isinstance(value, int)}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == codes


@every_page
def test_every_variable_is_read(page: Path) -> None:
    known = {setting.env for setting in SETTINGS if setting.env}
    for name in set(re.findall(r"\b(?:WA_TUI|NODE_SERVICE)_[A-Z_]*[A-Z]\b", page.read_text())) - known:
        assert any(name in path.read_text() for path in _sources()), name


def _sources() -> Iterator[Path]:
    for folder in ("wa_tui", "tests"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if path != Path(__file__))


@every_page
def test_every_setting_is_taken(page: Path) -> None:
    text = page.read_text()
    named = {f"{table}.{key}" for table, key in re.findall(r"`\[(\w+)\] (\w+) = ", text)}
    for block in re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        named |= set(_keys(tomllib.loads(block)))
    known = {setting.toml for setting in SETTINGS if setting.toml}
    assert named <= known, named - known


@every_page
def test_every_file_of_settings_is_taken(page: Path, tmp_path: Path) -> None:
    for name in ("eu-1.key", "eu-2.key", "eu-3.key", "eu-3.password"):
        (tmp_path / name).write_text("secret")
        (tmp_path / name).chmod(0o600)
    (tmp_path / "ca.pem").write_text(Path(certifi.where()).read_text())
    for block in re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        file = tmp_path / "config.toml"
        file.write_text(block.replace('"/etc/wa_tui/', f'"{tmp_path}/'))
        load({"HOME": str(tmp_path)}, file)


def _keys(content: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of a file as the reference names them."""
    ids = {key.id for key in KEYS}
    for name, value in content.items():
        tables = value if isinstance(value, list) else [value]
        if name == "keys" and isinstance(value, dict):
            assert set(value) <= ids, set(value) - ids
            yield name
        elif name == "views" and isinstance(value, dict):
            yield from (f"views.{key}" for view in value.values() for key in view)
        elif all(isinstance(table, dict) for table in tables):
            yield from (f"{name}.{key}" for table in tables for key in table)
        else:
            yield name


@every_page
def test_every_key_and_command_of_the_monitor_is_one(page: Path) -> None:
    shown = {name for key in KEYS for name in key.shown.split(" ")}
    text = page.read_text()
    named = set(re.findall(r"(?<!`)`([A-Za-z]|ctrl\+\S|home|esc|enter|space|tab)`(?!`)", text))
    assert named <= shown, named - shown
    for command in re.findall(r"`:([\w?!-]+)[^`]*`", text):
        assert command in BY_NAME, command


@every_page
def test_every_target_of_make_is_one(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^    |`)make ([\w-]+)", page.read_text(), re.MULTILINE))
    assert named <= targets, named - targets
