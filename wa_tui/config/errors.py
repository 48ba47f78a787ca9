"""The error of this package."""

from __future__ import annotations


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file or variable, the key and the way out."""
