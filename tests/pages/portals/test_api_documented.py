"""docs/api.md says what the interface does: every operation, every refusal, an example that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from amends.cases.complaints.actions.intake import UnableToReceive
from amends.cases.complaints.queries import class_names
from amends.entrances.portals.actions import clients
from amends.entrances.portals.api import interface, submissions
from amends.entrances.portals.api.refusals import NO_SUCH_ADDRESS, WRONG_METHOD
from amends.platform.kit import errors
from amends.work.remedies.actions.export import UnableToAcknowledge

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_operation_and_scope_is_in_the_table() -> None:
    paths = interface.api.get_openapi_schema()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            scope = re.search(r"Scope `([a-z:]+)`", operation["description"])
            assert scope is not None
            assert f"| `{method.upper()} {path}` | `{scope[1]}` |" in DOCUMENT


def test_every_refusal_is_in_the_table() -> None:
    ours = [
        UnableToReceive,
        UnableToAcknowledge,
        clients.UnableToUseScope,
        errors.UnableToReuseKey,
        submissions.UnableToTakeTime,
        interface.UnableToTakeBatch,
        submissions.UnableToTrustIdentity,
    ]
    words = {error.code for error in ours} | {NO_SUCH_ADDRESS["error"], WRONG_METHOD["error"]}
    words |= {
        "bad_input",
        "unauthorized",
        "too_big",
        "our_fault",
        "unavailable",
        "disk_full",
        "read_only",
    }
    for word in words:
        assert f"`{word}`" in DOCUMENT


def test_the_example_runs_and_its_receipt_has_our_fields(caller) -> None:
    sent = re.search(r"-d '(\{.*?\})'", DOCUMENT, re.DOTALL)
    shown = re.search(r"```json\n(\{\"tracking_code.*?\})\n```", DOCUMENT, re.DOTALL)
    assert sent is not None
    assert shown is not None
    body = json.loads(sent[1]) | {"received_at": None}
    answer = caller("complaints:write").post("/complaints", body, key="crm-2026-11-24-000417")
    assert answer.status_code == 201
    assert set(answer.json()) == set(json.loads(shown[1]))
    # Which class the example gets is for the classifier of the day; the one shown must exist.
    assert json.loads(shown[1])["code"] in class_names()
