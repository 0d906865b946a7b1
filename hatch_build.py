"""Build hook of hatchling: a wheel or source archive carries the commit it was built from."""

from __future__ import annotations

import os
import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):  # type: ignore[type-arg]
    """Writes `amends/commit.txt`.

    The commit is that of the checkout, or of AMENDS_COMMIT where the build has no `.git` (the
    container). An editable installation reads `.git` itself.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the files of a target are collected."""
        if version == "editable":
            return
        build = runpy.run_path(str(Path(self.root) / "src/amends/platform/environment/build.py"))
        commit = os.environ.get("AMENDS_COMMIT") or build["commit_of_checkout"](Path(self.root))
        if not commit:
            return
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / build["COMMIT_FILE"]
        file.write_text(f"{commit}\n", encoding="ascii")
        package = "src/amends" if self.target_name == "sdist" else "amends"
        build_data["force_include"][str(file)] = f"{package}/{file.name}"
