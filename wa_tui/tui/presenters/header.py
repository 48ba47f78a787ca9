"""The header: the installation, its gateways and the fleet in numbers; and the title of the window."""

from __future__ import annotations

from datetime import datetime

from wa_tui.text.ages import since
from wa_tui.text.attention import gateway_word
from wa_tui.text.cells import cut
from wa_tui.text.cleaning import clean
from wa_tui.text.counts import many
from wa_tui.text.quiet import PAUSED, paused_words, quiet_words, stays_paused
from wa_tui.tui.fleet.assessment import Counts
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.fleet.traffic import FleetTraffic
from wa_tui.tui.presenters.fleet_counts import bar, counts_line, line_with_messages
from wa_tui.tui.presenters.times import at, clock
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import gateway_standing
from wa_tui.tui.style.pieces import Piece, Pieces, padded, shortened, spread, width_of
from wa_tui.wire import AttentionCode, Condition, GatewayView, daemon_needs, is_quiet

GATEWAY = "gateway:"
"""Where a click on a gateway leads: to its sessions."""
_NARROW = 60
_SPACE = Piece("   ")


def watched(state: FleetState, title: str) -> str:
    """Return the program and what is watched, as the daemon calls it, else as ``title`` does."""
    name = state.daemon.title if state.daemon and state.daemon.title else title
    return f"wa-tui {name}".rstrip()


def window_title(state: FleetState, title: str, now: datetime) -> str:
    """Return how it stands: who needs a person, or that nobody can know."""
    name = watched(state, title)
    if not state.connected and state.lost_at is not None:
        return f"{name} · {_loss(state)}"
    number = state.counts(now).needs_person
    return f"{name} · {many(number, 'needs', 'need')} you" if number else name


def header_lines(
    state: FleetState | None,
    now: datetime | None,
    title: str,
    width: int,
    *,
    read_only: bool = False,
    traffic: FleetTraffic | None = None,
) -> list[Pieces]:
    """Return the header's three lines, each shed from its least important end; before the fleet is known, who we are.

    ``now`` is what ages are counted to, ``read_only`` whether all actions are refused, ``traffic`` sums the messages
    where they are to be shown.
    """
    if state is None or now is None:
        return [padded(shortened(_who(state, title, width, read_only), width), width), (), ()]
    counts = state.counts(now)
    third = counts_line(counts, width)
    if traffic is not None:
        third = line_with_messages(counts, traffic.of(state.sessions, now), width) or third
    who = _who(state, title, width, read_only)
    return [_first(who, state, counts, now, width), bar(counts, width), third]


def _who(state: FleetState | None, title: str, width: int, read_only: bool) -> Pieces:
    daemon = state.daemon if state else None
    title = clean(daemon.title if daemon and daemon.title else title)
    pieces = [Piece(" "), Piece("wa-tui", Ink.GREEN, bold=True)]
    if read_only:
        pieces.append(Piece(" read-only", Ink.AMBER))
    if title and not (read_only and width < _NARROW):
        pieces += [_SPACE, Piece(cut(title, 20), Ink.BRIGHT, bold=True)]
    return tuple(pieces)


