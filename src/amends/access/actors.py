"""Names that moved to `amends.kit.actors`; nothing new imports them from here."""

from amends.kit.actors import Actor, is_user, system

__all__ = ["Actor", "is_user", "system"]
