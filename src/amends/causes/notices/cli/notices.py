"""`amends notices`: reminders owed, sent and audited."""

from __future__ import annotations

import typer

from amends.causes.notices.cli.duties import duties, events, preview, withdraw
from amends.causes.notices.cli.engine import enrol, run, watch
from amends.causes.notices.cli.preferences import holds, set_preference

app = typer.Typer(
    no_args_is_help=True, help="Work out, send and audit the notices that users must get."
)
app.command()(run)
app.command()(enrol)
app.command()(watch)
app.command()(duties)
app.command()(preview)
app.command()(events)
app.command()(withdraw)
app.command("choose")(set_preference)
app.command()(holds)
