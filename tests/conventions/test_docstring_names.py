"""A name in backticks in a docstring exists: in code, in a file's name, or in a library."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_database

SOURCE = Path(__file__).parents[2] / "src"
REFERENCE = re.compile(r"`([A-Za-z_][\w.]*)(?:\(\))?`")
NAME = re.compile(r"[A-Za-z_]\w*")
TEXT_FILES = {".toml", ".html", ".js", ".sql", ".json", ".txt", ".css"}
OUTSIDE = {
    "CommonPasswordValidator",  # Django
    "UnableToX",  # the pattern of names of refusals
    "Res_value",  # Android
    "cryptography",  # a package that the reader of a proof installs
    "deliver_sm",  # SMPP
    "dragon",  # a password
    "exe",  # a file's ending
    "fdp",  # and the same read backwards
    "hatch_build",  # beside the package
    "verify_generated_headers",  # Python's email policy
    "whsec_",  # a prefix of Standard Webhooks
}


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every text that stands alone: of modules, classes, functions, and below constants."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as docstring):
                yield docstring


def _code_names(tree: ast.AST) -> Iterator[str]:
    """Names that code binds, reads or quotes."""
    quoted = {id(docstring) for docstring in _docstrings(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name):
                yield from NAME.findall(name)
            case ast.Constant(value=str(text)) if id(node) not in quoted:
                yield from NAME.findall(text)


def test_names_in_docstrings_exist() -> None:
    trees = {path: ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")}
    known = OUTSIDE | {name for tree in trees.values() for name in _code_names(tree)}
    known |= {part for path in trees for part in path.with_suffix("").parts} | {"py"}
    for path in SOURCE.rglob("*"):
        if path.suffix in TEXT_FILES:
            known.update(NAME.findall(path.name), NAME.findall(path.read_text("utf-8")))
    missing = [
        f"{path.relative_to(SOURCE)}:{docstring.lineno}: {reference}"
        for path, tree in trees.items()
        for docstring in _docstrings(tree)
        for reference in REFERENCE.findall(str(docstring.value))
        if not {part for part in reference.split(".") if part and not part.isdigit()} <= known
    ]
    assert not missing, "\n".join(missing)
