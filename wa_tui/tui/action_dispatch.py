"""Doing something to one session or to many: refuses, asks first, and passes it on to the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from wa_tui.tui.bulk import Bulk
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.pairing import wants_code
from wa_tui.tui.session_actions import ACKNOWLEDGE, RECONNECT, TAKE_BACK, Deed, snooze
from wa_tui.tui.views import RESULTS, Place
from wa_tui.wire import ActionRequest, Condition, SessionView, is_snoozed
from wa_tui.wire.risk import Risk, risk_of

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


_MANY = 5
"""From so many sessions on their number is typed, whatever is done to them."""


class Targets(Struct, frozen=True):
    """The sessions that something is done to, bound at the keypress.

    ``doubt`` says why whoever asked may not know which they are: then it asks first.
    """

    keys: tuple[SessionKey, ...] = ()
    doubt: str = ""


class Acting:
    """What the keys and the commands have in common; sessions are bound when it is asked for."""

    def __init__(self, app: WaTuiApp) -> None:
        self._app = app
        self.bulk: Bulk | None = None
        """The last action on many sessions, and what became of each."""

    def act(self, deed: Deed, targets: Targets) -> None:
        """Do it to these sessions, once confirmed where it asks; what becomes of it is told."""
        known = [key for key in targets.keys if key in self._app.state.sessions]
        if not known:
            self._app.say(Notice(f"{_called(deed)}: no session is under the cursor", "warn"))
        elif len(known) == 1:
            self._act_on_one(deed, known[0], targets.doubt)
        else:
            self._act_on_many(deed, known, targets.doubt)

    def acknowledge(self, targets: Targets) -> None:
        """Take care of these sessions; where somebody does of each already, take that back."""
        sessions = self._sessions(targets)
        taken = bool(sessions) and all(session.acknowledged is not None for session in sessions)
        self.act(TAKE_BACK if taken else ACKNOWLEDGE, targets)

    def are_snoozed(self, targets: Targets) -> bool:
        """Tell whether each of these sessions is snoozed."""
        sessions, now = self._sessions(targets), self._app.state.now
        return bool(sessions) and all(is_snoozed(session, now) for session in sessions)

    def renew_code(self, key: SessionKey) -> None:
        """Ask for a new QR code of a session."""
        app, subject = self._app, self._app.call(key)
        if not app.refuses(f"refresh QR of {subject}", key[0]):
            app.ask(ActionRequest(action="refresh_qr", gateway=key[0], session_id=key[1]), f"of {subject}")

    def start_code(self, key: SessionKey) -> None:
        """Ask for a new QR code of a session that was logged out and has none, where that is not refused."""
        session = self._app.state.sessions.get(key)
        if session is not None and wants_code(session) and "qr.renew" in self._app.key_names(key[0]):
            self.renew_code(key)

    def acknowledge_gateway(self, name: str, doubt: str = "") -> None:
        """Take care of a gateway; where somebody does already, take that back."""
        known = self._app.state.gateways.get(name)
        taken = known is not None and known.acknowledged is not None
        self.quiet_gateway(TAKE_BACK if taken else ACKNOWLEDGE, name, doubt)

    def snooze_gateway(self, name: str, doubt: str = "") -> None:
        """Ask for how long a gateway is to call nobody; where that is so already, end it."""
        known = self._app.state.gateways.get(name)
        if self._app.refuses(f"snooze gateway {name}", name, Risk.OURS):
            return
        if known is not None and is_snoozed(known, self._app.state.now):
            self.quiet_gateway(snooze(0), name, doubt)
            return
        from wa_tui.tui.screens.snooze import GatewaySnoozeScreen

        def decided(minutes: int | None) -> None:
            if minutes is not None:
                self.quiet_gateway(snooze(minutes), name)

        self._app.push_screen(GatewaySnoozeScreen(f"gateway {name}"), decided)

    def quiet_gateway(self, deed: Deed, name: str, doubt: str = "") -> None:
        """Ask for what quiets a gateway, or ends that; ``doubt`` as in `Targets`."""
        app, subject = self._app, f"gateway {name}"
        if not app.refuses(f"{_called(deed)} {subject}", name, risk_of(deed.action)):
            request = deed.at_gateway(name)
            self.surely(doubt, f"{deed.verb} {subject}?", deed.verb, lambda: app.ask(request, subject))

    def _sessions(self, targets: Targets) -> list[SessionView]:
        known = self._app.state.sessions
        return [known[key] for key in targets.keys if key in known]

    def _act_on_one(self, deed: Deed, key: SessionKey, doubt: str) -> None:
        app, subject = self._app, self._app.call(key)
        if app.refuses(f"{_called(deed)} {subject}", key[0], risk_of(deed.action)):
            return
        works = deed is RECONNECT and self._works(key)
        if not deed.asks and not works and not doubt:
            self._ask(deed, key)
            return
        text = "\n".join(filter(None, (doubt, deed.one if deed.asks or works else "")))
        self._confirm(f"{deed.verb} {subject}?", text, deed.verb, lambda: self._ask(deed, key, force=works))

    def _act_on_many(self, deed: Deed, keys: list[SessionKey], doubt: str) -> None:
        app, number = self._app, len(keys)
        if app.refuses(f"{_called(deed)} {number} sessions", risk=risk_of(deed.action)):
            return
        working = [key for key in keys if self._works(key)] if deed is RECONNECT else []
        be = "is" if len(working) == 1 else "are"
        proven = f"{len(working)} of them {be} connected and proven." if working else ""
        self._confirm(
            f"{deed.verb} {number} sessions?",
            "\n".join(filter(None, (doubt, deed.many, proven, self._listed(keys)))),
            f"{deed.verb} {number}",
            lambda: self._ask_for_all(deed, keys, set(working)),
            number if number >= _MANY else None,
        )

    def _works(self, key: SessionKey) -> bool:
        state = self._app.state
        return key in state.sessions and state.condition(key, state.now) is Condition.CONNECTED

    def _listed(self, keys: list[SessionKey]) -> str:
        """Who they are: the first few by name, and where the rest is."""
        names = [self._app.call(key) for key in keys[:5]]
        rest = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        return f"{', '.join(names)}{rest}"

    def _ask(self, deed: Deed, key: SessionKey, *, force: bool = False) -> None:
        # The connection may have gone while the dialog was open.
        subject = self._app.call(key)
        if not self._app.refuses(f"{_called(deed)} {subject}", key[0], risk_of(deed.action)):
            self._app.ask(deed.request(key, force=force), subject)

    def _ask_for_all(self, deed: Deed, keys: list[SessionKey], forced: set[SessionKey]) -> None:
        app = self._app
        what = f"{_called(deed)} {len(keys)} sessions"
        if app.daemon is None or app.refuses(what, risk=risk_of(deed.action)):
            return
        requests = {key: deed.request(key, force=key in forced) for key in keys}
        self.bulk = bulk = Bulk(deed.verb, {key: app.call(key) for key in keys}, requests, app.touch)
        app.run_worker(bulk.run(app.daemon, app.requests, app.say), group="requests")
        app.navigation.go(Place(RESULTS))

    def surely(self, doubt: str, question: str, verb: str, act: Callable[[], None]) -> None:
        """Do something, once confirmed where there is a doubt that it was meant."""
        if doubt:
            self._confirm(question, doubt, verb, act)
        else:
            act()

    def _confirm(
        self, question: str, consequence: str, verb: str, act: Callable[[], None], number: int | None = None
    ) -> None:
        from wa_tui.tui.screens.confirm import ConfirmScreen

        def decided(yes: bool | None) -> None:
            if yes:
                act()

        self._app.push_screen(ConfirmScreen(question, consequence, verb, number), decided)


def _called(deed: Deed) -> str:
    return deed.verb.lower()
