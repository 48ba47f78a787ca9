"""Has a gateway post its webhooks to us: what would be set, and the action that sets it.

Nobody else's address is overwritten.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from wa_tui.gateways import Adapter, Capability, GatewayClient, GatewayError, Refused, WebhookTarget
from wa_tui.identity.kinds import GatewayKind
from wa_tui.wire import ActionRequest, WebhookPlace, WebhookSetup
from wa_tui.wire.risk import risk_of

from ..results import Ended
from .context import ActionContext
from .finding import no_gateway
from .our_address import address_for, doubts
from .plan import Plan, Refusal

_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_TO_SET = frozenset({"none", "other"})
"""States of a place whose address is to be ours."""
_SHOWN = 5
"""Sessions that a sentence names."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a gateway is told: ``key_of`` returns the key of its webhooks, and in words where that stands.

    ``messages``: it is to post those about messages too.
    """

    clients: Mapping[str, GatewayClient]
    adapters: Mapping[GatewayKind, Adapter]
    listen: tuple[str, int]
    key_of: Callable[[str], tuple[str, str]]
    messages: bool
    scheme: str
    """How we are reached over TCP."""

    async def view(self, gateway: str, url: str | None) -> WebhookSetup:
        """Return what would be set at a gateway; ``url``: where it reaches us. Raises `Refusal` and `GatewayError`."""
        client = self._client(gateway)
        adapter = self.adapters[_kind(client)]
        ours = await self.address(client, url)
        key, words = self.key_of(gateway)
        advice = adapter.webhook_advice
        places = await self.places(client, ours, key) if _can_set(client) else []
        # What setting it costs is nothing to say where all is as it should be.
        costs = [adapter.setup_notice] if any(place.state in _TO_SET for place in places) else []
        return WebhookSetup(
            gateway=gateway,
            url=ours,
            key=words,
            can_set=_can_set(client),
            advice=advice(ours, f"<{words}>", self.messages) if advice is not None else "",
            notices=[*doubts(ours, client.url), *filter(None, costs)],
            places=places,
        )

    async def places(self, client: GatewayClient, ours: str, key: str) -> list[WebhookPlace]:
        """Return where its webhooks go now, by session. Raises `GatewayError`."""
        targets = await client.webhook_targets(ours, key, messages=self.messages)
        by_session: defaultdict[str | None, list[WebhookTarget]] = defaultdict(list)
        for target in targets:
            by_session[target.session_id].append(target)
        if None not in by_session:
            for row in await client.list():
                by_session.setdefault(row.session_id, [])
        return [_place(session_id, found, ours, key) for session_id, found in by_session.items()]

    async def set(self, client: GatewayClient, ours: str) -> Ended:
        """Set our address wherever there is room for it, and look whether it stands there then."""
        key, _ = self.key_of(client.name)
        failed: GatewayError | None = None
        try:
            for place in await self.places(client, ours, key):
                if place.state in _TO_SET:
                    try:
                        await client.set_webhook_target(ours, key, place.session_id, messages=self.messages)
                    except Refused as refusal:
                        # Of one session: the others may be told all the same.
                        failed = refusal
        except GatewayError as error:
            failed = error
        try:
            places = await self.places(client, ours, key)
        except GatewayError as error:
            return Ended("unknown", str(failed or error))
        return _ended(places, failed)

    async def address(self, client: GatewayClient, url: str | None) -> str:
        """Return the address of ours for a gateway, at ``url`` where that says how it reaches us. Raises `Refusal`."""
        if url is not None and not _ADDRESS.fullmatch(url):
            raise _no_address(url)
        base = url or await address_for(self.listen, client.url, self.scheme)
        path = f"/api/v1/gateways/{client.name}/webhook"
        return base if base.rstrip("/").endswith(path) else base.rstrip("/") + path

    def _client(self, gateway: str) -> GatewayClient:
        client = self.clients.get(gateway)
        if client is None:
            known = ", ".join(self.clients)
            raise Refusal(404, "unknown_gateway", f"no gateway is called {gateway!r}: {known}")
        return client


def plan_setup(context: ActionContext, request: ActionRequest, who: str, setup: Setup) -> Plan:
    """Return the plan by which a gateway is told where to post its webhooks. Raises `Refusal`."""
    gateway = request.gateway
    client = context.clients.get(gateway or "")
    if gateway is None or client is None:
        raise no_gateway(context, gateway or "")
    _kind(client)
    if not _can_set(client):
        how = f"`wa-tui gateways setup {gateway}` says what to put where"
        why = f"{gateway} cannot be told by its API where to post its webhooks: {how}"
        raise Refusal(409, "unsupported", why)
    if request.url is not None and not _ADDRESS.fullmatch(request.url):
        raise _no_address(request.url)
    work = partial(_set, setup, client, request.url)
    return Plan(
        f"webhooks of {gateway} asked for by {who}", work, gateway=gateway, risk=risk_of(request.action)
    )


async def _set(setup: Setup, client: GatewayClient, url: str | None) -> Ended:
    return await setup.set(client, await setup.address(client, url))


def _kind(client: GatewayClient) -> GatewayKind:
    if client.kind is None:
        why = f"nobody knows yet what gateway {client.name} is: wait until it answers, or set its kind"
        raise Refusal(409, "unrecognised", why)
    return client.kind


def _no_address(url: str) -> Refusal:
    return Refusal(400, "bad_url", f"{url[:80]!r} is no address: http:// or https://, and a host")


def _can_set(client: GatewayClient) -> bool:
    return Capability.WEBHOOK_SETUP in client.capabilities


def _place(session_id: str | None, targets: Sequence[WebhookTarget], ours: str, key: str) -> WebhookPlace:
    """Return what is where one session posts to; addresses without the key."""
    # What follows a ? is a secret more often than not.
    shown = {target.url.replace(key, "…").partition("?")[0]: target for target in targets if target.url}
    for url, target in shown.items():
        if target.is_ours:
            return WebhookPlace(session_id=session_id, state="ours", url=url)
    for url, target in shown.items():
        if url == ours or url.startswith(f"{ours}/"):
            return WebhookPlace(session_id=session_id, state="other", url=url, lacks=[*target.lacks])
    in_the_way = [url for url, target in shown.items() if not target.is_shared]
    if in_the_way:
        return WebhookPlace(session_id=session_id, state="theirs", url=in_the_way[0])
    return WebhookPlace(session_id=session_id, url=", ".join(shown))


def _ended(places: Sequence[WebhookPlace], failed: GatewayError | None) -> Ended:
    ours = [place for place in places if place.state == "ours"]
    theirs = [place for place in places if place.state == "theirs"]
    others = len(places) - len(ours) - len(theirs)
    said = [f"{len(ours)} of {len(places)} sessions post to wa-tui"]
    if not places:
        said = ["there are no sessions there that could be told: set it up again once there are"]
    elif ours and ours[0].session_id is None:
        said = ["it posts to wa-tui"]
    if theirs:
        named = ", ".join(f"{place.session_id or 'all'} to {place.url}" for place in theirs[:_SHOWN])
        said.append(f"somebody else's address was left as it is: {named}")
    if failed is not None:
        said.append(str(failed))
    elif others:
        said.append(f"{others} do not, though they were told")
    return Ended("verified" if places and len(ours) == len(places) else "failed", "; ".join(said))
