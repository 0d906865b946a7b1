"""`amends complaints list | show | evidence`: the inbox, where one stands, its evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from amends.cli.codes import refuse_unknown
from amends.cli.language import gettext as _
from amends.cli.language import spoken
from amends.cli.start import start
from amends.desk.cli.handlers import complaint, handler, reader
from amends.kit.errors import BadInput

CODE = Annotated[str, typer.Argument(help="Tracking code of the complaint.")]
BY = Annotated[str, typer.Option(help="Name under which you sign in.")]
READER = Annotated[
    str,
    typer.Option(
        "--by",
        help="Name under which you sign in; if left out, the only handler, or your login name.",
    ),
]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def list_complaints(
    view: Annotated[
        str,
        typer.Option(
            help="open, late, escalated, today, person, approve, mine, wrote, unreached, "
            "enquiries, waiting, or closed."
        ),
    ] = "open",
    code: Annotated[str, typer.Option("--class", help="Only this class.")] = "",
    state: Annotated[str, typer.Option(help="Only this state.")] = "",
    channel: Annotated[str, typer.Option(help="Only what came on this channel.")] = "",
    area: Annotated[str, typer.Option(help="Only this area.")] = "",
    verdict: Annotated[str, typer.Option(help="Only this verdict.")] = "",
    issue: Annotated[str, typer.Option(help="Only of this hot issue, by its number, or any.")] = "",
    words: Annotated[
        str, typer.Option(help="A tracking code, a number, a mailbox or words, in all complaints.")
    ] = "",
    after: Annotated[str, typer.Option(help="Go on after the cursor of the last answer.")] = "",
    by: READER = "",
    json: JSON = False,
) -> None:
    """List a page of the inbox in the order of the next legal deadline, 25 at a time."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.record_search import note_search
    from amends.complaints.queries.inbox import InboxFilter, page

    actor = reader(by)
    _refuse_unknown(code=code, state=state, channel=channel, area=area, verdict=verdict)
    wanted = InboxFilter(
        view=view,
        code=code,
        state=state,
        channel=channel,
        area=area,
        verdict=verdict,
        issue=issue,
        words=words,
        handler=actor.ref,
        brand=actor.brand,
    )
    now = timezone.now()
    found = page(wanted, now=now, after=after)
    note_search(found, actor=actor, now=now)
    rows = [
        {
            "complaint": row["code_public"],
            "state": row["state"],
            "class": row["code"],
            "channel": row["channel"],
            "area": row["area"],
            "urgent": row["urgent"],
            "identity": row["identity"],
            "verdict": row["verdict"],
            "amount_minor": row["amount_minor"],
            "currency": row["currency"],
            "next_step": row["next_step"],
            "due_at": _moment(row["next_due_at"]),
            "received_at": _moment(row["received_at"]),
            "contacts": row["contacts_count"],
        }
        for row in found.rows
    ]
    if json:
        typer.echo(orjson.dumps({"complaints": rows, "after": found.after}).decode())
        return
    from amends.desk.web.words import class_words, state_sign

    for row, one in zip(found.rows, rows, strict=True):
        due = _due(row["next_step"], row["next_due_at"])
        state = str(state_sign(one["state"]).word)
        typer.echo(f"{one['complaint']}  {state:<14} {class_words(one['class']):<28} {due}")
    if found.after:
        typer.echo(_("There are more: go on with --after %(cursor)s") % {"cursor": found.after})
    elif not rows:
        typer.echo(_("There are none in this view."))


def _refuse_unknown(**given: str) -> None:
    """Refuse a filter that nothing could pass."""
    from functools import partial

    from amends.catalogue.queries import areas
    from amends.channels.queries.capabilities import channel_titles
    from amends.complaints.queries.inbox import is_met
    from amends.desk.web.words import VERDICTS, class_choices, state_choices

    known = {
        "code": [code for code, _words in class_choices()],
        "state": [code for code, _words in state_choices()],
        "channel": list(channel_titles()),
        "area": [area.code for area in areas()] if given["area"] else [],
        "verdict": list(VERDICTS),
    }
    for name, code in given.items():
        option = "--class" if name == "code" else f"--{name}"
        refuse_unknown(option, code, known[name], met=partial(is_met, name, code))


