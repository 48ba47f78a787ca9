"""The stand-in web.whatsapp.com in its own process, and the phone that pairs with it: `with phone() as phone: …`."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.daemon.waiting import until

STANDIN = Path(__file__).parent / "standin"


class Page(msgspec.Struct, frozen=True):
    """One page that is open: its WAState, whose it is, and the code that it shows."""

    state: str
    number: str | None
    ref: str | None
    qr: str | None
    code: str | None


class Sent(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """One message that really reached the servers."""

    sender: str
    id: str
    to: str
    body: str
    type: str
    size: int | None = None


class Look(msgspec.Struct, frozen=True, rename={"look_ups": "lookUps"}):
    """All that the servers know; ``hellos`` counts the loads of a page by its stored number.

    ``look_ups`` has the numbers that pages asked for.
    """

    pages: list[Page]
    sent: list[Sent]
    asked: list[str]
    hellos: dict[str, int]
    revoked: list[str]
    look_ups: list[str]


@dataclass(slots=True)
class Phone:
    """What a person does on the phone, and what WhatsApp's servers see."""

    port: int
    web: httpx.AsyncClient

    async def look(self) -> Look:
        """Return what is there now."""
        return msgspec.convert(await self._ask("look"), Look)

    async def page(self, number: str) -> Page | None:
        """Return the page that is linked to a number, if one is open."""
        return next((page for page in (await self.look()).pages if page.number == number), None)

    async def code(self, seconds: float = 40.0) -> str:
        """Return the one QR code that is shown as soon as there is exactly one."""

        async def one() -> str | None:
            shown = [page.qr for page in (await self.look()).pages if page.qr]
            return shown[0] if len(shown) == 1 else None

        return await until(one, seconds, lambda: "not one page shows a code")

    async def scan(self, qr: str, number: str) -> None:
        """Scan the code that a page shows now. Raises httpx.HTTPStatusError when none shows it."""
        await self._ask("phone/scan", qr=qr, number=number)

    async def scan_when_shown(self, number: str) -> str:
        """Scan the one code that is shown; return it."""
        qr = await self.code()
        await self.scan(qr, number)
        return qr

    async def enter(self, code: str, number: str) -> None:
        """Type a pairing code into the phone."""
        await self._ask("phone/enter", code=code, number=number)

    async def logout(self, number: str) -> None:
        """Log the linked device out on the phone."""
        await self._ask("phone/logout", number=number)

    async def revoke(self, number: str) -> None:
        """End the link while its page is not there to be told."""
        await self._ask("phone/revoke", number=number)

    async def state(self, number: str, state: str) -> None:
        """Put the page into a WAState such as ``CONFLICT`` or ``TIMEOUT``."""
        await self._ask("phone/state", number=number, state=state)

    async def zombie(self, number: str) -> None:
        """Load the page anew so that it says CONNECTED but never syncs again."""
        await self._ask("phone/zombie", number=number)

    async def hang(self, number: str, seconds: float) -> None:
        """Keep the page's only thread busy."""
        await self._ask("phone/hang", number=number, seconds=seconds)

    async def rotate(self, qr: str) -> None:
        """Have the page that shows ``qr`` show another one."""
        await self._ask("phone/rotate", qr=qr)

    async def incoming(self, number: str, *, sender: str, body: str) -> None:
        """Send the number a message."""
        await self._ask("phone/incoming", **{"number": number, "from": sender, "body": body})

    async def typed(self, number: str, *, to: str, message_id: str, ack: int = 1) -> None:
        """Write a message on the phone."""
        await self._ask("phone/typed", number=number, to=to, id=message_id, ack=ack)

    async def acknowledge(self, number: str, message_id: str, ack: int) -> None:
        """Have a sent message acknowledged: -1 failed, 1 by the server, 2 by a device, 3 read, 4 played."""
        await self._ask("phone/acknowledge", number=number, id=message_id, ack=ack)

    async def set(self, **settings: Any) -> None:
        """Change the servers: ``rotateSeconds``, ``wait`` (ms before a page loads), ``unsynced`` numbers.

        Numbers that are ``unknown`` and those about which they are ``silent``, ``acks`` or none of what is sent.
        """
        await self._ask("phone/set", **settings)

    async def _ask(self, path: str, **body: Any) -> Any:
        answer = await self.web.post(f"/ctl/{path}", json=body)
        if answer.is_error:
            raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
        return answer.json()


@contextlib.contextmanager
def standin() -> Iterator[Phone]:
    """Run the stand-in and yield its phone."""
    process = subprocess.Popen(
        ["node", STANDIN / "server.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the stand-in ended with {process.wait()} before its first line"
        port = json.loads(line)["port"]
        yield Phone(
            port,
            httpx.AsyncClient(
                base_url=f"https://127.0.0.1:{port}",
                trust_env=False,
                verify=False,
                timeout=40,
                limits=httpx.Limits(max_keepalive_connections=0),
            ),
        )
    finally:
        process.communicate()  # Closes its standard input, which ends it.
