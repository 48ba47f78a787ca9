"""How the service is started for a configuration: its command and its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from wa_tui.config import Config, GatewayConfig, ensure_key, ensure_state_dir

from .errors import NodeError
from .requirements import Tools

GATEWAY = "default"
"""The gateway that the bundled service is."""

PARENT_PIPE = "WA_TUI_PARENT_PIPE"
"""Tells a supervised service that its standard input ends with its daemon; names the daemon's state directory."""

_LOCAL = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class Service:
    """What is run: ``command`` in ``directory`` with ``environment``; ``port`` is where it will listen."""

    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    port: int


def service_for(config: Config, environ: Mapping[str, str], tools: Tools, directory: Path) -> Service:
    """Return the service that is the gateway ``default`` of a configuration, installed in ``directory``.

    Whatever else the service reads (``CHROMIUM_ARGS``, ``MAX_CONCURRENT_SESSIONS`` …) comes from ``environ``. Raises
    `NodeError` where the configuration does not describe a service on this machine, `ConfigError` for the key.
    """
    gateway = _gateway(config)
    host, port = _place(gateway)
    ours = {
        "NODE_ENV": "production",
        "HOST": host,
        "PORT": str(port),
        "API_KEY": gateway.api_key or ensure_key(config),
        "DJANGO_API_URL": _control_plane(config),
        "WWEBJS_DATA_PATH": str(_credentials(config, environ)),
        "PUPPETEER_EXECUTABLE_PATH": str(tools.browser),
    }
    if gateway.webhook_secret is not None:
        ours |= {"WEBHOOK_SECRET": gateway.webhook_secret}
    if config.tls_cert is not None:
        # Node trusts the authorities that it brings along, and these.
        ours |= {"NODE_EXTRA_CA_CERTS": environ.get("NODE_EXTRA_CA_CERTS") or str(config.tls_cert)}
    if not config.traffic.server_check:
        ours |= {"SERVER_CHECK": "false"}
    theirs = {
        name: value for name, value in environ.items() if not name.startswith(("WA_TUI_", "NODE_SERVICE_"))
    }
    return Service((str(tools.node), str(directory / "src" / "main.js")), directory, theirs | ours, port)


def _gateway(config: Config) -> GatewayConfig:
    gateway = next((each for each in config.gateways if each.name == GATEWAY), None)
    if gateway is None:
        raise NodeError(
            f'no gateway is named "{GATEWAY}", which is the one that the bundled Node service is; '
            "set NODE_SERVICE_URL=http://localhost:3000, or add it to the configuration file"
        )
    if gateway.webhook_key not in (None, gateway.api_key):
        raise NodeError(
            f'gateway "{GATEWAY}" has a webhook_key of its own, but the bundled Node service has one key for both '
            "ways: remove webhook_key from the configuration file"
        )
    return gateway


def _place(gateway: GatewayConfig) -> tuple[str, int]:
    url = urlsplit(gateway.url)
    host = _LOCAL.get(url.hostname or "")
    if host is None or url.scheme != "http" or url.path:
        raise NodeError(
            f'gateway "{GATEWAY}" is at {gateway.url}, but the bundled Node service is at an address such as '
            "http://localhost:3000 of this machine: set NODE_SERVICE_URL to one, or run the service over there"
        )
    return host, url.port or 80


def _control_plane(config: Config) -> str:
    host, port = config.listen
    if port == 0:
        raise NodeError(
            "the daemon listens on any free port, which the Node service cannot know: "
            "set WA_TUI_LISTEN to one, as 127.0.0.1:8000 is"
        )
    if config.tls_cert is not None and host in ("localhost", *_EVERYWHERE):
        # A certificate names hosts, seldom addresses.
        return f"https://localhost:{port}"
    host = _LOCAL.get(host) or _EVERYWHERE.get(host, host)
    return f"{config.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _credentials(config: Config, environ: Mapping[str, str]) -> Path:
    """Return where LocalAuth keeps its profiles: whoever can read them can be the phone's owner on WhatsApp."""
    named = environ.get("WWEBJS_DATA_PATH")
    if named:
        return Path(named).absolute()
    directory = ensure_state_dir(config) / "wwebjs"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise NodeError(
            f"the directory of the credentials, {directory}, cannot be made ({error.strerror}); "
            "see the state directory's owner and mode"
        ) from error
    return directory


def run_in_foreground(service: Service) -> None:
    """Become the service; never returns. Raises `NodeError` when it cannot be started."""
    try:
        os.chdir(service.directory)
        os.execve(service.command[0], service.command, service.environment)
    except OSError as error:
        raise NodeError(f"{service.command[0]} cannot be started ({error.strerror})") from error
