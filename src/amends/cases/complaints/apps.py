from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class ComplaintsConfig(registry.AmendsApp):
    name = "amends.cases.complaints"
    label = "complaints"
    waiting = "amends.cases.complaints.waiting.SOURCES"
    commands = {
        "complaints": "amends.cases.complaints.cli.complaints:app",
        "clocks": "amends.cases.complaints.cli.clocks:app",
    }
    demonstration = "amends.cases.complaints.demonstration.play"
    urls = (("desk/", "amends.cases.complaints.web.urls"),)
    panels = (
        registry.Panel(
            _("Posts on social media"), "amends.cases.complaints.web.posts.panel", tab="customer"
        ),
    )
    palette = "amends.cases.complaints.web.palette.find"
    navigation = (
        registry.Entry(
            area="work",
            name="day",
            label=_("My day"),
            icon="day",
            path="/desk/day/",
            permission="",
            order=10,
        ),
        registry.Entry(
            area="work",
            name="inbox",
            label=_("Inbox"),
            icon="inbox",
            path="/desk/",
            permission="complaints.read",
            order=20,
        ),
        registry.Entry(
            area="work",
            name="social_posts",
            label=_("Social media"),
            icon="message",
            path="/desk/posts/",
            permission="social.read",
            order=24,
            within="inbox",
        ),
        registry.Entry(
            area="work",
            name="take_call",
            label=_("Log a call"),
            icon="phone",
            path="/desk/call/",
            permission="complaints.handle",
            order=30,
        ),
        registry.Entry(
            area="work",
            name="caller",
            label=_("Look up a caller"),
            icon="person",
            path="/desk/caller/",
            permission="complaints.handle",
            order=32,
            within="take_call",
        ),
        registry.Entry(
            area="work",
            name="workload",
            label=_("Workload"),
            icon="gauge",
            path="/desk/workload/",
            permission="casework.lead",
            order=16,
            within="day",
        ),
        registry.Entry(
            area="reports",
            name="corrections",
            label=_("Corrections"),
            icon="correct",
            path="/desk/corrections/",
            permission="complaints.read",
            order=20,
        ),
    )
    decisions = (
        registry.ExemptDecision(
            name="complaints.decide",
            title=_("Decide a complaint and reply to it"),
            effect="speak",
            decides="complaints.handle",
            rule=_(
                "Rules propose the decision from the evidence; the complainant may refuse it, "
                "and appeals to the regulator. Amounts follow the decisions on payments."
            ),
            undo_note=_(
                "An approval is undone for ten seconds; a reopened complaint is decided again."
            ),
        ),
    )
    personal_data = registry.PersonalData(erase="amends.cases.complaints.actions.forget.erase")
    rule_sets = {
        "amends.cases.complaints": _("Handling of complaints"),
        "amends.engines.decisions": _("Deadlines and decisions"),
        "amends.engines.classification": _("Classes of complaints"),
    }
    case_kinds = ("amends.cases.complaints.case_kind.ComplaintKind",)
    concerns = "amends.cases.complaints.queries.concerns.concerns"
    complaints = registry.ComplaintsSource(
        received="amends.cases.complaints.queries.received.complaints_received",
        by_offer="amends.cases.complaints.queries.received.complaints_by_offer",
        texts="amends.cases.complaints.queries.received.complaint_texts",
        read_again="amends.cases.complaints.actions.read_again.read_again",
    )
    queues = {"identity codes": "amends.cases.complaints.jobs.identity_codes.oldest_request_at"}
    jobs = (
        registry.Job(
            "pipeline", 1, "amends.cases.complaints.jobs.pipeline.process", group="receive"
        ),
        registry.Job(
            "identity codes",
            1,
            "amends.cases.complaints.jobs.identity_codes.send_codes",
            group="codes",
        ),
        registry.Job(
            "approvals",
            1,
            "amends.cases.complaints.actions.approve_later.approve_due",
            group="receive",
        ),
        registry.Job(
            "assign new", 5, "amends.cases.complaints.jobs.assign_new.assign_new", group="receive"
        ),
        registry.Job(
            "reinvestigate",
            900,
            "amends.cases.complaints.jobs.reinvestigate.reinvestigate",
            group="heavy",
        ),
        registry.Job(
            "incidents", 300, "amends.cases.complaints.jobs.reopen_covered.reopen_covered"
        ),
        registry.Job(
            "letters",
            10,
            "amends.cases.complaints.actions.follow_letters.follow_letters",
            group="receive",
        ),
        registry.Job(
            "regulator files",
            5,
            "amends.cases.complaints.actions.regulator_file.make_waiting",
            group="heavy",
        ),
        registry.Job("clocks", 30, "amends.cases.complaints.jobs.clocks.check_clocks"),
        registry.Job(
            "scan files", 5, "amends.cases.complaints.actions.scan_attachments.scan_waiting"
        ),
        registry.Job(
            "files",
            3600,
            "amends.cases.complaints.jobs.remove_orphaned_files.tidy_files",
            group="heavy",
        ),
    )
