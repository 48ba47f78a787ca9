"""The alert rules that ship: on families that there are, each with a runbook, and tried by Prometheus' own tool."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "wa-tui.rules.yml"


def test_each_rule_is_on_a_family_that_is_told_and_names_a_section_that_there_is() -> None:
    text = RULES.read_text()
    told = (ROOT / "wa_tui/daemon/serving/exposition.py").read_text()
    families = set(re.findall(r"\bwa_tui_\w+", text))
    assert families and all(f'"{family.removesuffix("_total")}"' in told for family in families)
    links = re.findall(r"runbook_url: (\S+)#(\S+)", text)
    assert len(links) == text.count("- alert:")
    for page, anchor in links:
        headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not here")
def test_they_call_for_what_they_should() -> None:
    trial = RULES.with_name("wa-tui.rules.test.yml")
    done = subprocess.run(["promtool", "test", "rules", str(trial)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
