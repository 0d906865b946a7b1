"""Keys and files of the data directory in a backup: one listing for each folder, each file once."""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings

from amends.operations.backups.store import Store, new_file

FOLDERS = ("keys", "files", "classification")
"""What lies in the data directory and cannot be made anew."""


class Folders:
    """Follows `FOLDERS`; a file is read again only when its size, time or inode changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Path, tuple[tuple[int, int, int], str]] = {}

    def store(self) -> str:
        """Store what is there now; the piece that lists it.

        Called after the database was copied: a key or a file is written before the row that
        needs it, so whatever a copied row names is there, or was erased meanwhile.
        """
        seen, listed = {}, {}
        for root in (settings.DATA_DIR / name for name in FOLDERS):
            for folder, below, names in os.walk(root):
                below[:] = sorted(name for name in below if not name.startswith("."))
                files_by_name = {}
                for path in (Path(folder, name) for name in sorted(names)):
                    if (
                        path.suffix != ".part"
                        and path.name[0] != "."
                        and (stored := self._one(path))
                    ):
                        seen[path], files_by_name[path.name] = stored, stored[1]
                if files_by_name:
                    relative = Path(folder).relative_to(settings.DATA_DIR).as_posix()
                    listed[relative] = self._store.put(json.dumps(files_by_name).encode())
        self._known = seen
        return self._store.put(json.dumps(listed).encode())

    def _one(self, path: Path) -> tuple[tuple[int, int, int], str] | None:
        try:
            state = path.stat()
            mark = (state.st_size, state.st_mtime_ns, state.st_ino)
            cached = self._known.get(path)
            if cached and cached[0] == mark:
                return cached
            return mark, self._store.put(path.read_bytes())
        except FileNotFoundError:  # erased meanwhile, or never finished
            return None


def put_back(store: Store, files: str, target: Path) -> None:
    """Write keys and files as a moment lists them below `target`, for the owner alone."""
    for folder, piece in json.loads(store.get(files)).items():
        for name, content in json.loads(store.get(piece)).items():
            path = (target / folder / name).resolve()
            if path.is_relative_to(target.resolve()):
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with new_file(path) as file:
                    file.write(store.get(content))
