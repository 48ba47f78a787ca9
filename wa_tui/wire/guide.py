"""What each need is and what to do about it, whatever its cause: of a need that says no more, and of docs/."""

from __future__ import annotations

from typing import NamedTuple

from .attention import AttentionCode


class Guidance(NamedTuple):
    """What a code means, and what a person does about it where nobody knows its cause."""

    meaning: str
    todo: str


GUIDE: dict[AttentionCode, Guidance] = {
    AttentionCode.STORE_FAILED: Guidance(
        "the daemon cannot store: webhooks are answered 503 until it can",
        "free or mend the disk of its state directory",
    ),
    AttentionCode.NOT_LISTENING: Guidance(
        "its address is taken: the daemon does nothing until that is free",
        "end the program it names, or give the daemon another port",
    ),
    AttentionCode.GATEWAY_DOWN: Guidance(
        "it does not answer", "start its service on the machine that is named"
    ),
    AttentionCode.KEY_REFUSED: Guidance("it does not take our key", "set its api_key to its service's key"),
    AttentionCode.PROXY_REFUSES: Guidance(
        "a proxy before it does not let us through",
        "have that proxy let wa-tui through, or set basic_user or headers of the gateway",
    ),
    AttentionCode.GATEWAY_RESTARTS: Guidance(
        "it restarts again and again", "see the end of its service's log, and dmesg on its machine"
    ),
    AttentionCode.WEBHOOKS_REFUSED: Guidance(
        "its webhooks come in and are refused", "change the setting that is named, there or here"
    ),
    AttentionCode.GATEWAY_SILENT: Guidance(
        "no message of any of its sessions is heard of, for longer than is usual for all of them",
        "see whether its webhooks about messages come in: wa-tui gateways setup NAME",
    ),
    AttentionCode.HOOK_FAILED: Guidance(
        "the program that is to call somebody fails", "run it by hand, and see the daemon's log"
    ),
    AttentionCode.JOB_STOPPED: Guidance("a periodic job does not run", "restart the daemon, and see its log"),
    AttentionCode.JOB_FAILING: Guidance("a periodic job fails each time", "see the daemon's log"),
    AttentionCode.CANARY_FAILED: Guidance(
        "a message between two sessions of yours does not come through",
        "reconnect the session of the half that is named; where that helps not, send one by hand",
    ),
    AttentionCode.HEALING_PAUSED: Guidance(
        "no session starts on a gateway, and healing waits",
        "mend what its starts fail of; one reconnect that works has healing go on",
    ),
    AttentionCode.BANNED: Guidance(
        "WhatsApp has banned the number",
        "call its owner: WhatsApp on the phone offers a review; healing does not try again",
    ),
    AttentionCode.CONFLICT: Guidance(
        "something else opened the account", "close WhatsApp Web where else it is open, then reconnect"
    ),
    AttentionCode.PASSKEY: Guidance(
        "WhatsApp asks for a passkey, and shows no code meanwhile",
        "give it in the gateway's dashboard and confirm it on the phone; it then goes on by itself",
    ),
    AttentionCode.GHOST: Guidance(
        "it says connected, and WhatsApp's server denies it",
        "reconnect it; where that helps not, see WhatsApp on its phone, then log it out and link it anew",
    ),
    AttentionCode.PROFILE_IN_USE: Guidance(
        "a browser that nobody drives holds its profile", "end the process that is named, on that machine"
    ),
    AttentionCode.BROWSER_UNABLE: Guidance(
        "no browser starts on its machine", "mend what is named there: memory, disk, a library, the sandbox"
    ),
    AttentionCode.SCAN_QR: Guidance(
        "only its phone brings it back", "call its owner: `o` shows the code, or starts a new one"
    ),
    AttentionCode.EXHAUSTED: Guidance(
        "healing has used up its attempts of the hour",
        "see its service's log, then reconnect; healing tries again later",
    ),
    AttentionCode.FLAPPING: Guidance(
        "it drops again and again",
        "see whether its phone is online, and memory and network of its machine; healing goes on, slowly",
    ),
    AttentionCode.SILENT: Guidance(
        "no message goes through it for far longer than is usual",
        "see on its phone whether messages come in; where they do, reconnect it",
    ),
    AttentionCode.DOWN: Guidance("it is down and healing does not look after it", "reconnect it"),
    AttentionCode.UNWANTED: Guidance("it is connected and should be offline", "disconnect it"),
    AttentionCode.ORPHAN: Guidance("it was deleted and still runs", "disconnect it, or adopt it"),
    AttentionCode.STORE_DAMAGED: Guidance(
        "something stored could not be read and was left out",
        "look at the disk; the daemon's log names each row",
    ),
    AttentionCode.STORE_HELD: Guidance(
        "a program reads the database and does not end", "end that program, or its transaction"
    ),
    AttentionCode.CONTRADICTION: Guidance(
        "two sources say different things; it calls nobody", "nothing: a check follows; `s` checks now"
    ),
    AttentionCode.NOTICE: Guidance("something the daemon has to say; it calls nobody", "read it"),
    AttentionCode.OTHER: Guidance("a newer daemon says something", "read it, or update wa-tui"),
}
