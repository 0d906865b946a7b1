"""Judge: compare what became of every contact with what is true of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from amends.cases.complaints.actions.intake import Receipt
from amends.cases.complaints.queries import standings
from amends.platform.kit.batches import slices
from amends.work.remedies.queries import remedies_of
from amends_demo.actions.files import File
from amends_demo.rules.comparison import Answer, Report, compare
from amends_demo.rules.simulate import World

_AT_ONCE = 500
_NOT_GRANTED = ("rejected", "failed", "proposed", "offered")


def judge(world: World, receipts: Mapping[str, Receipt], files: Mapping[str, File]) -> Report:
    """The demonstration's report.

    receipts  by the keys of the world's contacts
    files     by the references of complaints
    """
    granted = _granted(files)
    moments = world.contacts["received_ms"].to_pylist()
    return compare(
        (
            (truth, _answer(truth, received_ms, world.scenario.end_ms, receipts, files, granted))
            for truth, received_ms in zip(world.truth.to_pylist(), moments, strict=True)
        ),
        state_counts=_standing(files),
    )


def _standing(complaints: Mapping[str, File]) -> dict[str, int]:
    """State → how many complaints stand in it, most first."""
    states: Counter[str] = Counter()
    refs = sorted(complaints)
    for part in slices(refs, _AT_ONCE):
        statuses = standings(part)
        states.update(complaint_status.state for complaint_status in statuses.values())
    return dict(states.most_common())


def _granted(complaints: Mapping[str, File]) -> dict[str, int]:
    """What each complaint was granted, in fen."""
    money: dict[str, int] = {}
    refs = sorted(complaints)
    for part in slices(refs, _AT_ONCE):
        causes = [f"complaint:{ref}" for ref in part]
        for cause, cause_remedies in remedies_of(causes).items():
            money[cause.removeprefix("complaint:")] = sum(
                remedy.amount_minor for remedy in cause_remedies if remedy.state not in _NOT_GRANTED
            )
    return money


def _answer(
    truth: dict[str, Any],
    received_ms: int,
    end_ms: int,
    receipts: Mapping[str, Receipt],
    files: Mapping[str, File],
    granted: Mapping[str, int],
) -> Answer:
    receipt = receipts[truth["key"]]
    file = files[receipt.complaint]
    return Answer(
        complaint=file.ref,
        joined=receipt.joined,
        enquiry=receipt.kind == "enquiry",
        code=receipt.code,
        verdict=file.verdict,
        amount_minor=file.amount_minor,
        alone=file.alone,
        decided=file.settled_ms is not None,
        in_time=_in_time(file, end_ms),
        refunded_minor=granted.get(file.ref, 0),
        joinable=_was_open(truth, received_ms, receipts, files),
    )


def _was_open(
    truth: dict[str, Any],
    received_ms: int,
    receipts: Mapping[str, Receipt],
    files: Mapping[str, File],
) -> bool:
    """For a matter said again: whether its complaint was not yet answered when it came."""
    first = receipts.get(truth["contact_of"])
    if first is None:
        return False
    settled_ms = files[first.complaint].settled_ms
    return settled_ms is None or settled_ms > received_ms


def _in_time(file: File, end_ms: int) -> bool | None:
    """Whether the answer came by its deadline; None while there is time, or where none runs.

    A fault has a deadline for its repair instead, and nobody simulates repairs.
    """
    if file.due_ms is None or not file.answer_due:
        return None
    if file.settled_ms is not None:
        return file.settled_ms <= file.due_ms
    return False if file.due_ms < end_ms else None
