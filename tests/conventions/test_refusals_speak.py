"""What a person may be refused with is in both languages, and says what to do.

Rooms mark the words of a refusal where they raise it (`gettext_noop`, or `gettext` where a value is
filled in); `access.web.refusals.told` translates them on a page, `cli.language.error_text` at the
shell. That what is marked is in a catalogue, `test_translations` sees to.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation
from tests.source_tree import app_path, source_files, source_path

from amends.cases.complaints.actions.overrule import UnableToOverrule
from amends.cases.complaints.rules.states import UnableToMove, table
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit import errors
from amends.problems.indicators.rules.bulletin import UnableToReadQuarter, quarter_days

pytestmark = pytest.mark.no_database
# Read by programs, in English as every interface is.
INTERFACES = (
    "portals/api/idempotency.py",
    "portals/api/interface.py",
    "portals/api/lines.py",
    "portals/api/orders.py",
    "portals/api/selfservice.py",
    "portals/api/submissions.py",
)
# Nothing to mark: the problems of a measure are there in both languages; an octet that cannot be
# read is a ValueError of its own, for the log.
NOT_MARKED = ("measures/actions/measure.py", "channels/sms/reading/deliveries.py")
BRANCHES = {"BadInput", "Refused", "Unavailable", "AmendsError"}
WORDS = ("what", "meaning", "next_step", "where")
MARKS = {"_", "gettext", "gettext_noop", "ngettext"}


@cache
def spoken() -> dict[Path, ast.Module]:
    """Every module of the house that a person may be refused by."""
    left_out = {*INTERFACES, *NOT_MARKED}
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in source_files("*.py")
        if str(app_path(path)) not in left_out
    }


def refusals(modules: Iterable[ast.Module]) -> set[str]:
    """The classes below `AmendsError`, by name."""
    below: dict[str, set[str]] = defaultdict(set)
    for node in (one for module in modules for one in ast.walk(module)):
        if isinstance(node, ast.ClassDef):
            below[node.name] |= {ast.unparse(base).split(".")[-1] for base in node.bases}
    found = set(BRANCHES)
    while more := {name for name, bases in below.items() if bases & found} - found:
        found |= more
    return found


def makers(module: ast.Module, classes: set[str]) -> set[str]:
    """Functions that say they return a refusal: what they are called with is its words."""
    return {
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef)
        and node.returns is not None
        and ast.unparse(node.returns).strip("'") in classes
    }


def unmarked(module: ast.Module, refusing: set[str]) -> Iterator[tuple[int, str]]:
    """Words of refusals that nobody marked for translation: line and words."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] not in refusing:
            continue
        named = [k.value for k in node.keywords if k.arg in WORDS]
        for said in (*node.args, *named):
            yield from _plain(said)


def _plain(said: ast.expr) -> Iterator[tuple[int, str]]:
    if isinstance(said, ast.IfExp):
        yield from _plain(said.body)
        yield from _plain(said.orelse)
    elif isinstance(said, ast.BinOp):
        yield from _plain(said.left)
        if isinstance(said.op, ast.Add):
            yield from _plain(said.right)
    elif isinstance(said, ast.Call) and ast.unparse(said.func) in MARKS:
        # Filled in before it is looked up, it stands in no catalogue.
        for words in said.args:
            if isinstance(words, ast.JoinedStr):
                yield said.lineno, ast.unparse(words)
    elif isinstance(said, ast.JoinedStr):
        parts = [part.value for part in said.values if isinstance(part, ast.Constant)]
        if re.search(r"[A-Za-z]{3,} | [A-Za-z]{3,}", "".join(map(str, parts))):
            yield said.lineno, ast.unparse(said)
    elif isinstance(said, ast.Constant) and isinstance(said.value, str) and " " in said.value:
        yield said.lineno, ast.unparse(said)


def test_every_refusal_is_marked_for_translation() -> None:
    modules = spoken()
    classes = refusals(modules.values())
    # A maker without a leading underscore is called from other modules, too.
    shared = {
        name
        for module in modules.values()
        for name in makers(module, classes)
        if not name.startswith("_")
    }
    lacking = [
        f"{app_path(path)}:{line}: {words}"
        for path, module in modules.items()
        for line, words in unmarked(module, classes | shared | makers(module, classes))
    ]
    assert not lacking, "\n".join(lacking)


