"""Names and prose use standard terms, and one name means one class: see docs/words.md.

What is left of earlier names and phrases is listed or counted here and in `odd_phrases.toml`: whoever
corrects one lowers the number.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from tests.source_tree import app_module, app_path, source_files, source_path

import amends

pytestmark = pytest.mark.no_database

SOURCE = Path(amends.__file__).parent
FIGURES = {
    "beside",
    "carried",
    "doors",
    "folding",
    "front",
    "handed",
    "handing",
    "heard",
    "house",
    "keep",
    "keeper",
    "kept",
    "laid",
    "lay",
    "laying",
    "said",
    "stand",
    "standing",
    "stands",
    "tell",
    "telling",
    "tells",
    "told",
    "turns",
    "unsaying",
    "wholly",
}
"""Words that say nothing of a mechanism: no part of a module's name."""
CLASSES_LEFT = {"Attachment", "Challenge"}
ODD_IN_NAMES = {
    "because",
    "beside",
    "borne",
    "brought",
    "carried",
    "handed",
    "heard",
    "house",
    "kept",
    "laid",
    "room",
    "shelf",
    "spoken",
    "stands",
    "told",
    "unsaid",
}
"""Parts of names of functions, classes and fields that say nothing of a mechanism."""
NAMES_LEFT = {
    "casework.FollowUp.ended_because",
    "complaints.Complaint.because",
    "complaints.Complaint.text_print",
    "complaints.Contact.joined_because",
    "confirmations.Order.told_at",
    "confirmations.Ranked.stands_out",
    "complaints.RecordedDocument.contact_told",
    "emergencies.Affected.told_at",
    "emergencies.Affected.told_on",
    "emergencies.Emergency.because",
    "emergencies.SilentNotice.told",
    "hotissues.BesideAlarm",
    "hotissues.HotIssue.closed_because",
    "hotissues.IssueDetails.carried_by",
    "hotissues.IssueList.beside",
    "hotissues.IssueScans.beside",
    "hotissues.Membership.joined_because",
    "hotissues.Membership.left_because",
    "hotissues.Post.text_print",
    "hotissues.WordScan.told",
    "measurement.LineMeasurement.invalid_because",
    "privacy.AuthorityClock.told_at",
    "privacy.AuthorityClock.told_by",
    "privacy.DataExport.handed_to",
    "privacy.RightsRequest.extended_because",
    "quality.IncidentPerson.told_at",
    "quality.IncidentPerson.told_end_at",
    "quality.IncidentPerson.told_on",
    "quality.NetworkIncident.ended_because",
    "quality.SpeedTest.invalid_because",
}
"""Columns, keys of documents and fields of forms: they stay until their table or form changes."""
ROOT = SOURCE.parents[1]
PAGES = [
    page
    for page in sorted(
        {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *source_files("README.md")}
    )
    if "decisions" not in page.parts and not page.stem.endswith(".zh") and page.stem != "words"
]
PHRASES = tomllib.loads((Path(__file__).parent / "odd_phrases.toml").read_text(encoding="utf-8"))[
    "phrase"
]


@cache
def modules() -> tuple[PurePosixPath, ...]:
    """Every module of Amends but migrations, by its app."""
    return tuple(app_path(path) for path in source_files("*.py") if "migrations" not in path.parts)


def test_modules_are_named_for_what_they_hold() -> None:
    figurative = {
        str(path)
        for path in modules()
        if FIGURES & set(re.split(r"[_/.]", str(path.with_suffix(""))))
    }
    assert not figurative, "name it by what it holds: docs/words.md"


def _classes(path: Path, tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Public classes of a module, and whether each is a model."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            bases = {base.attr if isinstance(base, ast.Attribute) else "" for base in node.bases}
            yield node.name, "Model" in bases or "models" in path.stem.split("_")


def test_a_shared_class_has_a_name_of_its_own() -> None:
    """A model, or a class that another app imports, shares its name with no class elsewhere."""
    homes: dict[str, set[str]] = defaultdict(set)
    shared: set[str] = set()
    for path in modules():
        app = path.parts[0]
        tree = ast.parse(source_path(str(path)).read_text(encoding="utf-8"))
        for name, is_model in _classes(path, tree):
            homes[name].add(app)
            if is_model:
                shared.add(name)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                parts = app_module(str(node.module))
                if parts and parts[0] != app:
                    shared |= {one.name for one in node.names}
    left = {name for name, apps in homes.items() if len(apps) > 1 and name in shared}
    assert left <= CLASSES_LEFT, "give one of the two a name of its own"


def _parts(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def _named(tree: ast.Module) -> Iterator[str]:
    """Functions, classes and `Class.field` of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                target = line.target if isinstance(line, ast.AnnAssign) else None
                if isinstance(line, ast.Assign):
                    target = line.targets[0]
                if isinstance(target, ast.Name):
                    yield f"{node.name}.{target.id}"


def test_functions_classes_and_fields_have_standard_names() -> None:
    odd = {
        f"{path.parts[0]}.{name}"
        for path in modules()
        for name in _named(ast.parse(source_path(str(path)).read_text(encoding="utf-8")))
        if _parts(name.rpartition(".")[2]) & ODD_IN_NAMES or name.endswith("text_print")
    }
    assert not odd - NAMES_LEFT, "name it by what it is or does: docs/words.md"
    assert not NAMES_LEFT - odd, "take what was renamed off the list"


@cache
def _prose() -> str:
    """Docstrings and comments of the code."""
    found: list[str] = []
    for path in modules():
        text = source_path(str(path)).read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(ast.get_docstring(node) or "")
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        found += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return "\n\n".join(found)


@cache
def _docs() -> str:
    return "\n\n".join(page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase["odd"])
def test_odd_phrases_become_fewer(phrase: dict[str, str | int]) -> None:
    odd = re.compile(str(phrase["regex"]), re.MULTILINE)
    found = {"code": len(odd.findall(_prose())), "docs": len(odd.findall(_docs()))}
    more = {where: count for where, count in found.items() if count > int(phrase[where])}
    assert not more, f"say “{phrase['standard']}”, or lower what is left elsewhere"
