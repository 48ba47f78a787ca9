"""``keys``: the monitor's keys as they are mapped; asks no daemon."""

from __future__ import annotations

import argparse

from wa_tui.config import Config
from wa_tui.keys.keymap import keymap
from wa_tui.keys.table import KeyBinding, table

from . import exits, printing


def keys(config: Config, arguments: argparse.Namespace) -> int:
    """Print every key: what it is, where it works and what it does; ``*`` marks those that were remapped.

    What is wrong with the configured ones is said, and the defaults are printed. Raises `ConfigError`.
    """
    mapped = keymap(config)
    if arguments.json:
        printing.say_json([_as_json(key, key.id in mapped) for key in table(mapped)])
        return exits.OK
    rows = [
        ["*" if key.id in mapped else " ", key.shown, key.id, str(key.context), _what(key)]
        for key in table(mapped)
    ]
    printing.say(printing.table(["", "KEYS", "ID", "WHERE", "WHAT"], rows))
    return exits.OK


def _what(key: KeyBinding) -> str:
    return f"{key.help} (asks first)" if key.asks else key.help


def _as_json(key: KeyBinding, remapped: bool) -> dict[str, object]:
    return {
        "id": key.id,
        "keys": list(key.names),
        "context": str(key.context),
        "what": key.help,
        "asks": key.asks,
        "remapped": remapped,
    }
