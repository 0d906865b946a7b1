"""Trees of formatted text as plain text, as JSON exports of desks and editors hold them.

Atlassian and ProseMirror documents (`type`, `content`, `text`), Slate and Portable Text
(`children`), Notion (`plain_text`), Quill (`ops` with `insert`), Contentful (`nodeType`, `value`).
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

_KINDS = ("type", "_type", "nodeType")
_CHILDREN = ("content", "children", "rich_text")
_WORDS = ("text", "plain_text", "value")
# Nodes that are one line, or hold several.
_BLOCKS = frozenset(
    "paragraph heading codeblock code_block listitem list_item list-item tablerow table_row block "
    "blockquote bulleted_list_item numbered_list_item heading_1 heading_2 heading_3 "
    "heading-1 heading-2 heading-3 quote callout to_do p h1 h2 h3 li".split()
)
_BREAKS = frozenset({"hardbreak", "hard_break", "br"})
_MOST_NESTED = 60


def rich_text(value: object) -> str | None:
    """The words of a tree of formatted text; None where a value is no such tree.

    >>> rich_text({"type": "doc", "content": [{"type": "text", "text": "No signal"}]})
    'No signal'
    >>> rich_text({"type": "Point", "coordinates": [1, 2]}) is None
    True
    """
    nodes = value if isinstance(value, list) else [value]
    if not nodes or not all(isinstance(node, dict) and _is_node(node) for node in nodes):
        return None
    return "".join(_words(nodes, 0)).strip()


def rich_cell(cell: str) -> str:
    """A cell that holds such a tree as JSON, in words; any other as it is."""
    if cell[:2] not in ('{"', "[{"):
        return cell
    try:
        plain = rich_text(orjson.loads(cell))
    except orjson.JSONDecodeError:
        return cell
    return cell if plain is None else plain


def _is_node(node: dict[str, object]) -> bool:
    if isinstance(node.get("ops"), list):
        return True
    if isinstance(node.get("plain_text"), str):
        return True
    children = any(isinstance(node.get(name), list) for name in _CHILDREN)
    has_text = any(isinstance(node.get(name), str) for name in _WORDS)
    named = any(isinstance(node.get(name), str) for name in _KINDS)
    # Slate's leaves have words alone; utterances of a talk have a speaker as well.
    return (named and (children or _is_leaf(node, has_text=has_text))) or (
        isinstance(node.get("children"), list) and len(node) == 1
    )


def _is_leaf(node: dict[str, object], *, has_text: bool) -> bool:
    return has_text and _kind(node) in ("text", "span")


def _kind(node: dict[str, object]) -> str:
    return next((str(node[name]).lower() for name in _KINDS if name in node), "")


def _words(nodes: list[object], depth: int) -> Iterator[str]:
    if depth > _MOST_NESTED:
        return
    for node in nodes:
        if isinstance(node, str):
            yield node
        if not isinstance(node, dict):
            continue
        kind = _kind(node)
        if kind in _BREAKS:
            yield "\n"
        if isinstance(ops := node.get("ops"), list):
            yield "".join(
                operation["insert"] for operation in ops if isinstance(operation.get("insert"), str)
            )
            continue
        attributes = node.get("attrs")
        if kind in ("mention", "emoji") and isinstance(attributes, dict):
            yield str(attributes.get("text") or attributes.get("shortName") or "")
        inner = next((node[name] for name in _CHILDREN if isinstance(node.get(name), list)), None)
        if isinstance(inner, list):
            yield from _words(inner, depth + 1)
        elif text := next((node[name] for name in _WORDS if isinstance(node.get(name), str)), ""):
            yield str(text)
        if kind in _BLOCKS:
            yield "\n"
