"""Which clock is asked where, read from the syntax trees: design rules that no run of a test would show broken.

The daemon's dates move when the wall clock is set, and nothing may come between a date and its use: an instant that is
held across an ``await`` is one of the monotonic clock. And nobody but the clocks themselves asks the wall clock.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import wa_tui

ROOT = Path(wa_tui.__file__).parent

WALL = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow")}

MAY_ASK = {"daemon/clock.py", "daemon/jobs/steady.py", "daemon/jobs/schedule.py", "node/output.py"}
"""The clocks; the scheduler, whose time zone is a clock of ours; the log's stamps."""

HELD = {("daemon/jobs/cleanup.py", "run")}
"""Functions whose dates may be some seconds old: deleting by days."""

JS_MAY_ASK = {
    "state.js": "expiresAt",
    "outbox.js": "latest",
    "traffic.js": "#last",
    "signing.js": "export function signature",
}
"""What is a date for others, and the line that says so."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for place in ("daemon", "gateways", "node", "model", "store"):
        for path in sorted((ROOT / place).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def test_nobody_but_the_clocks_asks_the_wall_clock() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if name not in MAY_ASK
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in WALL
    ]
    assert not found, f"ask the daemon's clock instead: {found}"


def test_no_date_is_held_across_an_await() -> None:
    found = [
        f"{name}:{line} ({function.name})"
        for name, tree in modules()
        for function in ast.walk(tree)
        if isinstance(function, ast.AsyncFunctionDef) and (name, function.name) not in HELD
        for line in held(function)
    ]
    assert not found, f"keep `monotonic()` and date it where it is used (`dated`): {found}"


def held(function: ast.AsyncFunctionDef) -> Iterator[int]:
    """Yield the lines on which a date is used that was asked for before an earlier line's ``await``."""
    awaits = [node.end_lineno or 0 for node in ast.walk(function) if isinstance(node, ast.Await)]
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for name in _dates(node):
            for use in ast.walk(function):
                if isinstance(use, ast.Name) and use.id == name and isinstance(use.ctx, ast.Load):
                    asked_again = _last_asked(function, name, use.lineno)
                    if any(asked_again < line < use.lineno for line in awaits):
                        yield use.lineno


def _dates(node: ast.Assign) -> Iterator[str]:
    """Yield the names that are given a date: ``clock.now()``, alone or one of several."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(target.elts, node.value.elts, strict=True)
        else:
            pairs = zip([target], [node.value], strict=True)
        for name, value in pairs:
            if isinstance(name, ast.Name) and _is_date(value):
                yield name.id


def _is_date(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "now"
        and ast.unparse(value.func.value).endswith(("clock", "timeline"))
    )


def _last_asked(function: ast.AsyncFunctionDef, name: str, line: int) -> int:
    asked = [n.lineno for n in ast.walk(function) if isinstance(n, ast.Assign) and name in _dates(n)]
    return max((each for each in asked if each <= line), default=line)


def test_the_rule_finds_what_it_is_for() -> None:
    tree = ast.parse(
        "async def f(self):\n    began = self._clock.now()\n    await self.ask()\n    return Checked(began)\n"
    )
    [function] = tree.body
    assert isinstance(function, ast.AsyncFunctionDef)
    assert [*held(function)] == [4]


def test_the_services_deadlines_go_by_a_clock_that_nobody_sets() -> None:
    found = [
        f"{path.name}:{number}"
        for path in sorted((ROOT / "node_service" / "src").rglob("*.js"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bDate\.now\(", line) and JS_MAY_ASK.get(path.name, "\0") not in line
    ]
    assert not found, f"performance.now() is for deadlines and ages: {found}"
