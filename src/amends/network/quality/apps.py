from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class QualityConfig(registry.AmendsApp):
    name = "amends.network.quality"
    label = "quality"
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
            "problems",
            "network",
            _("Network quality"),
            "gauge",
            "/desk/network/",
            "quality.read",
            60,
        ),
        registry.Entry(
            "problems",
            "network_incidents",
            _("Network incidents"),
            "warn",
            "/desk/network/incidents/",
            "quality.read",
            61,
            within="network",
        ),
        registry.Entry(
            "problems",
            "network_improvements",
            _("Improvements"),
            "correct",
            "/desk/network/improvements/",
            "quality.read",
            62,
            within="network",
        ),
        registry.Entry(
            "problems",
            "network_forecast",
            _("Next week's peaks"),
            "gauge",
            "/desk/network/forecast/",
            "quality.read",
            62,
            within="network",
        ),
        registry.Entry(
            "problems",
            "network_products",
            _("Sold and measured"),
            "gauge",
            "/desk/network/products/",
            "quality.read",
            62,
            within="network",
        ),
        registry.Entry(
            "problems",
            "network_indicators",
            _("Indicators of quality"),
            "gauge",
            "/desk/network/indicators/",
            "quality.read",
            62,
            within="network",
        ),
        registry.Entry(
            "problems",
            "notice_plans",
            _("Plans of notices"),
            "message",
            "/desk/network/notices/",
            "quality.read",
            62,
            within="network",
        ),
        registry.Entry(
            "problems",
            "speed_tests",
            _("Speed tests"),
            "gauge",
            "/desk/speed-tests/",
            "quality.read",
            63,
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
    )
    exempt_decisions = (
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
            "worse",
            _("Lines below half of their speed"),
            ("network",),
            "amends.network.quality.web.home.below_promise",
            "speed_tests",
            "quality.read",
            _(
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
    evidence = "amends.network.quality.actions.judge_lines.judge_lines"
    export = "amends.network.quality.actions.subject_access_export.subject_access_export"
    erasure = "amends.network.quality.actions.subject_access_export.erase"
    demonstration = "amends.network.quality.demonstration.play"
