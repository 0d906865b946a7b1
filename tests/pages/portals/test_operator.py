"""Public pages carry the operator of the installation, not the name of the software."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.test import Client

from amends.platform.environment.operator import Operator, operator_from_environment
from amends_demo.cli import _name_operator

pytestmark = pytest.mark.django_db

PAGES = ("/complain/", "/follow/", "/mine/", "/statements/", "/speed/", "/tariffs/")
OPERATOR = Operator(
    name="示例通信",
    name_en="Example Telecom",
    hotline="+86 10 5555 0100",
    hours="每天8:00-22:00",
    hours_en="every day, 8:00-22:00",
    privacy_url="https://www.example.com/privacy",
)


def _page(address: str, language: str) -> str:
    response = Client(headers={"accept-language": language}).get(address, follow=True)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_a_public_page_names_operator_hotline_hours_and_privacy_notice(
    address: str, settings: Any
) -> None:
    settings.OPERATOR = OPERATOR
    html = _page(address, "zh-hans")
    for words in ("示例通信</title>", "+86 10 5555 0100（每天8:00-22:00）", 'href="/privacy/"'):
        assert words in html, words
    assert 'href="https://www.example.com/privacy"' in _page("/privacy/", "zh-hans")
    assert ">Amends<" not in html
    assert "Amends</title>" not in html
    english = _page(address, "en")
    assert "Example Telecom</title>" in english
    assert "+86 10 5555 0100 (every day, 8:00-22:00)" in english


def test_what_is_not_set_is_left_out(settings: Any) -> None:
    settings.OPERATOR = Operator(name="Example Telecom")
    html = _page("/follow/", "en")
    assert "Customer service" not in html
    assert "privacy notice of the operator" not in _page("/privacy/", "en")


def test_the_demonstration_sets_an_invented_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("AMENDS_OPERATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AMENDS_OPERATOR_NAME", "My own")
    with monkeypatch.context() as patch:
        patch.setattr("os.environ", dict(os.environ))
        _name_operator()
        found = operator_from_environment()
    assert found.name == "My own", "whoever runs it may name another"
    assert found.hotline
    assert found.hours_in("en")
    assert found.privacy_url
