"""Installs the bundled service into the data directory: whole or not at all, and only when it changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from wa_tui.config.places import Places

from .errors import NodeError
from .requirements import Tools

SHIPPED = Path(__file__).parent.parent / "node_service"
"""The service's source, as it comes with wa_tui."""

PATTERNS = ("package.json", "package-lock.json", "README.md", "src/**/*.js")
"""What of it is installed, and in the wheel."""

_NPM = ("ci", "--omit=dev", "--omit=optional", "--no-audit", "--no-fund")
_STAMP = ".installed"
_LAST_LINES = 15

Say = Callable[[str], None]


class Installation:
    """The service's place: a link, ``node_service``, to the directory of one version of it.

    The link is replaced at once when a new version is complete, so that there is always a whole one, the old or the
    new. The version before stays on disk for a service that still runs from it.
    """

    def __init__(self, environ: Mapping[str, str], shipped: Path = SHIPPED) -> None:
        self._environ = environ
        self._shipped = shipped
        self._root = _data_dir(environ)
        self.directory = self._root / "node_service"

    @property
    def there(self) -> bool:
        """Whether a version is installed, this one or an older."""
        return (self.directory / _STAMP).is_file()

    @property
    def current(self) -> bool:
        """Whether what is installed is, file by file, what this wa_tui ships."""
        return self._complete(self.directory)

    def install(self, tools: Tools, say: Say) -> None:
        """Install this version with npm, saying each step; nothing is done when it is there.

        Raises `NodeError` when wa_tui came without it, the directory cannot be written, another installation runs,
        or npm fails.
        """
        if not self._files():
            raise NodeError("this installation carries no Node service; reinstall wa-tui")
        try:
            with self._locked():
                if self.current:
                    say(f"Nothing to do: {self.directory} is up to date")
                    return
                started = time.monotonic()
                say(f"Found {tools}")
                self._put_in_place(self._build(tools, say))
                say(f"Installed in {time.monotonic() - started:.0f} s: {self.directory}")
        except OSError as error:
            where = error.filename or self._root
            raise NodeError(
                f"the Node service cannot be installed: {where}: {error.strerror or error}; "
                "free the place or set XDG_DATA_HOME to a directory of your own"
            ) from error

    def _build(self, tools: Tools, say: Say) -> Path:
        """Return this version's directory, made next to the others under a name that nothing uses yet."""
        complete = self._root / f"node_service-{self._digest()[:12]}"
        if self._complete(complete):
            return complete
        draft = self._root / f".node_service-{os.getpid()}"
        try:
            say(f"Copying the service to {self._root}")
            for name in self._files():
                target = draft / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(self._shipped / name, target)
            say("Installing its dependencies: npm " + " ".join(_NPM))
            self._npm(tools, draft)
            # Last: a directory without its stamp is half an installation.
            (draft / _STAMP).write_text(self._digest())
            shutil.rmtree(complete, ignore_errors=True)
            draft.rename(complete)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return complete

    def _npm(self, tools: Tools, directory: Path) -> None:
        """Run npm; its output goes to a terminal as it is, else it is told only when npm fails."""
        streamed = sys.stdout.isatty()
        done = subprocess.run(
            [str(tools.npm), *_NPM],
            cwd=directory,
            env={**self._environ, "PUPPETEER_SKIP_DOWNLOAD": "1"},
            stdin=subprocess.DEVNULL,
            stdout=None if streamed else subprocess.PIPE,
            stderr=None if streamed else subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            lines = (done.stdout or b"").decode("utf-8", "replace").splitlines()[-_LAST_LINES:]
            said = "".join(f"\n    {line}" for line in lines)
            raise NodeError(
                f"npm could not install the Node service's dependencies (exit code {done.returncode}); what was "
                f"installed before is untouched. See to the network or npm's settings and repeat it{said}"
            )

    def _put_in_place(self, complete: Path) -> None:
        kept = {complete.name, self.directory.resolve().name}
        link = self._root / ".node_service-link"
        # A link cannot be changed in place; one that is renamed over it is, at once.
        link.unlink(missing_ok=True)
        link.symlink_to(complete.name)
        link.replace(self.directory)
        for other in self._root.glob("node_service-*"):
            if other.name not in kept:
                shutil.rmtree(other, ignore_errors=True)

    def _complete(self, directory: Path) -> bool:
        try:
            return (directory / _STAMP).read_text() == self._digest()
        except (OSError, UnicodeDecodeError):
            return False

    def _files(self) -> list[Path]:
        found = {path for pattern in PATTERNS for path in self._shipped.glob(pattern)}
        return sorted(path.relative_to(self._shipped) for path in found)

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for name in self._files():
            content = (self._shipped / name).read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep a second installation out; what an interrupted one left is removed."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._root / ".node_service.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise NodeError(
                    f"the Node service is being installed in {self._root} by somebody else; wait for its end"
                ) from None
            for draft in self._root.glob(".node_service-*"):
                shutil.rmtree(draft) if draft.is_dir() and not draft.is_symlink() else draft.unlink()
            yield


def _data_dir(environ: Mapping[str, str]) -> Path:
    root = Places(environ).data_dir
    if root is None:
        raise NodeError("no home directory is known; set XDG_DATA_HOME to a directory of your own")
    return root
