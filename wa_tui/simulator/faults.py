"""Every fault that can be asked for by its name, of one client or of a whole gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from wa_tui.simulator.client import Client, Ghost
from wa_tui.simulator.gateway import FaultError
from wa_tui.simulator.interference import KINDS
from wa_tui.simulator.service import Service
from wa_tui.simulator.webhooks import Transit

Params = dict[str, Any]
_ZOMBIE = "Cannot read properties of undefined (reading 'getChat')"


def _drop(client: Client, params: Params) -> None:
    silent = params.get("silent", False)
    if silent and client.claim != "connected":
        raise FaultError(
            f"{client.account.session_id} is {client.claim}: only a connected one dies silently.", 409
        )
    client.drop(
        params.get("reason", "NAVIGATION"),
        silent=silent,
        browser_state=params.get("state"),
    )
    if "back_after" in params:
        client.recover_after(params["back_after"])


def _flap(client: Client, params: Params) -> None:
    every, times = params.get("every", 10.0), params.get("times", 3)

    async def flap() -> None:
        for _ in range(times):
            client.drop(params.get("reason", "NAVIGATION"))
            await asyncio.sleep(every / 2)
            client.recover()
            await asyncio.sleep(every / 2)

    client.spawn(flap())


def _logout(client: Client, params: Params) -> None:
    client.account.credentials = False
    client.drop(params.get("reason", "LOGOUT"))


def _ban(client: Client, params: Params) -> None:
    client.account.banned = True
    client.drop("TOS_BLOCK")


def _scan(client: Client, params: Params) -> None:
    if not client.code:
        raise FaultError(f"{client.account.session_id} shows no QR to scan: it is {client.truth}.", 409)
    client.scan()


def _zombie(client: Client, params: Params) -> None:
    client.send_error = params.get("message", _ZOMBIE)


def _stuck_destroy(client: Client, params: Params) -> None:
    client.destroy_fails = params.get("on", True)


def _ghost(client: Client, params: Params) -> None:
    """Say connected and do nothing; `lasting`: each later client of the account does the same."""
    known = {name: params[name] for name in Ghost.__dataclass_fields__ if name in params}
    ghost = Ghost(**known) if params.get("on", True) else None
    if ghost is not None and client.truth != "connected":
        raise FaultError(
            f"{client.account.session_id} is {client.truth}: only a connected one is a ghost.", 409
        )
    client.ghost = ghost
    client.account.ghost = ghost if params.get("lasting", False) else None


SESSION_FAULTS: dict[str, Callable[[Client, Params], None]] = {
    "drop": _drop,
    "recover": lambda client, params: client.connect(silent=params.get("silent", False)),
    "flap": _flap,
    "logout": _logout,
    "auth_failed": lambda client, params: client.fail_authentication(
        params.get("error", "Authentication failure")
    ),
    "scan": _scan,
    "rotate_qr": lambda client, params: client.rotate_code(),
    "expire_qr": lambda client, params: client.expire_code(),
    "hang": lambda client, params: client.hang(sends=params.get("sends", False)),
    "unhang": lambda client, params: client.unhang(),
    "zombie": _zombie,
    "ghost": _ghost,
    "conflict": lambda client, params: client.drop("CONFLICT"),
    "ban": _ban,
    "stuck_destroy": _stuck_destroy,
}


async def _unreachable(service: Service, params: Params) -> None:
    await service.cut_off(params.get("spare"))
    if "seconds" in params:
        service.after(params["seconds"], service.come_back)


async def _errors(service: Service, params: Params) -> None:
    kind = params["fault"]
    if params.get("on", True):
        service.interference.begin(kind, count=params.get("count"), seconds=params.get("seconds"))
    else:
        service.interference.end(kind)


async def _hang_gateway(service: Service, params: Params) -> None:
    service.interference.hang()


async def _unhang_gateway(service: Service, params: Params) -> None:
    service.interference.unhang()


async def _clock(service: Service, params: Params) -> None:
    service.gateway.clock_offset = float(params["offset"])


async def _elapse(service: Service, params: Params) -> None:
    service.gateway.elapse(float(params["seconds"]))


async def _webhooks(service: Service, params: Params) -> None:
    known = {name: params[name] for name in Transit.__dataclass_fields__ if name in params}
    service.gateway.webhooks.transit = Transit(**known)


async def _burst(service: Service, params: Params) -> None:
    up = [client for client in service.gateway.clients.values() if client.truth == "connected"]
    if not up:
        raise FaultError(f"Gateway {service.gateway.settings.name} has no connected client to burst.", 409)
    log, before = service.gateway.log, -1
    until = log.count + params.get("count", 10_000)
    # Kinds post one webhook, five, or none for what becomes of a client.
    while before < log.count < until:
        before = log.count
        # All drop before the first comes back: one that comes back at once would be a smaller wave.
        for client in up:
            client.drop(params.get("reason", "NAVIGATION"))
        for client in up:
            client.connect()


async def _messages(service: Service, params: Params) -> None:
    """Have messages come in, go out, and fail, as many as are asked for; or what is sent be lost on the way."""
    traffic, session_id = service.gateway.traffic, params.get("sessionId", "")
    client = service.gateway.clients.get(session_id)
    if client is None or not traffic.counted:
        why = "a client of that session, and a gateway that counts: --traffic 0"
        raise FaultError(f"{session_id}: messages need {why}.", 409)
    traffic.loses = bool(params.get("lost", traffic.loses))
    for _ in range(params.get("received", 0)):
        traffic.receive(client)
    for _ in range(params.get("sent", 0)):
        traffic.send_on_phone(client)
    for _ in range(params.get("failed", 0)):
        traffic.fail(client)


async def _launches(service: Service, params: Params) -> None:
    service.gateway.failing_launches = int(params.get("count", 1))
    service.gateway.launch_error = params.get("message", "Failed to launch the browser process!")


async def _kill(service: Service, params: Params) -> None:
    """SIGKILL: the service is gone, and its browsers run on and hold their profiles."""
    for session_id in service.gateway.clients:
        service.gateway.accounts[session_id].held = True
    await service.restart(params.get("downtime", 1.0), params.get("spare"))


async def _end_browsers(service: Service, params: Params) -> None:
    for account in service.gateway.accounts.values():
        account.held = False


async def _stuck(service: Service, params: Params) -> None:
    account = service.gateway.accounts.get(params.get("sessionId", ""))
    if account is None:
        raise FaultError("no_qr needs the sessionId of a known account.", 404)
    account.stuck = params.get("on", True)


async def _clear(service: Service, params: Params) -> None:
    service.interference.clear()
    service.gateway.webhooks.transit = Transit()
    await service.come_back()


GATEWAY_FAULTS: dict[str, Callable[[Service, Params], Awaitable[None]]] = {
    "restart": lambda service, params: service.restart(params.get("downtime", 1.0), params.get("spare")),
    "stop": lambda service, params: service.stop(params.get("spare")),
    "start": lambda service, params: service.begin_anew(),
    "unreachable": _unreachable,
    "reachable": lambda service, params: service.come_back(),
    "hang_gateway": _hang_gateway,
    "unhang_gateway": _unhang_gateway,
    **dict.fromkeys(KINDS, _errors),
    "clock": _clock,
    "elapse": _elapse,
    "webhooks": _webhooks,
    "burst": _burst,
    "messages": _messages,
    "launch_fails": _launches,
    "kill": _kill,
    "end_browsers": _end_browsers,
    "no_qr": _stuck,
    "clear": _clear,
}


async def apply(service: Service, params: Params) -> None:
    """Bring about the fault named by `params["fault"]`; raises FaultError when that is not possible."""
    name = str(params.get("fault"))
    own = service.face.faults
    if name in own:
        await own[name](params)
        return
    if name in GATEWAY_FAULTS:
        await GATEWAY_FAULTS[name](service, params)
        return
    if name not in SESSION_FAULTS:
        known = ", ".join(sorted([*SESSION_FAULTS, *GATEWAY_FAULTS, *own]))
        raise FaultError(f"There is no fault {name!r}. There are: {known}.")
    ids = params.get("sessionIds") or [params.get("sessionId")]
    for session_id in ids:
        client = service.gateway.clients.get(session_id)
        if client is None:
            where = service.gateway.settings.name
            raise FaultError(f"Gateway {where} has no client for the session {session_id!r}.", 404)
        SESSION_FAULTS[name](client, params)
