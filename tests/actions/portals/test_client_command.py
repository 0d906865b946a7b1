"""`amends client`: the token once, JSON for scripts, refusals with exit 2."""

from __future__ import annotations

import json
from typing import get_type_hints

import pytest
from typer import Typer
from typer.testing import CliRunner

from amends.entrances.portals.actions.clients import SCOPES, UnableToMakeClient
from amends.entrances.portals.cli import client
from amends.entrances.portals.models import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    shell = Typer()
    shell.command()(client)
    return lambda *words: CliRunner().invoke(shell, list(words))


def test_the_token_is_all_that_stands_on_standard_output(run) -> None:
    done = run("crm", "--scope", "complaints:write", "--brand", "north", "--trusted-identity")
    assert done.exit_code == 0
    assert done.stdout.startswith("amends_")
    assert len(done.stdout.split()) == 1
    row = ApiClient.objects.get()
    assert (row.name, row.scopes, row.brand) == ("crm", ["complaints:write"], "north")
    assert row.trusted_identity is True


def test_scripts_read_one_json_document(run) -> None:
    done = run("crm", "--scope", "remedies:billing", "--json")
    document = json.loads(done.stdout)
    assert set(document) == {"name", "token", "scopes"}


def test_a_client_is_revoked(run) -> None:
    run("crm", "--scope", "complaints:read")
    assert json.loads(run("crm", "--revoke", "--json").stdout) == {"name": "crm", "revoked": True}
    assert ApiClient.objects.get().revoked_at is not None


def test_bad_wishes_are_refused_with_what_can_be_chosen(run) -> None:
    done = run("crm", "--scope", "everything")
    assert isinstance(done.exception, UnableToMakeClient)
    assert "complaints:write" in str(done.exception)
    assert ApiClient.objects.count() == 0


def test_the_help_names_every_scope() -> None:
    (option,) = (one for one in get_type_hints(client, include_extras=True)["scope"].__metadata__)
    assert [scope for scope in SCOPES if scope not in option.help] == []
