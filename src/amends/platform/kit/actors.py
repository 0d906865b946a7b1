"""Who acts: a user, a subscriber, a partner, or Amends itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks for something, as far as a rule needs to know.

    kind     "user", "system", "subscriber", "partner" or "client" (of the API, acting as itself)
    ref      opaque reference: a user's `ref`, a pseudonym, a partner's reference, a job's name
    roles    names of roles in `access/rules/data/access@….toml`
    partner  the partner a user works for, "" for the operator's own people
    brand    the brand the actor is confined to, "" for every brand
    client   name of the API client through which the actor acts, "" for none
    """

    kind: str
    ref: str
    roles: tuple[str, ...] = ()
    partner: str = ""
    brand: str = ""
    client: str = ""

    @property
    def client_details(self) -> dict[str, str]:
        """The entry about the client in the details of an event; empty without one.

        >>> Actor("user", "usr-5kq0w1r8z2mn", client="crm-north").client_details
        {'client': 'crm-north'}
        """
        return {"client": self.client} if self.client else {}


def is_user(ref: str) -> bool:
    """Whether an actor's reference is that of a person who works with Amends.

    >>> is_user("usr-5kq0w1r8z2mn"), is_user("intake")
    (True, False)
    """
    return ref.startswith("usr-")


def system(name: str) -> Actor:
    """The platform itself, as the job or pipeline `name`.

    >>> system("intake").roles
    ('system',)
    """
    return Actor("system", name, ("system",))
