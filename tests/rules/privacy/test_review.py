"""The privacy review of services."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from amends.privacy.rules.review import UnableToReview, parse, review

ON = date(2026, 11, 29)
SERVICES = [
    json.loads(line)
    for line in (Path(__file__).parent / "services.jsonl").read_text("utf-8").splitlines()
]
REMINDER = SERVICES[0]


def test_the_power_on_reminder_is_blocked_with_a_reason_and_a_redesign() -> None:
    found = review(parse(REMINDER), on=ON)
    assert (found.verdict, found.blocking) == ("block", ["switched-on"])
    (flow,) = found.flows
    assert flow.threat == "Detecting"
    assert "the called person has not agreed" in flow.why_en
    assert "被叫本人没有同意" in flow.why_zh
    assert flow.redesign_en
    assert flow.redesign_zh


@pytest.mark.parametrize("service", SERVICES, ids=[one["service"] for one in SERVICES])
def test_services_get_the_verdict_they_were_labelled_with(service: dict[str, Any]) -> None:
    found = review(parse(service), on=ON)
    assert (found.verdict, found.blocking) == (service["verdict"], service["blocking"])
    assert all(flow.threat and flow.why_en and flow.why_zh for flow in found.flows)


@pytest.mark.parametrize(
    "change",
    [{"about": "neighbour"}, {"to": "requestor"}, {"consent_of": ["everybody"]},
     {"retention_days": -1}, {"opt_out": "yes"}],
)  # fmt: skip
def test_a_flow_of_unknown_words_is_refused(change: dict[str, Any]) -> None:
    flow = {**REMINDER["flows"][0], **change}
    with pytest.raises(UnableToReview, match=r"flows\[0\]"):
        parse({**REMINDER, "flows": [flow]})


STRANGERS = Path(__file__).parent / "strangers"


def test_services_labelled_by_two_strangers_get_their_verdict_and_no_block_is_missed() -> None:
    """36 services and two sets of labels, made without sight of the rules; unchanged."""
    read = {
        name: [json.loads(line) for line in (STRANGERS / name).read_text("utf-8").splitlines()]
        for name in ("services.jsonl", "labels_a.jsonl", "labels_b.jsonl")
    }
    services = read.pop("services.jsonl")
    assert len(services) >= 30
    for labels in read.values():
        agreed = 0
        for service, label in zip(services, labels, strict=True):
            found = review(parse(service), on=ON)
            agreed += (found.verdict, found.blocking) == (label["verdict"], label["blocking"])
            assert label["verdict"] != "block" or found.verdict == "block", service["service"]
        assert agreed >= 0.95 * len(services)
