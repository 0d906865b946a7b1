"""Patches of a document: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902)."""

from __future__ import annotations

from typing import Any

import jsonpatch

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_MOST_OPERATIONS = 100


def merge_patch(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The document after a merge patch; arrays are replaced as a whole.

    >>> merge_patch({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}})
    {'b': {'c': 4, 'd': 3}}
    """
    merged = dict(document)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            current = merged.get(name)
            merged[name] = merge_patch(current if isinstance(current, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def json_patch(document: dict[str, Any], operations: object) -> dict[str, Any]:
    """The document after the operations of a JSON Patch.

    >>> json_patch({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}])
    {'a': [1, 2]}
    """
    if not isinstance(operations, list) or not all(map(_is_operation, operations)):
        raise _bad_patch(_("A JSON Patch is a list of operations."))
    if len(operations) > _MOST_OPERATIONS:
        raise _bad_patch(_("A JSON Patch has at most 100 operations."))
    try:
        patched = jsonpatch.JsonPatch(operations).apply(document)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError) as error:
        raise _bad_patch(_("An operation of the JSON Patch cannot be applied.")) from error
    if not isinstance(patched, dict):
        raise _bad_patch(_("The JSON Patch would replace the whole document."))
    return patched


def _is_operation(operation: object) -> bool:
    return isinstance(operation, dict)


def _bad_patch(what: str) -> BadInput:
    return BadInput(
        what,
        meaning=_("Nothing was changed."),
        next_step=_("Read the resource, then send operations that fit it."),
        code="bad_patch",
    )