def test_every_note_and_finding_is_marked_for_translation() -> None:
    """What a scan notes, what verifying the ledger finds and what a setting is refused with, as
    `kit.said` carries it."""
    lacking = [
        f"{app_path(path)}:{line}: {words}"
        for path, module in spoken().items()
        for line, words in _noted(module)
    ]
    assert not lacking, "\n".join(lacking)


def _noted(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func)
            if called.endswith(("Said", "notes.append", "findings.add", "ImproperlyConfigured")):
                yield from _plain(node.args[0])


def test_the_eye_that_looks_sees_notes() -> None:
    bare = 'file.notes.append(f"{gaps} rows."); findings.add("It is gone."); Said("No rows.")'
    assert len(list(_noted(ast.parse(bare)))) == 3
    assert list(_noted(ast.parse('findings.add(_("It is gone.")); Said(words)'))) == []


def test_what_is_left_out_is_there() -> None:
    assert [name for name in (*INTERFACES, *NOT_MARKED) if not source_path(name).is_file()] == []


def _seen(source: str) -> list[str]:
    module = ast.parse(source)
    classes = refusals([module])
    return [words for _, words in unmarked(module, classes | makers(module, classes))]


def test_the_eye_that_looks_sees() -> None:
    assert len(refusals(spoken().values())) > 200
    known = "class UnableToX(BadInput): ...\ndef no(what) -> UnableToX: ...\n"
    bare = 'raise UnableToX("Not so.", meaning=_("Nothing was done."), next_step=f"Try {x} again.")'
    assert _seen(known + bare) == ["'Not so.'", "f'Try {x} again.'"]
    assert _seen(known + 'raise no(f"{x} is no day.")') == ["f'{x} is no day.'"]
    assert _seen(known + 'raise UnableToX(_(f"{x} is no day."))') == ["f'{x} is no day.'"]
    assert _seen(known + 'UnableToX(_("No.") if a else "Not so.")') == ["'Not so.'"]
    assert _seen(known + 'UnableToX(_("No."), where=f"{a}, line {b}")') == ["f'{a}, line {b}'"]
    assert _seen(known + 'UnableToX(_("No."), where=f"{a}:{b}", next_step=why.next_step)') == []
    assert _seen(known + 'UnableToX("too_many"); Other("Not so.")') == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The reason is too short. Load the complaint again."),
        ("zh-hans", "理由过短。请刷新这件投诉。"),
    ],
)
def test_a_page_tells_a_refusal_in_its_reader_s_language(language: str, words: str) -> None:
    error = UnableToOverrule("The reason is too short.", next_step="Load the complaint again.")
    with translation.override(language):
        assert str(refusal_text(error)) == words
    assert error.as_dict()["what"] == "The reason is too short.", "programs and logs read English"


def test_a_rule_that_brings_its_own_chinese_is_told_in_it() -> None:
    with pytest.raises(UnableToMove) as refusal:
        table().move("closed", "propose", who="handler")
    with translation.override("zh-hans"):
        said = refusal_text(refusal.value)
    assert said.what.startswith("状态为")
    assert said.meaning == "没有作任何改动。"
    with translation.override("en"):
        assert refusal_text(refusal.value).what == refusal.value.what


def test_what_is_unknown_stays_as_it_is() -> None:
    with translation.override("zh-hans"):
        assert refusal_text(errors.BadInput("A sentence of a partner's system.")).meaning == ""


def test_what_a_rule_fills_in_stands_in_the_reader_s_language_too() -> None:
    with pytest.raises(UnableToReadQuarter) as english:
        quarter_days("spring")
    assert str(english.value) == "“spring” is no quarter. Write it like 2026Q3."
    with translation.override("zh-hans"):
        said = refusal_text(english.value)
    assert "spring" in said.what
    assert said.what != english.value.what
    with translation.override("en"):
        assert refusal_text(english.value).what == english.value.what


def test_a_line_of_a_file_stands_before_the_words_in_both_languages() -> None:
    why = errors.BadInput("There is no %(thing)s.", where="a.csv:3", values={"thing": "date"})
    assert why.translated(str)[0] == why.what == "a.csv:3: There is no date."
    assert (
        why.translated({"There is no %(thing)s.": "没有%(thing)s。"}.__getitem__)[0]
        == "a.csv:3: 没有date。"
    )
