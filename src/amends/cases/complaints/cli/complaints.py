"""`amends complaints`: what a handler does on the desk's pages, from a script."""

from __future__ import annotations

import typer

from amends.cases.complaints.cli.casework import (
    assign,
    escalate,
    follow_up,
    merge,
    note,
    split,
    unmerge,
    workload,
)
from amends.cases.complaints.cli.decide import (
    answer,
    approve,
    ask_approval,
    hand_file,
    order,
    overrule,
    take_up,
)
from amends.cases.complaints.cli.handle import (
    ask_identity,
    class_,
    document,
    hand_back,
    investigate,
    move,
    name_subscriber,
    take,
    urgent,
)
from amends.cases.complaints.cli.show import evidence, list_complaints, show

app = typer.Typer(no_args_is_help=True, help="List, show and handle complaints as the desk does.")
app.command("list")(list_complaints)
app.command()(show)
app.command()(evidence)
app.command()(take)
app.command("hand-back")(hand_back)
app.command("name-subscriber")(name_subscriber)
app.command("ask-identity")(ask_identity)
app.command()(document)
app.command()(urgent)
app.command("class")(class_)
app.command()(investigate)
app.command()(move)
app.command()(approve)
app.command("ask-approval")(ask_approval)
app.command()(overrule)
app.command()(order)
app.command("hand-file")(hand_file)
app.command()(answer)
app.command("take-up")(take_up)
app.command()(note)
app.command()(assign)
app.command()(escalate)
app.command("follow-up")(follow_up)
app.command()(merge)
app.command()(unmerge)
app.command()(split)
app.command()(workload)