def _first(name: Pieces, state: FleetState, counts: Counts, now: datetime, width: int) -> Pieces:
    notice = _notice(state, now)
    room = width - width_of(name) - 1
    if notice and room - width_of(notice) - 2 < 12 * min(len(state.gateways), 3):
        notice = shortened(notice, max(room // 2, 1))
    gateways = _gateways(state, counts, now, room - width_of(notice) - (2 if notice else 0))
    left = (*name, *gateways)
    time = Piece(f" {clock(now)} ", Ink.QUIET)
    if width_of((*left, *notice, time)) + len(_SPACE.text) <= width:
        notice = (*notice, time)
    return spread(left, notice, width)


def _notice(state: FleetState, now: datetime) -> Pieces:
    """What the operator must know before anything else: a lost daemon, then what the daemon says of itself."""
    if not state.connected and state.lost_at is not None:
        since = at(state.lost_at, now)
        return (Piece(f"✖ {_loss(state)} since {since} ", Ink.RED, bold=True),)
    needs = daemon_needs(state.daemon)
    notices = [each.text for each in needs] + (state.daemon.notices if state.daemon else [])
    if not notices:
        return ()
    more = f" (+{len(notices) - 1})" if len(notices) > 1 else ""
    text = clean(notices[0]) + more + " "
    return (Piece(f"✖ {text}", Ink.RED, bold=True) if needs else Piece(text, Ink.AMBER),)


def _loss(state: FleetState) -> str:
    return "another version" if state.other_version else "daemon gone"


def _gateways(state: FleetState, counts: Counts, now: datetime, room: int) -> Pieces:
    """Return the gateways, troubled ones first to stay; details go first, then gateways that are well."""
    gateways = list(state.gateways.values())
    for detail in (3, 2, 1, 0):
        shown = [_gateway(gateway, counts, now, detail) for gateway in gateways]
        pieces = tuple(piece for entry in shown for piece in entry)
        if width_of(pieces) <= room:
            return pieces
    well = sum(_is_well(gateway, now) for gateway in gateways)
    ill = sorted(
        (gateway for gateway in gateways if not _is_well(gateway, now)),
        key=lambda gateway: (is_quiet(gateway, now), _is_mending(gateway)),
    )
    entries = [_gateway(gateway, counts, now, 0) for gateway in ill]
    counted = (_SPACE, Piece(f"● {well}", Ink.GREEN))
    word = Piece(" gateway" if well == 1 else " gateways", Ink.QUIET)
    kept = [*counted, word]
    if width_of(kept) + sum(map(width_of, entries)) > room:
        kept = list(counted)
    for number, entry in enumerate(entries):
        last = number == len(entries) - 1
        rest = (Piece(f"   +{len(entries) - number}", Ink.RED),)
        if width_of(kept) + width_of(entry) + (0 if last else width_of(rest)) > room:
            kept += rest
            break
        kept += entry
    return shortened(kept, max(room, 0))


def _is_well(gateway: GatewayView, now: datetime) -> bool:
    return gateway.state == "up" and not gateway.attention and not paused_words(gateway, now)


def _is_mending(gateway: GatewayView) -> bool:
    return gateway.state not in ("down", "unauthorised") and not gateway.attention


def _state(gateway: GatewayView, now: datetime, detail: int) -> str:
    """Return what there is to say of its state besides that healing is paused, empty where it is up."""
    needed = [each for each in gateway.attention if each.code is not AttentionCode.HEALING_PAUSED]
    word = gateway_standing(gateway)[1] if needed or not gateway.attention else gateway_word(gateway)
    if gateway.state == "up" and not needed:
        return ""
    return f" {word} {since(gateway.since, now)}" if detail and not needed else f" {word}"


def _paused(gateway: GatewayView, now: datetime, detail: int) -> Pieces:
    """Return that healing is paused there, where it is."""
    paused = paused_words(gateway, now)
    if not paused:
        return ()
    word = ("", PAUSED, paused)[min(detail, 2)]
    return (Piece(f" ‖ {word}".rstrip(), Ink.AMBER, bold=stays_paused(gateway)),)


def _gateway(gateway: GatewayView, counts: Counts, now: datetime, detail: int) -> Pieces:
    """Return one gateway: its state where it is not well, and webhooks that never came; ``detail`` from 0 to 3."""
    glyph, ink, bold = gateway_standing(gateway)[0]
    paused = _paused(gateway, now, detail)
    quiet = quiet_words(gateway, now)
    if quiet:
        # Its sign still tells the state; the quiet ink tells that it calls nobody.
        ink, bold = Ink.QUIET, False
    there = counts.by_gateway.get(gateway.name, {})
    leads = f"{GATEWAY}{gateway.name}"
    pieces = [_SPACE, Piece(f"{glyph} {cut(gateway.name, 16)}", ink, bold, leads)]
    state = _state(gateway, now, detail)
    if not state and not paused and detail:
        state = f" {sum(there.values())}"
    if quiet:
        state += f" · {quiet}" if detail else f" {quiet.partition(' ')[0]}"
    if not _is_well(gateway, now) and detail > 2 and (claimed := there.get(Condition.CLAIMED)):
        state += f" · {claimed} claimed"
    if detail > 2 and gateway.read_only:
        state += " read-only"
    if state:
        pieces.append(Piece(state, Ink.QUIET, leads=leads))
    pieces += paused
    if detail and (missing := gateway.hour.get("missing")):
        what = f"{'webhook' if missing == 1 else 'webhooks'} missing" if detail > 1 else "missing"
        pieces.append(Piece(f"{' ·' if state else ''} {missing} {what}", Ink.AMBER))
    return tuple(pieces)
