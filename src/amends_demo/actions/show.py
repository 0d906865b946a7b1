"""Show the demonstration's report on a terminal, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from amends.cases.complaints.queries import class_names, state_names
from amends.causes.notices.texts.duties import duty_title
from amends.engines.stats.rates import FEWEST_USERS, population_rate
from amends.people.operator.queries import operator
from amends.platform.kit.formats import format_count, format_date, format_money, is_chinese
from amends.platform.kit.packs import jurisdictions, pack
from amends_demo.actions.audit import Audited
from amends_demo.actions.cure import Cured
from amends_demo.actions.network import NetworkWatched
from amends_demo.rules.comparison import CountedShare, Report
from amends_demo.rules.gates import Gated
from amends_demo.rules.hidden import hidden
from amends_demo.rules.people import DemoAccount
from amends_demo.rules.places import AREAS
from amends_demo.rules.scenario import Scenario

_ZONE = "Asia/Shanghai"
_WIDE = 120
"""Columns of a terminal from which on a duty fits as a sentence."""
# Figure, its words, its target, and whether the target is a most instead of a least.
_MARKS = (
    ("decided_alone", gettext_lazy("Decided by rules alone, where records can tell"), 0.60, False),
    ("left_to_person", gettext_lazy("Left to a person, where records cannot tell"), 0.95, False),
    ("verdict_right", gettext_lazy("Verdict right, of what rules decided"), 0.95, False),
    ("amount_exact", gettext_lazy("Amount right to the fen, of what rules gave back"), 0.99, False),
    ("wrongly_upheld", gettext_lazy("Given back wrongly or too much"), 0.01, True),
    ("class_right", gettext_lazy("Put in a class that fits"), 0.0, False),
    ("repeats_joined", gettext_lazy("Said again, and joined to the open complaint"), 0.0, False),
    ("enquiries_known", gettext_lazy("Questions taken for questions"), 0.0, False),
    ("taken_for_enquiry", gettext_lazy("Complaints taken for questions"), 0.0, False),
    ("wrongly_joined", gettext_lazy("Joined, and yet another matter"), 0.0, False),
    ("in_time", gettext_lazy("Answered in time, of what was due"), 0.0, False),
)
_ROLES = {
    "handler": gettext_lazy("handles complaints"),
    "senior_handler": gettext_lazy("approves more money"),
    "manager": gettext_lazy("approves the most money"),
    "privacy_officer": gettext_lazy("sees who looked at whose data"),
    "administrator": gettext_lazy("keeps users and reference data"),
}
TITLES = {
    "subscribers": gettext_lazy("Subscribers move in"),
    "services": gettext_lazy("Services are opened"),
    "days": gettext_lazy("Days go by at the desk"),
    "audits": gettext_lazy("Duties and charges are audited"),
    "cure": gettext_lazy("An emergency is led, a measure is judged"),
}


def show(report: Report, scenario: Scenario, console: Console) -> None:
    """Print what is hidden, the complaints by class, the decisions, and where all stands now."""
    language = get_language() or "en"
    console.print(_hidden(report, scenario, language))
    console.print(_by_class(report, language))
    console.print(_decisions(report, language))
    console.print(_standing(report, language))
    console.print(_summary(report, language))


def show_audited(audited: Audited, currency: str, console: Console) -> None:
    """Print how the duties were kept, and what is owed to people who never complained."""
    language = get_language() or "en"
    console.print(_duties(audited, language, narrow=console.width < _WIDE))
    console.print(_absent(audited, language))
    console.print(_found(audited, currency, language))


_VERDICTS = {
    "works": gettext_lazy("it works"),
    "not_shown_to_work": gettext_lazy("not shown to work"),
    "worse": gettext_lazy("it got worse"),
    "not_yet_judgeable": gettext_lazy("not yet judgeable"),
}


def show_cure(cured: Cured, console: Console) -> None:
    """Print how far the emergency is, and what became of the measure."""
    message = _("Emergency on issue %(issue)s: %(done)s of %(steps)s steps done, %(late)s late.")
    lines = [
        message
        % {"issue": cured.issue, "done": cured.done, "steps": cured.steps, "late": cured.late}
    ]
    if cured.verdict:
        ratio = "—" if cured.rate_ratio is None else f"{cured.rate_ratio:.2f}"
        judged = _("Measure %(number)s, judged on its day: %(verdict)s (rate ratio %(ratio)s).")
        lines.append(
            judged % {"number": cured.measure, "verdict": _VERDICTS[cured.verdict], "ratio": ratio}
        )
    console.print("\n".join(lines), highlight=False)


def show_gates(gates: Gated, console: Console) -> None:
    """Print what was counted, complaints per million, and what they would be without the gates."""
    language = get_language() or "en"
    lines = [_usage(gates.usage, language)]
    if gates.closed:
        refused = ngettext(
            "The gate refused %(count)s order that nobody had confirmed.",
            "The gate refused %(count)s orders that nobody had confirmed.",
            gates.refused,
        )
        lines.append(refused % {"count": format_count(gates.refused, language)})
        adverts = ngettext(
            "Publicity stopped %(count)s advert; nobody ordered on it.",
            "Publicity stopped %(count)s adverts; nobody ordered on them.",
            gates.adverts,
        )
        lines.append(adverts % {"count": format_count(gates.adverts, language)})
        stopped = ngettext(
            "%(count)s line was held at its cap abroad, and nothing came after.",
            "%(count)s lines were held at their cap abroad, and nothing came after.",
            gates.stopped,
        )
        lines.append(stopped % {"count": format_count(gates.stopped, language)})
        notified = ngettext(
            "Money for a missing notice went back to %(count)s person, who was told so unasked.",
            "Money for a missing notice went back to %(count)s people, who were told so unasked.",
            gates.notified,
        )
        lines.append(notified % {"count": format_count(gates.notified, language)})
    if gates.users < FEWEST_USERS:
        message = _(
            "%(rate)s complaints of %(users)s subscribers (95%% interval %(low)s to %(high)s), too "
            "few for a rate."
        )
    else:
        message = _(
            "%(rate)s complaints per million subscribers (95%% interval %(low)s to %(high)s)."
        )
    lines.append(message % _of(gates.complaints, gates.users, language))
    if gates.closed:
        comparison = _("Without the gates: %(rate)s (%(low)s to %(high)s).")
        lines.append(comparison % _of(gates.complaints_without, gates.users, language))
    console.print("\n".join(lines), highlight=False)


_FAULTS = {
    "degraded_area": gettext_lazy("Congestion"),
    "storm": gettext_lazy("Storm"),
}


def show_network(network: NetworkWatched, console: Console) -> None:
    """Print when the counters of the network showed each fault, and what became of complaints."""
    language = get_language() or "en"
    lines = []
    for effect in network.effects:
        message = _(
            "%(fault)s in %(area)s: counters showed it %(after)s h after it began, %(before)s h"
            " before most people complained."
        )
        lines.append(
            message
            % {
                "fault": _FAULTS[effect.cause],
                "area": _area_words(effect.area, language),
                "after": effect.found_after_h,
                "before": round(effect.before_peak_h),
            }
        )
        if effect.repaired or effect.notified:
            message = _(
                "Complaints of it: %(complaints)s instead of %(without)s (%(change)s). Repaired"
                " before it befell them: %(repaired)s; told of it and quiet: %(told)s."
            )
            lines.append(
                message
                % {
                    "complaints": effect.complaints,
                    "without": effect.complaints_without,
                    "change": f"{effect.change:+.0%}".replace("-", "−"),
                    "repaired": effect.repaired,
                    "told": effect.notified,
                }
            )
    counts = _(
        "Incidents of the network: %(incidents)s; complaints joined: %(joined)s; users notified:"
        " %(notified)s; credits proposed: %(credited)s."
    )
    lines.append(
        counts
        % {
            name: format_count(getattr(network, name), language)
            for name in ("incidents", "joined", "notified", "credited")
        }
    )
    console.print("\n".join(lines), highlight=False)


def _area_words(ref: str, language: str) -> str:
    area = next(scenario_area for scenario_area in AREAS if scenario_area.ref == ref)
    return area.zh if is_chinese(language) else area.en


def _usage(usage: Mapping[str, int], language: str) -> str:
    """What the reminder engine made of the usage, in a sentence or two."""
    text = _(
        "Usage records counted: %(records)s; notices due: %(notices)s; lines held: %(holds)s."
    ) % {
        name: format_count(usage.get(name, 0), language) for name in ("records", "notices", "holds")
    }
    if unknown := usage.get("unknown_line", 0):
        left = _("Of lines nobody has enrolled: %(count)s.")
        text = f"{text} {left % {'count': format_count(unknown, language)}}"
    return text


def _of(complaints: int, users: int, language: str) -> dict[str, str]:
    """The figure as pages show it: of few users the count with its interval."""
    figure = population_rate(complaints, users)
    shown = complaints if figure.rate is None else figure.rate
    numbers = {"rate": shown, "low": figure.low, "high": figure.high, "users": users}
    return {name: format_count(round(number), language) for name, number in numbers.items()}


def say_what(*, size: int, seed: int, seconds: float, unasked: bool, console: Console) -> None:
    """Print which world this was and how long it took; `unasked`: the second opinion is installed
    and was left out."""
    language = get_language() or "en"
    today = timezone.localdate()
    rules = pack(settings.JURISDICTION, today)
    console.print(
        _("Simulated operator: %(name)s. Rules of: %(country)s. Today: %(day)s.")
        % {
            "name": operator().name_in(language),
            "country": rules.zh if is_chinese(language) else rules.en,
            "day": format_date(today, language),
        },
        highlight=False,
    )
    message = _("%(size)s subscribers, seed %(seed)s, %(seconds)s s.")
    console.print(
        message % {"size": format_count(size, language), "seed": seed, "seconds": seconds},
        highlight=False,
    )
    if unasked:
        console.print(
            _(
                "The second opinion on classes was not asked as the weeks passed, to save time "
                "(--with-meaning asks it). It reads what comes in from now on."
            )
        )


def show_sign_in(address: str, accounts: Iterable[DemoAccount], console: Console) -> None:
    """Print where to sign in, and as whom."""
    people = Table(title=_("Sign in at %(address)s") % {"address": address}, title_justify="left")
    people.add_column(_("User name"), no_wrap=True)
    people.add_column(_("Password"), no_wrap=True)
    people.add_column("")
    for account in accounts:
        role = _ROLES.get(account.role, account.role)
        people.add_row(account.username, account.password, str(role))
    console.print(people)


def _hidden(report: Report, scenario: Scenario, language: str) -> Table:
    rows = Table(title=_("Hidden in this world"), title_justify="left")
    rows.add_column(_("Cause"), overflow="fold")
    rows.add_column(_("From"), no_wrap=True)
    rows.add_column(_("To"), no_wrap=True)
    rows.add_column(_("Complaints"), justify="right")
    for hidden_cause in hidden(scenario):
        rows.add_row(
            hidden_cause.zh if is_chinese(language) else hidden_cause.en,
            format_date(hidden_cause.from_ms, language, _ZONE),
            format_date(min(hidden_cause.to_ms, scenario.end_ms), language, _ZONE),
            format_count(report.by_cause.get(hidden_cause.cause, 0), language),
        )
    return rows


def _by_class(report: Report, language: str) -> Table:
    rows = Table(title=_("Complaints by class"), title_justify="left")
    rows.add_column(_("Class"))
    rows.add_column(_("Complaints"), justify="right")
    _add_named(rows, report.by_class, class_names(), language)
    return rows


def _standing(report: Report, language: str) -> Table:
    rows = Table(title=_("Where they stand now"), title_justify="left")
    rows.add_column(_("State"))
    rows.add_column(_("Complaints"), justify="right")
    _add_named(rows, report.standing, state_names(), language)
    return rows


def _add_named(
    rows: Table, counts: Mapping[str, int], names: Mapping[str, Sequence[str]], language: str
) -> None:
    for code, count in counts.items():
        zh, en = names.get(code, (code, code))
        rows.add_row(zh if is_chinese(language) else en, format_count(count, language))


def _duties(audited: Audited, language: str, *, narrow: bool) -> Table:
    """The duties; on a narrow terminal by their notices, where sentences would break into words."""
    rows = Table(title=_("Duties to tell, audited; the worst first"), title_justify="left")
    rows.add_column(_("Duty"), overflow="fold")
    for heading in (
        _("In time"),
        _("Told or owed"),
        _("Late"),
        pgettext("notice", "Failed"),
        _("Missing"),
        _("Not known"),
    ):
        rows.add_column(heading, justify="right")
    for duty in audited.duties:
        share, total = duty.total.covered_share, duty.total
        counts = (total.due, total.late, total.failed, total.missing, total.unknown)
        label = duty.zh if is_chinese(language) else duty.en
        rows.add_row(
            _named(duty.duty, language) if narrow else label,
            "–" if share is None else f"{share:.1%}",
            *(format_count(count, language) for count in counts),
        )
    return rows


_REASONS = {
    "by_contract": gettext_lazy("met by the contract, not by a notice"),
    "by_publication": gettext_lazy("met by what is published, not by a notice"),
    "by_confirmation": gettext_lazy("met by the question for confirmation"),
    "by_bill": gettext_lazy("met by the monthly bill"),
    "elsewhere": gettext_lazy("sent with the monthly list of services, which is not played here"),
    "no_such_event": gettext_lazy("nothing of the kind happens in this world"),
}


def _absent(audited: Audited, language: str) -> Table:
    rows = Table(title=_("Duties under which nothing fell due, and why"), title_justify="left")
    rows.add_column(_("Duty"), overflow="fold")
    rows.add_column(pgettext("absent duty", "Why"), overflow="fold")
    for absent_duty in audited.absent:
        rows.add_row(_named(absent_duty.duty, language), str(_REASONS[absent_duty.reason]))
    return rows


def _named(duty: str, language: str) -> str:
    """A duty by its title, a province's with its place."""
    today, chinese = timezone.localdate(), is_chinese(language)
    jurisdiction, name = duty.partition(".")[0], duty_title(duty, today)
    if "-" in jurisdiction and jurisdiction in jurisdictions():
        own = pack(jurisdiction, today)
        name = f"{name} · {own.zh if chinese else own.en}"
    return name


