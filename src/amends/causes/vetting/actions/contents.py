"""Samples of contents: submit, judge, notify the partner, take down, dismiss, sanction, appeal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.causes.vetting.choices import ContentLabel
from amends.causes.vetting.models import (
    ContentAppealState,
    ContentFinding,
    ContentFindingState,
    ContentSample,
    ContentSource,
    HarmfulImage,
    PartnerNoticeAddress,
    RegisteredService,
)
from amends.causes.vetting.rules.contents import (
    CLEAN,
    ContentJudgement,
    Vectors,
    judge_content,
    shipped_model,
)
from amends.causes.vetting.rules.take_down import take_down_rules
from amends.channels.actions.post import post
from amends.engines.classification.links import hosts_on
from amends.people.access.queries import may
from amends.people.operator.queries import operator
from amends.people.partners.actions.sanction import impose, lift
from amends.people.partners.queries import brands_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.registry import DecisionAct
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.sealing import open_sealed, seal
from amends.work.approvals.actions.decide import overtake
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject

PERMISSION = "services.manage"
SANCTION = "vetting.content_sanction"
SANCTION_KINDS = ("warning", "fine", "suspension", "exclusion")
LONGEST = 1_000_000
MOST_IMAGES = 50
SAMPLES = ContentSample._meta.db_table
FINDINGS = ContentFinding._meta.db_table
ADDRESSES = PartnerNoticeAddress._meta.db_table


class UnableToSubmitContent(BadInput):
    """The service is unknown, or the sample is empty, too long or has no such source."""

    code = "content_not_submitted"


class UnableToActOnContent(Refused):
    """The actor may not do this, or the finding does not allow it."""

    code = "content_not_changed"


def submit_sample(
    service: str,
    text: str,
    *,
    source: str,
    actor: Actor,
    now: datetime,
    images: Sequence[str] = (),
    brand: str = "",
) -> ContentSample:
    """Store a sample of a service and judge it; what is not clean becomes a finding.

    images  SHA-256 of its images, compared with the operator's list
    brand     of the actor: services of other brands are refused
    """
    _require(actor)
    row = RegisteredService.objects.filter(ref=service).first()
    if row is None or (brand and row.brand not in ("", brand)):
        raise UnableToSubmitContent(_("There is no such service."))
    if source not in ContentSource.values:
        raise UnableToSubmitContent(_("There is no such source of contents."))
    image_digests = [image.strip().lower() for image in images if image.strip()]
    if not text.strip() and not image_digests:
        raise UnableToSubmitContent(_("The sample has neither text nor images."))
    if len(text) > LONGEST or len(image_digests) > MOST_IMAGES:
        raise UnableToSubmitContent(
            _("The sample is longer than a million characters, or has more than 50 images."),
            next_step=_("Submit the part that matters."),
        )
    if not all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in image_digests):
        raise UnableToSubmitContent(
            _("An image is given by its SHA-256: 64 digits and letters a to f.")
        )
    judged = judge_content(text, hosts=hosts_on(_day(now)))
    listed = HarmfulImage.objects.filter(sha256__in=image_digests).first()
    ref = random_id("cnt", length=12)
    with transaction.atomic():
        sample = ContentSample.objects.create(
            ref=ref,
            service=row,
            source=source,
            text=seal(SAMPLES, "text", ref, text.replace("\0", " ")),
            images=image_digests,
            label=listed.label if listed else judged.label,
            score=1.0 if listed else judged.score,
            passages=_masked(judged.passages),
            statements=list(judged.statements),
            model=shipped_model().version,
            sampled_at=now,
            submitted_by=actor.ref,
        )
        if sample.label != CLEAN:
            _open_finding(sample, now=now)
    return sample


def read_again(*, vectors: Vectors, now: datetime, limit: int = 50) -> int:
    """Judge the newest samples with sentence vectors; what they find becomes a finding.

    A finding is never withdrawn by it: a person dismisses. Returns how many were read.
    """
    count = 0
    for sample in ContentSample.objects.filter(second_read=False).exclude(text=b"")[:limit]:
        text = sample_text(sample)
        judged = judge_content(text, hosts=hosts_on(_day(now)), vectors=vectors)
        if not judged.second:
            break
        with transaction.atomic():
            locked = ContentSample.objects.select_for_update().get(ref=sample.ref)
            if locked.second_read:
                continue
            locked.second_read = True
            if locked.label == CLEAN:
                _keep(locked, judged)
            locked.save()
            if locked.label != CLEAN and not hasattr(locked, "finding"):
                _open_finding(locked, now=now)
        count += 1
    return count


def _keep(sample: ContentSample, judged: ContentJudgement) -> None:
    sample.label, sample.score = judged.label, judged.score
    sample.passages, sample.statements = _masked(judged.passages), list(judged.statements)


def _masked(passages: Sequence[str]) -> list[str]:
    return [mask_text(passage).text[:80] for passage in passages]


def sample_text(sample: ContentSample) -> str:
    """The text of a sample; "" once its term ended."""
    sealed = bytes(sample.text)
    return open_sealed(SAMPLES, "text", sample.ref, sealed) if sealed else ""


def _open_finding(sample: ContentSample, *, now: datetime) -> ContentFinding:
    rules = take_down_rules(_day(now))
    finding = ContentFinding.objects.create(
        ref=random_id("cfd", length=12),
        sample=sample,
        partner=sample.service.provider,
        label=sample.label,
        found_at=now,
        due_at=rules.due_at(sample.label, now),
        rule=rules.version,
    )
    _notify(finding, "found", now=now)
    return finding


def _notify(finding: ContentFinding, about: str, *, now: datetime) -> None:
    """Post the partner a notice in the transaction that causes it, where its address is known."""
    box = PartnerNoticeAddress.objects.filter(partner=finding.partner).first()
    if not finding.partner or box is None:
        return
    service = finding.sample.service
    with translation.override("zh-hans" if box.language == "zh" else "en"):
        values = {
            "service": service.name_zh if box.language == "zh" else service.name_en,
            "finding": finding.ref,
            "label": ContentLabel(finding.label).label,
            "due": date_format(timezone.localtime(finding.due_at), "DATETIME_FORMAT"),
            "operator": operator().name_in(box.language),
            "answer": finding.appeal_answer,
        }
        subject, body = _letter(about, finding)
        post(
            key=f"content:{finding.ref}:{about}",
            channel="mail",
            recipient=open_sealed(ADDRESSES, "address", box.partner, bytes(box.address)),
            subject=subject % values,
            body=body % values,
            language=box.language,
            reference=finding.ref,
            now=now,
        )
    if about == "found":
        finding.notified_at = now
        finding.save(update_fields=["notified_at"])


def _letter(about: str, finding: ContentFinding) -> tuple[str, str]:
    if about == "found":
        return gettext("Content to take down: %(service)s (%(finding)s)"), gettext(
            "A sample of your service %(service)s was found to be: %(label)s.\n"
            "Take the content down by %(due)s and answer this message.\n"
            "If you think that this is wrong, answer with your reasons: a person decides.\n"
            "%(operator)s, reference %(finding)s"
        )
    if finding.appeal_state == ContentAppealState.GRANTED:
        return gettext("Your appeal was granted (%(finding)s)"), gettext(
            "The finding about %(service)s was withdrawn: %(answer)s\n"
            "%(operator)s, reference %(finding)s"
        )
    return gettext("Your appeal was refused (%(finding)s)"), gettext(
        "The finding about %(service)s remains: %(answer)s\n%(operator)s, reference %(finding)s"
    )


def confirm_taken_down(ref: str, *, reason: str, actor: Actor, now: datetime) -> ContentFinding:
    """Record that the content is down, and how that is known."""
    return _close(ref, ContentFindingState.TAKEN_DOWN, reason=reason, actor=actor, now=now)


def dismiss(ref: str, *, reason: str, actor: Actor, now: datetime) -> ContentFinding:
    """Record that a person does not confirm the finding; a sanction for it is lifted."""
    return _close(ref, ContentFindingState.DISMISSED, reason=reason, actor=actor, now=now)


def _close(
    ref: str, state: ContentFindingState, *, reason: str, actor: Actor, now: datetime
) -> ContentFinding:
    with transaction.atomic():
        row = _locked(ref, actor)
        _require_text(reason)
        if row.state != ContentFindingState.OPEN:
            raise UnableToActOnContent(_("The finding is closed already."))
        _set_closed(row, state, reason=reason, actor=actor, now=now)
        row.save()
    return row


def _set_closed(
    row: ContentFinding, state: ContentFindingState, *, reason: str, actor: Actor, now: datetime
) -> None:
    row.state, row.reason = state, mask_text(reason.strip()).text[:300]
    row.closed_at, row.closed_by = now, actor.ref
    if state == ContentFindingState.DISMISSED:
        overtake("content_finding", row.ref, actor=actor, now=now, reason=row.reason)
        if row.sanction:
            lift(row.sanction, now=now)
            row.sanction = ""


def impose_for(ref: str, *, kind: str, reason: str, actor: Actor, now: datetime) -> ContentFinding:
    """Request a sanction on the partner for a finding, once for each; a second person approves."""
    with transaction.atomic():
        row = _locked(ref, actor)
        _require_text(reason)
        _require_sanctionable(row)
        if kind not in SANCTION_KINDS:
            raise UnableToActOnContent(_("There is no such sanction."))
        request_approval(
            SANCTION,
            subject=Subject(
                kind="content_finding",
                key=row.ref,
                title=f"{row.partner}: {kind}",
                path=f"/desk/contents/{row.ref}/",
            ),
            reason=reason,
            actor=actor,
            now=now,
            payload={"kind": kind},
            brands=brands_of(row.partner),
        )
    return row


def _require_sanctionable(row: ContentFinding) -> None:
    if not row.partner or row.state == ContentFindingState.DISMISSED or row.sanction:
        raise UnableToActOnContent(
            _("No sanction can be imposed for this finding."),
            meaning=_("It was not confirmed, has a sanction, or no partner provides it."),
        )


def perform_content_sanction(act: DecisionAct) -> str:
    """Impose an approved sanction for a finding."""
    row = ContentFinding.objects.select_for_update().get(ref=act.subject)
    _require_sanctionable(row)
    row.sanction = impose(
        row.partner,
        kind=act.payload["kind"],
        reason=f"{row.ref}: {act.reason}"[:300],
        now=act.now,
    )
    row.save(update_fields=["sanction"])
    return row.sanction


def undo_content_sanction(act: DecisionAct) -> None:
    """Lift the sanction for a finding."""
    row = ContentFinding.objects.select_for_update().get(ref=act.subject)
    if row.sanction:
        lift(row.sanction, now=act.now)
        row.sanction = ""
        row.save(update_fields=["sanction"])


def record_appeal(ref: str, *, text: str, actor: Actor, now: datetime) -> ContentFinding:
    """Record what the partner writes against a finding; once for each."""
    with transaction.atomic():
        row = _locked(ref, actor)
        _require_text(text)
        if row.appeal_state or row.state == ContentFindingState.DISMISSED:
            raise UnableToActOnContent(_("There is an appeal already, or nothing to appeal."))
        row.appeal = seal(FINDINGS, "appeal", ref, text.strip()[:5_000])
        row.appealed_at, row.appeal_state = now, ContentAppealState.OPEN
        row.save()
    return row


def answer_content_appeal(
    ref: str, *, granted: bool, text: str, actor: Actor, now: datetime
) -> ContentFinding:
    """Grant an appeal, which dismisses the finding, or refuse it; the partner is notified.

    Staff who closed the finding cannot answer the appeal against it.
    """
    with transaction.atomic():
        row = _locked(ref, actor)
        _require_text(text)
        if row.appeal_state != ContentAppealState.OPEN:
            raise UnableToActOnContent(_("There is no appeal to answer."))
        if row.closed_by == actor.ref:
            raise UnableToActOnContent(
                _("Who decided on a finding cannot answer the appeal against it."),
                next_step=_("Ask a colleague."),
            )
        row.appeal_state = ContentAppealState.GRANTED if granted else ContentAppealState.REFUSED
        row.appeal_answer = mask_text(text.strip()).text[:300]
        row.appeal_answered_by, row.appeal_answered_at = actor.ref, now
        if granted:
            _set_closed(row, ContentFindingState.DISMISSED, reason=text, actor=actor, now=now)
        row.save()
        _notify(row, "appeal", now=now)
    return row


def appeal_text(row: ContentFinding) -> str:
    """The text of the appeal."""
    sealed = bytes(row.appeal)
    return open_sealed(FINDINGS, "appeal", row.ref, sealed) if sealed else ""


def set_partner_notice_address(
    partner: str, address: str, *, actor: Actor, now: datetime, language: str = "zh"
) -> None:
    """Record where notices to a partner are sent."""
    _require(actor)
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", address.strip()):
        raise UnableToSubmitContent(_("This is not an email address."))
    PartnerNoticeAddress.objects.update_or_create(
        partner=partner,
        defaults={
            "address": seal(ADDRESSES, "address", partner, address.strip()),
            "language": language,
            "changed_at": now,
            "changed_by": actor.ref,
        },
    )


def list_image(sha256: str, *, label: str, actor: Actor, now: datetime) -> HarmfulImage:
    """Put an image on the operator's list."""
    _require(actor)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256.strip().lower()):
        raise UnableToSubmitContent(
            _("An image is given by its SHA-256: 64 digits and letters a to f.")
        )
    if label not in ContentLabel.values or label == CLEAN:
        raise UnableToSubmitContent(_("There is no such label of a harmful image."))
    row, _created = HarmfulImage.objects.update_or_create(
        sha256=sha256.strip().lower(),
        defaults={"label": label, "added_at": now, "added_by": actor.ref},
    )
    return row


