"""`amends indicators`: figures of a period, the quarterly bulletin, published bulletins checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import language, ngettext, pgettext
from amends.platform.cli.options import DAY_OPTION
from amends.platform.cli.outputs import FORCE, check_not_read, check_output
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.report import ImportOutcome

if TYPE_CHECKING:
    from amends.engines.stats.rates import Share
    from amends.problems.indicators.queries.channels import ChannelsDocument
    from amends.problems.indicators.queries.report import PeriodDocument, ReportedRate, ReportedUnit
    from amends.problems.indicators.rules.channel_figures import Median

app = typer.Typer(
    no_args_is_help=True, help="Report complaint rates, and write the bulletin for the regulator."
)


@dataclass(frozen=True, slots=True)
class WrittenBulletin:
    """A bulletin that was written; hidden_cells, those that are small in its public version."""

    quarter: str
    title: str
    file: str
    bytes: int
    public: bool
    tables: list[str]
    hidden_cells: int


@dataclass(frozen=True, slots=True)
class BulletinFlag:
    """A figure of a published bulletin that does not follow from the others.

    line  "total", or what the line is about
    what  sum, change (per cent) or rate (per million users)
    """

    bulletin: str
    quarter: str
    line: str
    what: str
    printed: float
    computed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedBulletin(ImportOutcome):
    """Lines of published bulletins, and the figures that do not add up."""

    flags: list[BulletinFlag]


def _report_view(period_document: PeriodDocument) -> View:
    from amends.cases.complaints.texts.units import dimension_word
    from amends.problems.indicators.queries.figures import OWN

    services = OWN.get(period_document.by) == "services"
    standings = {
        "higher": pgettext("standing", "higher"),
        "lower": pgettext("standing", "lower"),
        "within": _("within chance"),
    }

    def rate(row: ReportedUnit) -> str:
        if row.rate is None or row.rate.rate is None:
            return ""
        return f"{'* ' if row.rate.small else ''}{_plain(row.rate.rate)}"

    def interval(row: ReportedUnit) -> str:
        return f"{_plain(row.rate.low)}–{_plain(row.rate.high)}" if row.rate else ""

    def share(name: str) -> TableColumn:
        titles = {"kept": _("Kept"), "solved": _("Solved"), "content": _("Content")}
        return TableColumn(
            titles[name],
            lambda row: row.shares[name] and row.shares[name].share,
            "{:.1%}",
            right=True,
        )

    return View(
        columns=(
            TableColumn(
                str(dimension_word(period_document.by)), lambda row: row.name or _("not known")
            ),
            TableColumn(_("Complaints"), "complaints", "{:,}", right=True),
            TableColumn(
                _("Per million services") if services else _("Per million"), rate, right=True
            ),
            TableColumn(_("Interval"), interval, right=True),
            TableColumn(_("Standing"), lambda row: standings.get(row.standing), whole=True),
            share("kept"),
            share("solved"),
            share("content"),
            TableColumn(
                _("Mean days"),
                lambda row: row.mean_days and row.mean_days.mean,
                "{:.1f}",
                right=True,
            ),
            TableColumn(_("80% in days"), "days_to_solve_80", right=True),
        ),
        rows=period_document.units,
        notes=_report_notes(period_document),
    )


def _report_notes(period_document: PeriodDocument) -> list[str]:
    from amends.engines.stats.rates import FEWEST_USERS

    notes = []
    if period_document.whole:
        notes.append(_whole_sentence(period_document.whole))
    for change, sentence in (
        (
            period_document.change,
            _("Against the period before: ratio %(ratio)s (%(low)s–%(high)s)."),
        ),
        (
            period_document.year_change,
            _("Against the year before: ratio %(ratio)s (%(low)s–%(high)s)."),
        ),
    ):
        if change and change.ratio is not None:
            low, high = ("∞" if end is None else f"{end:.2f}" for end in (change.low, change.high))
            notes.append(sentence % {"ratio": f"{change.ratio:.2f}", "low": low, "high": high})
    if any(row.rate and row.rate.rate is None for row in period_document.units):
        notes.append(
            _("Fewer than %(users)s users: the count and its interval are shown, no rate.")
            % {"users": f"{FEWEST_USERS:,}"}
        )
    if any(row.rate and row.rate.small and row.rate.rate for row in period_document.units):
        notes.append(_("* Fewer than ten complaints: read it with care."))
    return notes


def _whole_sentence(whole_rate: ReportedRate) -> str:
    if whole_rate.rate is None:
        return ngettext(
            "%(count)s complaint (95%% interval %(low)s–%(high)s) of %(users)s users.",
            "%(count)s complaints (95%% interval %(low)s–%(high)s) of %(users)s users.",
            whole_rate.count,
        ) % {
            "count": f"{whole_rate.count:,}",
            "low": f"{whole_rate.low:,.1f}",
            "high": f"{whole_rate.high:,.1f}",
            "users": f"{whole_rate.users:,.0f}",
        }
    return ngettext(
        "%(count)s complaint, %(rate)s per million users (95%% interval %(low)s–%(high)s).",
        "%(count)s complaints, %(rate)s per million users (95%% interval %(low)s–%(high)s).",
        whole_rate.count,
    ) % {
        "count": f"{whole_rate.count:,}",
        "rate": f"{whole_rate.rate:,.1f}",
        "low": f"{whole_rate.low:,.1f}",
        "high": f"{whole_rate.high:,.1f}",
    }


def _plain(figure: float) -> str:
    """A rate with one decimal place, from a thousand on without."""
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:,.1f}"


@app.command()
@command(view=_report_view)
def report(
    since: Annotated[date, typer.Option("--from", help="First day, 2026-07-01.", **DAY_OPTION)],
    until: Annotated[date, typer.Option("--to", help="Last day, 2026-09-30.", **DAY_OPTION)],
    by: Annotated[
        str, typer.Option(help="root, code, area, product, partner, channel, brand, cn-2025, …")
    ] = "area",
) -> PeriodDocument:
    """Rate, changes and shares of a period, with their exact intervals, unit by unit.

    The JSON document has, for each unit, every share, the time to resolve and what was paid; and
    contacts and orders by channel, rules set aside and duties, each by the same units.
    """
    from django.conf import settings
    from django.utils import timezone

    from amends.problems.indicators.queries.figures import report as measured
    from amends.problems.indicators.queries.report import document_of

    today, end = timezone.localdate(), until + timedelta(days=1)
    period_report = measured(start=since, end=end, by=by, zone=settings.TIME_ZONE, on=today)
    return document_of(period_report, on=today, last=until)


def _bulletin_view(written: WrittenBulletin) -> View:
    tables = len(written.tables)
    counted = ngettext("%(count)s table", "%(count)s tables", tables) % {"count": tables}
    if written.public:
        hidden = written.hidden_cells
        counted += ngettext(", %(count)s cell hidden", ", %(count)s cells hidden", hidden) % {
            "count": hidden
        }
    return View(notes=[f"{written.file}: {written.title} ({counted})"])


@app.command()
@command(view=_bulletin_view)
def bulletin(
    quarter: Annotated[str, typer.Option(help="Such as 2026Q3; the last one that is over.")] = "",
    form: Annotated[str, typer.Option("--format", help="html, pdf, xlsx or csv.")] = "pdf",
    public: Annotated[bool, typer.Option("--public", help="Hide small counts.")] = False,
    language: Annotated[str, typer.Option("--language", help="zh or en.")] = "zh",
    out: Annotated[Path | None, typer.Option(help="File or folder to write to.")] = None,
    force: FORCE = False,
) -> WrittenBulletin:
    """Write the bulletin of a quarter for the regulator, or its public version."""
    from django.conf import settings
    from django.utils import timezone

    from amends.problems.indicators.rules.bulletin import quarter_before
    from amends.problems.indicators.texts.bulletin import bulletin as make
    from amends.problems.indicators.texts.documents import document

    language_code = {"zh": "zh-hans", "zh-hans": "zh-hans", "en": "en"}.get(language)
    if language_code is None:
        raise BadInput(
            _("There is no language “%(given)s” here.") % {"given": language[:20]},
            next_step=_("Say zh or en."),
        )
    built_bulletin = make(
        quarter or quarter_before(timezone.localdate()),
        zone=settings.TIME_ZONE,
        now=timezone.now(),
        language=language_code,
        is_public=public,
    )
    data, _media_type, name = document(built_bulletin, form)
    target = out / name if out and out.is_dir() else out or Path(name)
    check_output(target, force=force)
    target.write_bytes(data)
    return WrittenBulletin(
        quarter=built_bulletin.quarter,
        title=built_bulletin.title,
        file=str(target),
        bytes=len(data),
        public=public,
        tables=[section.id for section in built_bulletin.sections],
        hidden_cells=sum(section.hidden for section in built_bulletin.sections),
    )


def _imported_view(imported: ImportedBulletin) -> View:
    notes = [
        ngettext(
            "%(read)s line: %(accepted)s kept as printed, %(duplicates)s known already, "
            "%(rejected)s set aside.",
            "%(read)s lines: %(accepted)s kept as printed, %(duplicates)s known already, "
            "%(rejected)s set aside.",
            imported.read,
        )
        % {
            "read": imported.read,
            "accepted": imported.accepted,
            "duplicates": imported.duplicates,
            "rejected": imported.rejected,
        }
    ]
    if imported.rejects_file:
        notes.append(_("What was set aside, and why: %(file)s") % {"file": imported.rejects_file})
    return View(notes=[*notes, *imported.notes, *map(_flag_sentence, imported.flags)])


def _flag_sentence(flag: BulletinFlag) -> str:
    labels = {"sum": _("the sum"), "change": _("the change"), "rate": _("the rate")}
    unit = "%" if flag.what == "change" else ""
    computed = f"{flag.computed:g}" if flag.what == "sum" else f"{flag.computed:.1f}"
    return _(
        "%(bulletin)s %(quarter)s, %(line)s: %(what)s is printed as %(printed)s, the "
        "other figures give %(computed)s. Ask who published it; nothing was changed."
    ) % {
        "bulletin": flag.bulletin,
        "quarter": flag.quarter,
        "line": _("total") if flag.line == "total" else flag.line,
        "what": labels[flag.what],
        "printed": f"{flag.printed:g}{unit}",
        "computed": f"{computed}{unit}",
    }


@app.command("import-bulletin")
@command(view=_imported_view)
def import_bulletin(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, Excel or JSON.")],
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 where something is flagged.")
    ] = False,
    rejects: Annotated[Path | None, typer.Option(help="Where lines that are refused go.")] = None,
) -> ImportedBulletin:
    """Keep a published bulletin as printed, and flag what does not add up in it."""
    from django.utils import timezone

    from amends.problems.indicators.actions.import_bulletin import import_bulletin as run

    aside = rejects or file.with_name(f"{file.stem}.rejects.csv")
    check_not_read(aside, [file])
    import_run = run(file, rejects=aside, now=timezone.now())
    rows: dict[str, Any] = import_run.file.as_dict()
    imported = ImportedBulletin(
        **rows,
        flags=[
            BulletinFlag(
                bulletin=name,
                quarter=quarter,
                line=flag.where,
                what=flag.what,
                printed=flag.printed,
                computed=flag.computed,
            )
            for (name, quarter), flags in import_run.flags.items()
            for flag in flags
        ],
    )
    if import_run.file.refusal or (check and imported.flags):
        raise CheckFailed(imported, import_run.file.refusal)
    return imported


def _channels_view(channels_document: ChannelsDocument) -> View:
    from amends.channels.queries.capabilities import channel_sign
    from amends.platform.kit.formats import format_duration

    def share_words(channel_share: Share | None) -> str:
        return (
            f"{channel_share.share:.0%} ({channel_share.low:.0%}–{channel_share.high:.0%})"
            if channel_share
            else ""
        )

    def time_words(median_time: Median | None) -> str:
        return format_duration(median_time.median, language()) if median_time else ""

    took_part = channels_document.participation

    return View(
        figures=[
            (_("Electronic channels"), share_words(channels_document.electronic)),
            (_("Questions answered"), share_words(took_part.answered)),
            (_("Time to first answer of questions"), time_words(took_part.first_answer)),
            (_("Suggestions decided"), share_words(took_part.decided)),
        ],
        columns=[
            TableColumn(_("Channel"), lambda row: channel_sign(row.channel).word),
            TableColumn(_("Contacts"), "contacts", "{:,}", right=True),
            TableColumn(_("First answer"), lambda row: time_words(row.first_answer), right=True),
            TableColumn(_("Hand-overs"), lambda row: share_words(row.transferred), right=True),
            TableColumn(_("Solved alone"), lambda row: share_words(row.solved_alone), right=True),
            TableColumn(_("Satisfied"), lambda row: share_words(row.satisfied), right=True),
        ],
        rows=channels_document.channels,
        empty=_("Nothing arrived in this period."),
    )


@app.command()
@command(view=_channels_view)
def channels(
    since: Annotated[date, typer.Option("--from", help="First day, 2026-07-01.", **DAY_OPTION)],
    until: Annotated[date, typer.Option("--to", help="Last day, 2026-09-30.", **DAY_OPTION)],
) -> ChannelsDocument:
    """Time to first answer, hand-overs, satisfaction, electronic channels and participation."""
    from amends.problems.indicators.queries.channels import channel_figures

    return channel_figures(since, until)
