"""What is shipped, what it depends on, and what the daemon loads."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from wa_tui.node.installing import PATTERNS

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded(module: str) -> set[str]:
    """The top-level packages that importing a module and all below it loads, in a process of its own."""
    code = f"""
import importlib, pkgutil, sys
package = importlib.import_module({module!r})
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(found.name)
print(" ".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
    return set(run(sys.executable, "-c", code).split())


def test_the_daemon_loads_neither_textual_nor_aiohttp() -> None:
    packages = loaded("wa_tui.daemon")
    assert {"wa_tui", "uvicorn", "aiosqlite"} <= packages
    assert not {"textual", "rich", "aiohttp", "PIL", "segno"} & packages


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_aiohttp_is_not_locked_and_every_dependency_is_pinned_with_its_hashes(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    names = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert names
    assert all(re.match(r"[a-z0-9._-]+==\S+( ; .+)? \\", line) for line in names)
    assert not any(line.startswith("aiohttp") for line in names)


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        files = set(archive.namelist())
        (points,) = [name for name in files if name.endswith("entry_points.txt")]
        assert "wa-tui = wa_tui.cli:main" in archive.read(points).decode()
    package = {name for name in files if name.startswith("wa_tui/")}
    meta = {name.partition(".dist-info/")[2] for name in files - package}
    assert meta == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "wa_tui").rglob("*") if path.suffix in SHIPPED}
    service = {str(path.relative_to(ROOT)) for pattern in PATTERNS for path in SERVICE.glob(pattern)}
    assert "wa_tui/node_service/src/main.js" in service
    assert package == sources | service | {"wa_tui/py.typed"}


def test_of_the_node_service_only_what_is_installed_is_in_the_wheel(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", "wa_tui/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shipped = {"package.json", "package-lock.json", "README.md", "src/main.js", "src/routes/deep/a.js"}
    others = {".gitignore", "test/a.test.js", "test/src/a.js", "node_modules/x/src/a.js", "src/notes.txt"}
    for name in shipped | others:
        path = tmp_path / "wa_tui/node_service" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        files = {name for name in archive.namelist() if name.startswith("wa_tui/node_service/")}
    assert files == {f"wa_tui/node_service/{name}" for name in shipped}


SHIPPED = {".py", ".tcss"}
SERVICE = ROOT / "wa_tui" / "node_service"
