"""No column holds a person's data readable: every text column is named here with its reason.

A new column fails this test until somebody has said what stands in it. What may name a person is a
`SealedField`, or free text that is masked before it is written.
"""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import models

from amends.platform.vault.fields import SealedField

pytestmark = pytest.mark.no_database


OURS = "reference, code or word of our own"
MASKED = "free text, masked before it is written"
INDEX = "blind index, hash or print"
STAFF = "people who work with Amends, not subscribers"
TERMS = "reference data: offers, areas, partners, rules"
OPAQUE = "reference of another system; a number or mailbox in it becomes a blind index"

ALLOWED: dict[str, dict[str, str]] = {
    "access.User": {
        "username first_name last_name email password roles partner brand language zone": STAFF,
        "ref": OURS,
    },
    "access.Case": {
        "ref subscriber service purpose reference contact brand opened_by opener_kind closed_by": OURS,
    },
    "access.Grant": {"grantee_kind grantee granted_by reason": OURS},
    "access.BreakGlass": {"ref subscriber fields asked_by approved_by": OURS, "reason": MASKED},
    "approvals.WaitingItem": {
        "ref kind decision subject_kind subject_key part subject_path brands asked_by addressee_kind addressee excluded "
        "payload on_silence state answered_by rule rule_version evidence outcome undone_by": OURS,
        "subject_title reason answer_reason undo_reason": MASKED,
    },
    "access.RecordHold": {"kind record placed_by released_by": OURS, "reason": MASKED},
    "chats.Chat": {
        "id brand language state outcome handler subscriber presence presence_asked complaint articles": OURS,
    },
    "chats.ChatEntry": {"id key author by message articles": OURS},
    "channels.InboundMessage": {
        "id channel tracking_code language brand automatic state became leased_by": OURS,
        "external_id": OPAQUE, "sender_index thread": INDEX, "subject reason": MASKED,
    },
    "channels.Attachment": {"id media_type refused path": OURS, "sha256": INDEX},
    "channels.OutboxMessage": {
        "id key channel language reference duty duty_key duty_step subscriber service purpose when_unknown "
        "state leased_by provider_message_id": OURS,
        "recipient_index": INDEX, "error": MASKED,
    },
    "channels.IdentityCode": {
        "recipient_index source": INDEX, "message asked_by": OURS,
    },
    "channels.DeliveryChange": {"state": OURS, "detail": MASKED},
    "channels.CallbackNonce": {"nonce body_sha256": INDEX},
    "channels.SmsPart": {"provider_id meaning": OURS},
    "channels.SmsReceipt": {"provider_id state error": OURS},
    "channels.SmsSegment": {"id session": OURS, "body_index sender_index": INDEX},
    "channels.SocialPost": {
        "id account platform brand kind state complaint": OURS, "thread author": INDEX,
        "text closed_reason": MASKED,
    },
    "channels.SocialPostVersion": {"id": OURS, "sha256": INDEX},
    "channels.SocialAnswer": {
        "id invitation invited_complaint article state proposed_by decided_by": OURS, "reason": MASKED,
    },
    "channels.SocialPosition": {"account marker": OURS, "error": MASKED},
    "channels.CallbackRefusal": {"account reason": OURS},
    "channels.SmsLine": {"name": INDEX},
    "channels.Mailbox": {"name": INDEX, "error failed_uids": OURS},
    "notices.Notice": {
        "key subscriber service pack duty version period step action figures state tried reason": OURS,
    },
    "notices.NoticeMessage": {"channel language message text_version state detail": OURS},
    "notices.Hold": {
        "key subscriber service duty counter period action ended_by consent listed": OURS,
    },
    "notices.HoldChange": {"state": OURS},
    "notices.Preference": {"subscriber service duty own_unit channel language chosen_on": OURS},
    "notices.LifeEvent": {"ref kind subscriber service offer figures": OURS},
    "notices.StreamPosition": {"name": "a stream of ours"},
    "database.RateCount": {"key": INDEX},
    "operations.JobHeartbeat": {"job group error": OURS},
    "operations.WorkerProcess": {"host jobs": "a machine of the operator, groups of jobs"},
    "operations.BackupReport": {"host": "a machine of the operator"},
    "complaints.Bookmark": {"stream": "a stream of ours"},
    "audits.AuditRun": {"jurisdiction ran_by": OURS, "usage_sha256": INDEX},
    "audits.DutyCount": {"duty period brand": OURS},
    "audits.DutyPart": {"duty period brand dimension": OURS, "unit": TERMS},
    "audits.MissedNotice": {"key duty step period subscriber service brand state": OURS},
    "audits.ChargeWithoutNotice": {"rule charge currency": OURS},
    "audits.RefundMessage": {"remedy message": OURS},
    "notices.EngineState": {"marks cycles sizes": OURS},
    "notices.LineBucket": {"memory": "counters and terms by number of the line"},
    "notices.LineNames": {"names": "services and subscribers by their references"},
    "notices.LineMoves": {"moves": "counters and terms by number of the line"},
    "notices.UsagePlan": {"name place user": TERMS},
    "notices.LineTerms": {"columns": "services by reference, with days and amounts", "sha256": INDEX},
    "notices.WatchedFile": {
        "name": "the name the operator's mediation or network gave a file", "sha256": INDEX,
    },
    "notices.UsageFile": {
        "name": "the name the operator's mediation gave a file", "sha256": INDEX, "state reason why": OURS, "accepted_by": "who of the operator let it pass, by reference",
    },
    "notices.UsageBatch": {"counts rejected digest": OURS},
    "notices.LastSighted": {"columns": "services by reference, when and in which country they were last"},
    "notices.DueBlock": {"columns": "notices found in bulk: references, amounts, times; nobody"},
    "notices.SeenRecords": {"entries": INDEX},
    "notices.LineChange": {"reference service kind counter plan": OURS},
    "examinations.ProcessOwner": {"process": OURS, "owner set_by": STAFF},
    "examinations.DutyCheck": {"process duty quarter outcome": OURS, "checked_by": STAFF, "note": MASKED},
    "examinations.ExaminationFinding": {
        "id key process duty source state": OURS, "found_by corrected_by rechecked_by": STAFF,
        "words correction": MASKED,
    },
    "examinations.ExaminationStep": {"verb process finding": OURS, "by": STAFF, "said": MASKED},
    "complaints.Complaint": {
        "id code_public kind channel language jurisdiction subscriber identity identity_by case code "
        "product "
        "code2 plausible "
        "classified_by state next_step verdict currency handler team approval_role escalated_to "
        "original_source": OURS,
        "province area brand service": "label of a place, brand or service; masked, never a number",
        "person": INDEX,
        "person_shown first_words wanted because": MASKED,
        "original_id": OPAQUE,
    },
    "complaints.ComplaintMerge": {
        "id by state_before moved undone_by": OURS, "reason": MASKED,
    },
    "complaints.RecordedSubject": {"kind ref state source": OURS, "name_zh name_en": TERMS},
    "complaints.Complainant": {"answer_on thread": OURS},
    "complaints.SavedView": {"user team": OURS, "title query": MASKED},
    "complaints.Contact": {
        "id channel language joined_because by tracking_code": OURS, "key": OPAQUE,
        "text": MASKED,
    },
    "complaints.Attachment": {"id media_type scan": OURS, "sha256": INDEX},
    "complaints.IdentityRequest": {"source": INDEX},
    "complaints.Handover": {"id asked_by": OURS, "sha256": INDEX},
    "complaints.Clock": {"step rule counting merged_from": OURS},
    "complaints.Event": {"id verb from_state to_state actor details": OURS, "reason": MASKED},
    "complaints.Decision": {
        "id by decided_by approved_by verdict currency rule strength matter dossier decision": OURS,
        "reason customer_text": MASKED,
    },
    "complaints.PendingApproval": {"id approved_by": OURS},
    "complaints.Reply": {
        "id kind language drafted_by reviewed_by message": OURS,
    },
    "complaints.Challenge": {"id sent_on": OURS, "code_hash salt": INDEX},
    "complaints.Correction": {"by from_code to_code classified_by": OURS},
    "complaints.Outcome": {"state_when_asked answer": OURS, "words": MASKED},
    "casework.Team": {"slug brand classes areas languages": OURS, "title lead": STAFF},
    "casework.TeamMember": {"person": STAFF},
    "casework.AssignmentRule": {
        "case_kind classes areas languages assign_to": OURS, "title changed_by": STAFF,
    },
    "casework.Absence": {"person set_by": STAFF},
    "casework.Assignment": {"kind key": OURS, "person assigned_by": STAFF},
    "casework.InternalNote": {"id kind key client": OURS, "author mentions": STAFF, "text": MASKED},
    "casework.ComposerDraft": {"id kind key mode": OURS, "person": STAFF},
    "casework.Watcher": {"kind key": OURS, "person added_by": STAFF},
    "casework.FollowUp": {
        "kind key ended_because": OURS, "set_by ended_by": STAFF, "reason": MASKED,
    },
    "casework.CaseNotification": {"id kind key what": OURS, "person by": STAFF},
    "casework.CaseActivity": {
        "kind key verb team": OURS, "actor person": STAFF, "reason": MASKED,
    },
    "casework.TextModule": {
        "slug language mode classes brand": OURS, "title subject text changed_by": STAFF,
    },
    "casework.QualityReview": {
        "kind key answers": OURS, "drawn_by handler reviewer": STAFF, "words": MASKED,
    },
    "confirmations.Presence": {
        "id subscriber way channel recorded_by partner": OURS, "code_print": INDEX,
    },
    "confirmations.PresenceRequest": {"id brand": OURS, "source": INDEX},
    "confirmations.Order": {
        "id order subscriber service kind offer offer_version before name_zh name_en currency "
        "provider agent campaign claim initiator channel placed_by pack rules versions methods "
        "exception exception_by state settled_by": OURS,
        "key": OPAQUE, "terms_hash": INDEX, "exception_reference": MASKED,
    },
    "confirmations.Challenge": {
        "id form channel answer": OURS, "terms_hash text_hash print link_print": INDEX,
    },
    "confirmations.Confirmation": {
        "id form method channel taken_by partner fact": OURS, "terms_hash evidence_hash": INDEX,
    },
    "confirmations.RunningService": {
        "id service subscriber kind offer offer_version name_zh name_en currency provider agent "
        "campaign origin source ended_by": OURS,
        "source_ref": OPAQUE,
    },
    "confirmations.*": {"*": OURS},
    "quality.Campaign": {"code rule plan language channel subscriber": OURS, "source": INDEX},
    "quality.SpeedTest": {
        "code test method curve results subscriber service area complaint invalid_because": OURS,
        "radio": "cell and signal that a phone's app measured, texts cut; of the test, not the person",
        "server": "name the operator gave its measurement server",
        "conditions": "flags and figures of the client; texts only the kind of network, cut",
    },
    "quality.NetworkCell": {"code area technology renamed_from": TERMS},
    "quality.NetworkChange": {"area cell kind": TERMS, "what": MASKED},
    "quality.NetworkIncident": {
        "id kind cause technology severity state found_by ended_because hot_issue": OURS,
        "areas cells stated_areas": TERMS,
    },
    "quality.NetworkAlarm": {
        "kind cause technology severity problem": OURS, "area cell": TERMS,
        "source key": "names that the network's own systems give alarms",
    },
    "quality.DegradedStretch": {"cell area kpi": TERMS},
    "quality.NetworkIncidentEvent": {"verb": OURS, "by": STAFF, "details": MASKED},
    "quality.IncidentComplaint": {"complaint subscriber brand area": OURS},
    "quality.IncidentPerson": {"id subscriber brand told_on currency": OURS},
    "quality.NoticePlan": {
        "id brand kinds least_severity": OURS,
        "drafted_by approved_by second_by stopped_by": STAFF,
        "begins_zh begins_en ends_zh ends_en": MASKED,
    },
    "operator.Installation": {
        "public_address parts_off": "of the installation", "changed_by": "a colleague, by reference",
    },
    "operator.OperatorProfile": {
        "name name_en hotline hours hours_en privacy_url regulator_contact regulator_contact_en "
        "accent logo": "how customers see the operator; on public pages",
        "changed_by": STAFF,
    },
    "hotissues.HotIssue": {
        "id brand state level grain": OURS, "owner opened_by closed_by": STAFF,
        "title closed_because words": MASKED, "usual": TERMS,
    },
    "hotissues.Cell": {"place": TERMS},
    "hotissues.IssueOverview": {"days affected_by reaches": "counts, and codes of our own"},
    "hotissues.Doubt": {"kind brand place numbers": TERMS},
    "hotissues.Alarm": {"place grain": TERMS},
    "hotissues.Membership": {
        "complaint": OURS, "person": INDEX, "joined_by left_by": STAFF,
        "joined_because left_because": MASKED,
    },
    "hotissues.Cause": {"kind reference numbers facts judged": OURS, "judged_by": STAFF},
    "emergencies.Emergency": {
        "plan brand kind pack because offers areas causes": OURS,
        "declared_by reviewed_by": STAFF,
        "review": MASKED,
    },
    "emergencies.EmergencyStep": {"step level details": OURS, "done_by": STAFF},
    "emergencies.Statement": {
        "title_zh title_en text_zh text_en": "what the public is told, masked before it is written",
        "published_by withdrawn_by": STAFF,
    },
    "emergencies.AnswerRound": {
        "id brand left": OURS, "drafted_by sent_by": STAFF, "opening_zh opening_en": MASKED,
    },
    "emergencies.SilentNotice": {
        "id brand": OURS, "drafted_by sent_by": STAFF, "text_zh text_en": MASKED,
    },
    "emergencies.Affected": {"id subscriber brand told_on currency": OURS},
    "measures.Measure": {
        "id brand treated control state digest verdict": OURS,
        "owner planned_by started_by": STAFF, "title cause action": MASKED,
    },
    "measures.Judgement": {"verdict document": OURS},
    "hotissues.CubeDay": {"columns": "references, codes, places and blind indexes, packed"},
    "hotissues.CubeMark": {"stream seen": OURS},
    "hotissues.Post": {
        "id source code area product brand": OURS, "key": OPAQUE, "author": INDEX, "text": MASKED,
    },
    "hotissues.BesideAlarm": {"kind brand place": TERMS},
    "hotissues.Happening": {"verb details": OURS, "actor": STAFF, "reason": MASKED},
    "indicators.MeasuredDay": {"columns": "references, codes, units and moments, packed"},
    "indicators.MeasuredMark": {"stream seen": OURS},
    "indicators.PublishedFigure": {
        "bulletin quarter definition line source flags": "published figures and where they stand"
    },
    "ledger.SingleFact": {"id kind subscriber subject source": OURS},
    "ledger.Segment": {"id kind source": OURS},
    "ledger.SegmentPart": {"id": OURS},
    "ledger.Checkpoint": {"note": OURS},
    "database.Lease": {"name holder": OURS},
    "ledger.CoverageStatement": {"source kind scope": OURS},
    "partners.*": {"*": TERMS},
    "tmforum.SentResource": {
        "id kind subject": OURS, "severity ticket_type priority": MASKED, "external": INDEX,
    },
    "webhooks.WebhookEndpoint": {
        "id name url event_types envelope state": OURS, "made_by": STAFF,
    },
    "webhooks.WebhookDelivery": {
        "id event event_type subject body state error": OURS,
    },
    "portals.ClientColleague": {"colleague bound_by released_by": STAFF},
    "portals.ApiClient": {"name scopes channel brand": OURS, "token_hash": INDEX},
    "portals.IdempotencyKey": {"key": OPAQUE, "body_print": INDEX, "result": OURS},
    "portals.Draft": {"id tracking_code complaint joined": OURS},
    "feeds.UploadedFile": {
        "id path state kind": OURS, "uploaded_by": STAFF,
        "wishes report": "columns, counts and notes, what names somebody masked",
    },
    "portals.DraftFile": {"id media_type": OURS, "sha256": INDEX},
    "privacy.ServiceReview": {
        "ref service title verdict rules brand": OURS, "description": "data flows of a service",
        "reviewed_by confirmed_by": STAFF,
    },
    "privacy.MisuseCase": {
        "ref partner brand decision sanction appeal_outcome": OURS,
        "user decided_by appeal_by": STAFF, "reason appeal appeal_reason": STAFF,
    },
    "privacy.RightsRequest": {
        "ref subscriber brand kind channel rule state": OURS, "answered_by": STAFF,
        "answer extended_because": MASKED,
    },
    "vetting.AppCheck": {
        "ref service partner brand app_type state verdict outcome": OURS,
        "file_name sha256 package version certificates rules refusal": "of an app, never of a user",
        "file_key": "key of a stored file, under the master key",
        "received_by closed_by": STAFF, "reason": "why an app is accepted, masked",
    },
    "vetting.AppCheckFinding": {
        "rule code severity evidence values title source": "of an app, never of a user",
    },
    "vetting.AppCertificate": {
        "partner package sha256": "of a firm and its app, never of a user", "accepted_by": STAFF,
    },
    "vetting.PackageConflict": {
        "ref state decision appeal_by": OURS,
        "package earlier later": "of a firm and its app, never of a user",
        "earlier_statement later_statement reason appeal answer": MASKED,
        "decided_by answered_by": STAFF,
    },
    "vetting.AgreedHost": {"host reason": TERMS, "agreed_by": STAFF},
    "vetting.ContentSample": {
        "ref source images label statements model": "of a service's content, never of a user",
        "passages": MASKED, "submitted_by": STAFF,
    },
    "vetting.ContentFinding": {
        "ref partner label state rule sanction appeal_state": OURS,
        "reason appeal_answer": MASKED, "closed_by appeal_answered_by": STAFF,
    },
    "vetting.HarmfulImage": {"sha256 label": "of a service's content", "added_by": STAFF},
    "vetting.PartnerNoticeAddress": {"partner language": OURS, "changed_by": STAFF},
    "vetting.RegisteredService": {
        "ref origin name_zh name_en provider contract offer charge_text number currency "
        "charge_period stop_zh stop_en answers brand": "of a service that is sold, never of a user"
    },
    "vetting.ServiceLink": {"name kind partner": TERMS},
    "vetting.LinkProbe": {"name kind target options": TERMS},
    "vetting.ProbeResult": {"error": "a code"},
    "vetting.ServiceFault": {"evidence": "counts"},
    "vetting.PartnerScore": {"partner components": "of a firm, counts"},
    "vetting.PartnerProceeding": {
        "ref partner step state reasons rules sanction": OURS,
        "proposed_by stated_by decided_by answered_by": STAFF,
        "statement decision appeal answer": "of a firm; what names a person is masked",
    },
    "protection.ReportedNumber": {
        "ref step rules holder_step partner sanction checked_with": OURS, "entry": INDEX,
    },
    "protection.NuisanceReport": {
        "ref key thing label kind subscriber brand channel complaint state": OURS,
        "reporter source": INDEX, "typed_by": STAFF, "words hosts": MASKED,
    },
    "protection.NumberContact": {"pair entry": INDEX},
    "protection.BlockListChange": {"reason": OURS, "by": STAFF},
    "protection.AdvertRefusal": {"subscriber": OURS},
    "protection.ReportEvidence": {"id media_type": OURS, "sha256": INDEX},
    "protection.ProtectionSettings": {"subscriber level": OURS, "contact_entry": INDEX},
    "protection.ChosenNumber": {"ref subscriber treatment": OURS, "entry": INDEX},
    "protection.Guardianship": {
        "minor guardian basis approval": OURS, "document": MASKED, "set_by": STAFF,
    },
    "protection.StoppedDelivery": {
        "ref subscriber brand thing action reason": OURS, "key entry": INDEX,
    },
    "protection.NumberAppeal": {
        "ref subscriber brand state": OURS, "answer": MASKED, "answered_by handler": STAFF,
    },
    "privacy.Incident": {
        "ref origin reference brand level scope": OURS,
        "users opened_by closed_by notice_asked_by": STAFF,
        "title review": MASKED,
    },
    "privacy.AffectedPerson": {"subscriber fields message": OURS},
    "privacy.IncidentStep": {"kind verdict": OURS, "by": STAFF, "words": MASKED},
    "privacy.AuthorityClock": {"rule": OURS, "told_by": STAFF, "reference": MASKED},
    "privacy.DataExport": {
        "ref columns mark": OURS, "by handed_to purpose": STAFF, "sha256": INDEX,
    },
    "privacy.Honeytoken": {"subscriber": OURS, "placed_by": STAFF},
    "privacy.AccessAlert": {"signal": OURS},
    "publicity.PublishedCopy": {
        "ref offer channel brand place state": OURS, "text": "an advert, published to everybody",
        "written_by approved_by": STAFF,
    },
    "publicity.FoundFault": {
        "code severity field recorded rule": OURS, "said instead": "words of an advert",
    },
    "publicity.EarlierVersion": {
        "offer channel place": OURS, "text": "an advert before it was published",
        "written_by": STAFF,
    },
    "publicity.AcceptedPhrase": {
        "brand": OURS, "phrase": "words of an advert",
        "reason proposed_by accepted_by ended_by": STAFF,
    },
    "publicity.RuleDecision": {
        "code copy brand": OURS, "said": "words of an advert", "reason decided_by": STAFF,
    },
    "publicity.CoOrderRate": {"channel agent campaign": OURS},
    "publicity.WatchedPage": {"url offer channel error": OURS},
    "publicity.Waiver": {"code": OURS, "reason owner given_by": STAFF},
    "knowledge.HelpArticle": {"slug category audience brand reread_facts": TERMS, "owner": STAFF},
    "knowledge.ArticleVersion": {
        "language title text state facts": "an article, published to its audience",
        "written_by published_by": STAFF,
    },
    "knowledge.KnowledgeChange": {"id": OURS},
    "knowledge.BuiltSearchIndex": {"change": OURS, "columns": TERMS},
    "knowledge.ArticleRating": {"language": OURS},
    "knowledge.SearchGap": {
        "language state": OURS, "key words": MASKED, "closed_by": STAFF,
    },
    "knowledge.ArticleReading": {"visit language complaint": OURS},
    "knowledge.PublicQuestion": {
        "ref language brand state": OURS, "text": MASKED, "checked_by": STAFF,
    },
    "knowledge.PublicAnswer": {"text": MASKED, "staff checked_by": STAFF},
    "knowledge.ImprovementIdea": {
        "ref language brand state": OURS, "text outcome": MASKED, "decided_by": STAFF,
    },
    "knowledge.IdeaVote": {"voter": INDEX},
    "knowledge.SubscriptionRequest": {"ref": OURS},
    "knowledge.ProblemSubscription": {
        "ref channel area language": OURS, "address_index": INDEX,
    },
    "knowledge.KnowledgeFinding": {
        "language code other": OURS, "said recorded": "words of an article", "dismissed_by": STAFF,
    },
    "launches.Launch": {
        "id name offer brand verdict state inputs_sha256": OURS, "case document": TERMS,
        "owner stopped_by stop_reason": STAFF,
    },
    "launches.LaunchAssessment": {
        "id brand title state refusal": OURS, "case": TERMS, "by": STAFF,
    },
    "launches.Approval": {"by reason": STAFF, "gates": "why a launch may start, of colleagues"},
    "launches.StopLoss": {"trigger": OURS},
    "launches.Comparison": {"metric": OURS},
    "launches.Withdrawal": {"replacement last_service": OURS, "by reason": STAFF},
    "remedies.ChargeBalance": {"charge currency": OURS},
    "remedies.Remedy": {
        "id key cause subscriber service kind currency rule state proposed_by approved_by export "
        "acknowledgement": OURS,
        "reason_zh reason_en rejected_reason": MASKED,
    },
    "remedies.*": {"*": OURS},
    "catalogue.Area": {"*": TERMS},
    "catalogue.CodeName": {"*": TERMS},
    "catalogue.Offer": {"*": TERMS},
    "catalogue.OfferVersion": {"*": TERMS},
    "subscribers.Subscriber": {
        "pseudonym language zone province area brand status": OURS,
    },
    "subscribers.IndexEntry": {"column": OURS, "entry": INDEX},
    "subscribers.LegalHold": {"reference placed_by released_by": OURS, "reason": MASKED},
    "catalogue.SaleFreeze": {
        "kind ref cause frozen_by lifted_by": OURS, "reason lifted_reason": MASKED,
    },
    "subscribers.Service": {"ref kind offer offer_version provider area": OURS},
    "vault.DataKey": {"subscriber": OURS},
}  # fmt: skip

