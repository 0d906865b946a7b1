"""Who acts: a user, a subscriber, a partner, or Amends itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks for something, as far as a rule needs to know.

    kind     "user", "system", "subscriber" or "partner"
    ref      opaque reference: a user's `ref`, a pseudonym, a partner's reference, a job's name
    roles    names of roles in `access/rules/data/access@….toml`
    partner  the partner a user works for, "" for the operator's own people
    brand    the brand the actor is confined to, "" for every brand
    """

    kind: str
    ref: str
    roles: tuple[str, ...] = ()
    partner: str = ""
    brand: str = ""


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
