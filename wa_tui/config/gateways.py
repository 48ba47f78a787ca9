"""The gateways of a configuration, `default` among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from wa_tui.identity.kinds import GatewayKind

from .conversion import read_table
from .declaration import REQUIRED
from .errors import ConfigError
from .files import read_text
from .places import Places
from .settings import DEFAULT_URL, SETTINGS, GatewayConfig, NodeService
from .tables import Table

_SETTINGS = tuple(setting for setting in SETTINGS if setting.name.startswith("gateways."))
_DEFAULT = "default"


def read_gateways(table: Table, places: Places, node_service: NodeService) -> tuple[GatewayConfig, ...]:
    """Return the gateways; raises `ConfigError` where two have one name or one URL.

    ``default`` exists where ``NODE_SERVICE_URL`` is set, or no gateway is configured, or the file has it;
    the environment wins over the file.
    """
    gateways = [_gateway(each, places) for each in table.tables("gateways")]
    _refuse_doubles(gateways, table.file)
    url = node_service.url
    if not gateways and url is None:
        url = DEFAULT_URL
    default = next((each for each in gateways if each.name == _DEFAULT), None)
    if url is not None:
        merged = GatewayConfig(_DEFAULT, url) if default is None else replace(default, url=url)
        gateways = [merged, *(each for each in gateways if each.name != _DEFAULT)]
        default = merged
    if default is not None and node_service.api_key is not None:
        keyed = replace(default, api_key=node_service.api_key)
        gateways = [keyed if each is default else each for each in gateways]
    _refuse_doubles(gateways, "NODE_SERVICE_URL")
    return tuple(gateways)


def _gateway(table: Table, places: Places) -> GatewayConfig:
    found = read_table(table, _SETTINGS, places)
    for setting in _SETTINGS:
        if setting.default == REQUIRED and setting.field not in found:
            raise ConfigError(f"{table.file}: {table.name} has no {setting.key}")
    _refuse_half_a_proxy(table, found)
    gateway = GatewayConfig(**found)
    if gateway.webhook_secret is not None and gateway.kind != GatewayKind.CONTRACT:
        raise ConfigError(
            f"{table.origin('webhook_secret')} is for gateways that keep the contract, and its kind is {gateway.kind}: "
            "that signs in its own way, with its webhook_key"
        )
    if gateway.ca_file is not None:
        _check_certificate(gateway.ca_file, table, gateway.url)
    return gateway


def _refuse_half_a_proxy(table: Table, found: Mapping[str, Any]) -> None:
    """Raise `ConfigError` where a user stands without a password, or beside another way to say who asks."""
    pair = ("basic_user", "basic_password_file")
    for name, other in (pair, pair[::-1]):
        if name not in table.content and other in table.content:
            raise ConfigError(f"{table.file}: {table.name} has {other} and no {name}: it takes both")
    if "basic_user" in found and "authorization" in found.get("headers", {}):
        raise ConfigError(f"{table.file}: {table.name} has basic_user and a header Authorization: keep one")


def _check_certificate(path: Path, table: Table, url: str) -> None:
    origin = table.origin("ca_file")
    if not url.startswith("https:"):
        raise ConfigError(f"{origin} is for https://, but {table.name}.url is {url}")
    try:
        import ssl  # not where there is no certificate

        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=read_text(path))
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
        told = f"cannot be read ({words})" if words else "holds no certificate (-----BEGIN CERTIFICATE-----)"
        raise ConfigError(f"{origin}: {path} {told}") from error


def _refuse_doubles(gateways: list[GatewayConfig], where: str) -> None:
    names: dict[str, str] = {}
    urls: dict[str, str] = {}
    for gateway in gateways:
        name, url = gateway.name.lower(), gateway.url.lower()
        if name in names:
            both = " and ".join(f'"{each}"' for each in dict.fromkeys((names[name], gateway.name)))
            raise ConfigError(f"{where}: two gateways are named {both}; give each its own name")
        if url in urls:
            raise ConfigError(
                f'{where}: gateways "{urls[url]}" and "{gateway.name}" have one url, {gateway.url}; '
                "one gateway must not be repaired twice: remove one of them"
            )
        names[name], urls[url] = gateway.name, gateway.name
