"""A disk that is full, or that refuses to write: an error that says so, and on again when there is space."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from wa_tui.model.fleet import Fleet
from wa_tui.store import Batch, Provenance, StoreError, open_store

from .samples import NOW, event, session

_LIBC = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    if _LIBC.mount(b"none", os.fsencode(mounted), b"tmpfs", 0, b"size=1m"):
        pytest.skip("mounting a small file system needs root")
    yield mounted
    _LIBC.umount2(os.fsencode(mounted), 2)


def fill(file: Path) -> None:
    with pytest.raises(OSError, match="No space left"), file.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


def free(file: Path) -> None:
    file.unlink()


async def test_a_full_disk_is_an_error_and_then_the_store_goes_on(disk: Path) -> None:
    path = disk / "wa_tui" / "wa_tui.db"
    store = await open_store(path, now=NOW)
    await store.commit(Batch(events=[event(1)], sessions=[session()]))
    await store.copy_aside(Fleet([session()]), NOW)
    fill(disk / "ballast")
    with pytest.raises(
        StoreError,
        match=r"^database or disk is full: committing 500 events failed; free space .* \(.*wa_tui\.db\)$",
    ):
        await store.commit(Batch(events=[event(i, text="x" * 400) for i in range(2, 502)]))
    with pytest.raises(StoreError, match=r"No space left.*see that its disk has space"):
        await store.copy_aside(Fleet([session(str(n)) for n in range(2000)]), NOW)
    assert [e.id for e in await store.events()] == [1]
    free(disk / "ballast")
    await store.commit(Batch(events=[event(i) for i in range(2, 502)]))
    await store.close()
    again = await open_store(path, now=NOW)
    loaded = await again.load()
    await again.close()
    assert (loaded.provenance, loaded.last_event_id) == (Provenance.INTACT, 501)


async def test_a_disk_full_at_the_start_is_an_error_and_nothing_is_thrown_away(disk: Path) -> None:
    path = disk / "wa_tui" / "wa_tui.db"
    store = await open_store(path, now=NOW)
    await store.commit(Batch(events=[event(1)], sessions=[session()]))
    await store.copy_aside(Fleet([session()]), NOW)
    await store.close()
    fill(disk / "ballast")
    with pytest.raises(
        StoreError,
        match=r"^(disk I/O error|database or disk is full): opening the store failed; .*free space",
    ):
        await open_store(path, now=NOW)
    free(path)
    with pytest.raises(
        StoreError,
        match=r"^(disk I/O error|database or disk is full): opening the store failed; .*free space",
    ):
        fill(disk / "ballast")
        await open_store(path, now=NOW)
    free(disk / "ballast")
    again = await open_store(path, now=NOW)
    loaded = await again.load()
    await again.close()
    assert (loaded.provenance, list(loaded.fleet.everything())) == (Provenance.REBUILT, [session()])


async def test_a_write_that_fails_is_an_error_and_then_the_store_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "wa_tui.db"
    store = await open_store(path, now=NOW)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(StoreError, match="committing 500 events failed"):
            await store.commit(Batch(events=[event(i, text="x" * 400) for i in range(1, 501)]))
        await store.commit(Batch(events=[event(1)]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    await store.commit(Batch(events=[event(i) for i in range(2, 502)]))
    assert len(await store.events(limit=1000)) == 501
    await store.close()
