"""The taxonomy: 23 codes in two languages, and an honest way to and from the regulators' classes."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from amends.engines.classification.taxonomy import UnableToTranslateClass, taxonomy


def test_every_code_says_what_it_means_in_both_languages() -> None:
    for code in taxonomy().codes.values():
        assert all((code.zh, code.en, code.boundary_zh, code.boundary_en))
        assert code.definition_zh.endswith("。"), code.code
        assert code.definition_en.endswith("."), code.code
        assert not set(code.definition_zh + code.boundary_zh) & set(",;:()"), code.code


def test_every_mapped_class_exists_and_every_class_is_reachable() -> None:
    known = taxonomy()
    for scheme in known.schemes.values():
        used = {known.class_of(code, scheme.id) for code in known.codes} - {None}
        assert used == set(scheme.classes), scheme.id


def test_forward_and_back_agree() -> None:
    known = taxonomy()
    for scheme in known.schemes.values():
        listed = [code for name in scheme.classes for code in known.codes_of(scheme.id, name)]
        listed += known.without_counterpart(scheme.id)
        assert sorted(listed) == sorted(known.codes)


def test_the_network_class_of_2012_has_no_counterpart_in_2025() -> None:
    assert taxonomy().counterparts("cn-2012", "network", "cn-2025") == (None,)


def test_the_service_class_of_2012_is_split_so_the_series_breaks() -> None:
    assert len(taxonomy().counterparts("cn-2012", "service", "cn-2025")) > 1


@pytest.mark.parametrize(
    ("code", "scheme"), [("network.nothing", "cn-2012"), ("network.speed", "mars")]
)
def test_strangers_are_refused(code: str, scheme: str) -> None:
    with pytest.raises(UnableToTranslateClass):
        taxonomy().class_of(code, scheme)


def test_a_newer_day_keeps_the_newest_version() -> None:
    assert taxonomy(date(2030, 1, 1)).version == "taxonomy@2026-11-29"


def test_codes_go_back_to_the_version_before_and_forward_again() -> None:
    now, before = taxonomy(), taxonomy(date(2026, 11, 24))
    assert {now.back(code) for code in now.codes} == set(before.codes)
    assert {now.forward(code) for code in before.codes} == set(now.codes) - {"service.self_service"}
    assert now.back("service.self_service") == "service.support"
    for scheme in ("cn-2012", "cn-2025", "acma"):
        assert now.class_of("service.self_service", scheme) == before.class_of(
            "service.support", scheme
        )


@pytest.mark.shared
def test_the_codes_of_the_labelled_titles_are_among_ours(shared: Path) -> None:
    with (shared / "data/taxonomy/complaint_taxonomy.csv").open(encoding="utf-8") as rows:
        published = {row["code"] for row in csv.DictReader(rows)}
    assert set(taxonomy().codes) - published == {"service.self_service"}
    assert not published - set(taxonomy().codes)
