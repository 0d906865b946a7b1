"""Keys and files of the data directory in a kept backup: listed in 256 buckets, kept once each."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from amends.operations.backups.continuous.store import Store


class Folders:
    """Follows folders below `root`; a file is read again only when size, time or place changed."""

    def __init__(self, root: Path, names: tuple[str, ...], store: Store) -> None:
        self._root, self._names, self._store = root, names, store
        self._known: dict[str, tuple[tuple[int, int, int], str]] = {}
        self._kept: dict[str, str] = {}

    def keep(self) -> str:
        """Keep what is there now; the piece that lists it."""
        seen = {}
        for relative, path in self._walk():
            if digest := self._digest(relative, path):
                seen[relative] = digest
        buckets: dict[str, dict[str, str]] = {}
        for relative, (_, digest) in seen.items():
            buckets.setdefault(_bucket(relative), {})[relative] = digest
        self._known = seen
        listed = {bucket: self._put(bucket, found) for bucket, found in buckets.items()}
        return self._put("", listed)

    def _put(self, bucket: str, found: dict[str, str]) -> str:
        text = json.dumps(found, sort_keys=True)
        # The store would find it out too, after hashing and looking; most buckets never change.
        mark = f"{bucket}:{text}"
        if mark not in self._kept:
            self._kept = {m: d for m, d in self._kept.items() if not m.startswith(f"{bucket}:")}
            self._kept[mark] = self._store.put(text.encode())
        return self._kept[mark]

    def _digest(self, relative: str, path: Path) -> tuple[tuple[int, int, int], str] | None:
        try:
            state = path.stat()
            mark = (state.st_size, state.st_mtime_ns, state.st_ino)
            known = self._known.get(relative)
            if known and known[0] == mark:
                return known
            return mark, self._store.put(path.read_bytes())
        except FileNotFoundError:
            # Erased, or never finished: no row names it any more.
            return None

    def _walk(self) -> list[tuple[str, Path]]:
        found = []
        for name in self._names:
            for folder, below, files in os.walk(self._root / name):
                below[:] = [one for one in below if not one.startswith(".")]
                for file in files:
                    if not file.startswith(".") and not file.endswith(".part"):
                        path = Path(folder, file)
                        found.append((path.relative_to(self._root).as_posix(), path))
        return found


def listing(store: Store, files: str) -> dict[str, str]:
    """Every path a segment holds, with its piece."""
    found: dict[str, str] = {}
    for bucket in json.loads(store.get(files)).values():
        found |= json.loads(store.get(bucket))
    return found


def pieces_of(store: Store, files: str) -> set[str]:
    """Every piece a listing needs, its own included."""
    buckets = set(json.loads(store.get(files)).values())
    return {files, *buckets, *listing(store, files).values()}


def put_back(store: Store, files: str, target: Path) -> None:
    """Write what a segment holds below `target`, for the owner alone."""
    for relative, digest in listing(store, files).items():
        path = (target / relative).resolve()
        if not path.is_relative_to(target.resolve()):
            continue
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(store.get(digest))


def _bucket(relative: str) -> str:
    return hashlib.sha256(relative.encode()).hexdigest()[:2]