def _found(audited: Audited, currency: str, language: str) -> Table:
    rows = Table(title=_("Still owed, found without a complaint"), title_justify="left")
    rows.add_column("")
    for heading in (
        pgettext("count", "Charges"),
        _("People"),
        _("Money"),
        _("Never complained"),
        _("Of it"),
    ):
        rows.add_column(heading, justify="right")
    for label, refunds in (
        (_("Charged although a notice was missing"), audited.untold),
        (_("Charged without a confirmation"), audited.unconfirmed),
    ):
        rows.add_row(
            label,
            format_count(refunds.charges, language),
            format_count(refunds.people, language),
            format_money(refunds.amount_minor, currency),
            format_count(refunds.silent, language),
            format_money(refunds.silent_minor, currency),
        )
    return rows


def _decisions(report: Report, language: str) -> Table:
    rows = Table(title=_("Decisions beside what is true"), title_justify="left")
    for heading in ("", _("Share"), _("Count"), _("Target"), ""):
        rows.add_column(heading, justify="right" if heading else "left")
    for name, label, target, at_most in _MARKS:
        share: CountedShare = getattr(report, name)
        count = _("%(count)s of %(whole)s") % {
            "count": format_count(share.count, language),
            "whole": format_count(share.whole, language),
        }
        mark = _mark(share, target, at_most=at_most)
        rows.add_row(str(label), f"{share.share:.1%}", count, *mark)
    return rows


def _mark(share: CountedShare, target: float, *, at_most: bool) -> tuple[str, str]:
    """The target and whether it is met; nothing where there is none."""
    if not target:
        return "", ""
    met = share.share <= target if at_most else share.share >= target
    return f"{'≤' if at_most else '≥'} {target:.0%}", _("met") if met else _("missed")


def _summary(report: Report, language: str) -> str:
    counts = {
        name: format_count(count, language)
        for name, count in (
            ("contacts", report.contacts),
            ("complaints", report.complaints),
            ("enquiries", report.enquiries),
            ("repeats", report.repeats),
            ("alone", report.decided_alone.count),
            ("person", report.decided_by_person),
            ("waiting", report.still_open),
        )
    }
    money = format_money(report.refunded_minor, report.currency)
    return _(
        "Contacts: %(contacts)s; complaints: %(complaints)s, enquiries: %(enquiries)s, "
        "said again: %(repeats)s. %(alone)s decided by rules alone, %(person)s by a person, "
        "%(waiting)s not yet. %(money)s given back."
    ) % (counts | {"money": money})
