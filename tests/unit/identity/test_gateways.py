"""Two names of one place."""

from __future__ import annotations

import pytest

from wa_tui.identity.gateways import twins


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "http://[::ffff:127.0.0.1]:3000",
        "http://[0:0:0:0:0:0:0:1]:3000",
        "http://0.0.0.0:3000",
        "http://LOCALHOST:3000/",
        "HTTP://localhost.:3000",
        "http://localhost.localdomain:3000",
    ],
)
def test_this_machine_has_many_names(other: str) -> None:
    assert twins({"a": "http://localhost:3000", "b": other, "c": "http://eu:3000"}) == {"b": "a"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://eu", "http://EU:80/"),
        ("https://eu/wa", "https://eu:443/wa/"),
        ("http://eu.example", "http://eu.example."),
        ("http://[2001:DB8::1]:1", "http://[2001:db8:0::1]:1"),
    ],
)
def test_the_same_address_written_twice(one: str, other: str) -> None:
    assert twins({"a": one, "b": other}) == {"b": "a"}


@pytest.mark.parametrize(
    "other",
    [
        "http://localhost:3001",
        "https://localhost:3000",
        "http://localhost:3000/b",
        "http://127.0.0.2:3000",
        "http://localhost.example:3000",
        "http://api.localhost:3000",
        "http://10.0.0.1:3000",
    ],
)
def test_what_is_another_place(other: str) -> None:
    assert twins({"a": "http://localhost:3000", "b": other}) == {}


def test_three_are_one_with_the_first() -> None:
    urls = {"a": "http://[::1]:1", "b": "http://localhost:1", "c": "http://127.0.0.1:1"}
    assert twins(urls) == {"b": "a", "c": "a"}
