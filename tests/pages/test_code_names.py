"""Brands and campaigns stand on the pages by the names they were given, else by their codes."""

from __future__ import annotations

import pytest
from django.utils import translation

from amends.cases.complaints.models import Complaint
from amends.cases.complaints.texts.units import unit_names
from amends.cases.complaints.web.fact_words import scope_words
from amends.causes.confirmations.web.lists import campaign_name
from amends.problems.hotissues.texts.names import cause_name
from amends.record.catalogue.actions.name_codes import name_codes
from tests.pages.conftest import Desk, colleague, complaint_page, signed_in

PERIOD = "from=2026-10-01&to=2027-01-01"


@pytest.mark.parametrize(
    ("language", "brand", "campaign"),
    [("zh-hans", "云帆", "新春好礼"), ("en", "Sailcloud", "Spring Gift")],
)
def test_a_name_stands_where_the_code_stood(
    desk: Desk, language: str, brand: str, campaign: str
) -> None:
    Complaint.objects.update(brand="yf")
    client = signed_in(colleague("lin", "manager"), language)
    assert "<dd>yf</dd>" in complaint_page(client, desk.complaint), "it has no name yet"
    name_codes("brand", {"yf": ("云帆", "Old name")})
    name_codes("brand", {"yf": ("云帆", "Sailcloud")})
    name_codes("campaign", {"spring": ("新春好礼", "Spring Gift")})
    assert f"<dd>{brand}</dd>" in complaint_page(client, desk.complaint)
    league = client.get(f"/desk/indicators/?section=all&by=brand&{PERIOD}").content.decode()
    assert f'<th scope="row">{brand}</th>' in league
    with translation.override(language):
        assert unit_names("brand") == {"yf": brand}
        assert cause_name("campaign", "spring") == campaign == campaign_name("spring")
        assert cause_name("campaign", "summer") == "summer" == campaign_name("summer")
        assert scope_words("brand:yf") == brand
        assert scope_words("brand:other") == "other"
