"""`make golden`: what Amends answers today, as text, in `tests/golden/record`.

documents.txt    the documents of commands that scripts rely on, for the files in `inputs`
commands.txt     every command and its help
openapi.json     the interface
facts.txt        how many facts of each kind the demonstration states, and a digest of them
pages.LL.txt     the visible text of every page that a link of the demonstration leads to

`python -m tests.golden FOLDER` writes them elsewhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PARTS = ("documents", "demonstration")


def record(folder: Path) -> None:
    """Write every file anew; each part has a data directory of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        settings = {
            "DJANGO_SETTINGS_MODULE": "amends.site.settings",
            "AMENDS_REQUIRE_MFA": "no",
            "AMENDS_TESTING": "yes",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
        }
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AMENDS_")}
        for part in PARTS:
            subprocess.run(
                [sys.executable, "-m", f"tests.golden.{part}", str(folder)],
                check=True,
                cwd=HERE.parents[1],
                env={**kept, **settings, "AMENDS_DATA_DIR": f"{place}/{part}"},
            )


if __name__ == "__main__":
    record(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "record")
