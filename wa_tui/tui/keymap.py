"""The configured keys, checked against the table."""

from __future__ import annotations

from wa_tui.config import Config, ConfigError
from wa_tui.tui.keys import Keymap, conflicts


def keymap(config: Config) -> Keymap:
    """Return the configured keys; raises `ConfigError` for an id that is none and for a key with two meanings."""
    wrong = conflicts(config.keys)
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise ConfigError(f"{config.source}: [keys]: {wrong[0]}{more}; `wa-tui keys` lists the ids")
    return config.keys
