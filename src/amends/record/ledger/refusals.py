"""Refusals of `ledger`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput, Unavailable
from amends.platform.kit.errors import gettext_noop as _


class UnableToSignCheckpoint(Unavailable):
    """The log's key cannot be used; nothing was signed."""

    code = "ledger_key_unusable"


class UnableToProve(BadInput):
    """There is no such proof: the entry or the size is not in the log."""

    code = "not_in_the_log"


class UnableToReadTree(Unavailable):
    """Tiles of the tree are missing or too short; `amends ledger verify` tells which."""

    code = "ledger_tree_damaged"


def key_readable_by_others(*, file: object) -> UnableToSignCheckpoint:
    return UnableToSignCheckpoint(
        _("%(file)s can be read by others than its owner."),
        meaning=_("Someone else may have signed in the log's name."),
        next_step=_("If you trust the machine, run chmod 600 %(file)s."),
        values={"file": file},
    )


def key_unreadable(*, file: object, why: object) -> UnableToSignCheckpoint:
    return UnableToSignCheckpoint(
        _("%(file)s cannot be read or made (%(why)s)."), values={"file": file, "why": why}
    )


def not_a_key(*, file: object) -> UnableToSignCheckpoint:
    return UnableToSignCheckpoint(
        _("%(file)s does not hold a signing key."),
        next_step=_("Restore it from a backup."),
        values={"file": file},
    )


def not_an_id(*, fact: object) -> UnableToProve:
    return UnableToProve(
        _("“%(fact)s” is not the id of a fact: those have 32 digits, 0-9 and a-f."),
        values={"fact": fact},
    )


def empty_bundle() -> UnableToProve:
    return UnableToProve(_("A proof bundle needs at least one fact."))


def unknown_fact(*, fact: object) -> UnableToProve:
    return UnableToProve(_("There is no fact %(fact)s on record."), values={"fact": fact})


def not_numbered() -> UnableToProve:
    return UnableToProve(
        _("The fact is on record but not numbered yet."),
        next_step=_("Facts are numbered within seconds; try again, or run the sequencer."),
    )


def no_checkpoint() -> UnableToProve:
    return UnableToProve(
        _("Nothing is numbered yet, so there is no checkpoint."),
        next_step=_("Facts are numbered within seconds; try again, or run the sequencer."),
    )


def unknown_checkpoint(*, size: object) -> UnableToProve:
    return UnableToProve(_("The log signed no checkpoint of size %(size)s."), values={"size": size})


def tiles_missing() -> UnableToReadTree:
    return UnableToReadTree(_("The tree lacks tiles it was built from."))


def unknown_entry(*, size: object, index: object) -> UnableToProve:
    return UnableToProve(
        _("The log of %(size)s entries has no entry %(index)s."),
        values={"size": size, "index": index},
    )


def not_grown(*, first: object, second: object) -> UnableToProve:
    return UnableToProve(
        _("No log of %(first)s entries grew to %(second)s."),
        values={"first": first, "second": second},
    )
