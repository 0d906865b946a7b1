"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from amends.desk.web import actions as acts
from amends.desk.web import (
    bulk,
    callers,
    calls,
    corrections,
    deadlines,
    export,
    files,
    inbox,
    letters,
    merging,
    page,
    prove,
    saved_views,
    subscriber,
    workload,
)
from amends.desk.web import my_day as day

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("search/", inbox.search, name="search_inbox"),
    path("export/", export.export, name="export_inbox"),
    path("caller/", callers.caller, name="caller"),
    path("call/", calls.take_call, name="take_call"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("approvals/", acts.pending, name="pending_approvals"),
    path("approvals/undo/", acts.undo_approval, name="undo_approval"),
    path("views/save/", saved_views.save, name="save_view"),
    path("views/forget/", saved_views.forget, name="forget_view"),
    path("workload/", workload.workload, name="workload"),
    path("day/", day.day, name="day"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("c/<str:ref>/", page.complaint, name="complaint"),
    path("c/<str:ref>/approve/", acts.approve, name="approve"),
    path("c/<str:ref>/answer/", acts.answer_question, name="answer_enquiry"),
    path("c/<str:ref>/complaint/", acts.take_as_complaint, name="take_as_complaint"),
    path("c/<str:ref>/ask-approval/", acts.ask_for_approval, name="ask_approval"),
    path("c/<str:ref>/overrule/", acts.overrule_decision, name="overrule"),
    path("c/<str:ref>/order/", acts.order, name="order_remedy"),
    path("c/<str:ref>/hand-file/", acts.hand_file, name="hand_file"),
    path("c/<str:ref>/again/", acts.investigate_again, name="investigate_again"),
    path("c/<str:ref>/correct/", acts.correct, name="correct"),
    path("c/<str:ref>/move/", acts.move, name="move"),
    path("c/<str:ref>/take/", acts.take_over, name="take"),
    path("c/<str:ref>/urgent/", acts.set_urgent, name="set_urgent"),
    path("c/<str:ref>/subscriber/", subscriber.name, name="name_subscriber"),
    path("c/<str:ref>/document/", subscriber.document, name="take_document"),
    path("c/<str:ref>/clock/", deadlines.change, name="change_clock"),
    path("c/<str:ref>/repair/", deadlines.repaired, name="note_repair"),
    path("c/<str:ref>/identity/", acts.ask_identity, name="ask_identity"),
    path("c/<str:ref>/merge/", merging.merge_into, name="merge"),
    path("c/<str:ref>/merge/undo/", merging.undo_merge, name="undo_merge"),
    path("c/<str:ref>/split/", merging.split_off, name="split"),
    path("c/<str:ref>/files/<str:attachment>/", files.attachment, name="attachment"),
    path(
        "c/<str:ref>/files/<str:attachment>/preview/",
        files.preview,
        name="attachment_preview",
    ),
    path("c/<str:ref>/code/", callers.take_code, name="take_code"),
    path("c/<str:ref>/evidence/", files.evidence, name="evidence"),
    path("c/<str:ref>/prove/<int:number>/", prove.prove, name="prove"),
    path("c/<str:ref>/letter/<str:reply>/", letters.letter, name="letter"),
    path("c/<str:ref>/unmask/", acts.unmask, name="unmask"),
]
