from __future__ import annotations

from pathlib import Path

import pytest

from wa_tui.client import Address, AddressError, Tcp, Unix, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/run/wa_tui/wa_tui.sock", Unix(Path("/run/wa_tui/wa_tui.sock"))),
        ("./wa_tui.sock", Unix(Path("wa_tui.sock"))),
        ("wa_tui.sock", Unix(Path("wa_tui.sock"))),
        ("https://host:8000", Tcp("https://host:8000", "key")),
        ("https://host/wa/", Tcp("https://host/wa", "key")),
        ("http://[::1]:8000/", Tcp("http://[::1]:8000", "key")),
        ("host:8000", Tcp("http://host:8000", "key")),
        ("[::1]:8000", Tcp("http://[::1]:8000", "key")),
    ],
)
def test_forms(text: str, address: Address) -> None:
    assert parse_address(text, "key") == address


@pytest.mark.parametrize(
    "text",
    ["", "host", "host:", "host:0", "host:70000", "ftp://host", "https://a:b@host", "https://host:99999"],
)
def test_anything_else_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(AddressError, match=r"is not an address.*https://host:8000"):
        parse_address(text)


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(parse_address("host:8000", "secret"))


def test_a_home_directory_is_expanded() -> None:
    assert parse_address("~/wa.sock") == Unix(Path.home() / "wa.sock")
