"""Webhooks of gateways that do not keep the contract: each kind posts in its own way, and means its own things.

Such a gateway posts all that happens, messages above all, gives an event up or repeats it for as long as it is refused,
and cannot be told better. So once it has shown its key it is answered 200 for whatever says nothing to us: that is
counted by its kind, and nothing else of it is kept, logged or shown. 503 alone has it come again.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec

from wa_tui.gateways import GatewayClient, Reading, Report
from wa_tui.gateways.http.inflating import TooLong, UnknownEncoding, inflated
from wa_tui.gateways.reading.heads import closed
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.identity.sessions import is_session_id
from wa_tui.model.facts import Unattributed, Webhook
from wa_tui.model.fleet import Fleet
from wa_tui.wire import RefusalKind

from ..clock import Clock
from ..recording.recorder import NotTaken, Recorder
from .attribution import Attributed
from .bodies import Left, TooLarge, read_or_discard
from .envelope import MISTAKE, Answer, error, success, wrong_key
from .messages import MessageCounting
from .refusals import Refusals
from .requests import Scope, encoding_of
from .senders import Claim, Sender, Senders
from .submitting import not_taken
from .webhook_counter import WebhookCounter
from .webhooks import fact_of_report

READ = 1024 * 1024
"""Bytes of a body that is looked at; only what carries media has more."""

HEAD = 4096
"""Bytes at the beginning of a longer one that are looked at: whose message it is stands before the file in it."""

DISCARDED = 64 * 1024 * 1024
"""Bytes of a body that is read and thrown away: its sender would repeat it else."""

OTHER = "other"
UNNAMED = "unnamed"
"""Of a session that has no name, or one that its gateway has not told yet."""
UNREADABLE = "unreadable"
TOO_LARGE = "too_large"
_OURS = frozenset({UNNAMED, UNREADABLE, TOO_LARGE})

_NOT_KEPT = success({"message": "Nothing here that is kept"})
_TAKEN = success({"message": "Session status updated successfully"})


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a webhook comes from: the gateways that it may be, all of one kind, and its address."""

    senders: Sequence[Sender]
    peer: str | None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.senders)


