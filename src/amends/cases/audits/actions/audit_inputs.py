"""What the auditor reads: facts of every kind it needs, files of usage, and what feeds cover."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import polars as pl
from django.utils.translation import gettext

from amends.cases.audits.rules.levels import once
from amends.cases.audits.rules.months import TERMS
from amends.cases.audits.rules.rearm import CHANGES
from amends.cases.audits.rules.recompute import KINDS, USERS, Inputs
from amends.cases.audits.rules.spending import CHOICES, EVERY
from amends.causes.notices.queries.registered_lines import (
    chosen_marks,
    registered_terms,
    stated_changes,
)
from amends.engines.duties.duty import EXEMPT
from amends.people.subscribers.queries import allowances_of, services_of_kinds
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import from_ms, to_ms
from amends.record.catalogue.queries import allowances_of_offers, areas
from amends.record.ledger.queries import columns_of, coverage_many

# Contracts and what ends them are read from the beginning; the rest from a few months before.
_FROM_BEGINNING = ("ServiceActivated", "ServiceChanged", "ServiceStopped", "OfferPublished")
_MEAN_OF = timedelta(days=125)
# There are more charges than all the rest: only what the rules read of them.
_OF_CHARGES = (
    "subscriber",
    "subject",
    "charge",
    "charge_kind",
    "amount_minor",
    "currency",
    "period_start_ms",
    "unit",
    "country",
)
TOLD = ("NoticeSent", "NoticeDelivered", "NoticeFailed")
MB_BYTES = 1_048_576
_REFERENCE = 40
_RECORDS_AT_ONCE = 500_000
_COUNTERS = {"data": "data", "voice": "voice", "sms": "sms", "mms": "mms"}
_RECORD = ("record", "service", "counter", "amount")
_USAGE: dict[str, Any] = {
    "record": pl.String,
    "subscriber": pl.String,
    "service": pl.String,
    "counter": pl.String,
    "at_ms": pl.Int64,
    "amount": pl.Int64,
    "limit": pl.Int64,
    "country": pl.String,
}


class UnableToReadAuditedUsage(BadInput):
    """The file is not usage records."""

    code = "usage_unreadable"


def frame_of(
    kind: str, *, start: datetime | None, end: datetime, fields: Collection[str] | None = None
) -> pl.DataFrame:
    """Facts of one kind as a frame, in order of happening; of `fields` and what all have, if
    given."""
    columns = columns_of(kind, start=start, end=end, fields=fields)
    return cast(pl.DataFrame, pl.from_arrow(columns))


def inputs(*, start: datetime, end: datetime, usage: pl.DataFrame | None = None) -> Inputs:
    """Everything from which what was owed in a period from `start` on is computed.

    end   until when things that happened are known; what is announced lies after the period

    Charges are read from the beginning where a line has a balance: it is what is left of them all.
    """
    terms, moved = _terms(), frame_of("ServiceChanged", start=None, end=end)
    changes = _changes(end, moved)
    of_balance = (pl.col("counter") == "money") | (pl.col("kind") == "balance")
    prepaid = bool((terms["balance_minor"] > 0).any()) or not changes.filter(of_balance).is_empty()
    whole_kinds = {*_FROM_BEGINNING, *(("ChargeMade",) if prepaid else ())}
    facts = {
        kind: frame_of(
            kind,
            start=None if kind in whole_kinds else start - _MEAN_OF,
            end=end,
            fields=_OF_CHARGES if kind == "ChargeMade" else None,
        )
        for kind in KINDS
        if kind != "ServiceChanged"
    } | {"ServiceChanged": moved}
    users = services_of_kinds(EXEMPT)
    return Inputs(
        facts=facts,
        usage=pl.DataFrame(schema=_USAGE) if usage is None else usage,
        choices=pl.concat([_marks(terms), _choices()]),
        terms=terms,
        changes=changes,
        users=pl.DataFrame(list(users.items()), schema=USERS, orient="row"),
    )


def _terms() -> pl.DataFrame:
    """What the operator's register said of each line when it was enrolled."""
    tables = [
        cast(pl.DataFrame, pl.from_arrow(registered_term)) for registered_term in registered_terms()
    ]
    all_terms = pl.concat(
        [pl.DataFrame(schema=TERMS), *(table.select(list(TERMS)) for table in tables)]
    )
    return all_terms.unique("service", keep="first", maintain_order=True)


