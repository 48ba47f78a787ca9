"""The configured keys, checked against the table."""

from __future__ import annotations

import unicodedata

from wa_tui.config import Config, ConfigError
from wa_tui.keys.table import KEYS, SHOWN, TOGETHER, KeyBinding, Keymap, named, table


def keymap(config: Config) -> Keymap:
    """Return the configured keys; raises `ConfigError` for an id that is none and for a key with two meanings."""
    wrong = conflicts(config.keys)
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise ConfigError(f"{config.source}: [keys]: {wrong[0]}{more}; `wa-tui keys` lists the ids")
    return config.keys


def conflicts(keymap: Keymap) -> list[str]:
    """Say what is wrong with a keymap: ids that do not exist, and keys with two meanings in one place."""
    from wa_tui.config.tables import or_known

    ids = {key.id for key in KEYS}
    wrong = [f"there is no key {id}; {or_known(id, ids)}" for id in keymap if id not in ids]
    wrong += [f'{id}: "{name}" is no key' for id, keys in keymap.items() for name in _unknown(keys)]
    wrong += [
        f"{id}: a terminal sends {SHOWN.get(sent, sent)} for {name}; write that"
        for id, keys in keymap.items()
        for name in named(keys).split(",")
        if (sent := _SENT_AS.get(name)) is not None
    ]
    for contexts in TOGETHER:
        users: dict[str, KeyBinding] = {}
        for key in table(keymap):
            for name in key.names if key.context in contexts else ():
                other = users.setdefault(name, key)
                if other is not key:
                    shown = SHOWN.get(name, name)
                    wrong.append(f"{shown} is {other.id} ({other.label}) and {key.id} ({key.label})")
    return list(dict.fromkeys(wrong))


def _unknown(keys: str) -> list[str]:
    """Return the names that no key has: one that nobody can press would leave a binding without a key."""
    from textual.keys import Keys

    known = {key.value for key in Keys}

    def is_known(name: str) -> bool:
        *modifiers, last = name.split("+")
        letter = len(last) == 1 or last in known or _is_character(last)
        return name in known or (letter and all(each in _MODIFIERS for each in modifiers))

    return [name for name in named(keys).split(",") if not is_known(name)]


_SENT_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+[": "escape"}
"""Chords that are other keys to a terminal: nobody could press them."""


def _is_character(name: str) -> bool:
    """Tell whether Textual calls a character so: ``question_mark``."""
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name in ("slash", "backslash", "at", "minus", "plus", "underscore")
    return True


_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
