"""What whoever looks after the channels sees: states and reasons, never a word of a message."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from amends.channels.actions.cancel import cancel
from amends.channels.actions.mark_inbound import take_up_again
from amends.channels.actions.release import UnableToReleaseChannel, release
from amends.channels.actions.resolve import UnableToResolve, resolve
from amends.channels.models import InboundMessage, Mailbox, OutboxMessage


class _ReadOnly(ModelAdmin):
    """Messages are made and changed by what happens to them, not by forms."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


def _may_handle(admin_class: ModelAdmin, request: HttpRequest) -> bool:
    """Actions need the right to change, although no form offers it."""
    options = admin_class.model._meta
    return request.user.has_perm(f"{options.app_label}.change_{options.model_name}")


@admin.register(OutboxMessage)
class OutboxAdmin(_ReadOnly):
    """The outbox by state."""

    list_display = (
        "id",
        "channel",
        "state",
        "language",
        "reference",
        "attempts",
        "next_attempt_at",
        "error",
        "posted_at",
        "sent_at",
        "delivered_at",
    )
    list_filter = ("state", "channel", "permanent", "language")
    fields = (
        "id",
        "key",
        "channel",
        "language",
        "reference",
        "duty",
        "state",
        "attempts",
        "next_attempt_at",
        "permanent",
        "error",
        "posted_at",
        "sent_at",
        "delivered_at",
    )
    readonly_fields = fields
    search_fields = ("=id", "=reference", "=key")
    date_hierarchy = "posted_at"
    show_full_result_count = False
    actions = ("release_held", "cancel_waiting", "count_as_sent", "send_again")

    def has_handle_permission(self, request: HttpRequest) -> bool:
        return _may_handle(self, request)

    @admin.action(description=_("Send held messages"), permissions=("handle",))
    def release_held(self, request: HttpRequest, queryset: Any) -> None:
        try:
            count = release(list(queryset.values_list("pk", flat=True)), now=timezone.now())
        except UnableToReleaseChannel as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self._say(request, count)

    @admin.action(description=_("Cancel messages that have not left"), permissions=("handle",))
    def cancel_waiting(self, request: HttpRequest, queryset: Any) -> None:
        why = f"cancelled by {request.user.get_username()}"
        self._say(request, sum(cancel(m.pk, because=why, now=timezone.now()) for m in queryset))

    @admin.action(description=_("Count unknown messages as sent"), permissions=("handle",))
    def count_as_sent(self, request: HttpRequest, queryset: Any) -> None:
        self._resolve(request, queryset, was_sent=True)

    @admin.action(description=_("Send unknown messages again"), permissions=("handle",))
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        self._resolve(request, queryset, was_sent=False)

    def _resolve(self, request: HttpRequest, queryset: Any, *, was_sent: bool) -> None:
        count = 0
        why = f"settled by {request.user.get_username()}"
        for message in queryset:
            try:
                resolve(message.pk, was_sent=was_sent, because=why, now=timezone.now())
            except UnableToResolve:
                continue
            count += 1
        self._say(request, count)

    def _say(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(count)d message changed.", "%(count)d messages changed.", count)
        self.message_user(request, text % {"count": count})


@admin.register(InboundMessage)
class InboundAdmin(_ReadOnly):
    """Received messages by state."""

    list_display = (
        "id",
        "channel",
        "state",
        "automatic",
        "reason",
        "became",
        "language",
        "attempts",
        "received_at",
        "handled_at",
    )
    list_filter = ("state", "channel", "automatic", "language")
    fields = (
        "id",
        "channel",
        "state",
        "automatic",
        "reason",
        "became",
        "language",
        "tracking_code",
        "attempts",
        "received_at",
        "recorded_at",
        "handled_at",
    )
    readonly_fields = fields
    search_fields = ("=id", "=became", "=tracking_code")
    date_hierarchy = "received_at"
    show_full_result_count = False
    actions = ("take_up_again",)

    def has_handle_permission(self, request: HttpRequest) -> bool:
        return _may_handle(self, request)

    @admin.action(description=_("Take up again"), permissions=("handle",))
    def take_up_again(self, request: HttpRequest, queryset: Any) -> None:
        why = f"taken up again by {request.user.get_username()}"
        count = sum(take_up_again(message.pk, because=why) for message in queryset)
        text = ngettext("%(count)d message changed.", "%(count)d messages changed.", count)
        self.message_user(request, text % {"count": count})


@admin.register(Mailbox)
class MailboxAdmin(_ReadOnly):
    """When each mailbox was last read, and what was wrong."""

    list_display = ("__str__", "read_at", "error", "last_uid")
    fields = ("read_at", "error", "uid_validity", "last_uid", "failed_uids")
    readonly_fields = fields