def _marks(terms: pl.DataFrame) -> pl.DataFrame:
    """The marks and caps that lines began with."""
    parts = [
        terms.filter(pl.col(name) > 0).select(
            "service", duty=pl.lit(EVERY + trigger), amount=name, chosen_ms=pl.lit(0, pl.Int64)
        )
        for name, trigger in (("own_minor", "spend"), ("roaming", "roaming_use"))
    ]
    return pl.concat([pl.DataFrame(schema=CHOICES), *parts])


def _changes(end: datetime, facts: pl.DataFrame) -> pl.DataFrame:
    """What other systems reported about lines, not the engine: paid, bought, set right, another
    plan."""
    known_changes = pl.DataFrame(
        stated_changes(list(CHANGES), before_ms=to_ms(end)), schema=CHANGES, orient="row"
    )
    carried_out = _changed(facts).select(list(CHANGES))
    return pl.concat(
        [known_changes, carried_out.join(known_changes, on="reference", how="anti")]
    ).sort("at_ms", maintain_order=True)


def _changed(facts: pl.DataFrame) -> pl.DataFrame:
    """Changes of plan that were carried out, as `ServiceChanged` states them: `CHANGES`, and
    `before`."""
    moved = facts.filter(pl.col("to_offer") != pl.col("from_offer")).select(
        service="subject",
        kind=pl.lit("plan"),
        counter=pl.lit(""),
        amount=pl.lit(0, pl.Int64),
        at_ms="happened_at_ms",
        reference="id",
        plan="to_offer",
        before="from_offer",
    )
    return moved.with_columns(
        reference=pl.col("reference").map_elements(_named, return_dtype=pl.String)
    )


def _named(ref: str) -> str:
    """What the keys call a change whose reference is longer than they take."""
    return ref if len(ref) <= _REFERENCE else hashlib.sha256(ref.encode()).hexdigest()[:_REFERENCE]


def _choices() -> pl.DataFrame:
    """The amounts users have chosen for their lines: their own choice, not the engine's."""
    return pl.DataFrame(chosen_marks(), schema=CHOICES, orient="row")


def read_usage(files: Sequence[Path], *, left: list[str] | None = None) -> tuple[pl.DataFrame, str]:
    """Usage records of Parquet or CSV files, with the limits of the plans; and their SHA-256.

    left  given, what cannot be read is left out and listed here, a file or some of its rows at a
          time

    A file of service, at and country alone holds registrations of the network.

    Columns: `record` (unique), `service`, `kind` or `counter` (data, voice, sms, mms), `amount`
    (bytes, seconds, messages), `at_ms` or `at` (ISO 8601 with a zone); `country` where it was used
    abroad; `limit` and `subscriber` where they are not known here.
    """
    digest = hashlib.sha256()
    frames = []
    for path in files:
        with path.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
        try:
            frames.append(_records(path, left))
        except UnableToReadAuditedUsage as why:
            if left is None:
                raise
            left.append(why.in_words(gettext))
    records = once(pl.concat([pl.DataFrame(schema=_USAGE), *frames]))
    return _with_terms(records), digest.hexdigest()


def holds_usage(path: Path) -> bool:
    """Whether the columns of a file are those of usage or registrations; its rows are not read.

    One that cannot be opened may be: whoever reads it says that it was left out.
    """
    try:
        names = set(_scanned(path).collect_schema().names())
    except (pl.exceptions.PolarsError, OSError):
        return True
    if "service" not in names or not {"at", "at_ms"} & names:
        return False
    lacking = {"record", "amount"} - names
    return not (lacking or not {"kind", "counter"} & names) or _is_registered(names)


def _is_registered(names: set[str]) -> bool:
    """Where lines were registered by the network, and nothing used."""
    return {"service", "country"} <= names and not {"record", "kind", "counter", "amount"} & names


def _scanned(path: Path) -> pl.LazyFrame:
    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    if path.suffix == ".jsonl":
        return pl.scan_ndjson(path, infer_schema_length=None)
    return pl.scan_csv(path, infer_schema=False)


