"""Hooks of MkDocs: pages from outside docs/, and links that lead out of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
COMMANDS = ROOT / "build" / "commands"
# A link to a file of the source: what it is called stays, the link goes.
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:src|deploy|pictures|bench|tests)(?:/[^)]*)?\)")
_PARENT = re.compile(r"\]\((?:\.\./)+(CHANGELOG|CONTRIBUTING)\.md")
_DOCS = re.compile(r"\]\(docs/")


def on_files(files: Files, config: Any) -> Files:
    """Add the changelog, how to contribute, and the reference of commands."""
    for path in [
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        COMMANDS / "commands.md",
        COMMANDS / "commands.zh.md",
    ]:
        files.append(File.generated(config, path.name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Point links at the pages of the site."""
    up = "../" * page.file.src_uri.count("/")
    markdown = _OUTSIDE.sub(r"\1", markdown)
    markdown = _PARENT.sub(rf"]({up}\1.md", markdown)
    return _DOCS.sub("](", markdown)
