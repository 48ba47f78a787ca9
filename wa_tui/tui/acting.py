"""Doing something to one session or to many: refuses, asks first, and passes it on to the daemon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wa_tui.tui.bulk import Bulk
from wa_tui.tui.deeds import ACKNOWLEDGE, RECONNECT, TAKE_BACK, Deed
from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.requests import Notice
from wa_tui.tui.views import RESULTS, Place
from wa_tui.wire import Condition

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


class Acting:
    """What the keys and the commands have in common; sessions are bound when it is asked for."""

    def __init__(self, app: WaTuiApp) -> None:
        self._app = app
        self.bulk: Bulk | None = None
        """The last action on many sessions, and what became of each."""

    def act(self, deed: Deed, keys: Sequence[Key]) -> None:
        """Do it to these sessions, once confirmed where it asks; what becomes of it is told."""
        known = [key for key in keys if key in self._app.state.sessions]
        if not known:
            self._app.say(Notice(f"{_called(deed)}: no session is under the cursor", "warn"))
        elif len(known) == 1:
            self._act_on_one(deed, known[0])
        else:
            self._act_on_many(deed, known)

    def acknowledge(self, keys: Sequence[Key]) -> None:
        """Take care of these sessions; where somebody does of each already, take that back."""
        sessions = [self._app.state.sessions[key] for key in keys if key in self._app.state.sessions]
        taken = bool(sessions) and all(session.acknowledged is not None for session in sessions)
        self.act(TAKE_BACK if taken else ACKNOWLEDGE, keys)

    def _act_on_one(self, deed: Deed, key: Key) -> None:
        app, subject = self._app, self._app.call(key)
        if app.refuses(f"{_called(deed)} {subject}", key[0]):
            return
        works = deed is RECONNECT and self._works(key)
        if not deed.asks and not works:
            self._ask(deed, key)
            return
        self._confirm(
            f"{deed.verb} {subject}?", deed.one, deed.verb, lambda: self._ask(deed, key, force=works)
        )

    def _act_on_many(self, deed: Deed, keys: list[Key]) -> None:
        app, number = self._app, len(keys)
        if app.refuses(f"{_called(deed)} {number} sessions"):
            return
        working = [key for key in keys if self._works(key)] if deed is RECONNECT else []
        text = deed.many
        if working:
            text += f"\n{len(working)} of them {'is' if len(working) == 1 else 'are'} connected and proven."
        listed = f"{text}\n{self._listed(keys)}".strip()
        self._confirm(
            f"{deed.verb} {number} sessions?",
            listed,
            f"{deed.verb} {number}",
            lambda: self._ask_for_all(deed, keys, set(working)),
            number if deed.counts else None,
        )

    def _works(self, key: Key) -> bool:
        state = self._app.state
        return key in state.sessions and state.condition(key, state.now) is Condition.CONNECTED

    def _listed(self, keys: list[Key]) -> str:
        """Who they are: the first few by name, and where the rest is."""
        names = [self._app.call(key) for key in keys[:5]]
        rest = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        return f"{', '.join(names)}{rest}"

    def _ask(self, deed: Deed, key: Key, *, force: bool = False) -> None:
        # The connection may have gone while the dialog was open.
        subject = self._app.call(key)
        if not self._app.refuses(f"{_called(deed)} {subject}", key[0]):
            self._app.ask(deed.request(key, force=force), subject)

    def _ask_for_all(self, deed: Deed, keys: list[Key], forced: set[Key]) -> None:
        app = self._app
        if app.daemon is None or app.refuses(f"{_called(deed)} {len(keys)} sessions"):
            return
        requests = {key: deed.request(key, force=key in forced) for key in keys}
        self.bulk = bulk = Bulk(deed.verb, {key: app.call(key) for key in keys}, requests, app.touch)
        app.run_worker(bulk.run(app.daemon, app.requests, app.say), group="requests")
        app.navigation.go(Place(RESULTS))

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
