"""The process may open as many files as it is allowed to; its children get what it was given."""

from __future__ import annotations

import subprocess
import sys

import pytest

_RAISING = """
import resource, subprocess
from wa_tui.system import descriptors
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
most = descriptors.MOST if hard == resource.RLIM_INFINITY else min(hard, descriptors.MOST)
assert descriptors.raise_limit() == most == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
assert descriptors.raise_limit() == most
with subprocess.Popen(["sleep", "60"]) as child:
    descriptors.give_back(child.pid)
    found = resource.prlimit(child.pid, resource.RLIMIT_NOFILE)
    child.kill()
assert found == (200, hard), found
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a child another limit")
def test_the_limit_is_raised_and_given_back_to_children() -> None:
    done = subprocess.run([sys.executable, "-c", _RAISING], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
