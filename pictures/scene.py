"""What stands in the pictures: two people who had not complained do so, and wait for an answer."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import django

WORDS = {
    "zh-hans": "查话费才发现多了一个从没订过的业务，每个月都在扣钱，没有人问过我同不同意。请停掉并退钱。",
    "en": "Somebody added a subscription to my plan without asking me. I never signed up for it. "
    "Take it off and give back what you charged.",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Whom to sign in as, and which complaints to show.

    waiting   language → a complaint that was investigated and waits for approval
    unsure    one the rules leave to a person
    answered  one that was answered, with its letter and its tracking code
    issue     the hot issue an emergency was declared for
    measure   one that was judged
    """

    username: str
    password: str
    waiting: dict[str, str]
    unsure: str
    answered: str
    letter: str
    tracking: str
    issue: str
    measure: str


def set_scene() -> Scene:
    """Make an account, file the two complaints, and look up what else is shown."""
    django.setup()
    from amends.cases.complaints.models import Complaint, Reply
    from amends.people.access.actions.add_user import add_user
    from amends.problems.emergencies.models import Emergency
    from amends.problems.measures.models import Judgement

    password = secrets.token_urlsafe(16)
    roles = ["handler", "senior_handler", "manager", "privacy_officer"]
    add_user("lin.qiao", password=password, roles=roles)
    victims = _never_asked()
    waiting = {language: _complaint(victims, language) for language in WORDS}
    unsure = Complaint.objects.filter(is_open=True, verdict="person_must_decide")
    letter = (
        Reply.objects.filter(posted_at__isnull=False, kind__startswith="upheld")
        .select_related("complaint")
        .order_by("-posted_at")
        .first()
    )
    if letter is None:
        raise SystemExit("The demonstration answered nobody; make it larger.")
    return Scene(
        username="lin.qiao",
        password=password,
        waiting=waiting,
        unsure=unsure.order_by("next_due_at").values_list("id", flat=True)[0],
        answered=letter.complaint_id,
        letter=letter.id,
        tracking=letter.complaint.code_public,
        issue=Emergency.objects.latest("issue").issue_id,
        measure=Judgement.objects.filter(final=True).latest("at").measure_id,
    )


def _never_asked() -> Iterator[str]:
    """Subscribers with a charged service that nobody confirmed, and no complaint."""
    from amends.cases.complaints.models import Complaint
    from amends.people.subscribers.queries import pseudonyms
    from amends.record.ledger.queries import facts_about_many

    complained = set(Complaint.objects.values_list("subscriber", flat=True))
    silent = [one for one in pseudonyms() if one not in complained]
    kinds = ["ServiceActivated", "ConfirmationGiven", "ChargeMade"]
    for start in range(0, len(silent), 500):
        found = facts_about_many(silent[start : start + 500], kinds=kinds)
        for person, facts in found.items():
            confirmed = {one.subject for one in facts if one.kind == "ConfirmationGiven"}
            charges = [
                one.subject
                for one in facts
                if one.kind == "ChargeMade" and one.payload["charge_kind"] == "value_added"
            ]
            if any(charges.count(each) >= 3 and each not in confirmed for each in set(charges)):
                yield person


def _complaint(victims: Iterator[str], language: str) -> str:
    """The first of them whose complaint the rules uphold; it is left for a person to approve."""
    from django.utils import timezone

    from amends.cases.complaints.actions.intake import Submission
    from amends.cases.complaints.actions.investigate import investigate_many
    from amends.cases.complaints.actions.receive import receive
    from amends.cases.complaints.models import Complaint
    from amends.people.subscribers.queries import subscriber
    from amends.platform.kit.actors import system

    now = timezone.now()
    for person in victims:
        known = subscriber(person)
        said = Submission(
            channel="app",
            key=f"picture-{language}-{person}",
            text=WORDS[language],
            received_at=now - timedelta(hours=3),
            subscriber=person,
            language=language,
            province=known.province if known else "",
            identity="operator_login",
        )
        complaint = receive(said, now=now).complaint
        investigate_many([complaint], actor=system("desk"), now=now)
        row = Complaint.objects.get(id=complaint)
        if row.verdict == "upheld" and row.amount_minor:
            return row.id
    raise SystemExit("Nobody in this demonstration was charged unasked; use another SEED.")
