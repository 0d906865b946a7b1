"""What a person at the desk may be refused with is in both languages, and says what to do.

Rooms mark the words of a refusal where they raise it (`gettext_noop`, or `gettext` where a value is
filled in); `access.web.refusals.told` translates them on the page. That what is marked is in a
catalogue, `test_translations` sees to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from amends.access.web.refusals import told
from amends.complaints.actions.overrule import UnableToOverrule
from amends.complaints.rules.states import UnableToMove, table
from amends.indicators.rules.bulletin import UnableToReadQuarter, quarter_days
from amends.kit import errors

HOUSE = Path(__file__).parents[2] / "src" / "amends"
# What a page of the desk or of the public side may reach.
REACHED = (
    "access/actions", "access/web", "access/*.py",
    "channels/actions/mark.py", "channels/actions/release.py", "channels/actions/resolve.py",
    "channels/by_hand", "channels/phone/take_down.py", "channels/stored_files.py",
    "complaints/actions", "complaints/*.py", "complaints/web",
    "confirmations/actions", "confirmations/web",
    "hotissues/actions/join.py", "hotissues/actions/measure.py", "hotissues/actions/open_issue.py",
    "hotissues/web", "indicators/web", "notices/actions/open_owed.py", "notices/web",
    "portals/public", "remedies/actions", "remedies/web", "site/web",
    # What a command meets first: its own words, files it reads, backups, the ledger and its keys.
    "channels/files", "facts/fact.py", "ledger", "site/*.py", "site/backups", "site/cli",
    "site/imports", "site/releases", "vault",
)  # fmt: skip
# At the shell alone, or a mistake of ours: nobody at the desk can meet them.
ELSEWHERE = {
    "complaints/actions/learn.py": "amends classify --learn",
    "complaints/measured.py": "indicators name their measures",
    "remedies/actions/export.py": "the interface of billing",
}
BRANCHES = {"BadInput", "Refused", "Unavailable", "AmendsError"}


def reached() -> list[Path]:
    found: set[Path] = set()
    for place in REACHED:
        path = HOUSE / place
        found |= set(path.rglob("*.py")) if path.is_dir() else set(HOUSE.glob(place))
    return sorted(path for path in found if path.relative_to(HOUSE).as_posix() not in ELSEWHERE)


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Words of refusals that nobody marked for translation: line and words."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).split(".")[-1]
        if not name.startswith("UnableTo") and name not in BRANCHES:
            continue
        named = [k.value for k in node.keywords if k.arg in ("what", "meaning", "next_step")]
        for said in (*node.args, *named):
            plain = isinstance(said, ast.Constant) and isinstance(said.value, str)
            if isinstance(said, ast.JoinedStr) or (plain and " " in said.value):
                yield said.lineno, ast.unparse(said)


def test_every_refusal_a_page_can_meet_is_marked_for_translation() -> None:
    lacking = [
        f"{path.relative_to(HOUSE)}:{line}: {words}"
        for path in reached()
        for line, words in unmarked(path.read_text(encoding="utf-8"))
    ]
    assert not lacking, "\n".join(lacking)


def test_the_eye_that_looks_sees() -> None:
    assert len(reached()) > 100
    bare = 'raise UnableToX("Not so.", meaning=_("Nothing was done."), next_step=f"Try {x} again.")'
    assert [words for _, words in unmarked(bare)] == ["'Not so.'", "f'Try {x} again.'"]
    assert list(unmarked('raise UnableToX(_("Not so."), next_step=why.next_step)')) == []
    assert list(unmarked('raise UnableToAttach("too_many")')) == []


@pytest.mark.parametrize(("language", "words"), [
    ("en", "The reason is too short. Load the complaint again."),
    ("zh-hans", "理由过短。请刷新这件投诉。"),
])  # fmt: skip
def test_a_page_tells_a_refusal_in_its_reader_s_language(language: str, words: str) -> None:
    error = UnableToOverrule("The reason is too short.", next_step="Load the complaint again.")
    with translation.override(language):
        assert str(told(error)) == words
    assert error.as_dict()["what"] == "The reason is too short.", "programs and logs read English"


def test_a_rule_that_brings_its_own_chinese_is_told_in_it() -> None:
    with pytest.raises(UnableToMove) as refusal:
        table().move("closed", "propose", who="handler")
    with translation.override("zh-hans"):
        said = told(refusal.value)
    assert said.what.startswith("状态为")
    assert said.meaning == "没有作任何改动。"
    with translation.override("en"):
        assert told(refusal.value).what == refusal.value.what


def test_what_is_unknown_stays_as_it_is() -> None:
    with translation.override("zh-hans"):
        assert told(errors.BadInput("A sentence of a partner's system.")).meaning == ""


def test_what_a_rule_fills_in_stands_in_the_reader_s_language_too() -> None:
    with pytest.raises(UnableToReadQuarter) as english:
        quarter_days("spring")
    assert str(english.value) == "“spring” is no quarter. Write it like 2026Q3."
    with translation.override("zh-hans"):
        said = told(english.value)
    assert "spring" in said.what
    assert said.what != english.value.what
    with translation.override("en"):
        assert told(english.value).what == english.value.what


def test_a_line_of_a_file_stands_before_the_words_in_both_languages() -> None:
    why = errors.BadInput("There is no %(thing)s.", where="a.csv:3", values={"thing": "date"})
    assert why.told(str)[0] == why.what == "a.csv:3: There is no date."
    assert (
        why.told({"There is no %(thing)s.": "没有%(thing)s。"}.__getitem__)[0]
        == "a.csv:3: 没有date。"
    )
