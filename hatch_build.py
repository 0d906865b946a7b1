"""Build hook of hatchling: compiles the Chinese texts, and writes the commit of the build.

`python hatch_build.py` compiles the texts alone.
"""

from __future__ import annotations

import os
import runpy
import tempfile
from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_messages(root: Path) -> None:
    """Write a `.mo` file for each `.po` file below `src` that is newer than its `.mo` file."""
    for catalogue in sorted((root / "src").rglob("*.po")):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime <= catalogue.stat().st_mtime:
            # Tests and servers that run meanwhile read the file before or after, never a part.
            unfinished = compiled.with_suffix(".mo.new")
            polib.pofile(str(catalogue)).save_as_mofile(str(unfinished))
            unfinished.replace(compiled)


class AmendsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles the texts, and writes `amends/commit.txt` for a wheel or source archive.

    The commit is that of the checkout, or of AMENDS_COMMIT where the build has no `.git` (the
    container). An editable installation reads `.git` itself.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the files of a target are collected."""
        compile_messages(Path(self.root))
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


if __name__ == "__main__":
    compile_messages(Path(__file__).parent)
