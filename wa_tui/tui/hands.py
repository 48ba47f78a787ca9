"""What keys do wherever one is: through the views, commands, the clipboard, a held screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from wa_tui.tui.action_dispatch import Acting
from wa_tui.tui.commands.history import CommandHistory
from wa_tui.tui.fleet.named import NamedView
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.frozen_view import FrozenView
from wa_tui.tui.keys import CHANGING, KEPT_HERE, KeyNames, key_names
from wa_tui.tui.navigation import Navigation
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.views import SESSIONS, Place

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


class Hands(FrugalApp[None], inherit_bindings=False):
    """The app's half that a person steers."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        monitor = cast("WaTuiApp", self)
        self.navigation = Navigation(monitor)
        self.acting = Acting(monitor)
        self.commands = CommandHistory()
        self.held: FrozenView | None = None
        """What came in while the screen is held; ``None`` while it is not."""
        self._key_names: dict[frozenset[str], KeyNames] = {}

    @property
    def _monitor(self) -> WaTuiApp:
        return cast("WaTuiApp", self)

    @property
    def live(self) -> FleetState:
        """The fleet as it is now, also while the screen shows it as it was."""
        return self.held.live if self.held is not None else self._monitor.state

    def refused_keys(self, gateway: str | None = None) -> frozenset[str]:
        """Return the ids of the keys that are refused, of a gateway's sessions or of all, for being read-only."""
        if self._monitor.read_only:
            return CHANGING
        known = self._monitor.state.gateways.get(gateway) if gateway is not None else None
        return CHANGING - KEPT_HERE if known is not None and known.read_only else frozenset()

    def key_names(self, gateway: str | None = None) -> KeyNames:
        """Return what to press for each key's id, as it is mapped; ids that are refused there are missing."""
        return self._names_without(self.refused_keys(gateway))

    def key(self, id: str) -> str:
        """Return what to press for a key's id, as it is mapped."""
        return self._names_without(frozenset())[id]

    def _names_without(self, refused: frozenset[str]) -> KeyNames:
        if refused not in self._key_names:
            self._key_names[refused] = key_names(self._monitor.keymap, refused)
        return self._key_names[refused]

    def hint(self, text: str) -> None:
        """Say something that is no news of the fleet."""
        self._monitor.say(Notice(text, "quiet"))

    def copy(self, text: str, what: str) -> None:
        """Put a text on the clipboard of the terminal, and say so; ``what`` names it."""
        from wa_tui.tui.clipboard import TooLong

        lines = len(text.splitlines())
        if not text:
            self._monitor.say(Notice(f"there is no {what} to copy", "warn"))
            return
        try:
            self.copy_to_clipboard(text)
        except TooLong as error:
            self._monitor.say(Notice(f"not copied: {error}", "bad"))
        else:
            told = f"{what} {text}" if lines == 1 and len(text) < 60 else f"{what}, {lines} lines"
            self._monitor.say(Notice(f"sent to the terminal's clipboard: {told}", "good"))

    def copy_to_clipboard(self, text: str) -> None:
        """Put a text on the clipboard of the terminal, through tmux and screen too. Raises TooLong."""
        from wa_tui.tui.clipboard import osc52

        sequence = osc52(text)
        self.keep_copied(text)
        self.send(sequence)

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
        shown = self.navigation.trail[-1].view == "help"
        self.navigation.go_up() if shown else self.navigation.go(Place("help"))

    async def action_command(self) -> None:
        """Type a command."""
        await self.type_command()

    async def type_command(self, text: str = "") -> None:
        """Open the command line on the screen that is shown, with a text to go on from."""
        from wa_tui.tui.widgets.command_line import CommandLine

        screen: Screen[object] = self.screen
        if isinstance(screen, FleetScreen) and not screen.query(CommandLine):
            await screen.query_one("#command").mount(CommandLine(self._monitor, text))

    def show_view(self, view: NamedView) -> None:
        """Show the sessions as a named view has them."""
        from wa_tui.tui.screens.main import MainScreen

        self.navigation.go(Place(SESSIONS), anew=True)
        root = self.screen_stack[0]
        if isinstance(root, MainScreen):
            self.run_worker(root.show_view(view), group="filter")
            self.hint(f"view {view.name}: {view.description}")

    def show_sessions(self, filter: str) -> None:
        """Show the sessions that a filter admits, on top of what is open; all without one."""
        from wa_tui.tui.screens.main import MainScreen

        self.navigation.go(Place(SESSIONS), anew=True)
        root = self.screen_stack[0]
        if isinstance(root, MainScreen) and filter:
            self.run_worker(root.show_filter(filter), group="filter")

    def action_palette(self) -> None:
        """Choose a command from Textual's palette."""
        from textual.command import CommandPalette

        from wa_tui.tui.commands.palette import palette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(palette())

    def action_iso_times(self) -> None:
        """Show instants in ISO 8601, or short again."""
        self._monitor.iso_times = not self._monitor.iso_times
        self._monitor.paint()

    def action_suspend_process(self) -> None:
        """Stop, and go back to the shell, where there is one."""
        if self.suspension is not None and self.suspension.is_possible:
            self.suspension.suspend()
        else:
            self.hint("there is no shell to go back to: the monitor was not started from one")

    def action_pause(self) -> None:
        """Hold the screen while data comes in, or let it on."""
        held, self.held = self.held, None
        if held is None:
            self.held = FrozenView(self._monitor.state)
            self.hint("the screen is held while data comes in; the same key, or :pause, lets it on")
            self._monitor.paint()
        else:
            self._monitor.state = held.live
            self._monitor.paint(held.changed)
