"""Receive a post on social media: the author's own text, with the whole thread linked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.attach import NewFile, attach_received
from amends.cases.complaints.actions.intake import MAX_CHARACTERS, Receipt, Submission
from amends.cases.complaints.actions.operator_model import classify_batch
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.rules.enquiries import is_enquiry
from amends.cases.complaints.rules.joining import UNSPECIFIC
from amends.channels.actions.answer_post import UnableToAnswerPost, answer_post
from amends.channels.actions.link_posts import link_posts
from amends.channels.queries import files_of, open_file
from amends.channels.queries.contacts import opened_column, opened_columns
from amends.channels.queries.social import SocialPost, posts_to_attach
from amends.people.operator.queries import public_address
from amends.platform.kit.actors import system
from amends.platform.vault.recognisers import mask_text


def receive_post(
    post: SocialPost, *, phone: str = "", answers: str = "", by: str, now: datetime
) -> Receipt:
    """Receive what the author wrote as a complaint; the deadline runs from when the post arrived.

    phone    the number the person gave in private; "" leaves the person unknown
    answers  a complaint that the post continues
    """
    with transaction.atomic():
        rows = posts_to_attach(post) or [post]
        texts = opened_columns([row.message for row in rows], "text_sealed")
        receipt = receive(
            Submission(
                channel="social",
                key=f"inbound:{post.message_id}",
                text="\n\n".join(dict.fromkeys(texts))[:MAX_CHARACTERS],
                received_at=post.recorded_at,
                name=opened_column(post.message, "name_sealed"),
                phone=phone,
                account=opened_column(post.message, "sender_sealed"),
                answers=answers,
                language=post.message.language,
                brand=post.brand,
                by=by,
            ),
            now=now,
        )
        link_posts(rows, complaint=receipt.complaint)
        came = files_of([row.message_id for row in rows])
        if came and receipt.joined != "repeat":
            opened_files = [open_file(came_file.id) for came_file in came if not came_file.refused]
            attach_received(
                receipt.contact,
                [NewFile(name, content) for name, _type, content in opened_files],
                refused=[came_file.refused for came_file in came],
                now=now,
            )
    return receipt


def reads_as_complaint(text: str) -> bool:
    """Whether a private message is a complaint on a known subject: then its deadline runs at once.

    A question, thanks or a greeting waits for a person.
    """
    masked = mask_text(text).text
    classes, _version = classify_batch([masked])
    return classes[0].code != UNSPECIFIC and not is_enquiry(masked, share=classes[0].enquiry_share)


def send_code(post: SocialPost, receipt: Receipt, *, now: datetime) -> bool:
    """Send the tracking code to the author in private; False where that is not possible."""
    language = "zh-hans" if post.message.language == "zh" else "en"
    with translation.override(language):
        text = _("We have your complaint. Its code is %(code)s; follow it at %(url)s") % {
            "code": receipt.tracking_code,
            "url": f"{public_address()}/follow/{receipt.tracking_code}/",
        }
    try:
        answer_post(post.pk, text=text, public=False, actor=system("channels"), now=now)
    except UnableToAnswerPost:
        return False
    return True
