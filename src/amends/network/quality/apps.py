from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class QualityConfig(registry.AmendsApp):
    name = "amends.network.quality"
    label = "quality"
    waiting = "amends.network.quality.waiting.SOURCES"
    part = registry.Part(
        name="network",
        title=_("Network quality"),
        description=_("Speed tests, network incidents, degraded cells and forecasts of peaks."),
    )
    support = "amends.network.quality.queries.support.support"
    verbose_name = _("Quality")
    rule_sets = {"amends.network.quality": _("Quality")}
    commands = {
        "quality": "amends.network.quality.cli:app",
        "quality alarms": "amends.network.quality.cli_incidents:alarms",
        "quality incidents": "amends.network.quality.cli_incidents:incidents",
        "quality cells": "amends.network.quality.cli_incidents:cells",
        "quality counters": "amends.network.quality.cli_incidents:counters",
        "quality prometheus": "amends.network.quality.cli_incidents:prometheus",
        "quality changes": "amends.network.quality.cli_incidents:changes",
    }
    urls = (
        ("speed/", "amends.network.quality.web.urls"),
        ("desk/speed-tests/", "amends.network.quality.web.desk_urls"),
        ("desk/network/", "amends.network.quality.web.network_urls"),
    )
    navigation = (
        registry.Entry(
            area="problems",
            name="network",
            label=_("Network quality"),
            icon="gauge",
            path="/desk/network/",
            permission="quality.read",
            order=60,
        ),
        registry.Entry(
            area="problems",
            name="network_incidents",
            label=_("Network incidents"),
            icon="warn",
            path="/desk/network/incidents/",
            permission="quality.read",
            order=61,
            within="network",
        ),
        registry.Entry(
            area="problems",
            name="network_improvements",
            label=_("Improvements"),
            icon="correct",
            path="/desk/network/improvements/",
            permission="quality.read",
            order=62,
            within="network",
        ),
        registry.Entry(
            area="problems",
            name="network_forecast",
            label=_("Next week's peaks"),
            icon="gauge",
            path="/desk/network/forecast/",
            permission="quality.read",
            order=62,
            within="network",
        ),
        registry.Entry(
            area="problems",
            name="network_products",
            label=_("Sold and measured"),
            icon="gauge",
            path="/desk/network/products/",
            permission="quality.read",
            order=62,
            within="network",
        ),
        registry.Entry(
            area="problems",
            name="network_indicators",
            label=_("Indicators of quality"),
            icon="gauge",
            path="/desk/network/indicators/",
            permission="quality.read",
            order=62,
            within="network",
        ),
        registry.Entry(
            area="problems",
            name="notice_plans",
            label=_("Plans of notices"),
            icon="message",
            path="/desk/network/notices/",
            permission="quality.read",
            order=62,
            within="network",
        ),
        registry.Entry(
            area="problems",
            name="speed_tests",
            label=_("Speed tests"),
            icon="gauge",
            path="/desk/speed-tests/",
            permission="quality.read",
            order=63,
            within="network",
        ),
    )
    decisions = (
        registry.BindingDecision(
            name="quality.dismiss_incident",
            title=_("Dismiss a network incident"),
            effect="speak",
            asks="quality.incidents",
            decides="quality.incidents",
            perform="amends.network.quality.actions.change_incident.perform_dismissal",
            consequence=_("It explains no complaint any more; its complaints are free again."),
            undo="amends.network.quality.actions.change_incident.perform_reopening",
            undo_note=_("The incident lasts again."),
        ),
        registry.BindingDecision(
            name="quality.end_incident",
            title=_("End a network incident"),
            effect="speak",
            asks="quality.incidents",
            decides="quality.incidents",
            perform="amends.network.quality.actions.change_incident.perform_end",
            consequence=_("It is over; the users who were notified hear of it."),
            undo="amends.network.quality.actions.change_incident.perform_reopening",
            undo_note=_("The incident lasts again."),
        ),
        registry.BindingDecision(
            name="quality.reopen_incident",
            title=_("Reopen a network incident"),
            effect="speak",
            asks="quality.incidents",
            decides="quality.incidents",
            perform="amends.network.quality.actions.change_incident.perform_reopening",
            consequence=_("It lasts again, and is evidence of complaints."),
            undo="amends.network.quality.actions.change_incident.undo_reopening",
            undo_note=_("It is ended again."),
        ),
        registry.BindingDecision(
            name="quality.notice_plan",
            title=_("Approve a plan of notices"),
            effect="speak",
            asks="quality.notice_plans",
            decides="quality.notice_plans",
            perform="amends.network.quality.actions.plan_notices.perform_first_approval",
            consequence=_("A second colleague has to approve it too."),
            undo="amends.network.quality.actions.plan_notices.undo_approval",
            undo_note=_("The plan is stopped; no user is notified by it."),
            deadline=timedelta(days=30),
        ),
        registry.BindingDecision(
            name="quality.notice_plan_second",
            title=_("Approve a plan of notices as the second colleague"),
            effect="speak",
            asks="quality.notice_plans",
            decides="quality.notice_plans",
            perform="amends.network.quality.actions.plan_notices.perform_second_approval",
            consequence=_("The plan is in force: it notifies users affected by an incident."),
            undo="amends.network.quality.actions.plan_notices.undo_approval",
            undo_note=_("The plan is stopped; no user is notified by it."),
            deadline=timedelta(days=30),
        ),
        registry.ExemptDecision(
            name="quality.confirm_incident",
            title=_("Confirm, merge or split a network incident"),
            effect="speak",
            decides="quality.incidents",
            rule=_(
                "Alarms, counters, complaints or another colleague show it; it takes authority for "
                "every brand that it touches, and users are notified only by a plan that two "
                "people approved."
            ),
            undo_note=_("It is dismissed or ended by two people."),
        ),
        registry.ExemptDecision(
            name="quality.end_by_evidence",
            title=_("End a network incident when its signs end"),
            effect="speak",
            decides="",
            rule=_("The rule of incidents: every alarm is cleared and no sign is left."),
            undo_note=_("It is reopened by two people."),
        ),
        registry.ExemptDecision(
            name="quality.stop_plan",
            title=_("Stop a plan of notices"),
            effect="speak",
            decides="quality.notice_plans",
            rule=_("It only ends messages; another plan takes two approvals."),
            undo_note=_("Another plan is drafted and approved."),
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="due",
            title=_("Network incidents that last"),
            roles=("network",),
            rows="amends.network.quality.web.home.lasting_incidents",
            page="network_incidents",
            permission="quality.read",
            empty=_("No incident lasts. Alarms, counters and complaints open one automatically."),
        ),
        registry.HomePanel(
            question="worse",
            title=_("Areas to look at first"),
            roles=("network",),
            rows="amends.network.quality.web.home.worst_first",
            page="network_improvements",
            permission="quality.read",
            empty=_("No area has degraded cells or complaints of an incident."),
        ),
        registry.HomePanel(
            question="worse",
            title=_("Lines below half of their speed"),
            roles=("network",),
            rows="amends.network.quality.web.home.below_promise",
            page="speed_tests",
            permission="quality.read",
            empty=_(
                "No recent speed test is below half of the promised speed. "
                "Customers start a test on the public page."
            ),
        ),
    )
    jobs = (
        registry.Job(
            "questions about reminders",
            1,
            "amends.network.quality.actions.start_campaign.ask_about_reminders",
            group="codes",
        ),
        registry.Job("reminders of speed tests", 900, "amends.network.quality.jobs.remind.remind"),
        registry.Job(
            "incident complaints", 10, "amends.network.quality.jobs.follow_incidents.join_newcomers"
        ),
        registry.Job(
            "network incidents", 60, "amends.network.quality.jobs.follow_incidents.follow_incidents"
        ),
        registry.Job(
            "peak forecasts",
            86_400,
            "amends.network.quality.jobs.forecast_peaks.forecast_stored",
            group="heavy",
        ),
        registry.Job(
            "counters of Prometheus",
            900,
            "amends.network.quality.jobs.read_prometheus.read_prometheus",
            group="fetch",
        ),
        registry.Job(
            "baselines of cells",
            60,
            "amends.network.quality.jobs.renew_baselines.renew_baselines",
            group="heavy",
        ),
        registry.Job(
            "peak speeds",
            86_400,
            "amends.network.quality.jobs.publish_peaks.publish_peaks",
            group="heavy",
        ),
    )
    panels = (
        registry.Panel(_("Speed tests"), "amends.network.quality.web.desk.panel", tab="customer"),
        registry.Panel(
            _("Network incident"), "amends.network.quality.web.incidents.panel", tab="issue"
        ),
    )
    personal_data = registry.PersonalData(
        export="amends.network.quality.actions.subject_access_export.subject_access_export",
        erase="amends.network.quality.actions.subject_access_export.erase",
    )
    demonstration = "amends.network.quality.demonstration.play"
