"""What `src` imports is declared in pyproject.toml, and what is declared is used."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Used without an import: Django loads it by its name, or only its files are read.
BY_NAME = {"psycopg", "whitenoise", "django-htmx", "pylopdf-fonts-zh-cn"}
# A script for outside the package imports the one that lies beside it.
SIBLINGS = {"verify_bundle"}


def named(requirement: str) -> str:
    """A distribution's normal name, without extras and versions."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def imported() -> set[str]:
    """The top-level packages that `src` imports, without the standard library and our own."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - SIBLINGS - {"amends", "amends_demo"}


def test_imports_and_declared_dependencies_are_the_same() -> None:
    runtime = {named(one) for one in PROJECT["dependencies"]}
    optional = {
        named(one)
        for extra, some in PROJECT["optional-dependencies"].items()
        if extra not in ("dev", "load")
        for one in some
    }
    providers = packages_distributions()
    used = {package: {named(one) for one in providers.get(package, ())} for package in imported()}
    undeclared = {package for package, ways in used.items() if not ways & (runtime | optional)}
    # What an extra brings need not be installed here.
    assert undeclared - {named(one) for one in optional} == set()
    unused = runtime - set().union(*used.values()) - BY_NAME
    assert not unused, "nothing imports them: remove them, or move them to an extra"


def test_every_dependency_has_its_line_in_the_decision() -> None:
    decision = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    runtime = {named(one) for one in PROJECT["dependencies"]}
    assert [one for one in sorted(runtime) if one not in decision] == []


DECISION = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
LICENCES = dict(
    re.findall(
        r"^\| ([a-z0-9-]+) \| ([^|]+) \|$", DECISION.partition("## Licences")[2], re.MULTILINE
    )
)
# Licences by the names that metadata has for them; the longer name first.
FAMILIES = {
    "LGPL": r"LGPL|GNU Lesser",
    "MPL": r"MPL|Mozilla",
    "Apache": "Apache",
    "0BSD": "0BSD",
    "BSD": r"(?<!0)BSD",
    "MIT": r"\bMIT\b",
    "PSF": "PSF|Python Software Foundation",
    "OFL": "OFL",
    "Zlib": "Zlib",
    "CC0": "CC0",
    "GPL": r"(?<!L)GPL|GNU (?:Affero )?General",
}
# The whole text stands in place of the name, or "Dual License" does.
_NAME_LENGTH = 60


def families(text: str) -> set[str]:
    return {family for family, name in FAMILIES.items() if re.search(name, text)}


def stated(package: str) -> str:
    """The licence in the metadata of a package: its expression, else its classifiers or name."""
    found = metadata(package)
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [
        text for text in found.get_all("Classifier", []) if text.startswith("License :: OSI")
    ]
    return " ".join(classifiers) or str(found.get("License") or "")[:_NAME_LENGTH]


@pytest.mark.parametrize("package", sorted(LICENCES.keys() - {"package"}))
def test_a_licence_is_the_one_of_the_metadata(package: str) -> None:
    try:
        in_metadata = families(stated(package))
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed here")
    assert families(LICENCES[package])
    # Some packages state none; their licence file was read.
    if in_metadata:
        assert families(LICENCES[package]) == in_metadata


def test_every_dependency_has_its_licence_and_none_is_forbidden() -> None:
    runtime = {named(one) for one in PROJECT["dependencies"]}
    assert runtime | {"fido2", "qrcode"} <= LICENCES.keys()
    assert [one for one, text in LICENCES.items() if "GPL" in families(text)] == []
