"""Give a consent, and take it back: one step each, by the person concerned alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.queries.consents import record_of
from amends.causes.privacy.rules.consent import GIVEN, KINDS, WITHDRAWN, Purpose, newest, purposes
from amends.people.subscribers.queries import subscriber as subscriber_of
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.periods import from_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about


class UnableToRecordConsent(BadInput):
    """There is no such purpose."""

    code = "unable_to_record_consent"


class UnableToConsentForOthers(Refused):
    """Somebody else would agree, or the person is unknown."""

    code = "unable_to_consent_for_others"


def give_consent(subscriber: str, purpose: str, *, by: str, channel: str, now: datetime) -> bool:
    """Agree to a purpose; False where the person had agreed already.

    by       pseudonym of who says so: nobody agrees for somebody else
    channel  where it was said: "web", "counter", …
    """
    return _record(subscriber, purpose, GIVEN, by=by, channel=channel, now=now)


def withdraw_consent(
    subscriber: str, purpose: str, *, by: str, channel: str, now: datetime
) -> bool:
    """Take back an agreement; in force when this returns. False where none stood: twice is once."""
    return _record(subscriber, purpose, WITHDRAWN, by=by, channel=channel, now=now)


def _record(
    subscriber: str, purpose: str, kind: str, *, by: str, channel: str, now: datetime
) -> bool:
    purpose_view = purposes(timezone.localdate(now)).get(purpose)
    if purpose_view is None:
        raise UnableToRecordConsent(
            _("There is no purpose of that name that needs consent."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose one of the purposes on the privacy page."),
        )
    person = subscriber_of(subscriber)
    if by != subscriber or person is None or person.status == "erased":
        raise UnableToConsentForOthers(
            _("A consent is given and taken back by the person concerned."),
            meaning=_("Nothing was changed."),
            next_step=_("Let the person use their own privacy page or telephone."),
        )
    with transaction.atomic():
        latest = newest(facts_about(subscriber, kinds=KINDS)).get(purpose)
        if (latest.kind if latest else WITHDRAWN) == kind:
            return False
        # A clock that was set back must not bury the newer word under the older one.
        after = from_ms(latest.happened_at_ms) + timedelta(milliseconds=1) if latest else now
        fact = _fact(subscriber, purpose_view, kind, channel, person.language, max(now, after))
        append([fact], now=now)
    return True


def _fact(
    subscriber: str, purpose: Purpose, kind: str, channel: str, language: str, at: datetime
) -> Fact:
    payload: dict[str, str | int] = {
        "purpose": purpose.id,
        "channel": channel,
        "rule": purpose.rules,
        "notice": purpose.notice_hash(chinese=is_chinese(language)),
    }
    return Fact(
        kind=kind,
        subscriber=subscriber,
        subject=record_of(subscriber, purpose.id),
        happened_at=at,
        source="privacy",
        payload=payload,
    )
