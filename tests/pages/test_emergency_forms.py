"""Forms of an emergency: errors appear beside their fields, what was typed stays, names are picked."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from amends.problems.emergencies.actions.declare import Declaration, declare
from amends.problems.emergencies.models import Emergency, SilentNotice
from amends.problems.hotissues.models import HotIssue
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView
from tests.actions.hotissues.conftest import Crowd, crowd
from tests.markup import squeezed
from tests.pages.conftest import colleague, signed_in
from tests.pages.test_emergency import Led

__all__ = ["crowd"]


def declared(crowd: Crowd) -> None:
    terms = Declaration("thirdparty", "level3", "many")
    declare(crowd.issue, terms, actor=crowd.manager, now=timezone.now())


def area(code: str, name_zh: str, name_en: str) -> AreaView:
    return AreaView(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        parent="",
        province="11",
        subscribers_count=0,
    )


@pytest.mark.parametrize(
    ("language", "required"), [("en", "This field is required."), ("zh-hans", "这个字段是必填项。")]
)
def test_all_errors_of_a_form_appear_beside_their_fields(
    crowd: Crowd, language: str, required: str
) -> None:
    declared(crowd)
    led = Led(crowd.issue, language)
    answer = led.manager.post(
        f"/desk/hotissues/{crowd.issue}/emergency/publish/", {"title_en": "Ringtones", "zh": "  "}
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="Ringtones"' in page
    for name in ("title_zh", "zh", "en"):
        assert f'id="publish-{name}_error"' in page
        assert f'href="#publish-{name}"' in page
    assert 'id="publish-title_en_error"' not in page
    assert page.count(required) == 6
    around = page.partition('<section class="card" id="statement"')[0].rpartition("<details")[2]
    assert " open>" in around.partition("\n")[0]


def test_what_an_action_refuses_appears_in_its_form(crowd: Crowd) -> None:
    declared(crowd)
    led = Led(crowd.issue)
    answer = led.manager.post(
        f"/desk/hotissues/{crowd.issue}/emergency/review/", {"review": "short"}
    )
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "The review is too short" in page.partition('id="review-review_error"')[2][:300]
    assert ">\nshort</textarea>" in page


def test_an_amount_that_is_none_is_refused(crowd: Crowd) -> None:
    declared(crowd)
    led = Led(crowd.issue)
    address = f"/desk/hotissues/{crowd.issue}/emergency/relieve/"
    for amount in ("ten", "1e99", "NaN", "-1", "1.005", "9" * 40):
        answer = led.manager.post(address, {"amount": amount, "zh": "补偿", "en": "Credit"})
        assert answer.status_code == 400, amount
        assert 'id="relieve-amount_error"' in answer.content.decode(), amount


def test_the_number_of_users_is_read_by_a_form(crowd: Crowd) -> None:
    declared(crowd)
    led = Led(crowd.issue)
    led.act("notice", zh="请看", en="Look")
    answer = led.senior.post(
        f"/desk/hotissues/{crowd.issue}/emergency/tell/", {"confirmed": "yes", "most": "9" * 5000}
    )
    assert answer.status_code == 400
    assert SilentNotice.objects.get().sent_at is None


def test_areas_and_offers_are_picked_by_name_with_their_customers(crowd: Crowd) -> None:
    define_areas(
        [area("area-5002", "石渡区", "Stone Ford"), area("area-5003", "东港区", "East Port")]
    )
    led = Led(crowd.issue)
    page = squeezed(led.page())
    assert "East Port · 0 customers" in page
    assert re.search('name="areas" value="area-5002"', page)
    assert re.search(r'name="offers" value="offer-ring"[^>]*><span>[^<]* · 5 services', page)
    address = f"/desk/hotissues/{crowd.issue}/emergency/"
    for unknown in ("nonsense", "石渡区", "Stone Ford", "area-9999"):
        seen = led.manager.get(address, {"kind": "thirdparty", "areas": unknown})
        assert seen.status_code == 400
        assert f"Not in the list: {unknown}" in seen.content.decode()
        refused = led.manager.post(
            f"{address}declare/",
            {"kind": "outage", "level": "level2", "reason": "many", "areas": unknown},
        )
        assert refused.status_code == 400
        assert f"Not in the list: {unknown}" in refused.content.decode()
        assert 'value="many"' in refused.content.decode()
    assert not Emergency.objects.exists()
    led.act("declare", kind="outage", level="level2", reason="many", areas="area-5002")
    assert Emergency.objects.get().areas == ["area-5002"]
    assert "Stone Ford" in led.page()


def test_a_long_list_has_a_search_box(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    assert "data-filter" not in led.page()
    define_areas([area(f"area-{n}", f"区{n}", f"District {n}") for n in range(31)])
    assert led.page().count("data-filter") == 1


def test_a_declaration_without_a_reason_keeps_what_was_typed(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    answer = led.manager.post(
        f"/desk/hotissues/{crowd.issue}/emergency/declare/",
        {"kind": "thirdparty", "level": "level1", "offers": "offer-ring"},
    )
    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'id="declare-reason_error"' in page
    assert '<option value="level1" selected>' in page
    assert '<input type="hidden" name="offers" value="offer-ring"' in page
    assert HotIssue.objects.get().level == ""


def test_a_drill_with_a_number_that_is_none_stays_on_the_page(db: None) -> None:
    manager = signed_in(colleague("mei.lin", "manager"), "en")
    for persons in ("many", "9" * 5000, "3"):
        answer = manager.post(
            "/desk/hotissues/drills/", {"title": "Twice", "kind": "billing", "persons": persons}
        )
        page = answer.content.decode()
        assert answer.status_code == 400
        assert 'id="id_persons_error"' in page
        assert 'value="Twice"' in page
