"""What can go wrong between a client and its daemon."""

from __future__ import annotations

from pathlib import Path

from wa_tui import wire
from wa_tui.system.processes import listener

from .address import Address, Unix


class DaemonError(Exception):
    """The daemon did not do what it was asked; the text says what happened and what to do next."""


class DaemonGone(DaemonError):
    """No daemon answers, or the connection to it was lost.

    ``log`` holds the last lines of one that ended; ``unknown`` tells that an action may have been taken; ``start`` is
    what starts one, where that is known.
    """

    def __init__(self, text: str, *, log: str = "", unknown: bool = False, start: str = "") -> None:
        super().__init__(text)
        self.start = start
        self.log = log
        self.unknown = unknown


class Refused(DaemonError):
    """The daemon said no: its `Problem`, with the HTTP ``status``."""

    def __init__(self, problem: wire.Problem, status: int) -> None:
        super().__init__(problem.error)
        self.problem = problem
        self.status = status


class Unauthorised(DaemonError):
    """The daemon does not accept the key, or there is none."""


class Incompatible(DaemonError):
    """Another version of wa-tui answers, or another program: it does not speak this API."""


def unreachable(address: Address, error: Exception) -> DaemonGone:
    """Explain why no connection could be made."""
    if not isinstance(address, Unix):
        return DaemonGone(
            f"no daemon answers at {address} ({_detail(error)}); check the address and that `wa-tui --daemon` "
            "runs there and listens on it (WA_TUI_LISTEN)"
        )
    if isinstance(error, PermissionError):
        return DaemonGone(
            f"the daemon's socket {address} may not be opened by this user; "
            "run as its owner, or have a group given to it (WA_TUI_SOCKET_GROUP)"
        )
    return DaemonGone(
        f"no daemon answers ({_detail(error)}): start one with `{address.start}`, "
        f"or the monitor with `wa-tui`, which starts its own · {address}",
        start=address.start,
    )


def untrusted(ca_file: Path, error: OSError) -> DaemonError:
    """Explain a file of authorities that cannot be used."""
    return DaemonError(
        f"tls_ca {ca_file} holds no certificate that can be read ({error.strerror or error}): it is a PEM file"
    )


def silent(address: Address, seconds: float) -> DaemonGone:
    """Explain a daemon that accepts connections and does not answer."""
    return DaemonGone(
        f"the daemon at {address} did not answer within {seconds:g} s; it may be overloaded or stopped: "
        "look at its process and its log"
    )


def lost(address: Address, detail: str, *, doing: str | None = None) -> DaemonGone:
    """Explain a connection that ended; ``doing`` is the action whose outcome is unknown then."""
    if doing is not None:
        text = f"the connection to the daemon at {address} was lost ({detail}); whether it did {doing} is unknown"
        return DaemonGone(f"{text}: look at `wa-tui logs` before asking again", unknown=True)
    if isinstance(address, Unix):
        text = f"daemon gone ({detail}): `{address.start}` starts it, unless it comes back"
        return DaemonGone(f"{text} · {address}", start=address.start)
    return DaemonGone(f"daemon gone ({detail}): see that `wa-tui --daemon` runs there · {address}")


def unauthorised(address: Address, *, had_key: bool) -> Unauthorised:
    """Explain a key that was not accepted."""
    what = "does not accept this key" if had_key else "asks for a key"
    return Unauthorised(
        f"the daemon at {address} {what}; set WA_TUI_API_KEY to its key (`control-key` in its state directory)"
    )


def incompatible(address: Address, detail: str) -> Incompatible:
    """Explain an answer that cannot be understood."""
    return Incompatible(
        f"what answers at {address} does not speak wa-tui's API ({detail}); "
        "check the address, and that both sides run the same version (`wa-tui --version`)"
    )


def require_version(address: Address, said: str | None) -> None:
    """Raise `Incompatible` for a daemon whose answer ``said`` another version of the API than ours."""
    if said == str(wire.API_VERSION):
        return
    if said is not None and not said.isdecimal():
        raise incompatible(address, f"{wire.API_HEADER}: {said[:40]}")
    raise other_version(address, 1 if said is None else int(said))


def other_version(address: Address, daemon: int) -> Incompatible:
    """Explain a daemon of another version; one on this machine is named by its process, which is to be restarted."""
    process = listener(address.path) if isinstance(address, Unix) else None
    return Incompatible(f"{wire.mismatch(daemon, wire.API_VERSION, process=process)} · {address}")


def stranger(address: Address, status: int) -> Incompatible:
    """Explain a refusal that is not in a daemon's words."""
    return Incompatible(
        f"something that is not a wa-tui daemon answers at {address} (HTTP status {status}); "
        "check the address: it is the daemon's, not a gateway's"
    )


def _detail(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such socket"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return str(error) or type(error).__name__
