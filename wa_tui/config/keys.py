"""Generated keys: made once, kept 0600 in the state directory, used again."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from . import credentials
from .errors import ConfigError
from .files import text_of
from .private import open_private, private_dir
from .settings import Config

logger = logging.getLogger(__name__)

_WIDER_THAN_OWNER = 0o077
_LONGEST = 4096


def ensure_state_dir(config: Config) -> Path:
    """Return the state directory, made 0700 where it is missing; raises `ConfigError`, for one open to others too."""
    try:
        return private_dir(config.state_dir)
    except OSError as error:
        raise ConfigError(
            f"the state directory {config.state_dir} cannot be made ({error.strerror}); "
            "set WA_TUI_STATE_DIR to one you may write to"
        ) from error


def ensure_key(config: Config) -> str:
    """Return the key for gateways that have none configured; raises `ConfigError`."""
    return _ensure(ensure_state_dir(config) / "api-key")


def ensure_control_key(config: Config) -> str:
    """Return the key of the API over TCP, the configured one first; raises `ConfigError`."""
    return config.api_key or _ensure(ensure_state_dir(config) / "control-key")


def _ensure(path: Path) -> str:
    try:
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError as error:
        raise ConfigError(
            f"the key file {path} cannot be used ({error.strerror}); see its owner and its mode"
        ) from error


def _create(path: Path) -> None:
    """Write a new key and link it into place whole: of two that start at once, one wins for both."""
    import secrets  # 20 ms, needed once in a state directory's life

    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _read(path: Path) -> str:
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        found = os.fstat(file.fileno())
        if found.st_mode & _WIDER_THAN_OWNER:
            os.fchmod(file.fileno(), 0o600)
            mode = stat.S_IMODE(found.st_mode)
            logger.warning(
                "%s could be read by others (mode %o): now 600. Replace it if they might have.", path, mode
            )
        try:
            return credentials.key(text_of(file, limit=_LONGEST).strip())
        except ValueError as error:
            raise ConfigError(f"what the key file {path} holds {error}; remove it for a new one") from None