def _records(path: Path, left: list[str] | None) -> pl.DataFrame:
    try:
        raw = _scanned(path).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(
            path,
            _("The file cannot be read as Parquet, CSV or JSON lines."),
            _("Give a .parquet or .jsonl file, or a CSV with a header row in UTF-8."),
        ) from error
    renamed = raw.rename({"kind": "counter"}) if "kind" in raw.columns else raw
    if _is_registered(set(raw.columns)):
        renamed = _registered(renamed)
    if missing := [name for name in _RECORD if name not in renamed.columns]:
        raise _lacks(path, missing[0])
    if "at_ms" not in renamed.columns and "at" not in renamed.columns:
        raise _lacks(path, "at_ms")
    try:
        timed = (
            renamed
            if "at_ms" in renamed.columns
            else renamed.with_columns(
                at_ms=pl.col("at")
                .cast(pl.String)
                .str.to_datetime(time_zone="UTC", strict=left is None)
                .dt.epoch("ms")
            )
        )
        chosen = [
            (pl.col(name) if name in timed.columns else pl.lit(None))
            .cast(form, strict=left is None)
            .alias(name)
            for name, form in _USAGE.items()
        ]
        read = timed.select(chosen).with_columns(pl.col("country").fill_null(""))
    except pl.exceptions.PolarsError as error:
        raise _unreadable(
            path,
            _("A value does not fit its column (%(why)s)."),
            _("Write amounts and times as whole numbers, or `at` as ISO 8601 with a zone."),
            why=str(error).splitlines()[0][:160],
        ) from error
    wrong = next((name for name, form in _USAGE.items() if read.schema[name] != form), None)
    if wrong:  # a list or a structure stays what it is
        message = _("The column %(column)s holds no plain values.")
        plain = _("Give texts and whole numbers, no lists or structures.")
        raise _unreadable(path, message, plain, column=wrong)
    if left is not None:
        complete_rows = read.drop_nulls([*_RECORD, "at_ms"])
        if len(complete_rows) < len(read):
            left.append(f"{path.name}: {len(read) - len(complete_rows):,} rows that cannot be read")
        read = complete_rows
    return _without_holes(path, read)


def _registered(rows: pl.DataFrame) -> pl.DataFrame:
    """Registrations of the network as records that use nothing: they show who arrived where."""
    at = "at_ms" if "at_ms" in rows.columns else "at"
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in ("service", at, "country")]
    return rows.with_columns(
        record=pl.concat_str(pl.lit("registered"), *parts, separator="\x1f"),
        counter=pl.lit("voice"),
        amount=pl.lit(0),
    )


def _without_holes(path: Path, read: pl.DataFrame) -> pl.DataFrame:
    for name in (*_RECORD, "at_ms"):
        if read[name].null_count():
            row = read[name].is_null().arg_true()[0]
            raise UnableToReadAuditedUsage(
                _("%(name)s is empty."),
                meaning=_("Nothing was audited."),
                values={"name": name},
                next_step=_("Complete the row, or leave it out."),
                where=_("%(file)s, record %(record)s, column %(column)s"),
                at={"file": path.name, "record": row + 1, "column": name},
            )
    strangers = read.filter(~pl.col("counter").is_in(list(_COUNTERS)) & (pl.col("country") == ""))
    return read.join(strangers, on="record", how="anti") if len(strangers) else read


def _unreadable(
    path: Path, what: str, next_step: str, **values: object
) -> UnableToReadAuditedUsage:
    return UnableToReadAuditedUsage(
        what, meaning=_("Nothing was audited."), next_step=next_step, where=path.name, values=values
    )


def _lacks(path: Path, name: str) -> UnableToReadAuditedUsage:
    return UnableToReadAuditedUsage(
        _("The file has no column %(columns)s."),
        meaning=_("Nothing was audited."),
        next_step=_("It needs record, service, counter, amount and at_ms."),
        where=_("%(file)s, line %(line)s"),
        at={"file": path.name, "line": 1},
        values={"columns": name},
    )


