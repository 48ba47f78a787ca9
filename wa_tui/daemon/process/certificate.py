"""The daemon's certificate, with which it shows who it is over TCP."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

from wa_tui.config import Config, ConfigError


def server_context(config: Config) -> ssl.SSLContext | None:
    """Return what makes connections secure, ``None`` where that is not wished. Raises `ConfigError`."""
    certificate, key = config.tls_cert, config.tls_key
    if certificate is None or key is None:
        if certificate is not key:
            has, lacks = ("tls_cert", "tls_key") if key is None else ("tls_key", "tls_cert")
            raise ConfigError(f"{has} is set and {lacks} is not: TLS takes both")
        return None
    _refuse_open(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # One with a password would be asked for at a terminal that is not there.
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        raise ConfigError(
            f"{certificate} and {key} are no certificate and its key ({error.reason or error}): tls_cert is a PEM "
            "file with the certificate and those of who signed it, tls_key one with its key, without a password"
        ) from error
    except OSError as error:
        raise ConfigError(_unread(certificate, key, error)) from error
    return context


def _refuse_open(key: Path) -> None:
    """Raise `ConfigError` for a key that everybody on this machine may read."""
    try:
        mode = key.stat().st_mode
    except OSError as error:
        raise ConfigError(f"tls_key {key} cannot be read ({error.strerror})") from error
    if mode & stat.S_IROTH:
        raise ConfigError(
            f"tls_key {key} may be read by everybody (mode {stat.S_IMODE(mode):o}): chmod o-r it"
        )


def _unread(certificate: Path, key: Path, error: OSError) -> str:
    try:
        with certificate.open("rb"):
            pass
    except OSError:
        return f"tls_cert {certificate} cannot be read ({error.strerror})"
    return f"tls_key {key} cannot be read ({error.strerror})"
