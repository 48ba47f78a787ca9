"""A session's id: any text that a gateway has for one; what is made here is one that every gateway takes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from urllib.parse import quote

LONGEST = 255
"""Characters of an id that is made here (contract §4)."""

LONGEST_TAKEN_IN = 1_000
"""Characters of an id that a gateway has: longer ones would be no names."""

_NEW = re.compile(r"[-_A-Za-z0-9]+")


def is_session_id(text: str) -> bool:
    """Tell whether a gateway may call a session so: anything may stand in it, so long as it can be told again."""
    return 0 < len(text) <= LONGEST_TAKEN_IN


def refusal_of_new(session_id: str) -> str | None:
    """Return why no session can be made with an id, ``None`` for one that every gateway takes (contract §1)."""
    if len(session_id) > LONGEST:
        return f"the session id has {len(session_id)} characters: at most {LONGEST}"
    if not _NEW.fullmatch(session_id):
        return f"{session_id!r} is no session id: letters, digits, - and _ only"
    if session_id.startswith("-"):
        return (
            f"{session_id!r} begins with -, which commands take for an option: begin with a letter or a digit"
        )
    return None


def new_session_id(user_id: str, refusal_of: Callable[[str], str | None] = lambda _: None) -> str:
    """Return an id for a user's new session, one that its gateway takes: ``refusal_of`` returns why it does not.

    It tells whose it is where the user's own id can stand in one.
    """
    token = secrets.token_hex(4)
    # From this form others read whose it is, as we do (design §3, rule 5).
    named = f"user_{user_id}_instance_{token}"
    plain = f"session_{token}"
    for text in (named, plain):
        if refusal_of_new(text) is None and refusal_of(text) is None:
            return text
    return f"session-{token}"


def in_path(session_id: str) -> str:
    """Return an id as one segment of a URL's path, never as a step up in it."""
    return quote(session_id, safe="") if session_id.strip(".") else session_id.replace(".", "%2E")
