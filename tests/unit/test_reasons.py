"""A reason with the gateway's own words: said once, whoever says it first."""

from __future__ import annotations

import pytest

from wa_tui.wire.reasons import in_brief, with_words


@pytest.mark.parametrize(
    ("reason", "detail", "said"),
    [
        ("browser_died", "Page crashed!", "browser died (Page crashed!)"),
        ("browser_died", "browser died", "browser died"),
        ("browser_died", None, "browser died"),
        (
            "browser_unable",
            "Browser cannot start: libnss3.so is missing; apt-get install -y libnss3",
            "browser cannot start: libnss3.so is missing; apt-get install -y libnss3",
        ),
        (
            "profile_in_use",
            "Profile in use: end Chromium 4711, which is already running for /srv/x",
            "profile in use: end Chromium 4711, which is already running for /srv/x",
        ),
        ("operator", "root@vm", "disconnected by root@vm"),
        ("operator", None, "disconnected by an operator"),
        ("unlinked", "root@vm", "unlinked by root@vm"),
        ("unlinked", None, "unlinked by an operator"),
        ("other", "stub failure", "stub failure"),
        (None, "stub failure", "stub failure"),
        ("other", None, ""),
        (None, None, ""),
    ],
)
def test_a_reason_and_the_words_for_it(reason: str | None, detail: str | None, said: str) -> None:
    assert with_words(reason, detail) == said


@pytest.mark.parametrize(
    ("reason", "detail", "said"),
    [
        ("logout", "LOGOUT", "logged out on the phone"),
        ("operator", "root@vm", "disconnected by root@vm"),
        ("operator", None, "disconnected by an operator"),
        ("other", "stub failure", "stub failure"),
        ("not_known_yet", None, "not known yet"),
        (None, None, ""),
    ],
)
def test_a_reason_where_there_is_little_room(reason: str | None, detail: str | None, said: str) -> None:
    assert in_brief(reason, detail) == said
