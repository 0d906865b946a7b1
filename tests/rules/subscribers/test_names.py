"""Which spellings are one name, which are two, and of which nothing can be told."""

from __future__ import annotations

import pytest

from amends.kit.person_names import agree, read_name

pytestmark = pytest.mark.no_database

ONE = (
    ("Ann Example", "ann  EXAMPLE"),
    ("Ann Example", "Example, Ann"),
    ("AnnExample", "Ann Example"),
    ("ＡＮＮ　Ｅｘａｍｐｌｅ", "Ann Example"),
    ("José García", "GARCIA JOSE"),
    ("Mr John Smith", "John Smith"),
    ("Dr. Jean-Luc Picard", "Jean Luc Picard"),
    ("王 伟", "王伟"),
    ("王伟先生", "王伟"),
    ("阿卜杜拉·买买提", "阿卜杜拉 买买提"),
)
TWO = (
    ("Ann Example", "Bo Example"),
    ("Ann", "Bo"),
    ("Mr Smith", "Mrs Smith"),
    ("John Smith", "John Smith Jr"),
    ("王伟", "王伟强"),
    ("王先生", "李伟"),
    ("王先生", "王女士"),
    ("王**", "李伟"),
    ("欧阳先生", "王伟"),
)
UNTOLD = (
    ("", "Ann Example"),
    ("未知", "王伟"),
    ("先生", "王伟"),
    ("Mr", "Ann Example"),
    ("王*伟", "王小伟"),
    ("王某", "王伟"),
    ("王先生", "王伟"),
    ("王**", "王**"),
    ("A** E******", "Ann Example"),
    ("J. Smith", "John Smith"),
    ("Ann Example", "Ann Mary Example"),
)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [(*pair, answer) for pairs, answer in ((ONE, True), (TWO, False), (UNTOLD, None))
     for pair in pairs],
)  # fmt: skip
def test_two_names_are_one_persons_or_not(one: str, other: str, answer: bool | None) -> None:
    assert agree(read_name(one), read_name(other)) is answer
    assert agree(read_name(other), read_name(one)) is answer
