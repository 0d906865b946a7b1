"""Check documents against the official TM Forum schemas, which come with the package.

The files in `official` have the schemas of the request and response bodies (Apache-2.0, see
`NOTICE`), without descriptions. Where a schema accepts exactly one of a base type and its
extension, ours accepts any of them, since one document matches both.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import fastjsonschema

_DRAFT = "http://json-schema.org/draft-07/schema#"


@cache
def _validator(file: str, schema: str) -> Callable[[object], object]:
    text = (files(__package__) / "official" / f"{file}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    path = "definitions" if "definitions" in document else "components/schemas"
    checks: Callable[[object], object] = fastjsonschema.compile(
        {"$schema": _DRAFT, "$ref": f"#/{path}/{schema}", **document}, use_default=False
    )
    return checks


def fault_in(document: object, file: str, schema: str) -> str:
    """The first fault of a document, "" if there is none; values that were sent are not repeated.

    file    schema file without its ending, such as `tmf621-v5`
    schema  name of the schema, such as `TroubleTicket_FVO`

    >>> fault_in({"@type": "TroubleTicket", "description": 7}, "tmf621-v5", "TroubleTicket_MVO")
    'description must be string.'
    """
    try:
        _validator(file, schema)(document)
    except fastjsonschema.JsonSchemaValueException as error:
        where = ".".join(error.path[1:]) or "The body"
        words = error.message.removeprefix(str(error.name)).strip()
        return f"{where} {words.replace('[', '').replace(']', '')}."
    return ""
