"""The gateways of a configuration, `default` among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import credentials, values
from .files import read_text
from .places import Places
from .reference import REFERENCE
from .settings import DEFAULT_URL, ConfigError, GatewayConfig
from .tables import Origin, Table

_KEYS = frozenset(
    setting.toml.removeprefix("gateways.")
    for setting in REFERENCE
    if setting.toml is not None and setting.toml.startswith("gateways.")
)
_DEFAULT = "default"
_LONGEST_SECRET = 16 * 1024


def read_gateways(environ: Mapping[str, str], table: Table, places: Places) -> tuple[GatewayConfig, ...]:
    """Return the gateways; raises `ConfigError` where two have one name or one URL.

    ``default`` exists where ``NODE_SERVICE_URL`` is set, or no gateway is configured, or the file has it;
    the environment wins over the file.
    """
    gateways = [_gateway(each, places) for each in table.tables("gateways")]
    _refuse_doubles(gateways, table.file)
    url = environ.get("NODE_SERVICE_URL")
    if not gateways and url is None:
        url = DEFAULT_URL
    default = next((each for each in gateways if each.name == _DEFAULT), None)
    if url is not None:
        url = _url(Origin("NODE_SERVICE_URL"), url)
        merged = GatewayConfig(_DEFAULT, url) if default is None else replace(default, url=url)
        gateways = [merged, *(each for each in gateways if each.name != _DEFAULT)]
        default = merged
    if default is not None and "NODE_SERVICE_API_KEY" in environ:
        api_key = Origin("NODE_SERVICE_API_KEY").read(
            credentials.key, environ["NODE_SERVICE_API_KEY"], secret=True
        )
        gateways = [replace(each, api_key=api_key) if each is default else each for each in gateways]
    _refuse_doubles(gateways, "NODE_SERVICE_URL")
    return tuple(gateways)


def _gateway(table: Table, places: Places) -> GatewayConfig:
    table.refuse_unknown(_KEYS)
    content = table.content
    for required in ("name", "url"):
        if required not in content:
            raise ConfigError(f"{table.file}: {table.name} has no {required}")
    webhook_key = None
    if "webhook_key" in content:
        webhook_key = table.origin("webhook_key").read(credentials.key, content["webhook_key"], secret=True)
    url = _url(table.origin("url"), content["url"])
    return GatewayConfig(
        name=table.origin("name").read(values.name, content["name"]),
        url=url,
        api_key=_api_key(table, places),
        webhook_key=webhook_key,
        read_only=table.origin("read_only").read(values.flag, content.get("read_only", False)),
        ca_file=_ca_file(table, places, url) if "ca_file" in content else None,
        **_front_door(table, places),
    )


def _front_door(table: Table, places: Places) -> dict[str, Any]:
    """Return what a proxy before the gateway wants."""
    content, found = table.content, dict[str, Any]()
    if "headers" in content:
        found["headers"] = table.origin("headers").read(credentials.headers, content["headers"], secret=True)
    pair = ("basic_user", "basic_password_file")
    if any(name in content for name in pair):
        for name, other in (pair, pair[::-1]):
            if name not in content:
                raise ConfigError(f"{table.file}: {table.name} has {other} and no {name}: it takes both")
        if "authorization" in found.get("headers", {}):
            raise ConfigError(
                f"{table.file}: {table.name} has basic_user and a header Authorization: keep one"
            )
        found["basic_user"] = table.origin("basic_user").read(credentials.user, content["basic_user"])
        found["basic_password"] = _secret_file(table, "basic_password_file", places, credentials.password)
    return found


def _ca_file(table: Table, places: Places, url: str) -> Path:
    origin = table.origin("ca_file")
    path = places.resolve(origin.read(values.path, table.content["ca_file"]), Path(table.file).parent)
    if not url.startswith("https:"):
        raise ConfigError(f"{table.file}: {origin.name} is for https://, but {table.name}.url is {url}")
    try:
        import ssl  # not where there is no certificate

        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=read_text(path))
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
        told = f"cannot be read ({words})" if words else "holds no certificate (-----BEGIN CERTIFICATE-----)"
        raise ConfigError(f"{table.file}: {origin.name}: {path} {told}") from error
    return path


def _url(origin: Origin, value: object) -> str:
    # Before an @ stands a password more often than not.
    return origin.read(values.url, value, secret=isinstance(value, str) and "@" in value)


def _api_key(table: Table, places: Places) -> str | None:
    content = table.content
    if "api_key_file" not in content:
        return (
            table.origin("api_key").read(credentials.key, content["api_key"], secret=True)
            if "api_key" in content
            else None
        )
    if "api_key" in content:
        raise ConfigError(f"{table.file}: {table.name} has api_key and api_key_file: keep one of them")
    return _secret_file(table, "api_key_file", places, credentials.key)


def _secret_file(table: Table, setting: str, places: Places, reader: Callable[[object], str]) -> str:
    """Return the secret that the file holds which a setting names."""
    origin = table.origin(setting)
    path = places.resolve(origin.read(values.path, table.content[setting]), Path(table.file).parent)
    try:
        secret = read_text(path, limit=_LONGEST_SECRET).strip()
    except OSError as error:
        raise ConfigError(f"{table.file}: {origin.name}: {path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{table.file}: {origin.name}: {path} {error}") from None
    return Origin(f"{origin.name}: what {path} holds", table.file).read(reader, secret, secret=True)


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