TEXTUAL = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.FileField,
    models.BinaryField,
)
# Bytes of the ledger: facts of strings and integers that their kinds declare, hashes, packed columns.
BYTES = {"ledger"}


def reason_for(model: type[models.Model], field: models.Field) -> str:  # type: ignore[type-arg]
    label = model._meta.label
    for key in (label, f"{model._meta.app_label}.*"):
        for names, reason in ALLOWED.get(key, {}).items():
            if names == "*" or field.name in names.split():
                return reason
    return ""


def test_every_readable_column_has_its_reason() -> None:
    unexplained = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("amends.")
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTUAL)
        and not isinstance(field, SealedField)
        and not (isinstance(field, models.BinaryField) and model._meta.app_label in BYTES)
        and not reason_for(model, field)
    ]
    assert unexplained == []


def test_nothing_is_explained_that_is_not_there() -> None:
    known = {model._meta.label: model for model in apps.get_models()}
    for label, groups in ALLOWED.items():
        if label.endswith(".*"):
            continue
        fields = {field.name for field in known[label]._meta.concrete_fields}
        for names in groups:
            assert names == "*" or set(names.split()) <= fields, label


def test_columns_that_sound_like_a_person_are_sealed() -> None:
    telling = re.compile(
        r"^(name|phone|email|mail|address|id_card|identity_card|msisdn|sender|recipient|body|original|words_of)$"
    )
    for model in apps.get_models():
        if not model.__module__.startswith("amends.") or model._meta.label in {
            "access.User", "portals.ApiClient", "webhooks.WebhookEndpoint", "webhooks.WebhookDelivery",
            "partners.Partner", "database.Lease",
            "channels.Mailbox", "channels.SmsLine", "notices.StreamPosition", "notices.UsageFile", "notices.UsagePlan",
            "notices.WatchedFile", "launches.Launch", "operator.OperatorProfile",
            "vetting.ServiceLink", "vetting.LinkProbe",
        }:  # fmt: skip
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, TEXTUAL) and telling.match(field.name):
                assert isinstance(field, SealedField), f"{model._meta.label}.{field.name}"
