"""Write the reference of all commands from their help: `commands.md` and `commands.zh.md`.

python website/commands.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from amends.platform.cli.help import translate_help
from amends.platform.cli.language import CHINESE, ENGLISH, speaking
from amends.platform.cli.language import gettext as _
from amends.site.cli.app import app as root
from amends.site.cli.app import build

FILES = {ENGLISH: "commands.md", CHINESE: "commands.zh.md"}
TITLES = {
    ENGLISH: ("# Commands", "**Usage**:", "**Arguments**:", "**Options**:", "**Commands**:"),
    CHINESE: ("# 命令", "**用法**：", "**参数**：", "**选项**：", "**命令**："),
}


def reference(language: str) -> str:
    """The help of every command in one language, as Markdown."""
    with speaking(language):
        command = typer.main.get_command(root)
        translate_help(command)
        text = get_docs_for_click(
            obj=command, ctx=typer.Context(command, info_name="amends"), name="amends"
        )
        text = text.replace("Show this message and exit.", _("Show this message and exit."))
    for english, own in zip(TITLES[ENGLISH][1:], TITLES[language][1:], strict=True):
        text = text.replace(english, own)
    return text.replace("# `amends`", TITLES[language][0], 1).rstrip() + "\n"


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    build("")
    for language, name in FILES.items():
        (folder / name).write_text(reference(language), encoding="utf-8")


if __name__ == "__main__":
    main()
