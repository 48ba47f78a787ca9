"""The parts of docs/ that the code says itself; ``make docs`` (``python -m tests.unit.docs.generated``) writes them."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import groupby, pairwise
from pathlib import Path
from typing import get_args

import msgspec

from wa_tui import wire
from wa_tui.config import SETTINGS
from wa_tui.config.schema import schema
from wa_tui.gateways import Capability, Place
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import TITLES, GatewayKind
from wa_tui.keys.table import Context, KeyBinding, keys_of
from wa_tui.tui.commands.runner import COMMANDS
from wa_tui.wire import GUIDE, AttentionCode

ROOT = Path(__file__).parents[3]

TYPES: tuple[type, ...] = (
    *(wire.StatusView, wire.DaemonView, wire.Counts, wire.GatewayView, wire.GatewayHealingView),
    *(wire.SessionView, wire.HealingView, wire.AcknowledgedView, wire.Attention, wire.RefusedView),
    *(wire.TrafficView, wire.SilentView, wire.GhostView),
    *(wire.QrView, wire.EventView, wire.JobView),
    *(wire.WebhookSetup, wire.WebhookPlace),
    *(wire.ApiKeyRequest, wire.ApiKeyView, wire.NewApiKey),
    *(wire.ActionRequest, wire.Receipt, wire.AttemptView, wire.MessageView, wire.Problem),
    *(wire.Probe, wire.SnapshotPart, wire.Snapshot, wire.Delta),
)
"""What the API answers and is asked, in the order of docs/api.md."""


WORDS: dict[str, tuple[str, ...]] = {
    "Outcome": get_args(wire.Outcome),
    "ActionName": get_args(wire.ActionName),
    "PlaceState": get_args(wire.PlaceState),
    "HealingState": get_args(wire.HealingState),
    "Condition": tuple(wire.Condition),
    "Cause": tuple(wire.Cause),
    "RefusalKind": tuple(wire.RefusalKind),
    "Lack": tuple(wire.Lack),
    "Scope": tuple(wire.Scope),
}
"""Closed lists of words that the types name."""

_JSON = {
    "str": "string",
    "UserId": "string",
    "SessionKey": "tuple[string, string]",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "datetime": "time",
    "None": "null",
    "False": "false",
    "True": "true",
    "''": '""',
}
"""What JSON calls it."""


def keys() -> Iterator[str]:
    for number, context in enumerate(Context):
        yield from ([""] if number else [])
        yield f"### {context}"
        yield ""
        yield "| key | | id |"
        yield "|---|---|---|"
        for _, group in groupby(keys_of(context), key=lambda key: re.sub(r"\d+$", "", key.help)):
            yield _row(list(group))


def _row(keys: list[KeyBinding]) -> str:
    """Return the row of a key, or of keys that do the same to one number after the other."""
    key, last = keys[0], keys[-1]
    shown = " ".join(f"`{name}`" for name in key.shown.split(" "))
    told, id = key.help, f"`{key.id}`"
    if len(keys) > 1:
        shown, told, id = f"{shown} … `{last.shown}`", f"{key.help} … {last.keys}", f"{id} … `{last.id}`"
    return f"| {shown} | {_cell(told)}{' (asks first)' if key.asks else ''} | {id} |"


def commands() -> Iterator[str]:
    yield "| command | takes | |"
    yield "|---|---|---|"
    for command in COMMANDS:
        names = " ".join(f"`:{name}`" for name in (command.name, *command.aliases))
        takes = f"`{_cell(command.takes)}`" if command.takes else ""
        yield f"| {names} | {takes} | {_cell(command.help)} |"


def settings() -> Iterator[str]:
    yield "| environment | TOML | default | |"
    yield "|---|---|---|---|"
    for setting in SETTINGS:
        env = f"`{setting.env}`" if setting.env else ""
        toml = f"`{setting.toml}`" if setting.toml else ""
        yield f"| {env} | {toml} | {setting.default} | {_cell(setting.meaning)} |"


def attention() -> Iterator[str]:
    yield "| code | it means | do |"
    yield "|---|---|---|"
    for code in AttentionCode:
        meaning, todo = GUIDE[code]
        yield f"| `{code}` | {meaning} | {todo} |"


def types() -> Iterator[str]:
    for number, each in enumerate(TYPES):
        yield from ([""] if number else [])
        yield f"### {each.__name__}"
        yield ""
        yield _prose(inspect.getdoc(each) or "")
        yield ""
        yield "| field | type | default | |"
        yield "|---|---|---|---|"
        yield from _fields(each)

    yield ""
    yield "### Words"
    yield ""
    yield "| type | one of |"
    yield "|---|---|"
    for name, words in WORDS.items():
        yield f"| `{name}` | {' '.join(f'`{word}`' for word in words)} |"


def kinds() -> Iterator[str]:
    """Yield what each kind of gateway can do, as its adapter says."""
    places = {kind: Place(kind, "http://127.0.0.1:9") for kind in ADAPTERS}
    pages = {kind: f"[{TITLES[kind]}](gateways/{kind}.md)" for kind in ADAPTERS}
    pages[GatewayKind.CONTRACT] = "contract"
    yield f"| | {' | '.join(pages[kind] for kind in ADAPTERS)} |"
    yield f"|---|{'---|' * len(ADAPTERS)}"
    yield f"| `kind` | {' | '.join(f'`{kind}`' for kind in ADAPTERS)} |"
    yield f"| a check proves | {' | '.join(each.connect(places[kind]).proof for kind, each in ADAPTERS.items())} |"
    for capability, meaning in _members(Capability):
        has = ("✓" if capability in each.capabilities else "" for each in ADAPTERS.values())
        yield f"| `{capability}`: {_cell(meaning)} | {' | '.join(has)} |"


def _members(words: type[StrEnum]) -> Iterator[tuple[StrEnum, str]]:
    """Yield the members of a list of words, with the sentence that stands below each in the source."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(words))).body
    assert isinstance(body, ast.ClassDef)
    for node, after in pairwise(body.body):
        if (
            isinstance(node, ast.Assign)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            yield words[ast.unparse(node.targets[0])], _prose(str(after.value.value))


def _fields(struct: type) -> Iterator[str]:
    """Yield a row a field, with the sentence that stands below it in the source."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(struct))).body
    assert isinstance(body, ast.ClassDef)
    if tag := msgspec.inspect.type_info(struct).tag:  # type: ignore[attr-defined]
        yield f'| `type` | `"{tag}"` | | |'
    for node, after in zip(body.body, [*body.body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign):
            continue
        default = "" if node.value is None else f"`{_json(ast.unparse(node.value))}`"
        told = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            told = _prose(str(after.value.value))
        kind = _json(ast.unparse(node.annotation)).replace(" | ", " or ")
        yield f"| `{ast.unparse(node.target)}` | `{kind}` | {default} | {_cell(told)} |"


def _json(python: str) -> str:
    return re.sub(r"\w+|''", lambda found: _JSON.get(found.group(), found.group()), python)


def _prose(docstring: str) -> str:
    """Return a docstring as Markdown: what it has in two backticks has one."""
    return re.sub(r"\s*\n\s*", " ", docstring.strip()).replace("``", "`")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


GENERATED: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "keys": ("docs/keys.md", keys),
    "commands": ("docs/keys.md", commands),
    "settings": ("docs/configuration.md", settings),
    "attention": ("docs/operations.md", attention),
    "types": ("docs/api.md", types),
    "kinds": ("docs/gateways.md", kinds),
}
"""Each part by its name: the page that it stands in, and what makes its lines."""


SCHEMA = ROOT / "docs" / "config.schema.json"


def schema_text() -> str:
    """Return the JSON schema of the configuration file as it is written."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def expected(name: str) -> str:
    """Return what stands between the marks of a part."""
    return "\n\n" + "\n".join(GENERATED[name][1]()) + "\n\n"


def part(name: str) -> re.Pattern[str]:
    """Return what finds a part in its page."""
    return re.compile(f"(?<=<!-- {name} -->).*?(?=<!-- end of {name} -->)", re.DOTALL)


if __name__ == "__main__":
    for each, (page, _) in GENERATED.items():
        path, text = ROOT / page, expected(each)
        path.write_text(part(each).sub(lambda _, text=text: text, path.read_text()))  # type: ignore[misc]
    SCHEMA.write_text(schema_text())
