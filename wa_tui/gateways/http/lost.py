"""What a connection that could not be made, or was lost, means, in plain words: from the error's kind, not its text."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

_HTTP2_BYTES = re.compile(r"\\x00\\x00.{1,4}\\x04\\x00|PRI \* HTTP/2")

_CA = "set ca_file of this gateway to the certificate of who signed it"
_SELF_SIGNED = {18, 19}
_UNKNOWN_ISSUER = {2, 20, 21}
_WRONG_HOST = {62, 64}
_PLAIN = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "UNEXPECTED_MESSAGE",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened, and what to do about it, where that is known; ``refused``: nobody listens."""

    detail: str
    advice: str | None = None
    refused: bool = False


def cause_of(error: BaseException) -> Cause:
    """Return why a connection failed."""
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, ssl.SSLCertVerificationError):
            return _certificate(each)
        if isinstance(each, ssl.SSLError):
            return _handshake(each)
        if isinstance(each, socket.gaierror):
            return _name(each)
    system = [each for each in chain if isinstance(each, OSError) and not isinstance(each, ssl.SSLError)]
    refusals = [isinstance(each, ConnectionRefusedError) for each in system if each.errno is not None]
    if refusals and all(refusals):
        return Cause("connection refused", refused=True)
    for each in system:
        if each.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
            return Cause("no route to it", "see the network between, and that the gateway's url is right")
        if each.errno == errno.ETIMEDOUT:
            return Cause("no answer to the connection", "see that no firewall drops it")
        if each.errno in (errno.EMFILE, errno.ENFILE):
            return Cause("no descriptor is free here", "raise this process's limit of open files")
    return Cause(str(error) or type(error).__name__)


def foreign_speech(error: BaseException) -> Cause | None:
    """Return what spoke instead of HTTP/1.1, as far as its first bytes tell."""
    said = str(error)
    if _HTTP2_BYTES.search(said):
        return Cause("it speaks HTTP/2 alone", "have it speak HTTP/1.1 too")
    return None


SPEAKS_TLS = Cause("it speaks TLS on that port", "write https:// in this gateway's url")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from; httpx hides the cause a few levels down, some of them groups."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
        waiting.append(each.__cause__ or each.__context__)


def _certificate(error: ssl.SSLCertVerificationError) -> Cause:
    code = error.verify_code
    if code in _SELF_SIGNED:
        return Cause("its certificate is self-signed, which this machine does not trust", _CA)
    if code in _UNKNOWN_ISSUER:
        return Cause("its certificate is signed by an authority that this machine does not know", _CA)
    if code == 10:
        return Cause("its certificate has expired", "renew it there")
    if code == 9:
        return Cause("its certificate is not valid yet", "see the clocks of both machines")
    if code in _WRONG_HOST:
        return Cause(
            "its certificate is for another host name", "write the certificate's name in the gateway's url"
        )
    return Cause(f"its certificate is not accepted ({error.verify_message})", _CA)


def _handshake(error: ssl.SSLError) -> Cause:
    reason = error.reason or ""
    if reason in _PLAIN:
        return Cause("it speaks no TLS on that port", "write http:// in this gateway's url")
    if "CERTIFICATE_REQUIRED" in reason or reason == "SSLV3_ALERT_HANDSHAKE_FAILURE":
        return Cause(
            "it ended the TLS handshake", "it may ask for a client certificate, which wa-tui has not"
        )
    if "PROTOCOL" in reason:
        return Cause("it speaks a version of TLS that is too old", "have it speak TLS 1.2 or 1.3")
    return Cause(f"no TLS connection ({reason.replace('_', ' ').lower() or 'it was cut off'})")


def _name(error: socket.gaierror) -> Cause:
    if error.errno == socket.EAI_AGAIN:
        return Cause("the name server does not answer", "see this machine's DNS")
    return Cause("its host name has no address", "see the host in the gateway's url, and DNS")
