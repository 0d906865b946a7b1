"""Erase a subscriber: destroy the data key, the index entries and the sealed values.

What stays is the pseudonym with its facts, which say what happened and not to whom; the log they
stand in still verifies.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.people.subscribers.models import IndexEntry, LegalHold, Subscriber
from amends.people.subscribers.queries.personal import PERSONAL_FIELDS
from amends.platform.database.secure_delete import clear_away, overwrite_what_is_deleted
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.vault.data_keys import destroy_key


class UnableToErase(Refused):
    """A legal hold keeps the data."""

    code = "erasure_refused"


class UnableToFindSubscriber(BadInput):
    """There is no such subscriber."""

    code = "subscriber_unknown"


def erase(pseudonym: str, *, now: datetime) -> None:
    """Destroy what says who `pseudonym` is; erasing twice is the same as once."""
    with transaction.atomic():
        person = Subscriber.objects.select_for_update().filter(pseudonym=pseudonym).first()
        if person is None:
            raise UnableToFindSubscriber(
                _("There is no such subscriber."), next_step=_("Check the pseudonym.")
            )
        hold = LegalHold.objects.filter(subscriber=person, released_at__isnull=True).first()
        if hold is not None:
            raise UnableToErase(
                _("The data are held (%(reason)s).") % {"reason": hold.reason},
                meaning=_("Nothing was erased."),
                next_step=_("Release the hold when its reason has ended, then erase again."),
            )
        overwrite_what_is_deleted()
        destroy_key(pseudonym)
        IndexEntry.objects.filter(subscriber=person).delete()
        LegalHold.objects.filter(subscriber=person).update(reason="")
        for field in PERSONAL_FIELDS:
            setattr(person, field, b"")
        person.status = Subscriber.Status.ERASED
        person.erased_at = person.erased_at or now
        person.save()
    clear_away()
