from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class ComplaintsConfig(registry.AmendsApp):
    name = "amends.complaints"
    label = "complaints"
    exempt_decisions = (
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
    erasure = "amends.complaints.actions.forget.erase"
    rule_sets = {
        "amends.complaints": _("Handling of complaints"),
        "amends.decisions": _("Deadlines and decisions"),
        "amends.classification": _("Classes of complaints"),
    }
    case_kinds = ("amends.complaints.case_kind.ComplaintKind",)
    concerns = "amends.complaints.queries.concerns.concerns"
    complaints_received = "amends.complaints.queries.received.complaints_received"
    complaints_by_offer = "amends.complaints.queries.received.complaints_by_offer"
    complaint_texts = "amends.complaints.queries.received.complaint_texts"
    complaints_again = "amends.complaints.actions.read_again.read_again"
    queues = {"identity codes": "amends.complaints.jobs.identity_codes.oldest_request_at"}
    jobs = (
        registry.Job("pipeline", 1, "amends.complaints.jobs.pipeline.process", group="receive"),
        registry.Job(
            "identity codes", 1, "amends.complaints.jobs.identity_codes.send_codes", group="codes"
        ),
        registry.Job(
            "approvals", 1, "amends.complaints.actions.approve_later.approve_due", group="receive"
        ),
        registry.Job(
            "assign new", 5, "amends.complaints.jobs.assign_new.assign_new", group="receive"
        ),
        registry.Job(
            "reinvestigate",
            900,
            "amends.complaints.jobs.reinvestigate.reinvestigate",
            group="heavy",
        ),
        registry.Job("incidents", 300, "amends.complaints.jobs.reopen_covered.reopen_covered"),
        registry.Job(
            "letters",
            10,
            "amends.complaints.actions.follow_letters.follow_letters",
            group="receive",
        ),
        registry.Job(
            "regulator files",
            5,
            "amends.complaints.actions.regulator_file.make_waiting",
            group="heavy",
        ),
        registry.Job("clocks", 30, "amends.complaints.jobs.clocks.check_clocks"),
        registry.Job("scan files", 5, "amends.complaints.actions.scan_attachments.scan_waiting"),
        registry.Job(
            "files", 3600, "amends.complaints.jobs.remove_orphaned_files.tidy_files", group="heavy"
        ),
    )
