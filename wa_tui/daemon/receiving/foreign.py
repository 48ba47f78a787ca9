"""Webhooks of gateways that do not keep the contract: each kind posts in its own way, and means its own things.

Such a gateway posts all that happens, messages above all, gives an event up or repeats it for as long as it is refused,
and cannot be told better. So once it has shown its key it is answered 200 for whatever says nothing to us: that is
counted by its kind, and nothing else of it is kept, logged or shown. 503 alone has it come again.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec

from wa_tui.gateways import GatewayClient, Posted, Reading, Report, WebhookFormat
from wa_tui.gateways.authentication import by_header
from wa_tui.gateways.http.inflating import TooLong, UnknownEncoding, inflated
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.identity.sessions import is_session_id
from wa_tui.model.facts import Unattributed, Webhook
from wa_tui.model.fleet import Fleet
from wa_tui.wire import RefusalKind

from ..clock import Clock
from ..recording.recorder import NotTaken, Recorder
from .attribution import Attributed
from .bodies import Left, TooLarge, read_or_discard
from .envelope import MISTAKE, Answer, error, success
from .refusals import Refusals
from .requests import Scope, encoding_of
from .submitting import not_taken
from .webhook_counter import WebhookCounter
from .webhooks import fact_of_report

READ = 1024 * 1024
"""Bytes of a body that is looked at; only what carries media has more."""

DISCARDED = 64 * 1024 * 1024
"""Bytes of a body that is read and thrown away: its sender would repeat it else."""

OTHER = "other"
UNREADABLE = "unreadable"
TOO_LARGE = "too_large"

_ROUTED = re.compile(r"/api/v1/gateways/([^/]+)/webhook(?:/(.*))?", re.DOTALL)
_usual = by_header("x-api-key")
"""How a gateway of unknown kind may show whose it is, where its route does not tell."""
_IGNORED = success({"message": "Nothing here that is kept"})
_TAKEN = success({"message": "Session status updated successfully"})


@dataclass(frozen=True, slots=True)
class Sender:
    """A gateway that posts in its kind's way; ``format`` is ``None`` while nobody knows its kind."""

    name: str
    key: str
    format: WebhookFormat | None


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a webhook comes from: the gateways that it may be, all of one kind, and its address."""

    senders: Sequence[Sender]
    peer: str | None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.senders)


class ForeignReceiver:
    """Takes such webhooks in; ``relist`` is called with the gateways to list anew after one of which nobody knows
    whose it is, or what it is called here."""

    def __init__(
        self,
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        refusals: Refusals,
        counter: WebhookCounter,
        relist: Callable[[list[str]], None],
        clients: Mapping[str, GatewayClient],
    ) -> None:
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._refusals = refusals
        self._counter = counter
        self._relist = relist
        self._clients = clients
        self.senders: dict[str, Sender] = {}
        """By name, the gateways that post here."""

    def add(self, sender: Sender) -> None:
        """Take a gateway's webhooks in, or take them for another kind's from now on."""
        self.senders[sender.name] = sender

    def remove(self, name: str) -> None:
        """Leave a gateway's webhooks to the contract's receiver."""
        self.senders.pop(name, None)

    def routes(self, path: str) -> bool:
        """Tell whether a path is that of a gateway here."""
        match = _ROUTED.fullmatch(path)
        return match is not None and match.group(1) in self.senders

    def recognises(self, scope: Scope) -> bool:
        """Tell whether a webhook to everybody's path may be from a gateway here."""
        posted = self._posted(scope, None)
        return any(self._verdict(each, posted) is not False for each in self.senders.values())

    def without_keys(self, path: str) -> str:
        """Return a path without the key of any gateway here."""
        for sender in self.senders.values():
            path = path.replace(sender.key, "…")
        return path

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
        match = _ROUTED.fullmatch(scope["path"])
        named = [self.senders[match.group(1)]] if match is not None else [*self.senders.values()]
        posted = self._posted(scope, match)
        near = [each for each in named if self._verdict(each, posted) is not False]
        unknown = [each.name for each in (named if match is not None else near) if each.format is None]
        if unknown:
            self._refusals.note(RefusalKind.UNRECOGNISED, peer, unknown)
            return error(503, "Nobody knows yet what gateway this is: come again", {"retry-after": "5"})
        if not near:
            return self._wrong_key(named if match is not None else (), peer)
        try:
            body = await read_or_discard(scope, receive, READ, DISCARDED)
        except TooLarge:
            answer = self._ignored(_Origin(near, peer), TOO_LARGE)
            return replace(answer, headers={"connection": "close"})
        if body is None:
            return self._ignored(_Origin(near, peer), TOO_LARGE)
        try:
            body = inflated(body, encoding_of(scope), READ)
        except (UnknownEncoding, TooLong) as problem:
            # A signature is of what this holds: nobody can tell whose it is.
            long = isinstance(problem, TooLong)
            return self._ignored(_Origin(near, peer), TOO_LARGE if long else UNREADABLE)
        posted = replace(posted, body=body)
        own = [each for each in near if self._verdict(each, posted)]
        if not own:
            return self._wrong_key(named if match is not None else (), peer)
        if len({id(each.format) for each in own}) > 1:
            names = tuple(each.name for each in own)
            self._refusals.note(RefusalKind.UNKNOWN_ROUTE, peer, names)
            return error(
                404, "Gateways of several kinds have this key: post to /api/v1/gateways/<name>/webhook"
            )
        return await self._take(_Origin(own, peer), body)

    async def _take(self, origin: _Origin, body: bytes) -> Answer:
        """Hand what a body says to the recorder, and return the answer once that is committed, or is not."""
        for name in origin.names:
            self._refusals.accepted(name)
        reading = self._read(origin, body)
        received = self._clock.now()
        facts = [
            fact_of_report(report, self._attributed(origin, report.session_id), received)
            for report in self._named(origin, reading.reports)
        ]
        if not facts:
            return self._ignored(origin, reading.ignored or UNREADABLE)
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

    def _ignored(self, origin: _Origin, event: str) -> Answer:
        """Count a webhook that says nothing to us, by a word of ours or of its kind's, never by one of its own."""
        for sender in origin.senders:
            known = sender.format.events if sender.format is not None else frozenset()
            self._counter.ignore(sender.name, event if event in known | {UNREADABLE, TOO_LARGE} else OTHER)
        return _IGNORED

    def _wrong_key(self, named: Sequence[Sender], peer: str | None) -> Answer:
        self._refusals.note(RefusalKind.WRONG_KEY, peer, [each.name for each in named])
        return error(403, "Invalid or missing API key")

    def _posted(self, scope: Scope, match: re.Match[str] | None) -> Posted:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        secret = (match.group(2) or "").rstrip("/") if match is not None else ""
        return Posted(headers, secret or None, self._clock.now())

    def _verdict(self, sender: Sender, posted: Posted) -> bool | None:
        """Tell whether a webhook is a gateway's; ``None`` where that rests on a body that is not here."""
        if sender.format is None:
            return _usual(sender.key, posted)
        local = self._fleet.gateway(sender.name).local(posted.at)
        return sender.format.is_authentic(sender.key, replace(posted, at=local))
