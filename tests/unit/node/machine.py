"""A machine of its own for the Node service: what is on PATH, the home directory, and the command line in it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.daemon.running import RunningDaemon
from tests.daemon.waiting import free_port, until
from wa_tui.node.installing import Installation
from wa_tui.node.requirements import find_tools

FAKE = Path(__file__).parent / "fake_service.py"
_NPM = """#!/bin/sh
echo "$PUPPETEER_SKIP_DOWNLOAD $*" >> "{directory}/npm-calls"
ls > "{directory}/npm-saw"
mkdir -p node_modules/kept
[ -e "{directory}/npm-hangs" ] && {{ touch "{directory}/npm-runs"; exec sleep 60; }}
[ -e "{directory}/npm-fails" ] && {{ echo "npm error code ENOTFOUND"; exit 7; }}
echo "added 200 packages"
"""


@dataclass
class Machine:
    """Programs stand in ``bin``; `daemon` is the one of this machine's state directory."""

    directory: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bin = self.directory / "bin"
        self.bin.mkdir()
        (self.directory / "state").mkdir(mode=0o700)
        self.daemon = RunningDaemon(self.directory / "state", more=("--with-node",))
        self.port = free_port()
        self.environ |= {
            "PATH": f"{self.bin}:/usr/sbin:/sbin",
            "FAKE_DIR": str(self.directory),
            "XDG_DATA_HOME": str(self.directory / "data"),
            "HOME": str(self.directory),
            "NODE_SERVICE_URL": f"http://localhost:{self.port}",
        }
        self.put("node", f'#!/bin/sh\nexec {sys.executable} -S -E {FAKE} "$@"\n')
        self.put("npm", _NPM.format(directory=self.directory))
        self.put("chromium", "#!/bin/sh\n")
        for tool in ("sh", "sleep", "touch", "ls", "mkdir"):
            (self.bin / tool).symlink_to(f"/bin/{tool}")
        self.daemon.environ |= self.environ

    @property
    def installed(self) -> Path:
        return self.directory / "data" / "wa_tui" / "node_service"

    def put(self, name: str, script: str) -> None:
        """Put a program on PATH."""
        path = self.bin / name
        path.write_text(script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def write(self, name: str, text: str = "") -> None:
        """Tell the stand-ins something."""
        (self.directory / name).write_text(text)

    def read(self, name: str) -> list[str]:
        """Return the lines of a file that the stand-ins wrote, none where there is none."""
        path = self.directory / name
        return path.read_text().splitlines() if path.exists() else []

    def starts(self) -> list[dict[str, Any]]:
        """Return each start of the service: `pid argv env`."""
        return [json.loads(line) for line in self.read("starts")]

    async def started(self, times: int = 1, seconds: float = 40.0) -> dict[str, Any]:
        """Wait until the service was started so often; return the last start."""

        async def often_enough() -> bool:
            return len(self.starts()) >= times

        await until(often_enough, seconds, lambda: f"{len(self.starts())} starts:\n{self.daemon.log()}")
        return self.starts()[-1]

    def said(self) -> str:
        """Return what is in node.log."""
        return "\n".join(self.read("state/node.log"))

    async def until_said(self, detail: str, seconds: float = 40.0) -> None:
        """Wait until node.log has these words."""

        async def found() -> bool:
            return detail in self.said()

        await until(
            found, seconds, lambda: f"node.log has no {detail!r}:\n{self.said()}\n{self.daemon.log()}"
        )

    async def wa_tui(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a `wa-tui` command on this machine; ``PATH`` and all are its own."""
        return await self.daemon.wa_tui(*arguments, **environ)

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a `wa-tui` command on this machine."""
        return subprocess.Popen(
            [sys.executable, "-m", "wa_tui", *arguments],
            env=self.daemon.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    async def start(self) -> RunningDaemon:
        """Install the service and start the daemon with it."""
        Installation(self.environ).install(find_tools(self.environ, npm=True), lambda text: None)
        self.daemon.launch()
        await self.daemon.answering()
        return self.daemon


def runs(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def ended(pid: int, seconds: float = 40.0) -> None:
    """Wait for the end of a process that is not ours."""

    async def gone() -> bool:
        return not runs(pid)

    await until(gone, seconds, lambda: f"process {pid} still runs")
