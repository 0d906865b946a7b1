"""Add a person who works with Amends."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.actions.initial_passwords import mark_initial
from amends.people.access.actions.partner_roles import refuse_without_partner
from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.platform.kit.errors import BadInput


class UnableToAddUser(BadInput):
    """The name is taken, the password too weak, or a role unknown."""

    code = "user_not_added"


def add_user(
    username: str,
    *,
    password: str,
    roles: Sequence[str],
    partner: str = "",
    brand: str = "",
    language: str = "",
    zone: str = "",
    email: str = "",
    initial: bool = False,
) -> User:
    """Add a user with roles; an administrator may enter `/admin`.

    partner  reference of the partner they work for; roles such as `agent` need one
    initial  the password is another's choice: the person must change it at the first sign-in
    """
    known_roles = rules_on(timezone.localdate()).people
    strangers = [role for role in roles if role not in known_roles]
    if strangers or not roles:
        raise UnableToAddUser(
            _("There is no role %(role)s.") % {"role": ", ".join(strangers)}
            if strangers
            else _("No role is named."),
            next_step=_("Use some of %(known)s.") % {"known": ", ".join(sorted(known_roles))},
        )
    refuse_without_partner(roles, partner)
    if User.objects.filter(username__iexact=username).exists():
        raise UnableToAddUser(
            _("There is a user %(name)s already.") % {"name": username},
            next_step=_("Choose another name."),
        )
    user = User(
        username=username,
        email=email,
        roles=list(dict.fromkeys(roles)),
        partner=partner,
        brand=brand,
        language=language,
        zone=zone,
        is_staff="administrator" in roles,
        is_superuser="administrator" in roles,
    )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise UnableToAddUser(" ".join(error.messages)) from error
    user.set_password(password)
    if initial:
        mark_initial(user)
    user.save()
    return user
