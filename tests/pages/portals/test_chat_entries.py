"""The entries of a chat after a number that is no number of an entry."""

from __future__ import annotations

import pytest
from django.utils import timezone

from amends.entrances.chats.models import Chat
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("after", ["9" * 5_000, "9" * 25, "٣" * 5_000, "-1", "", "x"])
def test_no_number_of_an_entry_breaks_the_page(after: str) -> None:
    now = timezone.now()
    chat = Chat.objects.create(
        began_at=now, asked_at=now, visitor_at=now, state="waiting", language="en", contact=b""
    )
    handler = signed_in(colleague("zhang.san", "handler"))
    assert handler.get(f"/desk/chats/{chat.id}/entries/", {"after": after}).status_code == 200
