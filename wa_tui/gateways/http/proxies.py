"""Answers that are not the service's own: a proxy before it, a log-in page, or something else altogether.

The service answers with its envelope (contract §1), whatever happens. What comes without one is judged by its status,
its head and its page's title, and is called what it is: a proxy's refusal is no wrong ``api_key``.
"""

from __future__ import annotations

import html
import json
import re
from http import HTTPStatus
from typing import Any

from ..errors import Call, Garbled, GatewayError, Intercepted, Unauthorised
from ..reading.loose import Unreadable, loads
from .connections import Answer

_TITLE = re.compile(rb"<(title|h1)[^>]*>(.{0,400}?)</\1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,200}>")
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,19}")
_LOGIN = re.compile(r"log-?in|sign-?in|\bauth|oauth|sso|saml|cas\b|realms/", re.IGNORECASE)
_PLAIN_TO_TLS = re.compile(
    rb"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled"
)
_LOOKED_THROUGH = 8192
_LONGEST = 80
_LONGEST_PLACE = 200
_UNSERVED = {502, 503, 504, *range(520, 531)}
"""A proxy's own: the service behind it does not answer it. From 520 on they are Cloudflare's."""

_SCHEMES = {"negotiate": "Kerberos", "ntlm": "NTLM", "bearer": "a token", "digest": "Digest authentication"}


def intercepted(call: Call, answer: Answer, *, basic: bool = False) -> GatewayError | None:
    """Return what an answer without the service's envelope means, ``None`` for one that tells nothing by itself.

    ``basic``: a user and password went along.
    """
    proxy = f"the proxy before {call.gateway}{_product(answer)}"
    status, body = answer.status_code, answer.body[:_LOOKED_THROUGH]
    if 300 <= status < 400:
        return _redirected(call, answer, proxy)
    if status in (401, 407):
        return _asked_for_login(call, answer, proxy, basic=basic)
    if _PLAIN_TO_TLS.search(body):
        return Intercepted(
            call, "it speaks TLS on that port", "write https:// in this gateway's url", done=False
        )
    told = f"{_status_words(status)}{_detail(answer)}"
    if status == 403:
        advice = "have it let wa-tui through, or set headers of this gateway"
        return Intercepted(call, f"{proxy} forbids that: {told}", advice, refuses=True, done=False)
    if status == 413:
        return Intercepted(call, f"{proxy} takes no request so large: {told}", "raise its limit", done=False)
    if status == 429:
        advice = "raise its limit for wa-tui"
        return Intercepted(call, f"{proxy} lets no more requests through: {told}", advice, done=False)
    if status in _UNSERVED:
        advice = "see that the service runs, and where the proxy looks for it"
        return Intercepted(call, f"{proxy} answers {told}: its service does not answer", advice)
    if _is_page(answer) and status != 500:
        what = f"a web page answers there, {told}" if status < 300 else f"what answers there says {told}"
        advice = "see that the url is the gateway's, its path too, and that no log-in page stands before it"
        return Intercepted(
            call, f"{what}: that is not the service", advice, done=None if status < 300 else False
        )
    return None


def json_of(call: Call, answer: Answer, *, basic: bool = False) -> Any:
    """Return the JSON of an answer, whatever its status; ``None`` for an empty one of 2xx.

    ``basic``: a user and password went along. Raises what a redirection means, and what is no JSON.
    """
    if 300 <= answer.status_code < 400 and (found := intercepted(call, answer)) is not None:
        raise found
    if answer.status_code < 300 and not answer.body.strip():
        return None
    try:
        return loads(answer.body)
    except Unreadable as error:
        raise not_its_own(call, answer, basic=basic) from error


def not_its_own(call: Call, answer: Answer, *, basic: bool = False) -> GatewayError:
    """Return the error for an answer that no gateway of its kind gives: a proxy's, or one that tells nothing."""
    return intercepted(call, answer, basic=basic) or garbled(call, answer)


def garbled(call: Call, answer: Answer) -> GatewayError:
    """Return the error for an answer that tells nothing."""
    sample = answer.body[:60].decode("utf-8", "replace")
    shown = _detail(answer).strip(" ()") if _is_page(answer) else repr(sample) if sample else "an empty body"
    return Garbled(call, f"answered {answer.status_code} with {shown or 'a web page'}")


def _redirected(call: Call, answer: Answer, proxy: str) -> GatewayError:
    place = _place(answer.location)
    if _LOGIN.search(place):
        advice = "have it let wa-tui through without, or set headers of this gateway"
        return Intercepted(call, f"{proxy} asks for a log-in at {place}", advice, refuses=True, done=False)
    advice = "set the gateway's url to where it really is"
    return Intercepted(call, f"redirected to {place}", advice, done=False)


def _asked_for_login(call: Call, answer: Answer, proxy: str, *, basic: bool) -> GatewayError:
    asked = answer.headers.get("www-authenticate") or answer.headers.get("proxy-authenticate") or ""
    scheme = asked.partition(" ")[0].strip(",").lower()
    if scheme == "basic" and basic:
        detail, advice = (
            "refuses its user and password",
            "see basic_user and basic_password_file of this gateway",
        )
    elif scheme == "basic":
        detail = "asks for a user and password"
        advice = "set basic_user and basic_password_file of this gateway"
    elif scheme in _SCHEMES:
        detail = f"asks for {_SCHEMES[scheme]}"
        advice = "have it let wa-tui through without, or set headers of this gateway"
    elif _is_page(answer):
        detail, advice = (
            f"wants a log-in: {_status_words(answer.status_code)}{_detail(answer)}",
            "set headers of it",
        )
    else:
        return Unauthorised(call, "API key not accepted")
    return Intercepted(call, f"{proxy} {detail}", advice, refuses=True, done=False)


def _status_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _product(answer: Answer) -> str:
    """Return who says that it answers, in brackets; the service's own framework is nobody's proxy."""
    found = _PRODUCT.match(answer.headers.get("server", ""))
    return f" ({found.group()})" if found else ""


def _is_page(answer: Answer) -> bool:
    start = answer.body[:256].lstrip().lower()
    return start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")) or (
        answer.headers.get("content-type", "").lower().startswith("text/html")
    )


def _detail(answer: Answer) -> str:
    """Return a page's title, or what a text or JSON says, in brackets; nothing where it only repeats the status."""
    body = answer.body[:_LOOKED_THROUGH]
    if found := _TITLE.search(body):
        text = found.group(2).decode("utf-8", "replace")
    elif body.lstrip().startswith(b"{"):
        text = _message(body)
    else:
        first = body if _is_page(answer) else body.partition(b"\n")[0]
        text = first.decode("utf-8", "replace")
    line = " ".join(html.unescape(_TAG.sub(" ", text)).split())
    line = "".join(letter for letter in line if letter.isprintable())
    if not line or line.lower() in _status_words(answer.status_code).lower():
        return ""
    return f" ({line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'})"


def _message(body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    detail = told.get("message") or told.get("error") if isinstance(told, dict) else None
    return detail if isinstance(detail, str) else ""


def _place(location: str | None) -> str:
    """Return where a redirection leads, without what may be secret in it."""
    place = re.sub(r"[?#].*", "", location or "nowhere", flags=re.DOTALL)
    place = re.sub(r"//[^/@]*@", "//", place)
    return "".join(letter for letter in place if letter.isprintable())[:_LONGEST_PLACE]
