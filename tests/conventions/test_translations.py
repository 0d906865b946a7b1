"""Every app's Chinese is complete, none of it is a guess, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import re
from collections import defaultdict
from collections.abc import Iterator
from gettext import translation
from pathlib import Path

import django
import pytest
from django.utils.translation.template import templatize
from tests.source_tree import app_path, source_files

pytestmark = pytest.mark.no_database


CATALOGUES = list(source_files("django.po"))
_FIELD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")$')


def entries(path: Path) -> Iterator[tuple[dict[str, str], set[str]]]:
    """Each entry's fields and flags; those that are out of use are passed over."""
    fields: dict[str, str] = {}
    flags: set[str] = set()
    last = ""
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("#,"):
            flags |= {flag.strip() for flag in line[2:].split(",")}
        elif found := _FIELD.match(line):
            last = found[1]
            fields[last] = ast.literal_eval(found[2])
        elif line.startswith('"'):
            fields[last] += ast.literal_eval(line)
        elif not line.strip():
            if fields:
                yield fields, flags
            fields, flags = {}, set()


def test_every_room_that_speaks_has_a_catalogue() -> None:
    speaking = {
        app_path(path).parts[0]
        for pattern in ("*.py", "*.html")
        for path in source_files(pattern)
        if re.search(r"gettext|\{% (blocktrans|trans)late", path.read_text(encoding="utf-8"))
    }
    # Their words stand in the catalogues of the apps that show them.
    speaking -= {
        "classification",
        "cli",
        "database",
        "decisions",
        "detection",
        "duties",
        "environment",
        "facts",
        "kit",
        "measurement",
        "metering",
        "vault",
    }
    assert speaking <= {app_path(path).parts[0] for path in CATALOGUES}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: app_path(path).parts[0])
def test_nothing_is_left_in_english_or_guessed(path: Path) -> None:
    lacking, guessed = [], []
    for fields, flags in entries(path):
        if not fields.get("msgid"):
            continue
        told = [text for name, text in fields.items() if name.startswith("msgstr")]
        if not all(text.strip() for text in told):
            lacking.append(fields["msgid"])
        if "fuzzy" in flags:
            guessed.append(fields["msgid"])
    assert lacking == []
    assert guessed == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: app_path(path).parts[0])
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    written = {}
    for fields, _ in entries(path):
        if not fields["msgid"]:
            continue
        key = fields["msgid"]
        if "msgctxt" in fields:
            key = f"{fields['msgctxt']}\x04{key}"
        if "msgid_plural" in fields:
            for name, text in fields.items():
                if found := re.fullmatch(r"msgstr\[(\d+)\]", name):
                    written[(key, int(found[1]))] = text
        else:
            written[key] = fields["msgstr"]
    compiled.pop("", None)
    stale = {key for key in written if compiled.get(key) != written[key]}
    assert stale == set(), "run `make messages`"
    assert set(compiled) == set(written), "run `make messages`"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: app_path(path).parts[0])
def test_what_is_filled_in_is_the_same_in_both_languages(path: Path) -> None:
    place = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    torn = []
    for fields, _ in entries(path):
        told = fields["msgid"] + fields.get("msgid_plural", "")
        for name, text in fields.items():
            if not name.startswith("msgstr") or not fields["msgid"]:
                continue
            if not set(place.findall(text)) <= set(place.findall(told)):
                torn.append(text)
    assert torn == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: app_path(path).parts[0])
def test_a_percentage_is_written_the_same_way_everywhere(path: Path) -> None:
    apart = re.compile(r"(\d|\)s) %(%|[ ,.;:)]|$)|\d%%? (?=[\u4e00-\u9fff])")
    odd = [text for fields, _ in entries(path) for text in fields.values() if apart.search(text)]
    assert odd == []


# --- what is marked in the sources ---------------------------------------------------------------

MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
MARKS_WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
_STRING = r"""(?:u?)('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(n|p|np)?gettext\(\s*{_STRING}(?:\s*,\s*{_STRING})?")


def marked_in_python(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if "gettext" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        if node.func.id in MARKS and texts and isinstance(texts[0], str):
            yield texts[0]
        elif node.func.id in MARKS_WITH_CONTEXT and len(texts) >= 2:
            yield f"{texts[0]}\x04{texts[1]}"


def marked_in_template(path: Path) -> Iterator[str]:
    for kind, first, second in _CALL.findall(templatize(path.read_text(encoding="utf-8"))):
        text = ast.literal_eval(first)
        yield f"{text}\x04{ast.literal_eval(second)}" if kind.startswith(("p", "np")) else text


def written_somewhere() -> set[str]:
    found = set()
    for path in CATALOGUES:
        for fields, _ in entries(path):
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            found.add(f"{context}{fields['msgid']}")
    return found


def test_whatever_is_marked_for_translation_is_in_a_catalogue() -> None:
    known = written_somewhere()
    ours = translation(
        "django", localedir=Path(django.__file__).parent / "conf/locale", languages=["zh_Hans"]
    )
    lacking = {}
    for path in [*source_files("*.py"), *source_files("*.html")]:
        marked = marked_in_python(path) if path.suffix == ".py" else marked_in_template(path)
        missing = {
            text
            for text in marked
            if text.strip() and text not in known and ours.gettext(text) == text
        }
        if missing:
            lacking[app_path(path).as_posix()] = sorted(missing)
    assert not lacking, "\n".join(
        f"{name}: {text}" for name, some in lacking.items() for text in some
    )


def test_no_two_rooms_translate_one_text_differently() -> None:
    """Django merges the apps' catalogues, and the higher app would win on every page."""
    said: dict[object, dict[str, str]] = defaultdict(dict)
    for path in CATALOGUES:
        with path.with_suffix(".mo").open("rb") as stream:
            for text, words in gettext.GNUTranslations(stream)._catalog.items():
                if text:
                    said[text][app_path(path).parts[0]] = words
    apart = {text: apps for text, apps in said.items() if len(set(apps.values())) > 1}
    assert not apart, (
        'one of them needs a context: {% translate "…" context "…" %}, pgettext("…", "…")'
    )
