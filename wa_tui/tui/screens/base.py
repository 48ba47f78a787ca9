"""What every screen of the monitor has in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from wa_tui.client import DaemonError
from wa_tui.keys.table import Context, KeyNames, bar
from wa_tui.tui.bindings import bindings, contexts_of
from wa_tui.tui.feed import Daemon
from wa_tui.tui.intents import Notify
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Level, Notice
from wa_tui.tui.session_actions import Aim, Targets
from wa_tui.tui.views import Place, view_of
from wa_tui.tui.widgets.footer import KeyBar, NoticeLine
from wa_tui.tui.widgets.rows import Rows
from wa_tui.tui.widgets.seen import Outside, outside_words
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import SessionKey

T = TypeVar("T")


class Posting(MessagePump):
    """What screens and dialogs have in common: what a person asks for they post to the app."""

    def post(self, message: Message) -> None:
        """Have the app do something. It goes straight there: a screen that is being closed passes nothing on."""
        self.app.post_message(message)

    def say(self, text: str, level: Level = "quiet") -> None:
        """Have something said on every open screen."""
        self.post(Notify(Notice(text, level)))


class FleetScreen(Screen[T], Posting):
    """A screen that shows something of the fleet; ``place`` is where it is, ``None`` for one that is no view."""

    BINDINGS = bindings(Context.VIEW)
    DEFAULT_CSS = """
    FleetScreen { layers: base command; }
    FleetScreen #command { layer: command; dock: bottom; height: auto; width: 100%; }
    """

    TROUBLED: ClassVar[str] = "in trouble"
    """What it calls rows that are in trouble."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Textual's own paints the whole screen whenever the focus moves; the widgets show it themselves."""

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__()
        self.monitor = monitor
        self.place = place
        self._contexts: tuple[Context, ...] = ()
        self._bars: dict[frozenset[str], list[tuple[str, str]]] = {}
        """The key bar's keys by what is refused: asked for at every frame and move of the cursor."""
        self._offered: list[tuple[str, str]] = []

    def on_mount(self) -> None:
        """Make room for the command line; put on the screen itself, it would have it painted as a whole."""
        self.mount(Container(id="command"))

    @property
    def is_current(self) -> bool:
        """Whether any of it can be seen; to Textual the screen below always is, and has the one above painted anew."""
        stack = self.app.screen_stack
        above = stack[stack.index(self) + 1 :] if self in stack else stack
        return all(isinstance(screen, ModalScreen) for screen in above)

    @property
    def breadcrumb(self) -> str:
        """What the breadcrumbs call it: the view's title, unless it is about one session or gateway."""
        place = self.place
        if place is None:
            return ""
        if place.key is not None:
            name = self.monitor.state.label(place.key)
            return name if place.view == "details" else f"{view_of(place).title} {name}"
        return place.gateway if place.gateway is not None else view_of(place).title

    @property
    def breadcrumbs(self) -> list[str]:
        """The breadcrumbs before its own: where the layers below it are, the sessions first."""
        open_views = [screen for screen in self.app.screen_stack if isinstance(screen, FleetScreen)]
        before = [screen.breadcrumb for screen in open_views if screen.place is not None]
        return before[: before.index(self.breadcrumb)] if self.breadcrumb in before else before

    def show_keys(self, *contexts: Context) -> None:
        """Fill the key bar with the keys of these contexts, as they are mapped."""
        self._contexts = contexts
        self._bars.clear()
        self.offer_keys()

    @property
    def contexts(self) -> list[Context]:
        """Where its own keys work, those of the key bar first, then those of what has the focus."""
        classes = [*type(self).__mro__, *(type(self.focused).__mro__ if self.focused else ())]
        found = [
            *self._contexts,
            *contexts_of(one for owner in classes for one in vars(owner).get("BINDINGS", ())),
        ]
        return [one for one in dict.fromkeys(found) if one not in (Context.VIEW, Context.EVERYWHERE)]

    def aim(self) -> Aim:
        """Return what a key pressed now is about, as it was seen."""
        key = self.place.key if self.place is not None else None
        return Aim(key, targets=Targets(() if key is None else (key,)))

    @property
    def gateway_at_hand(self) -> str | None:
        """The gateway that a key pressed now would change something on; ``None`` where it is about none."""
        return self.place.key[0] if self.place is not None and self.place.key is not None else None

    @property
    def key_names(self) -> KeyNames:
        """What to press for each key's id, as it is mapped; ids that are refused here are missing."""
        return self.monitor.key_names(self.gateway_at_hand)

    def hint(self, text: str, id: str, detail: str) -> str:
        """Return what is told and, unless that is refused here, which key does something about it."""
        return f"{text} · {self.key_names[id]} {detail}" if id in self.key_names else text

    def offer_keys(self) -> None:
        """Fill the key bar with what is not refused, if that is something else than before."""
        if not self._contexts:
            return
        monitor = self.monitor
        refused = monitor.offered_keys_without(self.gateway_at_hand)
        if refused not in self._bars:
            self._bars[refused] = bar(*self._contexts, keymap=monitor.keymap, refused=refused)
        keys = self.offered(self._bars[refused])
        if keys != self._offered:
            self._offered = keys
            self.query_one(KeyBar).show(keys)

    def offered(self, keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return those of the key bar's keys that can be of use now."""
        return keys

    def show_outside(self, found: Outside) -> None:
        """Say in the title how much in trouble is out of sight, and which key goes there."""
        for title in self.query(TitleLine).results():
            title.alert(*outside_words(found, self.monitor.key_names(), self.TROUBLED))
            break

    def hold(self, text: str) -> None:
        """Say that the screen is held, or that it is no longer."""
        for keys in self.query(KeyBar):
            keys.hold(text)

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Data came in, or a minute began: bring what is shown up to date."""

    def arrive(self, place: Place) -> None:
        """Be at another place of the same view; only the sessions, which are never closed, are asked to."""
        self.place = place

    def go_up(self) -> bool:
        """Take off one layer of its own (a filter, marks) and tell whether there was one; else it is closed."""
        return False


class ViewScreen(FleetScreen[None]):
    """Title, body, notice, keys; ``CONTEXTS`` have the keys of its own."""

    CONTEXTS: ClassVar[tuple[Context, ...]] = ()

    def body(self) -> Iterable[Widget]:
        """Return what is between the title and the notice."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Title, body, notice, keys."""
        yield TitleLine(rule=True)
        for widget in self.body():
            if isinstance(widget, Rows):
                widget.on_outside = self.show_outside
            yield widget
        yield NoticeLine(self.monitor.called)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known."""
        self.show_keys(Context.VIEW, *self.CONTEXTS, Context.EVERYWHERE)
        self.show_fleet(set())

    def entitle(self, name: str, said: str) -> None:
        """Say in the title what is shown, behind where it lies."""
        self.query_one(TitleLine).show(name, said, breadcrumbs=self.breadcrumbs)


class Reading:
    """Reads from the daemon for a screen, once at a time; says what goes wrong, and calls ``done`` at the end."""

    def __init__(self, screen: FleetScreen[None], what: str, done: Callable[[], None], *, group: str) -> None:
        self._screen = screen
        self._what = what
        self._done = done
        self._group = group
        self.is_under_way = False

    def begin(self, read: Callable[[Daemon], Awaitable[object]]) -> None:
        """Read beside what the screen does; while that goes on, nothing else is read."""
        if not self.is_under_way:
            # Now, not when the worker begins: until then the screen could ask once more.
            self.is_under_way = True
            self._screen.run_worker(self._run(read), group=self._group)

    async def now(self, read: Callable[[Daemon], Awaitable[object]]) -> None:
        """Read, and return after that."""
        daemon = self._screen.monitor.daemon
        if daemon is None:
            return
        try:
            await read(daemon)
        except DaemonError as error:
            self._screen.say(f"{self._what} could not be read: {error}", "warn")

    async def _run(self, read: Callable[[Daemon], Awaitable[object]]) -> None:
        try:
            await self.now(read)
        finally:
            self.is_under_way = False
            self._done()