def show(code: CODE, by: READER = "", json: JSON = False) -> None:
    """Show where a complaint stands, what may be done, and its dossier; the look is recorded."""
    start()
    from django.utils import timezone

    from amends.access.actors import UnableToAccess
    from amends.complaints.actions.investigate import dossier_now
    from amends.desk.web.page import asked_rows

    actor, now = reader(by), timezone.now()
    item = complaint(code, actor)
    rows, refused = [], ""
    if item.case:
        try:
            rows = asked_rows(dossier_now(item, actor=actor, now=now), None)
        except UnableToAccess as why:
            refused = spoken(why.what)
    dossier = [
        {
            "question": line.row.question,
            "asked": str(line.question),
            "answer": line.row.answer,
            "found": line.found,
            "missing": line.gap,
            "source": line.row.source,
            "facts": list(line.row.facts),
        }
        for line in rows
    ]
    told(item, json=json, dossier=dossier, dossier_refused=refused)
    if json:
        return
    typer.echo(refused or (_("Dossier:") if rows else _("There is no dossier yet.")))
    for line in rows:
        typer.echo(f"  {line.question}: {line.answer.word}")
        for words in filter(None, (line.found, line.gap)):
            typer.echo(f"    {words}")


def evidence(
    code: CODE,
    out: Annotated[Path, typer.Option(help="File to write; it must not exist.")],
    by: BY,
    json: JSON = False,
) -> None:
    """Write findings, letters and proofs to one ZIP file (mode 600); a look, and written down."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.regulator_file import evidence_file
    from amends.desk.web.permissions import let_in

    if out.exists():
        raise BadInput(
            _("%(file)s is there already.") % {"file": out}, next_step=_("Choose another name.")
        )
    actor, now = handler(by), timezone.now()
    item = complaint(code, actor)
    let_in(item, actor, now=now)
    found = evidence_file(item.id, now=now)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(found)
    said = _("%(file)s: unpack it and follow its readme.") % {"file": out}
    told(item, said, json=json, file=str(out))


def told(item: Any, said: str = "", *, json: bool, **more: Any) -> None:
    """Print where a complaint stands now; `more` is what the act just done adds to the document."""
    item.refresh_from_db()
    document = status_document(item) | more
    if json:
        typer.echo(orjson.dumps(document).decode())
        return
    if said:
        typer.echo(said)
    from amends.access.web.signs import sign
    from amends.desk.web.words import VERDICTS, class_words, move_words, state_sign

    due = _due(item.next_step, item.next_due_at)
    typer.echo(
        _("%(code)s: %(state)s, %(class)s; %(due)s")
        % {
            "code": item.code_public,
            "state": state_sign(item.state).word,
            "class": class_words(item.code),
            "due": due,
        }
    )
    if item.verdict:
        given = f"{sign(VERDICTS, item.verdict).word} {_amount(item)}".rstrip()
        typer.echo(_("verdict: %(verdict)s") % {"verdict": given})
    if moves := document["moves"]:
        named = (f"{verb} ({move_words(verb)})" for verb in moves)
        typer.echo(_("moves: %(moves)s") % {"moves": ", ".join(named)})


def status_document(item: Any) -> dict[str, Any]:
    """What a script may know of a complaint: no words of the user and nothing about the person."""
    from amends.access.queries.colleagues import people
    from amends.complaints.actions.move_by_hand import moves_by_hand
    from amends.complaints.actions.overrule import newest_of
    from amends.complaints.queries.life_cycle import tmf_status

    names = people([item.handler]) if item.handler else {}
    decided = newest_of([item.id]).get(item.id)
    return {
        "complaint": item.code_public,
        "kind": item.kind,
        "state": item.state,
        "tmf621_status": tmf_status(item.state),
        "class": item.code,
        "confidence": item.confidence_permille / 1000,
        "urgent": item.urgent,
        "subscriber_named": bool(item.subscriber),
        "identity": item.identity,
        "verdict": item.verdict,
        "decided_by": decided.decided_by if decided else "",
        "amount_minor": item.amount_minor,
        "currency": item.currency,
        "next_step": item.next_step,
        "due_at": _moment(item.next_due_at),
        "handler": names.get(item.handler, item.handler),
        "waits_for_role": item.approval_role,
        "contacts": item.contacts_count,
        "moves": [move.verb for move in moves_by_hand(item)],
    }


def _amount(item: Any) -> str:
    from amends.kit.formats import format_money

    return format_money(item.amount_minor, item.currency) if item.amount_minor else ""


def _due(step: str, at: Any) -> str:
    """The step and its time on the clock of the installation, for who reads it here."""
    from django.utils import timezone

    from amends.desk.web.words import step_words

    if not at:
        return _("no clock runs")
    return _("%(step)s by %(at)s") % {
        "step": step_words(step),
        "at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}",
    }


def _moment(at: Any) -> str:
    return at.isoformat() if at else ""
