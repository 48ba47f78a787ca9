"""The monitor's own settings: looks, bell and keys."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from wa_tui.cli.look import THEMES as OFFERED
from wa_tui.config import ConfigError, Ui, load
from wa_tui.config.kinds import THEMES
from wa_tui.tui.style.inks import SCHEMES


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "wa_tui.toml"
    path.write_text(text)
    return path


def test_everything_in_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [ui]
        theme = "light-colorblind"
        ascii = true
        mouse = false
        bell = false
        quiet_hours = "22:00-07:00"
        interval = 1
        wide = true
        [keys]
        session.reconnect = "R"
        "order.proven" = ["ctrl+r", ","]
        help = "?,f1"
        """,
    )
    config = load(environ, path)
    assert config.ui == Ui(
        theme="light-colorblind",
        ascii=True,
        mouse=False,
        bell=False,
        quiet_hours=(time(22), time(7)),
        interval=1.0,
        wide=True,
    )
    assert config.keys == {
        "session.reconnect": "R",
        "order.proven": "ctrl+r,comma",
        "help": "?,f1",
    }


def test_the_environment_wins(environ: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path, '[ui]\ntheme = "light"\nascii = true\nmouse = true\nbell = true\n')
    given = {"WA_TUI_THEME": "ansi", "WA_TUI_ASCII": "auto", "WA_TUI_MOUSE": "no", "WA_TUI_BELL": "0"}
    assert load(environ | given, path).ui == Ui(theme="ansi", ascii=None, mouse=False, bell=False)
    assert load(environ, None).ui == Ui()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[ui]\ntheme = "drak"', 'ui.theme = "drak" is no theme; known are dark, light, '),
        ("[ui]\ntheme = 1", "ui.theme = 1 is no theme"),
        ('[ui]\nascii = "some"', 'ui.ascii = "some" is neither true nor false'),
        ('[ui]\nquiet_hours = "22-7"', "is not from when to when, as 22:00-07:00 is"),
        ('[ui]\nquiet_hours = "22:00"', "is not from when to when"),
        ('[ui]\nquiet_hours = "22:00-22:00"', "is not from when to when"),
        ("[ui]\nquiet_hours = 22", "is not from when to when"),
        ('[ui]\nnotify = "osc99"', 'ui.notify = "osc99" is no kind of notice; known are off, osc9, osc777'),
        ("[ui]\ninterval = 0.01", "ui.interval = 0.01 is not between 0.1 and 60 seconds"),
        ('[ui]\nthem = "x"', 'unknown key "them" in [ui]; did you mean "theme"?'),
        ("ui = 1", "ui is not a table: write [ui]"),
        ('[keys]\nhelp = ["?", ""]', 'keys has help = ["?", ""], which is neither'),
        ('[keys]\n"" = ""', 'keys has "" = "", which is neither'),
        ("keys = 1", "keys = 1 is not a table of keys"),
        ("[keys]\nhelp = 1", 'keys has help = 1, which is neither a key nor a list of keys: write "r"'),
        ("[keys]\nhelp = []", "keys has help = [], which is neither"),
        ('[keys]\nhelp = ""', 'keys has help = "", which is neither'),
    ],
)
def test_a_wrong_setting(environ: dict[str, str], tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(environ, path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_every_theme_exists_by_one_name() -> None:
    assert tuple(SCHEMES) == THEMES == OFFERED