def forget_contents(*, now: datetime) -> int:
    """Forget the text of samples whose term ended; how many. Findings stay, without their text."""
    rules = take_down_rules(_day(now))
    clean = ContentSample.objects.filter(
        finding__isnull=True, sampled_at__lt=now - timedelta(days=rules.clean_days)
    )
    closed = ContentSample.objects.filter(
        finding__closed_at__lt=now - timedelta(days=rules.closed_days)
    ).exclude(finding__appeal_state=ContentAppealState.OPEN)
    refs = list((clean.exclude(text=b"")).values_list("ref", flat=True))
    refs += list((closed.exclude(text=b"")).values_list("ref", flat=True))
    ContentSample.objects.filter(ref__in=refs).update(text=b"", passages=[])
    ContentFinding.objects.filter(sample__in=refs).update(appeal=b"", appeal_answer="")
    return len(refs)


def _locked(ref: str, actor: Actor) -> ContentFinding:
    _require(actor)
    row = ContentFinding.objects.select_for_update().filter(ref=ref).first()
    brand = row.sample.service.brand if row else ""
    if row is None or (actor.brand and brand not in ("", actor.brand)):
        raise UnableToActOnContent(_("There is no such finding."))
    return row


def _require(actor: Actor) -> None:
    if not may(actor.roles, PERMISSION):
        raise UnableToActOnContent(
            _("Your role may not do this."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the partner manager."),
        )


def _require_text(text: str) -> None:
    if not text.strip():
        raise UnableToActOnContent(_("The reason is missing."), next_step=_("Write a sentence."))


def _day(now: datetime) -> date:
    return timezone.localdate(now)
