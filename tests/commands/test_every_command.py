"""Every command of the built wheel, as a process of its own: its answer, and refusals of bad files.

`make test-commands` runs it. `tests/commands/cases.py` has an entry for each command.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.commands.cases import CASES
from tests.commands.installation import WITHOUT_JSON, Installation, Outcome, Run, runs

pytestmark = [pytest.mark.no_database, pytest.mark.commands]
AT_ONCE = 3
RUNS = [run for leaf in CASES for run in runs(leaf)]


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Run, Future[Outcome]]]:
    """The outcome of each run that is selected; a few processes run at a time."""
    installation = Installation(tmp_path_factory.mktemp("commands"))
    selected = [
        item.callspec.params["run"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and "outcomes" in item.fixturenames
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {run: pool.submit(installation.run, run) for run in selected}
        pool.shutdown(cancel_futures=True)


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_command(run: Run, outcomes: Mapping[Run, Future[Outcome]]) -> None:
    outcome, case = outcomes[run].result(), run.case
    shown = f"exit code {outcome.code}\n{outcome.out}\n{outcome.err}"
    assert "Traceback" not in outcome.out + outcome.err, shown
    if case.computes and not case.until:
        assert not outcome.has_database, "a computation makes no database"
    if case.until:
        assert case.until.format(**outcome.names) in outcome.out + outcome.err, shown
        assert outcome.code in (0, -signal.SIGTERM), shown
    elif run.kind in ("empty", "other"):
        assert outcome.code in (1, 2), shown
        assert isinstance(outcome.document, dict), shown
    else:
        assert outcome.code == case.code, shown
        if run.kind == "json":
            wanted = {key: _filled(value, outcome.names) for key, value in case.document.items()}
            document = outcome.document
            assert isinstance(document, dict | list), shown
            assert wanted == {key: document.get(key) for key in wanted}, shown
        if run.kind == "text" or not case.document:
            printed = outcome.out if outcome.code == 0 else outcome.out + outcome.err
            assert case.says.format(**outcome.names) in printed, shown
            assert printed or run.leaf in WITHOUT_JSON, shown


def test_the_document_of_a_refusal_is_read_from_the_last_line() -> None:
    err = "Reading 1/1\n" + json.dumps({"error": "x"}) + "\n"
    refused = Outcome(code=2, out="", err=err, names={}, has_database=False)
    assert refused.document == {"error": "x"}
