"""The gateways, and one of them."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Acknowledge, Ask, Copy, Go, Snooze
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.gateway_facts import gateway_facts
from wa_tui.tui.presenters.gateways import COLUMNS, COLUMNS_WITH_KIND, gateway_cell
from wa_tui.tui.screens.base import FleetScreen, ViewScreen
from wa_tui.tui.session_actions import Aim
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import columns
from wa_tui.tui.views import SESSIONS, Place
from wa_tui.tui.widgets.sheet import ScrolledSheet
from wa_tui.tui.widgets.table import Table
from wa_tui.wire import ActionRequest, GatewayView, SessionKey, kinds_of, quieted

_TROUBLE = ("down", "unauthorised", "slow", "restarting", "returned")


class _GatewayScreen(ViewScreen):
    """A screen with a gateway under the cursor."""

    BINDINGS = bindings(Context.GATEWAYS)
    CONTEXTS = (Context.GATEWAYS,)

    def action_sync(self) -> None:
        """Check all of its sessions now."""
        if name := self._named("sync"):
            self.post(Ask(ActionRequest(action="sync", gateway=name), f"of {name}", f"sync {name}"))

    def action_sessions(self) -> None:
        """Show its sessions."""
        if name := self._named("sessions"):
            self.post(Go(Place(SESSIONS, gateway=name)))

    def action_log(self) -> None:
        """Show its log."""
        if name := self._named("log"):
            self.post(Go(Place("log", gateway=name)))

    def action_acknowledge(self) -> None:
        """Take care of it, or take that back."""
        if self._named("acknowledge"):
            self.post(Acknowledge(self.aim()))

    def action_snooze(self) -> None:
        """Ask for how long it is to call nobody, or end that."""
        if self._named("snooze"):
            self.post(Snooze(self.aim()))

    def action_copy(self) -> None:
        """Copy its URL."""
        known = self.monitor.state.gateways.get(self.aim().gateway or "")
        self.post(Copy(known.url if known is not None else "", "URL"))

    def _named(self, what: str) -> str | None:
        name = self.aim().gateway
        if name is None:
            self.say(f"{what}: no gateway is under the cursor", "warn")
        return name


class GatewaysScreen(_GatewayScreen):
    """Every gateway in the order of the configuration, which is that of the keys 1 to 9."""

    AUTO_FOCUS = "Table"

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("gateways"))
        self._table: Table[str, GatewayView] = Table(COLUMNS, self._cell)

    def body(self) -> Iterable[Widget]:
        """Return the gateways."""
        return (self._table,)

    def aim(self) -> Aim:
        """Return the gateway under the cursor, as it was seen."""
        return Aim(gateway=self._table.aimed_at, doubt=self._table.doubt)

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring the rows up to date."""
        gateways = self.monitor.state.gateways
        quiet = quieted(gateways.values(), self.monitor.state.now)
        ill = {
            name
            for name, one in gateways.items()
            if one not in quiet and (one.state in _TROUBLE or one.attention)
        }
        several = len(kinds_of(gateways.values())) > 1
        self._table.set_columns(COLUMNS_WITH_KIND if several else COLUMNS)
        self._table.show(gateways, ill)
        self._table.say("no gateways are known yet")
        said = f"· {len(gateways)}" + (f" · {len(ill)} in trouble" if ill else "")
        said += f" · {len(quiet)} quieted" if quiet else ""
        self.entitle("Gateways", said)

    def _cell(self, gateway: GatewayView, title: str, width: int) -> Pieces:
        monitor = self.monitor
        counted = any(column.title == "MISSING" for column, _ in self._table.slots)
        return gateway_cell(gateway, title, width, monitor.state, monitor.ascii, counted=counted)

    def on_table_selected(self) -> None:
        """A double click opens one."""
        self.action_open()

    def action_open(self) -> None:
        """Show one gateway."""
        if name := self._named("open"):
            self.post(Go(Place("gateways", gateway=name)))


class GatewayScreen(_GatewayScreen):
    """Everything that is known of one gateway."""

    AUTO_FOCUS = "ScrolledSheet"
    DEFAULT_CSS = "GatewayScreen ScrolledSheet { padding: 1 2 0 2; }"

    def __init__(self, monitor: Monitor, place: Place) -> None:
        super().__init__(monitor, place)
        self._sheet = ScrolledSheet()

    def body(self) -> Iterable[Widget]:
        """Return the facts."""
        return (self._sheet,)

    def aim(self) -> Aim:
        """Return the gateway that is shown."""
        return Aim(gateway=self._gateway)

    @property
    def _gateway(self) -> str:
        return (self.place.gateway if self.place is not None else None) or ""

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring the facts up to date."""
        monitor = self.monitor
        name = self._gateway
        gateway = monitor.state.gateways.get(name)
        self._sheet.sheet.show(self._lines)
        said = f"· {gateway.url}" if gateway is not None else "· not known"
        self.entitle(name, said)

    def _lines(self, width: int) -> list[Pieces]:
        monitor = self.monitor
        gateway = monitor.state.gateways.get(self._gateway)
        if gateway is None:
            return [(Piece("This daemon has no such gateway."),)]
        facts = gateway_facts(
            gateway, monitor.state, monitor.key_names(), iso_times=monitor.iso_times, ascii=monitor.ascii
        )
        return columns(facts, width, at_least=52)

    def offered(self, keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Leave out what is offered as its sessions already."""
        return [one for one in keys if one[1] != "Open"]

    def action_open(self) -> None:
        """Go on to its sessions."""
        self.action_sessions()


def gateways_screen(monitor: Monitor, place: Place) -> FleetScreen[None]:
    """Return the screen of all gateways, or of the one that the place names."""
    return GatewaysScreen(monitor, place) if place.gateway is None else GatewayScreen(monitor, place)
