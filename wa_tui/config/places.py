"""Where files are by default: the XDG directories, and the home directory they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .errors import ConfigError


class Places:
    """The default places of one environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    @property
    def state_dir(self) -> Path:
        """Where the database and the keys are; raises `ConfigError` without a home directory."""
        root = self._xdg("XDG_STATE_HOME", ".local/state")
        if root is None:
            raise ConfigError("no home directory is known; set WA_TUI_STATE_DIR to a directory of your own")
        return root / "wa_tui"

    @property
    def config_file(self) -> Path | None:
        """Where the configuration is looked for."""
        root = self._xdg("XDG_CONFIG_HOME", ".config")
        return None if root is None else root / "wa_tui" / "config.toml"

    @property
    def data_dir(self) -> Path | None:
        """Where the bundled Node service is installed."""
        root = self._xdg("XDG_DATA_HOME", ".local/share")
        return None if root is None else root / "wa_tui"

    def absolute(self, text: str, directory: Path | None) -> Path:
        """Return an absolute path; ``~/`` is home, a relative one starts at ``directory`` (else here).

        Raises `ConfigError`.
        """
        if text.partition("/")[0] == "~" and (home := self._home()) is not None:
            return home / text[2:]
        try:
            return ((directory or Path()) / text).absolute()
        except OSError as error:
            raise ConfigError(
                f"{text}: the working directory is gone ({error.strerror}): write the whole path"
            ) from error

    def _xdg(self, variable: str, below_home: str) -> Path | None:
        # A relative one is to be ignored, says the XDG specification.
        root = Path(self._environ.get(variable, ""))
        if root.is_absolute():
            return root
        home = self._home()
        return None if home is None else home / below_home

    def _home(self) -> Path | None:
        if "HOME" in self._environ:
            home = Path(self._environ["HOME"])
            if not home.is_absolute():
                raise ConfigError(
                    f"HOME={home} is not an absolute path: set it, or WA_TUI_CONFIG and WA_TUI_STATE_DIR"
                )
            return home
        try:
            return Path.home()
        except RuntimeError:  # a container's user without an entry in /etc/passwd
            return None
