"""Own sessions: where a person is signed in, and ending one of them or all others (ASVS 7.5.2)."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.forms import ManageUserSessionsForm
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.decorators import method_decorator

from amends.people.access.web.browsers import browser_name
from amends.people.access.web.permission import signed_in


class EndSessionsForm(ManageUserSessionsForm):
    """One session, or without a number all but this one."""

    session = forms.IntegerField(required=False)

    def save(self, request: HttpRequest) -> None:
        if wanted := self.cleaned_data["session"]:
            end_sessions(request, UserSession.objects.filter(user=request.user, pk=wanted))
        else:
            super().save(request)


@method_decorator(
    reauthentication_required(app="allauth.usersessions", allow_get=True), name="dispatch"
)
class OwnSessions(ListUserSessionsView):
    """The list; ending one asks for the password or the second factor once more."""

    form_class = EndSessionsForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["rows"] = [
            (session, browser_name(session.user_agent)) for session in context["sessions"]
        ]
        context["most"] = settings.SESSIONS_AT_ONCE
        return context


own_sessions = signed_in(OwnSessions.as_view())
