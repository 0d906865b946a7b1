"""A reason the platform keeps of its own accord is marked where it is written, and told in each
reader's language: what is kept once in English is never shown so to a Chinese reader."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.translation import gettext
from tests.source_tree import app_path, source_files

from amends.cases.complaints.web.fact_words import fields
from amends.causes.notices.web.notices import reason_words as why_of_notice
from amends.entrances.portals.public.words import look_in_words
from amends.people.access.queries import LookView
from amends.people.access.texts import reason_of
from amends.problems.hotissues.queries.reasons import INVENTED, SAYS_SO
from amends.problems.hotissues.texts.reasons import reason_words
from amends.record.facts.stored import StoredFact

KEEPERS = {"note_look", "reach", "reach_many", "unmask", "unmask_addresses"}
"""What keeps a reason in the ledger."""
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)


def _kept(text: str) -> Iterator[tuple[int, str, bool]]:
    """Line, words and whether they are marked, of each literal reason given to a keeper."""
    tree = ast.parse(text)
    marks = {"gettext_noop", *(["_"] if "gettext_noop as _\n" in text else [])}
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "attr", "") or getattr(
            getattr(node, "func", None), "id", ""
        )
        if not isinstance(node, ast.Call) or name not in KEEPERS:
            continue
        for given in node.keywords:
            if given.arg != "reason":
                continue
            if isinstance(given.value, ast.Constant):
                yield node.lineno, str(given.value.value), False
            elif isinstance(given.value, ast.Call) and given.value.args:
                marked = getattr(given.value.func, "id", "") in marks
                said = given.value.args[0]
                if isinstance(said, ast.Constant):
                    yield node.lineno, str(said.value), marked


def test_every_reason_of_a_look_by_the_platform_is_marked_and_in_chinese() -> None:
    found = [
        (f"{app_path(path)}:{line}", words, marked)
        for path in source_files("*.py")
        for line, words, marked in _kept(path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 8
    assert [where for where, _words, marked in found if not marked] == []
    with translation.override("zh-hans"):
        assert [words for _where, words, _marked in found if gettext(words).isascii()] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"), [("en", "code to check an identity"), ("zh-hans", "用来核验身份的验证码")]
)
def test_who_reads_of_a_look_reads_its_reason_in_their_language(language: str, said: str) -> None:
    look = LookView(
        "f",
        NOW,
        "system:desk",
        "system",
        "p-1",
        "c-1",
        "identity",
        ("phone",),
        unmasked=True,
        reason="code to check an identity",
    )
    payload: dict[str, str | int] = {"reason": look.reason}
    fact = StoredFact("f", "DataAccessed", 1, "p-1", "c-1", 0, 0, "access", payload, b"", 1)
    with translation.override(language):
        assert reason_of(look) == said
        assert look_in_words(look, own_case="").reason == said
        assert [value for _name, _label, value in fields(fact, "UTC")] == [said]


def test_what_a_person_typed_stands_as_it_was_typed() -> None:
    look = LookView("f", NOW, "u-1", "handler", "p-1", "c", "complaint", (), False, "他来电询问")
    with translation.override("en"):
        assert reason_of(look) == "他来电询问"
        assert reason_words("电缆已修好") == "电缆已修好"


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("failed 5 times: 450 busy", "试了5次都没有发出：450 busy"),
        ("the sender stopped", "发送程序中断，不知道是否已经发出"),
        ("the recipient is forgotten", "收件人的资料已经删除"),
    ],
)
def test_what_the_outbox_keeps_is_told_of_a_notice(kept: str, told: str) -> None:
    with translation.override("zh-hans"):
        assert why_of_notice(kept) == told


def test_a_drill_started_in_one_language_is_read_in_another() -> None:
    """Before, its reasons were kept in the language of whoever started it."""
    with translation.override("zh-hans"):
        assert (reason_words(INVENTED), reason_words(SAYS_SO)) == ("为演练虚构。", "演练设定。")
