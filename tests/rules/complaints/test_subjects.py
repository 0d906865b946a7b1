"""Subjects recognised in a text, and their keys."""

from __future__ import annotations

import pytest

from amends.engines.classification.subjects import (
    ComplaintSubject,
    SubjectKind,
    SubjectName,
    recognise,
    subject_of,
)

RING = ComplaintSubject(SubjectKind.SERVICE, "ring-star")
PACK = ComplaintSubject(SubjectKind.SERVICE, "roam-pack-39")
AREA = ComplaintSubject(SubjectKind.AREA, "area-5002")
NAMES = (
    SubjectName("星声彩铃", RING),
    SubjectName("Star Ringtone", RING),
    SubjectName("境外畅游包39", PACK),
    SubjectName("石渡区", AREA),
)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("每月扣6块星声彩铃，我没订过", [RING]),
        ("星声 彩铃和境外畅游包３９都扣了钱", [RING, PACK]),
        ("STAR  RINGTONE was never ordered", [RING]),
        ("starring tones", []),
        ("境外畅游包390", []),
        ("石渡区的网很慢", [AREA]),
        ("", []),
    ],
)
def test_a_text_names_subjects_of_the_catalogue(
    text: str, subjects: list[ComplaintSubject]
) -> None:
    assert [each.subject for each in recognise(text, NAMES)] == subjects


def test_a_name_of_several_subjects_is_less_certain() -> None:
    other = ComplaintSubject(SubjectKind.SERVICE, "ring-star-2")
    recognised = recognise("星声彩铃", (*NAMES, SubjectName("星声彩铃", other)))
    assert [(each.subject, each.confidence) for each in recognised] == [(RING, 0.5), (other, 0.5)]


@pytest.mark.parametrize("key", ["nonsense", "area:", "planet:x", "area:" + "x" * 65, ""])
def test_a_malformed_key_has_no_subject(key: str) -> None:
    assert subject_of(key) is None


def test_a_key_gives_its_subject_back() -> None:
    assert subject_of(AREA.key) == AREA
