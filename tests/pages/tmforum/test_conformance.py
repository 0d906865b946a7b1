"""The conformance kits of TM Forum pass on a fresh store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from amends.entrances.portals.actions.clients import make_client
from tests.pages.tmforum.kits import KITS, run_kit, with_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]
SCOPES = ("tickets:read", "tickets:write", "tickets:content")


@pytest.mark.needs("conformance kits")
def test_kit_of_tmf621(live_server: Any, tmp_path: Path) -> None:
    folder = KITS / "CTK-TMF621-TroubleTicket-R18-0" / "ctk"
    token = make_client("kit", scopes=SCOPES, now=timezone.now())
    with with_token(live_server.url, token) as address:
        result = run_kit(
            folder / "CTK-TMF621-TroubleTicket.postman_collection.json",
            folder / "TMForumR18.0.postman_environment.json",
            {"TroubleTicketAPI": f"{address}/tmf-api/troubleTicket/v2"},
            tmp_path / "report.json",
        )
    assert result.assertions > 150
    assert result.failures == []
