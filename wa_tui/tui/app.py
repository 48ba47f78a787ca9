"""The monitor: an app that shows a daemon's fleet and passes on what a person asks for.

It gives screens a `Monitor` to read, and does what they post (`intents`) through what it holds.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from textual import events
from textual.filter import LineFilter

from wa_tui.client import DaemonClock
from wa_tui.config import Ui
from wa_tui.keys.table import Context, Keymap, named
from wa_tui.system import garbage
from wa_tui.tui import appearance, intents
from wa_tui.tui.action_dispatch import ActionDispatch
from wa_tui.tui.bindings import bindings
from wa_tui.tui.command_dispatch import CommandDispatch
from wa_tui.tui.feed import Connect, Daemon
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.form_dispatch import FormDispatch
from wa_tui.tui.keyboard import Keyboard
from wa_tui.tui.live_feed import LiveFeed
from wa_tui.tui.monitor import Held, Monitor
from wa_tui.tui.navigation import Navigation
from wa_tui.tui.notices import Notices
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.remembered import Resume
from wa_tui.tui.requests import Requests
from wa_tui.tui.resuming import Resuming
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.views import NamedView
from wa_tui.wire import utc_now

_UI = Ui()
_ANEW = Resume()
_FOR_SCREENS = (events.InputEvent, events.Paste, events.Resize, events.AppBlur, events.AppFocus)


class WaTuiApp(FrugalApp[None], inherit_bindings=False):
    """The monitor; paints its first frame before it connects to anything.

    ``connect`` finds or starts the daemon, ``clock`` gives the current instant until the daemon does; data reaches
    the screen every ``interval_s`` seconds at most, else as ``ui`` says; it begins as ``resume`` says. The rest is as
    in `Monitor`.
    """

    CSS = appearance.CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = bindings(Context.EVERYWHERE)
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-low"), (30, "-tall")]  # noqa: RUF012  # Textual declares it otherwise

    def __init__(
        self,
        connect: Connect,
        *,
        read_only: bool = False,
        title: str = "",
        where: str = "the daemon",
        clock: Callable[[], datetime] = utc_now,
        pictures: Path | None = None,
        interval_s: float | None = None,
        ui: Ui = _UI,
        keymap: Keymap | None = None,
        views: Sequence[NamedView] = (),
        resume: Resume = _ANEW,
        **options: Any,
    ) -> None:
        # With its own colours Textual would turn everything into greys; NO_COLOR means none at all.
        super().__init__(ansi_color=("NO_COLOR" in os.environ) or None, **options)
        self.appearance = appearance.Appearance(self, ui)
        self.monitor = Monitor(
            DaemonClock(clock),
            ui=ui,
            ascii=self.appearance.ascii,
            read_only=read_only,
            title=title,
            where=where,
            pictures=pictures,
            keymap=keymap,
            views=views,
        )
        self.requests = Requests()
        self.notices = Notices(self, self.monitor, self.appearance.spelled)
        self.navigation = Navigation(self, self.monitor, self.notices.say)
        self.resuming = Resuming(
            self,
            self.monitor,
            navigation=self.navigation,
            notices=self.notices,
            appearance=self.appearance,
            resume=resume,
        )
        self.feed = LiveFeed(
            self,
            self.monitor,
            connect,
            requests=self.requests,
            notices=self.notices,
            entitle=self.appearance.entitle,
            begun=self.resuming.begin,
            interval_s=ui.interval if interval_s is None else interval_s,
        )
        self.actions = ActionDispatch(
            self,
            self.monitor,
            requests=self.requests,
            say=self.notices.say,
            go=self.navigation.go,
            changed=self.feed.touch,
        )
        self.forms = FormDispatch(
            self, self.monitor, actions=self.actions, say=self.notices.say, go=self.navigation.go
        )
        self.commands = CommandDispatch(self, self.monitor)
        self._handlers: intents.Handlers = {
            **self.actions.handlers,
            **self.forms.handlers,
            **self.commands.handlers,
            **self.navigation.handlers,
            intents.Notify: lambda intent: self.notices.say(intent.notice),
            intents.Connect: lambda _: self.feed.start(),
            intents.Copy: self._copy,
            intents.ChooseTheme: self._choose_theme,
        }
        self._keyboard = Keyboard(self, super().on_event)

    @property
    def state(self) -> FleetState:
        """The fleet as it is shown."""
        return self.monitor.state

    @property
    def daemon(self) -> Daemon | None:
        """The daemon, once it was found."""
        return self.monitor.daemon

    @property
    def notice(self) -> Notice | None:
        """What is said."""
        return self.notices.notice

    def get_default_screen(self) -> MainScreen:
        """The fleet."""
        return MainScreen(self.monitor, order=self.resuming.order)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line passes on its way to the terminal."""
        return (*super().get_line_filters(), *self.appearance.line_filters)

    async def on_event(self, event: events.Event) -> None:
        """Hand keys on one at a time, everything else as it comes; while the app closes no screen is there for it."""
        if isinstance(event, _FOR_SCREENS) and self.is_leaving:
            return
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._keyboard.pass_on(event)
        else:
            await super().on_event(event)

    def on_mount(self) -> None:
        """Connect once the first frame is out."""
        self.set_keymap({id: named(keys) for id, keys in self.monitor.keymap.items()})
        self.call_after_refresh(self.feed.start)
        self.call_after_refresh(garbage.freeze)
        self.run_worker(self.appearance.name_window(), group="window")
        self.feed.paint_every_minute()

    async def on_unmount(self) -> None:
        """Let go of the daemon."""
        await self.feed.stop()

    def exit(self, *arguments: Any, **options: Any) -> None:
        """Leave, and note what was shown."""
        if not self.is_leaving:
            self.resuming.leave()
        super().exit(*arguments, **options)

    def drained(self) -> None:
        """The terminal has taken what was sent: paint what came in meanwhile."""
        self.feed.resume()

    # What screens and commands post

    async def on_intent(self, intent: intents.Intent) -> None:
        """Have it done by whichever part of the app does such things."""
        done = self._handlers[type(intent)](intent)
        if inspect.isawaitable(done):
            await done

    def _copy(self, intent: intents.Copy) -> None:
        """Put a text on the clipboard of the terminal."""
        # Imported with the first copy, as is what it needs: the first frame does without it.
        from wa_tui.tui.export import copied

        self.notices.say(copied(intent.text, intent.what, self.copy_to_clipboard))

    def copy_to_clipboard(self, text: str) -> None:
        """Put a text on the clipboard of the terminal, through tmux and screen too. Raises TooLong."""
        from wa_tui.tui.export import osc52

        sequence = osc52(text)
        self.keep_copied(text)
        self.write(sequence)

    def _choose_theme(self, intent: intents.ChooseTheme) -> None:
        """Show another theme."""
        notice = self.appearance.choose_theme(intent.name)
        if notice is not None:
            self.notices.say(notice)

    # What keys do wherever one is

    def action_close_screen(self) -> None:
        """Close the screen on top."""
        self.navigation.go_up()

    def action_go_up(self) -> None:
        """Take one layer off."""
        self.navigation.go_up()

    def action_go_back(self) -> None:
        """Go to the view before."""
        self.navigation.back()

    def action_go_forward(self) -> None:
        """Go to the view after, once gone back."""
        self.navigation.forward()

    def action_go_last(self) -> None:
        """Change between the last two views."""
        self.navigation.last()

    def action_help(self) -> None:
        """Show the keys; again goes back."""
        self.navigation.help()

    async def action_command(self) -> None:
        """Type a command."""
        await self.commands.type(intents.TypeCommand(""))

    def action_palette(self) -> None:
        """Choose a command from Textual's palette."""
        self.commands.choose()

    def action_iso_times(self) -> None:
        """Show instants in ISO 8601, or short again."""
        self.monitor.iso_times = not self.monitor.iso_times
        self.feed.paint()

    def action_suspend_process(self) -> None:
        """Stop, and go back to the shell, where there is one."""
        suspension = self.suspension
        if suspension is not None and suspension.is_possible:
            suspension.suspend()
        else:
            self.notices.hint("there is no shell to go back to: the monitor was not started from one")

    def action_pause(self) -> None:
        """Hold the screen while data comes in, or let it on."""
        monitor = self.monitor
        held, monitor.held = monitor.held, None
        if held is None:
            monitor.held = Held(monitor.state)
            self.notices.hint("the screen is held while data comes in; the same key, or :pause, lets it on")
            self.feed.paint()
        else:
            monitor.state = held.live
            self.feed.paint(held.changed)

    async def action_quit(self) -> None:
        """Leave; without a daemon that is a failure."""
        from wa_tui.tui.screens.stopped import StoppedScreen

        self.exit(return_code=1 if isinstance(self.screen, StoppedScreen) else 0)
