"""Every setting is declared once, and what the documentation, the environment and errors say comes from there."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from tests.unit.docs.generated import settings
from wa_tui.config import (
    SETTINGS,
    CanaryConfig,
    Config,
    ConfigError,
    GatewayConfig,
    Setting,
    ViewConfig,
    load,
)
from wa_tui.config.declaration import bounds_of
from wa_tui.config.schema import schema

TABLES = ("gateways.", "views.", "canary.")
"""Settings of which there are as many as there are gateways and views: no variable holds them."""

NUMBERS = [setting for setting in SETTINGS if setting.kind.is_number]

by_name = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
by_number = pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)


def refused(tmp_path: Path, **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load({"HOME": str(tmp_path)} | variables)
    return str(caught.value)


@by_name
def test_each_has_a_sentence_a_variable_and_a_line_in_the_table(setting: Setting) -> None:
    assert len(setting.meaning) > 12 and not setting.meaning.endswith(".")
    assert setting.default
    assert setting.env is not None or setting.name == "keys" or setting.name.startswith(TABLES)
    assert setting.toml is not None or setting.env is not None
    [line] = [
        line for line in settings() if f"| {setting.meaning} |" in line and (setting.toml or "") in line
    ]
    assert f"| {setting.default} |" in line and (setting.env or "") in line


@by_number
def test_each_number_has_bounds_which_its_error_tells(setting: Setting, tmp_path: Path) -> None:
    bounds = bounds_of(setting.type)
    assert bounds.ge is not None and bounds.le is not None
    assert setting.env is not None
    for wrong in (bounds.ge / 2, bounds.le * 2, "nan", "ten", "-1", ""):
        if wrong == "":  # an empty variable is an unset one
            continue
        told = refused(tmp_path, **{setting.env: str(wrong)})
        assert told.startswith(f'{setting.env}="{wrong}" is not ')
        assert f"between {bounds.ge} and {bounds.le}" in told


@by_number
def test_each_number_may_be_either_bound(setting: Setting, tmp_path: Path) -> None:
    bounds = bounds_of(setting.type)
    assert setting.env is not None
    for value in (bounds.ge, bounds.le):
        config = load({"HOME": str(tmp_path), setting.env: f" {value} "})
        group, _, field = setting.name.rpartition(".")
        assert getattr(getattr(config, group) if group else config, field) == value
        assert setting.name in config.given


def test_no_variable_and_no_key_means_two_settings() -> None:
    for names in ([each.env for each in SETTINGS], [each.toml for each in SETTINGS]):
        given = [name for name in names if name is not None]
        assert len(given) == len(set(given))


def test_every_field_is_a_setting_or_holds_settings() -> None:
    named = {f"{setting.name.rpartition('.')[0]}.{setting.field}" for setting in SETTINGS}
    aside = {"given", "views.name"}  # what was set, and what stands in [views.NAME]
    for table, declared in (
        ("", Config),
        ("gateways.", GatewayConfig),
        ("views.", ViewConfig),
        ("canary.", CanaryConfig),
    ):
        hints = get_type_hints(declared)
        for field in fields(declared):
            hint = hints[field.name]
            holds = any(is_dataclass(each) for each in (hint, *get_args(hint)))
            assert holds or f"{table}{field.name}" in aside or f"{table or '.'}{field.name}" in named


def test_the_default_that_is_told_holds(tmp_path: Path) -> None:
    config = load({"HOME": str(tmp_path)})
    for setting in NUMBERS:
        group, _, field = setting.name.rpartition(".")
        assert float(setting.default) == getattr(getattr(config, group) if group else config, field)
    told = {setting.name: setting.default for setting in SETTINGS}
    assert told["listen"] == "{}:{}".format(*config.listen)
    assert (told["ui.theme"], told["ui.notify"], told["ui.bell"]) == ("dark", "off", "true")
    assert (told["gateways.name"], told["ui.quiet_hours"]) == ("required", "none")


def test_settings_that_once_had_no_variable(tmp_path: Path) -> None:
    variables = {"WA_TUI_FRAME_INTERVAL": "1", "WA_TUI_WIDE": "yes", "WA_TUI_QUIET_HOURS": "22:00-07:00"}
    ui = load({"HOME": str(tmp_path)} | variables).ui
    assert (ui.interval, ui.wide) == (1.0, True)
    assert ui.quiet_hours is not None and re.fullmatch("22:00.*", str(ui.quiet_hours[0]))


def test_a_word_that_means_nothing_elsewhere_is_a_word(tmp_path: Path) -> None:
    """A lax conversion would take ``null`` for no group at all."""
    assert load({"HOME": str(tmp_path), "WA_TUI_SOCKET_GROUP": "null"}).socket_group == "null"


def test_the_schema_has_the_bounds() -> None:
    tables = schema()["properties"]
    assert tables["retention_days"]["maximum"] == 36_600
    assert tables["ui"]["properties"]["notify"]["enum"] == ["off", "osc777", "osc9"]
    assert tables["gateways"]["items"]["required"] == ["name", "url"]
    assert tables["views"]["additionalProperties"]["properties"]["columns"]["description"]
