"""What the verbs take, apart from what they do: help and what is wrong need little more than argparse."""

from __future__ import annotations

from ..command import Command, Local
from .changing import CHANGING
from .local import LOCAL
from .reading import READING

__all__ = ["COMMANDS", "LOCAL"]

COMMANDS: dict[str, Command | Local] = {**READING, **CHANGING, **LOCAL}
