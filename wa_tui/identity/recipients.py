"""Whom a message goes to: parsed, never stripped. `node_service/src/recipients.js` keeps the same rule.

``tests/data/recipients.json`` holds what both must say, word by word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202d\u2060-\u2064\u2066-\u2069\ufeff]")
"""Bidi marks, zero-width characters and soft hyphens, which are copied along and stand for nothing.

Not the one that shows digits in another order than they have.
"""

_SPACES = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BETWEEN = f"{_SPACES}\u2010-\u2015\u2212\ufe58\ufe63\uff0d./()\\-"
"""What people put between the digits of a phone number: spaces of any kind, dashes, dots, slashes, brackets."""

_AROUND = re.compile(f"^[{_SPACES}\r\n]+|[{_SPACES}\r\n]+$")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202e]")

_PHONE = re.compile(f"[(]?[{_SPACES}]*[+]?[0-9{_BETWEEN}]*[0-9][{_BETWEEN}]*")
_BRACKETS = re.compile(r"[^()]*(?:[(][^()]*[)][^()]*)*")
_ZERO_IN_BRACKETS = re.compile(f"(?<=[0-9{_BETWEEN}])[(][{_SPACES}]*0[^()]*[)]")
_BARE_GROUP = re.compile(r"[1-9][0-9]{15,19}")
_OLD_GROUP = re.compile(r"[1-9][0-9]{6,14}-1[0-9]{9}")
"""The number of who made a group, and the second of its making."""

_SERVERS = {
    "c.us": re.compile(r"([0-9]+)(?::[0-9]{1,5})?"),
    "s.whatsapp.net": re.compile(r"([0-9]+)(?::[0-9]{1,5})?"),
    "g.us": re.compile(r"([0-9]{1,20}(?:-[0-9]{1,20})?)"),
    "lid": re.compile(r"([0-9]{1,20}(?::[0-9]{1,5})?)"),
    "newsletter": re.compile(r"([0-9]{1,20})"),
}
"""What may stand before the ``@`` of each kind of WhatsApp id; ``:12`` names a device of a phone's account."""

_LEAST, _MOST = 7, 15
_SHOWN = 40
"""Characters of a refused text that are said again."""


class Kind(StrEnum):
    """What a recipient is; the value is its server, where WhatsApp's own id has one."""

    PHONE = "phone"
    GROUP = "g.us"
    LID = "lid"
    NEWSLETTER = "newsletter"


class NotARecipient(ValueError):
    """A text that names nobody, or could name two; the message is a sentence for who typed it."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A phone number's digits, with the country code and without ``+``, or what stands before the ``@`` of an id."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        """Write it as it is stored and as the contract's service takes it: digits, or a WhatsApp id."""
        return self.name if self.kind is Kind.PHONE else f"{self.name}@{self.kind}"


def parse_recipient(text: str) -> Recipient:
    """Return whom a text names; raises `NotARecipient`."""
    return _parse(text, "recipient", ", or a WhatsApp id")


def parse_phone(text: str) -> str:
    """Return a phone number's digits, with the country code and without ``+``; raises `NotARecipient`."""
    recipient = _parse(text, "phone number", "")
    if recipient.kind is not Kind.PHONE:
        raise NotARecipient(f"{_quoted(str(recipient))} is no phone number: write it with its country code")
    return recipient.name


def account_number(text: str | None) -> str | None:
    """Return the number of an account in what its library calls one, ``None`` for an id that is no phone's.

    Of ``4915…:12@s.whatsapp.net`` it is what comes before the device; ``…@lid`` tells no number.
    """
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= _MOST:
        return text
    try:
        return parse_phone(text)
    except NotARecipient:
        return None


def _parse(text: str, wanted: str, otherwise: str) -> Recipient:
    text = _AROUND.sub("", _INVISIBLE.sub("", text))
    if not text:
        raise NotARecipient(f"the {wanted} is missing")
    if "@" in text:
        return _parse_id(text)
    if _BARE_GROUP.fullmatch(text) or _OLD_GROUP.fullmatch(text):
        return Recipient(Kind.GROUP, text)
    if not (_PHONE.fullmatch(text) and _BRACKETS.fullmatch(text)):
        raise NotARecipient(
            f"{_quoted(text)} is no {wanted}: "
            f"write a phone number with its country code, as +49 152 5550001{otherwise}"
        )
    return Recipient(Kind.PHONE, _phone_digits(text))


def _parse_id(text: str) -> Recipient:
    name, _, server = text.rpartition("@")
    server = server.lower()
    match = _SERVERS[server].fullmatch(name) if server in _SERVERS else None
    if match is None:
        raise NotARecipient(
            f"{_quoted(text)} is no WhatsApp id that can be sent to: digits, then "
            "@c.us, @s.whatsapp.net, @g.us, @lid or @newsletter"
        )
    if server in ("c.us", "s.whatsapp.net"):
        return Recipient(Kind.PHONE, _phone_digits(match.group(1)))
    return Recipient(Kind(server), match.group(1))


def _phone_digits(text: str) -> str:
    """Return the digits of a phone number, all of them; raises `NotARecipient` where they could be meant otherwise."""
    digits = _digits(text)
    if len(digits) < _LEAST:
        raise _wrong_length(text, digits)
    bracketed = _ZERO_IN_BRACKETS.search(text)
    if bracketed is not None:
        without = _digits(text[: bracketed.start()]) + _digits(bracketed.group()).lstrip("0")
        without += _digits(text[bracketed.end() :])
        raise NotARecipient(
            f"{_quoted(text)} has a 0 in brackets: write +{_without_zeros(without)}, or "
            f"+{_without_zeros(digits)} where that 0 is dialled from abroad too, as in Italy"
        )
    if digits.startswith("00"):
        raise NotARecipient(
            f"{_quoted(text)} begins with 00: write +{digits[2:]} if 00 stands for +; "
            f"if it is a number within one country, write that country's code before {digits}"
        )
    if digits.startswith("0"):
        raise NotARecipient(
            f"{_quoted(text)} begins with 0: write the country code in place of the 0, as +49 {digits[1:]}, "
            f"or before it where that 0 is dialled from abroad too, as +39 {digits}"
        )
    if len(digits) > _MOST:
        raise _wrong_length(text, digits)
    return digits


def _wrong_length(text: str, digits: str) -> NotARecipient:
    many = f"{len(digits)} {'digit' if len(digits) == 1 else 'digits'}"
    detail = f"{_quoted(text)} has {many}: a phone number has {_LEAST} to {_MOST} with its country code"
    if len(digits) > _MOST:
        detail += "; a group's id is written without +, spaces or other dashes"
    return NotARecipient(detail)


def _digits(text: str) -> str:
    return "".join(re.findall("[0-9]", text))


def _without_zeros(digits: str) -> str:
    """Leave out the 00 that stands for +, which is not what the sentence is about."""
    return digits.removeprefix("00")


def _quoted(text: str) -> str:
    text = _CONTROL.sub("", text)
    return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'
