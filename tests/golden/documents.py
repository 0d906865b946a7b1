"""The documents of commands, the tree of commands with their help, and the interface."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.golden.fixed import fix

INPUTS = Path(__file__).parent / "inputs"
SAMPLES = Path(__file__).parents[2] / "docs" / "operator" / "samples"
COMMANDS = (
    "import subscribers subscribers.csv --out keys.csv",
    "import partners partners.csv",
    "import facts facts.jsonl",
    "import complaints complaints.csv",
    "import posts posts.csv",
    "classify titles.csv --text title --out classified.csv",
    "deadlines --pack cn --received 2026-04-09T10:00",
    "deadlines --pack uk --received 2026-04-09T10:00",
    "rate --complaints 123 --users 4e6 --per 1e6 --period quarter",
    "hotissues scan counts.csv --last 5 --alarms alarms.csv --false-per-series-year 1",
    "hotissues effect effect.csv",
    "notices enrol lines.csv",
    "notices run usage",
    "ledger verify",
)
WRITTEN = ("classified.csv", "alarms.csv")
VOLATILE = {"seconds", "root", "checkpoint", "rejects_file"}


def documents() -> str:
    """Each command with the document it prints, then the files that commands wrote."""
    from tests.shell import amends

    told = []
    for command in COMMANDS:
        done = amends(*command.split(), "--json")
        found: Any = done.document if done.code in (0, 1) else {"exit": done.code, "err": done.err}
        for name in VOLATILE & set(found):
            found[name] = "<varies>"
        shown = json.dumps(_rounded(found), ensure_ascii=False, indent=1)
        told.append(f"$ amends {command}\n{shown}\n")
    told += [f"{name}\n{Path(name).read_text('utf-8-sig')}" for name in WRITTEN]
    return "\n".join(told)


def _rounded(value: Any) -> Any:
    """Six digits of each figure: what processors make alike."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value


def commands() -> str:
    """The help of every command, in alphabetical order."""
    import typer
    from typer.main import get_command

    from amends.site.cli.app import commands as known

    told: list[str] = []
    for name, where in known().items():
        module, _, attribute = where.partition(":")
        target = getattr(import_module(module), attribute)
        if not isinstance(target, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command(name)(target)
            target = single
        _help(get_command(target), f"amends {name}", told)
    return "\n".join(told)


def _help(command: Any, path: str, told: list[str]) -> None:
    told.append(f"{path}\n  {(command.help or '').strip()}")
    for one in command.params:
        if names := [*getattr(one, "opts", []), *getattr(one, "secondary_opts", [])]:
            shown = f"  {' / '.join(names)}: {getattr(one, 'help', '') or ''}"
            told.append(shown if one.default in (None, "") else f"{shown} [{one.default}]")
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        _help(inner, f"{path} {name}", told)


def main(folder: Path) -> None:
    import django

    django.setup()
    fix()
    from django.core.management import call_command

    from tests.shell import amends

    call_command("migrate", interactive=False, verbosity=0)
    amends("migrate")
    (folder / "commands.txt").write_text(commands(), encoding="utf-8")
    from amends.entrances.portals.api import interface

    described = json.dumps(
        interface.api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str
    )
    (folder / "openapi.json").write_text(described + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(INPUTS, place, dirs_exist_ok=True)
        shutil.copytree(SAMPLES, place, dirs_exist_ok=True)
        os.chdir(place)
        (folder / "documents.txt").write_text(documents(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