class ForeignReceiver:
    """Takes such webhooks in, of ``senders``.

    ``relist`` is called with the gateways to list anew after one of which nobody knows whose it is, or which session
    it names.
    """

    def __init__(
        self,
        senders: Senders,
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        refusals: Refusals,
        counter: WebhookCounter,
        relist: Callable[[list[str]], None],
        clients: Mapping[str, GatewayClient],
        messages: MessageCounting,
    ) -> None:
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._refusals = refusals
        self._counter = counter
        self._relist = relist
        self._clients = clients
        self._messages = messages
        self.senders = senders

    async def __call__(self, scope: Scope, receive: Any, send: Any, peer: str | None) -> None:
        """Answer one webhook."""
        if scope["method"] != "POST":
            self._refusals.note(RefusalKind.WRONG_METHOD, peer, (), scope["method"])
            await error(405, "Method not allowed: webhooks are POSTed", {"allow": "POST"}).send(send)
            return
        try:
            answer = await self._answer(scope, receive, peer)
        except Left:
            return
        await answer.send(send)

    async def _answer(self, scope: Scope, receive: Any, peer: str | None) -> Answer:
        claim = await self.senders.known(scope)
        if unknown := self.senders.unknown(claim):
            self._refusals.note(RefusalKind.UNRECOGNISED, peer, unknown)
            return error(503, "Nobody knows yet what gateway this is: come again", {"retry-after": "5"})
        if not claim.senders:
            return self._wrong_key(claim, peer)
        origin = _Origin(claim.senders, peer)
        try:
            kept = await read_or_discard(scope, receive, READ, DISCARDED, head=HEAD)
            if not kept.is_whole:
                return self._too_long(claim, origin, kept.content)
            body = inflated(kept.content, encoding_of(scope), READ)
        except TooLarge:
            return replace(self._ignored(origin, TOO_LARGE), headers={"connection": "close"})
        except TooLong:
            return self._ignored(origin, TOO_LARGE)
        except UnknownEncoding:
            return self._ignored(origin, UNREADABLE)
        own = self.senders.authentic(claim, body)
        if not own:
            return self._wrong_key(claim, peer)
        if len({id(each.format) for each in own}) > 1:
            self._refusals.note(RefusalKind.UNKNOWN_ROUTE, peer, [each.name for each in own])
            where = "/api/v1/gateways/<name>/webhook"
            return error(404, f"Gateways of several kinds have this key: post to {where}")
        return await self._record(_Origin(own, peer), body)

    def _too_long(self, claim: Claim, origin: _Origin, head: bytes) -> Answer:
        """Count a message by the beginning of its webhook, where the key is not a signature of all of it."""
        own, counted = claim.certain, list[str]()
        if len({id(each.format) for each in own}) == 1:
            origin = _Origin(own, origin.peer)
            with contextlib.suppress(Unreadable):
                counted = self._messages.take_in(origin.names, self._read(origin, closed(head)).messages)
        return self._counted(counted) if counted else self._ignored(origin, TOO_LARGE)

    async def _record(self, origin: _Origin, body: bytes) -> Answer:
        """Hand what a body says to the recorder, and return the answer once that is committed, or is not."""
        for name in origin.names:
            self._refusals.accepted(name)
        reading = self._read(origin, body)
        counted = self._messages.take_in(origin.names, reading.messages)
        received = self._clock.now()
        facts = [
            fact_of_report(report, self._attributed(origin, report.session_id), received)
            for report in self._named(origin, reading.reports)
        ]
        if not facts and counted:
            return self._counted(counted)
        if not facts:
            return self._ignored(origin, reading.ignored or (UNNAMED if reading.reports else UNREADABLE))
        answers: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        try:
            self._recorder.submit(facts, partial(self._ended, facts, origin, answers))
        except NotTaken as problem:
            return not_taken(self._refusals, origin.peer, origin.names, problem)
        for fact in facts:
            if isinstance(fact, Webhook):
                self._counter.decorate(fact.gateway, reading.odd)
                if self._fleet.gateway(fact.gateway).dated_ahead(fact.timestamp, received):
                    self._counter.count("ahead", fact.gateway)
        return await answers

    def _ended(
        self,
        facts: Sequence[Webhook | Unattributed],
        origin: _Origin,
        answers: asyncio.Future[Answer],
        result: Any,
    ) -> None:
        """Answer a webhook that was committed, or could not be."""
        answer = error(500, MISTAKE)
        try:
            if isinstance(result, Exception):
                answer = not_taken(self._refusals, None, origin.names, result)
            else:
                answer = _TAKEN
                if any(isinstance(fact, Unattributed) for fact in facts):
                    self._counter.count("unattributed", *origin.names)
                    self._relist([*origin.names])
        finally:
            if not answers.done():
                answers.set_result(answer)

    def _read(self, origin: _Origin, body: bytes) -> Reading:
        """Return what a body says: nothing where it cannot be read, by us or by a mistake of ours."""
        format = origin.senders[0].format
        assert format is not None, "its kind is known by now"
        try:
            # An adapter's own table may have let through what is no text: nothing else here looks at that again.
            return msgspec.convert(msgspec.to_builtins(format.read(body)), Reading)
        except Unreadable:
            return Reading(ignored=UNREADABLE)
        except Exception as problem:
            # Its words may be the body's: only what it is, and where, may be told.
            where = traceback.extract_tb(problem.__traceback__)[-1]
            detail = f"{type(problem).__name__} in {where.filename}:{where.lineno}"
            self._refusals.note(RefusalKind.FAILED, origin.peer, origin.names, detail)
            return Reading(ignored=UNREADABLE)

    def _named(self, origin: _Origin, reports: Sequence[Report]) -> Iterator[Report]:
        """Yield the reports of sessions that are known by an id of ours; a list tells what the others are called."""
        client = self._clients.get(origin.names[0]) if len(origin.names) == 1 else None
        for report in reports:
            if not is_session_id(report.session_id):
                continue
            ours = report.session_id if client is None else client.known_as(report.session_id)
            if ours is None:
                self._relist([*origin.names])
            else:
                yield replace(report, session_id=ours)

    def _attributed(self, origin: _Origin, session_id: str) -> Attributed:
        if len(origin.names) == 1:
            return Attributed(origin.names[0])
        owners = [name for name in self._fleet.owners(session_id) if name in origin.names]
        return Attributed(owners[0]) if len(owners) == 1 else Attributed(None, origin.names)

    def _counted(self, gateways: Sequence[str]) -> Answer:
        """Count a webhook that is about messages, and of which nothing but their counts is kept."""
        for name in gateways:
            self._counter.count_messages(name)
        return _NOT_KEPT

    def _ignored(self, origin: _Origin, event: str) -> Answer:
        """Count a webhook that says nothing to us, by a word of ours or of its kind's, never by one of its own."""
        for sender in origin.senders:
            known = sender.format.events if sender.format is not None else frozenset()
            self._counter.ignore(sender.name, event if event in known | _OURS else OTHER)
        return _NOT_KEPT

    def _wrong_key(self, claim: Claim, peer: str | None) -> Answer:
        routed = [each.name for each in claim.routed]
        return wrong_key(self._refusals.wrong_key(RefusalKind.WRONG_KEY, peer, routed))
