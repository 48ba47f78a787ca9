"""Values that no field was meant to have, as JSON or as what was meant to be JSON."""

from __future__ import annotations

BAD: dict[str, str] = {
    "null": "null",
    "a number": "15550001234",
    "a float": "1.0",
    "a fraction": "1795398127.25",
    "a negative number": "-7",
    "a huge number": "9" * 5000,
    "a huge float": "1e999",
    "no number": "NaN",
    "endless": "-Infinity",
    "yes": "true",
    "no": "false",
    "an object": '{"a":{"b":[1]}}',
    "an object that speaks": '{"message":"LOGOUT"}',
    "a library's object": '{"server":"c.us","user":"15550001234","_serialized":"15550001234@c.us"}',
    "a list": '["a",1,null]',
    "empty": '""',
    "blank": '" "',
    "half an emoji": '"\\ud800"',
    "half an emoji in words": '"caf\\u00e9 \\ud83d"',
    "no character": '"\xff"',
    "a control character": '"a\x01b"',
    "long": '"' + "x" * 400_000 + '"',
    "deep": "[" * 5000 + "]" * 5000,
    "a date as people write it": '"11/23/2026, 1:41:27 AM"',
    "a date as JavaScript writes it": '"Mon Nov 23 2026 01:41:27 GMT+0000 (Coordinated Universal Time)"',
}
"""As JSON, or what was meant to be."""


def body(fields: dict[str, str]) -> bytes:
    """Return an object of raw values; what is no UTF-8 stays so."""
    return ("{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}").encode("latin-1")
