"""Privacy and accessibility are described on pages that every footer links; help after a fraud."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from amends.platform.environment.operator import Operator
from tests.pages.conftest import colleague

pytestmark = pytest.mark.django_db
LANGUAGES = {"en": ("Privacy", "Accessibility"), "zh-hans": ("个人信息保护", "无障碍")}


def _page(address: str, language: str = "en") -> str:
    client = Client()
    client.cookies["amends_language"] = language
    response = client.get(address)
    assert response.status_code == 200
    page: str = response.content.decode()
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["/protect/", "/help/", "/tariffs/", "/services/"])
def test_every_footer_links_both_pages(address: str, language: str) -> None:
    footer = _page(address, language).partition('<footer class="public-foot">')[2]
    for path, title in zip(("/privacy/", "/accessibility/"), LANGUAGES[language], strict=True):
        assert f'<a href="{path}">{title}</a>' in footer
        assert f"<h1>{title}</h1>" in _page(path, language)


def test_the_privacy_page_is_the_record_of_processing() -> None:
    page = _page("/privacy/")
    assert "Receive, examine and answer complaints" in page
    assert "1,095 days" in page


def test_who_finds_a_weakness_reads_where_to_report_it(settings: Any) -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACTS = ["mailto:security@example.org", "tel:+861055550100"]
    settings.SECURITY_EXPIRES = timezone.localdate() + timedelta(days=90)
    settings.SECURITY_POLICY = ["https://example.org/security"]
    answer = Client().get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = [line.partition(": ") for line in answer.content.decode().split("\r\n")[:-1]]
    fields = [name for name, _colon, _value in lines]
    assert fields == [
        "Contact", "Contact", "Expires", "Preferred-Languages", "Canonical", "Policy",
    ]  # fmt: skip
    values = {name: value for name, _colon, value in lines}
    assert datetime.fromisoformat(values["Expires"]).date() == settings.SECURITY_EXPIRES
    assert values["Canonical"].endswith("/.well-known/security.txt")
    settings.SECURITY_EXPIRES = timezone.localdate() - timedelta(days=1)
    assert Client().get("/.well-known/security.txt").status_code == 404, "an expired contact"


def test_after_a_fraud_the_advice_comes_first(settings: Any) -> None:
    settings.OPERATOR = Operator(name="Example Telecom", hotline="+86 10 5555 0100")
    settings.SMS_FROM = "10690001"
    colleague("lin", "manager")  # Before the first account, "/" is the first-run page.
    assert 'href="/protect/"' in _page("/")
    page = _page("/protect/")
    assert page.index('href="tel:110"') < page.index("Report a message or call")
    assert 'href="tel:+861055550100"' in page
    assert 'href="sms:10690001"' in page
    settings.SMS_FROM = "EXAMPLE"
    assert "sms:" not in _page("/protect/"), "nobody can write to a name"
