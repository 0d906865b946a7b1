"""/admin speaks Chinese: no page shows a word of English that is not a name."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.urls import get_resolver, reverse

from pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
NAMES = r"Amends|wang\.lei|TOTP|WebAuthn"


class Words(HTMLParser):
    """What a person reads of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style", "code"}
        self.said += [v for k, v in attrs if k in {"title", "aria-label", "placeholder"} and v]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style", "code"}

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.said.append(data.strip())


def english(page: str) -> list[str]:
    words = Words()
    words.feed(page)
    said = [re.sub(rf"{NAMES}", "", one) for one in words.said]
    return sorted({one for one in said if re.search(r"[A-Za-z]{3,}", one)})


def test_admin_speaks_chinese():
    assert get_resolver().url_patterns, "the pages of /admin are registered with the addresses"
    user = colleague("wang.lei", "administrator")
    user.is_staff = user.is_superuser = True
    user.save()
    client = signed_in(user, "zh-hans")
    pages = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
    assert len(pages) > 15
    for address in pages:
        page = client.get(address)
        assert page.status_code in {200, 403}, address
        if page.status_code == 200:
            assert english(page.content.decode()) == [], address


def test_nobody_adds_or_edits_a_second_factor_by_hand():
    user = colleague("wang.lei", "administrator")
    user.is_staff = user.is_superuser = True
    user.save()
    client = signed_in(user)
    assert client.get(reverse("admin:mfa_authenticator_changelist")).status_code == 200
    assert client.get(reverse("admin:mfa_authenticator_add")).status_code == 403
