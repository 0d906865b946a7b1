"""`amends quality verdict`, `score` and `link`: files in, one document out."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import translate_sentence
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.json_in import read_json
from amends.platform.tabular.exports import neutral_frame

if TYPE_CHECKING:
    import polars as pl

    from amends.network.quality.rules.verdict import VerdictReport
    from amends.platform.kit.packs import RuleFile

MOST_COLUMNS = 1_000
MOST_CHARACTERS = 1_000
_PACKAGE = "amends.network.quality"
_MARKS = {True: "✓", False: "✗", None: "?"}


@dataclass(frozen=True, slots=True)
class Score:
    """A score, or several by name."""

    value: Any


@dataclass(frozen=True, slots=True)
class ScoreList:
    """The scores in the order of the file."""

    results: list[Score]


@dataclass(frozen=True, slots=True)
class RowsLeftOut:
    """Rows without a time, with an end before their start, or of an id given before."""

    complaints: int
    events: int


@dataclass(frozen=True, slots=True)
class LinkedComplaints:
    """How many complaints an event explains; `explained_share` from 0 to 1."""

    complaints: int
    events: int
    links: int
    explained_share: float
    rows_left_out: RowsLeftOut
    seconds: float


def _verdict_view(verdict_report: VerdictReport) -> View:
    from amends.network.quality.rules.speed_tests import REASONS

    evidence = verdict_report.evidence
    lines = [translate_sentence(verdict_report.sentence)]
    lines += [
        f"{_MARKS[clause.met]} {clause.id}: {translate_sentence(clause.why)}"
        for clause in verdict_report.clauses
    ]
    lines += [translate_sentence(missing) for missing in verdict_report.missing]
    counted = _("%(counted)s of %(tests)s tests count.")
    lines.append(counted % {"counted": evidence.counted, "tests": evidence.tests})
    for reason, count in evidence.not_counted.items():
        lines.append(f"  {count} × {_(REASONS[reason])}")
    if evidence.verified is not True:
        lines.append(_("The text of this rule was not read at its source."))
    return View(notes=lines)


@command(view=_verdict_view, tables=False)
def verdict(
    file: Annotated[Path, typer.Argument(help="JSON: plan, tests and, if any, reported_at.")],
    rule: Annotated[str, typer.Option(help="Such as de-fixed@2021-12-13.")],
) -> VerdictReport:
    """Judge the speed tests of one line against its contract."""
    from amends.network.quality.rules.speed_tests import read_case
    from amends.network.quality.rules.verdict import judge

    judgement = judge(_rule(rule), read_case(_read_json(file)), now=datetime.now(UTC))
    return judgement.report()


def _scores_view(score_list: ScoreList) -> View:
    lines = [
        f"{number}. {json.dumps(score.value)}" for number, score in enumerate(score_list.results, 1)
    ]
    return View(notes=lines)


@command(view=_scores_view, tables=False)
def score(
    file: Annotated[Path, typer.Argument(help='JSON: a list of {"f": NAME, …}.')],
) -> ScoreList:
    """Calculate scores of perceived quality: e_model, qoo, aim, rpm, apdex."""
    from amends.network.quality.rules import scores

    entries = _read_json(file)
    if not isinstance(entries, list):
        raise BadInput(
            gettext_noop("The file holds no JSON list."),
            next_step=gettext_noop('Write [{"f": "e_model", "Ppl": 1}].'),
            where=str(file),
            code="unable_to_read_file",
        )
    results = []
    for number, entry in enumerate(entries):
        try:
            results.append(Score(scores.score(entry)))
        except scores.UnableToScore as error:
            raise error.found_in(f"{file}[{number}]") from None
    return ScoreList(results)


def _links_view(linked_complaints: LinkedComplaints) -> View:
    explained = _("%(links)s of %(complaints)s complaints are explained by an event.")
    lines = [
        explained % {"links": linked_complaints.links, "complaints": linked_complaints.complaints}
    ]
    if left := linked_complaints.rows_left_out.complaints + linked_complaints.rows_left_out.events:
        lines.append(
            _("%(rows)s rows were left out: twice the same, or without a time.") % {"rows": left}
        )
    return View(notes=lines)


@command(view=_links_view, tables=False)
def link(
    complaints: Annotated[Path, typer.Argument(help="CSV: complaint, at, area, service, class.")],
    events: Annotated[Path, typer.Argument(help="CSV: event, area, service, from, to, kind.")],
    out: Annotated[Path, typer.Option(help="CSV to write: complaint, event, score.")],
    force: FORCE = False,
) -> LinkedComplaints:
    """Link complaints to the network events that explain them."""
    from amends.network.quality.rules import links

    started = time.perf_counter()
    check_output(out, force=force, inputs=[complaints, events])
    came, came_read = _read_csv(complaints, links.COMPLAINTS, ["at"], "complaint")
    happened, happened_read = _read_csv(events, links.EVENTS, ["from"], "event", ["to"])
    pairs = links.link(came, happened)
    neutral_frame(pairs).write_csv(out)
    return LinkedComplaints(
        complaints=came.height,
        events=happened.height,
        links=pairs.height,
        explained_share=round(pairs.height / came.height, 6) if came.height else 0.0,
        rows_left_out=RowsLeftOut(came_read - came.height, happened_read - happened.height),
        seconds=round(time.perf_counter() - started, 3),
    )


def _rule(name: str) -> RuleFile:
    from amends.platform.kit.packs import load_version, names, versions

    rule_names = [
        f"{rule_name}@{day}"
        for rule_name in names(_PACKAGE)
        for day in versions(_PACKAGE, rule_name)
    ]
    if name not in rule_names:
        raise BadInput(
            gettext_noop("There is no speed rule “%(name)s”."),
            next_step=gettext_noop("Choose one of %(known)s."),
            where="--rule",
            values={"name": name, "known": ", ".join(rule_names)},
            code="unable_to_find_speed_rule",
        )
    title, _at, day = name.partition("@")
    return load_version(_PACKAGE, title, date.fromisoformat(day))


def _read_json(file: Path) -> Any:
    try:
        return read_json(file.read_bytes())
    except ValueError as error:
        raise BadInput(
            gettext_noop("The file is not JSON: %(why)s"),
            next_step=gettext_noop("Correct the file and run it again."),
            where=str(file),
            values={"why": str(error)},
            code="unable_to_read_file",
        ) from None


def _read_csv(
    file: Path,
    columns: tuple[str, ...],
    times: list[str],
    key: str,
    open_times: list[str] | None = None,
) -> tuple[pl.DataFrame, int]:
    """The usable rows with their times in UTC, and how many rows were read.

    A time without a zone is UTC. Rows without a time, with an end before their start, or of a key
    that came before are left out.
    """
    import polars as pl

    from amends.platform.tabular.number_columns import header_width

    try:
        if (width := header_width(file)) > MOST_COLUMNS:
            raise BadInput(
                gettext_noop("The file has %(count)s columns; at most %(most)s are read."),
                next_step=gettext_noop("Send a file with a header row and rows."),
                where=str(file),
                values={"count": f"{width:,}", "most": MOST_COLUMNS},
                code="unable_to_read_file",
            )
        content = file.read_bytes()
        header = pl.read_csv(content, infer_schema=False, n_rows=0).columns
        if missing := [name for name in columns if name not in header]:
            raise BadInput(
                gettext_noop("The file has no column %(columns)s."),
                next_step=gettext_noop("Name it in the header row."),
                where=str(file),
                values={"columns": ", ".join(missing)},
                code="unable_to_read_file",
            )
        rows = pl.read_csv(content, columns=list(columns), infer_schema=False)
    except pl.exceptions.NoDataError:
        raise BadInput(
            gettext_noop("The file is empty."),
            next_step=gettext_noop("Send a file with a header row and rows."),
            where=str(file),
            code="unable_to_read_file",
        ) from None
    except pl.exceptions.ComputeError as error:
        raise BadInput(
            gettext_noop("The file is not a table: %(why)s"),
            next_step=gettext_noop("Send a file with a header row and rows."),
            where=str(file),
            values={"why": str(error).partition("\n")[0]},
            code="unable_to_read_file",
        ) from None
    read = rows.height
    # First, so that rows that are left out cost no more than having been read.
    needed = [pl.col(name).is_not_null() & (pl.col(name) != "") for name in (key, *times)]
    rows = rows.filter(needed).fill_null("")
    longest = rows.select(pl.all().str.len_chars().max()).row(0)
    for name, length in zip(columns, longest, strict=True):
        if (length or 0) > MOST_CHARACTERS:
            raise BadInput(
                gettext_noop("A cell of column %(column)s has more than %(most)s characters."),
                next_step=gettext_noop("Send identifiers, areas and classes, not texts."),
                where=str(file),
                values={"column": name, "most": f"{MOST_CHARACTERS:,}"},
                code="unable_to_read_file",
            )
    rows = rows.with_columns(
        _moment(pl.col(name)).alias(name) for name in times + (open_times or [])
    )
    for name in open_times or []:
        rows = rows.filter(pl.col(name).is_null() | (pl.col(name) >= pl.col(times[0])))
    usable = rows.drop_nulls(times)
    return usable.filter(pl.col(key).is_first_distinct()), read


def _moment(text: pl.Expr) -> pl.Expr:
    import polars as pl

    plain = text.str.strip_chars().str.replace(" ", "T").str.replace("Z$", "+00:00")
    naive = [
        plain.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        for form in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
    ]
    zoned = [
        plain.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        for form in ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z")
    ]
    return pl.coalesce(*zoned, *naive)
