"""What a gateway of any kind answers or posts, however broken, ends in a `GatewayError` or in nothing that is kept.

Real answers and webhooks, in which anything stands anywhere. ``WA_TUI_ANSWERS=5000`` tries as many of each kind;
``WA_TUI_ANSWERS_SEED=…`` repeats a failed run.
"""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.effort import chosen_seed, effort
from wa_tui.gateways import GatewayClient, GatewayError, Place, Reading
from wa_tui.gateways.reading.heads import closed
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import GatewayKind

from .posted import acked, received, sent
from .recorded import recorded_lines
from .stub import stub
from .test_any_answer import RAW, Everything, framed

pytestmark = pytest.mark.soak

TIMES = effort("WA_TUI_ANSWERS", sample=40, full=5_000)
SEED = chosen_seed("WA_TUI_ANSWERS_SEED", sample=1130)
KINDS = [GatewayKind.EVOLUTION, GatewayKind.WAHA, GatewayKind.WPPCONNECT, GatewayKind.WWEBJS_API]

Place_ = tuple[Any, Any]
"""An object or a list, and a key or an index in it."""


def places(value: Any) -> Iterator[Place_]:
    """Yield every place in what JSON holds."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def broken(chance: random.Random, usual: Any) -> bytes:
    """Return JSON in which something else stands in some places."""
    content = json.loads(json.dumps(usual))
    holes: list[str] = []
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        if found := list(places(content)):
            place, key = chance.choice(found)
            place[key] = f"hole {len(holes)}"
            holes.append(chance.choice(RAW))
    text = json.dumps(content)
    for number, raw in enumerate(holes):
        text = text.replace(f'"hole {number}"', raw)
    return text.encode("utf-8", "surrogatepass")


def calls(gateway: GatewayClient) -> list[Callable[[], Awaitable[Any]]]:
    return [
        gateway.health,
        gateway.list,
        lambda: gateway.status("default"),
        lambda: gateway.init("default", None),
        lambda: gateway.disconnect("default"),
        lambda: gateway.restart("default"),
        lambda: gateway.logout("default"),
        lambda: gateway.delete("default"),
        lambda: gateway.send_text("default", "15550001", "hello"),
        lambda: gateway.pairing_code("default", "15550001"),
        lambda: gateway.webhook_targets("http://127.0.0.1:9/hook", "k"),
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_no_answer_ends_in_a_traceback(kind: GatewayKind) -> None:
    chance = random.Random(f"{SEED}/{kind}")
    usual = [
        line["answered"]
        for line in recorded_lines(str(kind), "api")
        if isinstance(line["answered"], dict | list)
    ]
    async with stub() as server:
        for number in range(TIMES):
            # One that has learnt nothing from the last answers.
            gateway = ADAPTERS[kind].connect(Place("gw", server.url, "the-key"))
            content = broken(chance, chance.choice(usual))
            sent = framed(chance, content) if chance.random() < 0.95 else content

            async def answers(writer: Any, sent: bytes = sent) -> None:
                writer.write(sent)
                writer.close()

            server.answers = Everything(answers)
            try:
                found = await chance.choice(calls(gateway))()
                assert msgspec.json.encode(found), sent
            except GatewayError as error:
                assert msgspec.json.encode(str(error)), sent
            except Exception as error:
                raise AssertionError(f"answer {number} of seed {SEED}: {sent[:300]!r}") from error
            finally:
                await gateway.close()


@pytest.mark.parametrize("kind", [*KINDS, GatewayKind.OPENWA])
def test_no_webhook_ends_in_a_traceback(kind: GatewayKind) -> None:
    chance = random.Random(f"{SEED}/{kind}")
    usual = [[received(kind), sent(kind), *(acked(kind, level) for level in (-1, 1, 2, 3))]]
    if kind is not GatewayKind.OPENWA:
        usual.append([line["body"] for line in recorded_lines(str(kind), "webhook")])
    webhooks = ADAPTERS[kind].webhooks
    assert webhooks is not None
    for number in range(TIMES * 5):
        body = broken(chance, chance.choice(chance.choice(usual)))
        if chance.random() < 0.1:
            body = body[: chance.randrange(len(body))]
        try:
            reading = webhooks.read(body)
        except Unreadable:
            continue
        except Exception as error:
            raise AssertionError(f"webhook {number} of seed {SEED}: {body[:300]!r}") from error
        # As the receiver does, which lets nothing through that is no text.
        assert msgspec.convert(msgspec.to_builtins(reading), Reading) == reading, body
        assert msgspec.json.encode(reading), body
        assert bool(reading.reports) or reading.ignored, body


@pytest.mark.parametrize("kind", [*KINDS, GatewayKind.OPENWA])
def test_no_beginning_of_a_webhook_ends_in_a_traceback(kind: GatewayKind) -> None:
    chance = random.Random(f"{SEED}/{kind}/heads")
    webhooks = ADAPTERS[kind].webhooks
    assert webhooks is not None
    for number in range(TIMES * 5):
        body = broken(chance, chance.choice([received(kind), sent(kind), acked(kind, 3)]))
        try:
            reading = webhooks.read(closed(body[: chance.randrange(len(body))]))
        except Unreadable:
            continue
        except Exception as error:
            raise AssertionError(f"beginning {number} of seed {SEED}: {body[:300]!r}") from error
        assert msgspec.json.encode(reading), body