def _with_terms(records: pl.DataFrame) -> pl.DataFrame:
    """Subscriber and limit where the file does not state them: from the plan held at the time."""
    terms = allowances_of(records["service"].unique().to_list())
    rows = [
        (ref, term.subscriber, counter, limit)
        for ref, term in terms.items()
        for counter, limit in _limits(
            term.allowance_mb, term.allowance_minutes, term.allowance_messages
        )
    ]
    known_terms = pl.DataFrame(
        rows,
        schema={"service": pl.String, "who": pl.String, "counter": pl.String, "plan": pl.Int64},
        orient="row",
    )
    people = pl.DataFrame(
        [(ref, term.subscriber) for ref, term in terms.items()],
        schema={"service": pl.String, "who": pl.String},
        orient="row",
    )
    plans = _plans(records)
    # Every join writes the records anew: a stretch of them at a time.
    return pl.concat(
        [pl.DataFrame(schema=_USAGE)]
        + [
            plans(part)
            .join(
                known_terms.drop("who"),
                on=["service", "counter"],
                how="left",
                maintain_order="left",
            )
            .join(people, on="service", how="left", maintain_order="left")
            .with_columns(
                limit=pl.coalesce("limit", "then", "plan"),
                subscriber=pl.coalesce("subscriber", "who").fill_null(""),
            )
            .select(list(_USAGE))
            for part in records.iter_slices(_RECORDS_AT_ONCE)
        ]
    )


def _limits(*amounts: int | None) -> tuple[tuple[str, int], ...]:
    """Counter → what MB, minutes and messages of a plan allow, in its unit; 0 for no limit."""
    mb, minutes, messages = (amount or 0 for amount in amounts)
    return ("data", mb * MB_BYTES), ("voice", minutes * 60), ("sms", messages)


def _plans(records: pl.DataFrame) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """What gives some of the records `then`: the limit of the plan their line had at the time.

    Null for a line that kept its plan, and for a plan that is no offer on record.
    """
    end = from_ms(int(cast(int, records["at_ms"].max() or 0)) + 1)
    facts = frame_of("ServiceChanged", start=None, end=end)
    changes = _changes(end, facts)
    moved = changes.filter(pl.col("kind") == "plan").select("service", "at_ms", "plan")
    # What a line had before its first change holds from the beginning.
    first = _changed(facts).unique("service", keep="first", maintain_order=True)
    began = first.select("service", at_ms=pl.lit(0, pl.Int64), plan="before")
    plan_moves = (
        pl.concat([began, moved]).sort("at_ms", maintain_order=True).rename({"plan": "held"})
    )
    if plan_moves.is_empty() or records.is_empty():
        return lambda part: part.with_columns(then=pl.lit(None, pl.Int64))
    offers = allowances_of_offers(plan_moves["held"].unique().to_list())
    limits = pl.DataFrame(
        [(ref, *limit) for ref, amounts in offers.items() for limit in _limits(*amounts)],
        schema={"held": pl.String, "counter": pl.String, "then": pl.Int64},
        orient="row",
    )

    movers = plan_moves["service"].unique()

    def planned(part: pl.DataFrame) -> pl.DataFrame:
        rows = part.with_row_index("_row")
        # Few lines ever change their plan; the records of the others are not sorted for it.
        of_movers = rows.filter(pl.col("service").is_in(movers.implode()))
        dated = of_movers.sort("at_ms", maintain_order=True).join_asof(
            plan_moves, on="at_ms", by="service", strategy="backward", check_sortedness=False
        )
        known_limits = dated.join(limits, on=["held", "counter"], how="left").select("_row", "then")
        return rows.join(known_limits, on="_row", how="left", maintain_order="left").drop("_row")

    return planned


def scopes_of(people: pl.DataFrame) -> dict[tuple[str, str], frozenset[str]]:
    """Whose completeness counts for people of a brand and area: the areas this lies within, and
    their brand."""
    tree = {area.code: area.parent for area in areas()}
    scopes = {}
    for brand, home in people.select("brand", "area").unique().rows():
        named, code = set(), home
        while code and f"area:{code}" not in named:
            named.add(f"area:{code}")
            code = tree.get(code, "")
        if brand:
            named.add(f"brand:{brand}")
        scopes[brand, home] = frozenset(named or {"all"})
    return scopes


def gaps_of(
    scopes: Iterable[frozenset[str]], *, start: datetime, end: datetime
) -> dict[frozenset[str], list[tuple[int, int]]]:
    """Where the record of what was sent and received is not complete, for each set of scopes."""
    wanted = set(scopes)
    answers = coverage_many(TOLD, dict.fromkeys(wanted, (start, end)))
    return {
        kind: [gap for answer in answers[kind] for gap in answer.gaps]
        + [(to_ms(end), to_ms(end) + 400 * 86_400_000)]
        for kind in wanted
    }
