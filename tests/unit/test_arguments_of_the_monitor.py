"""What starts the monitor alone is read without building the commands, and reads the same."""

from __future__ import annotations

import pytest

from wa_tui.cli import parser


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--read-only"],
        ["--attach", "/run/wa.sock"],
        ["--attach=host:8000", "--theme", "light", "--ascii", "--no-mouse"],
        ["--config", "/etc/wa.toml", "--read-only"],
        ["--demo"],
    ],
)
def test_it_reads_as_the_whole_parser_does(argv: list[str]) -> None:
    assert vars(parser.parse(argv)) == vars(parser.build().parse_args(argv))


@pytest.mark.parametrize(
    "argv", [["--theme", "none"], ["--attach"], ["nonsense"], ["--read-only", "--bogus"]]
)
def test_what_is_wrong_is_said_with_the_whole_usage(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser.parse(argv)
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
