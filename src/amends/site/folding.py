"""Templates whose unchanging parts are drawn once: half of a page is the same for everybody.

A page, the frame it extends and what it includes are put together when it is loaded, not for each
reader. Then text,
translations, addresses without arguments, our own files and signs, which depend on the reader's
language and on nothing else, are folded into one piece where they stand side by side; the first
reader of a language draws it, all others are given it. What is not known to be unchanging is left
as it was: nothing about a person, a request or an hour can be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.template import Context
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Template,
    TextNode,
    TokenType,
    VariableNode,
)
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

_SUPER = "block.super"
Tag = TypeVar("Tag", bound=Callable[..., Any])


def unchanging(tag: Tag) -> Tag:
    """A tag that draws the same whenever it is given the same, in one language."""
    tag.amends_unchanging = True  # type: ignore[attr-defined]
    return tag


class Folded(Node):
    """Nodes that draw the same for everybody who reads one language."""

    child_nodelists = ()

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = NodeList(nodes)
        self._leads = bool(self.nodes.get_nodes_by_type(URLNode))
        self._drawn: dict[tuple[str | None, bool, str], SafeString] = {}

    def render_annotated(self, context: Context) -> SafeString:
        """What was drawn, or draw it."""
        prefix = get_script_prefix() if self._leads else ""
        under = (get_language(), context.autoescape, prefix)
        drawn = self._drawn.get(under)
        if drawn is None:
            drawn = self._drawn[under] = self.nodes.render(context)
        return drawn

    render = render_annotated


class Scope(Node):
    """What was a block: names set inside mean nothing outside."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """What is inside."""
        with context.push():
            return self.nodelist.render(context)


class _Folding(base.Loader):
    """Folds whatever it loads."""

    def get_template(self, template_name: str, skip: list[Any] | None = None) -> Template:
        """The template, put together with the frames it extends, and folded."""
        template = super().get_template(template_name, skip)
        whole = self._with_frame(template.nodelist, [*(skip or []), template.origin])
        # One that extends by a variable, or its own name, stays as Django has it, like a frame.
        if whole is not None and whole is not template.nodelist:
            _unwrap(whole)
            template.nodelist = whole
        self._bring_in(template.nodelist, [template_name])
        _fold(template.nodelist)
        return template

    def _with_frame(self, nodes: NodeList, history: list[Any]) -> NodeList | None:
        """Nodes with those of the frame around them, its blocks filled; None if that is unknown."""
        first = next((node for node in nodes if not isinstance(node, TextNode)), None)
        if not isinstance(first, ExtendsNode):
            return nodes
        name = first.parent_name
        if not _is_given(name) or any(one.template_name == name.var for one in history):
            return None
        frame = super().get_template(name.var, history)
        around = self._with_frame(frame.nodelist, [*history, frame.origin])
        if around is None or not all(map(_is_plain, first.blocks.values())):
            return None
        _fill(around, first.blocks)
        return around


class Loader(cached.Loader, _Folding):
    """Django's cached loader, over one that folds."""

    def _bring_in(self, nodes: NodeList, inside: list[str]) -> None:
        """Put what is included without names of its own where it is included."""
        for at, node in enumerate(nodes):
            if (name := _included(node)) and name not in inside:
                brought = super().get_template(name).nodelist
                if any(isinstance(one, ExtendsNode) for one in brought):
                    continue
                self._bring_in(brought, [*inside, name])
                nodes[at] = Scope(brought)
            else:
                for within in _inside(node):
                    self._bring_in(within, inside)


def _fill(frame: NodeList, blocks: Mapping[str, BlockNode]) -> None:
    """Give the blocks of a frame what a page says in their place."""
    for at, node in enumerate(frame):
        if isinstance(node, BlockNode) and node.name in blocks:
            said = blocks[node.name]
            _say_super(said.nodelist, node.nodelist)
            frame[at] = said
        else:
            for inside in _inside(node):
                _fill(inside, blocks)


def _say_super(nodes: NodeList, said_before: NodeList) -> None:
    """Put what the frame says in a block where the page repeats it."""
    for at, node in enumerate(nodes):
        if _is_super(node):
            nodes[at] = Scope(said_before)
        else:
            for inside in _inside(node):
                _say_super(inside, said_before)


def _included(node: Node) -> str:
    """The file a node includes as it is; "" if it is none, or if names are given along."""
    if not isinstance(node, IncludeNode) or node.extra_context or node.isolated_context:
        return ""
    name = node.template.var if _is_given(node.template) else ""
    return name if isinstance(name, str) and not name.startswith(".") else ""


def _is_super(node: Node) -> bool:
    return isinstance(node, VariableNode) and str(node.filter_expression) == _SUPER


def _is_plain(block: BlockNode) -> bool:
    """Whether a block repeats its frame's words in itself only, not in one inside it."""
    return not any(
        _is_super(node)
        for inside in block.nodelist.get_nodes_by_type(BlockNode)
        for node in inside.nodelist.get_nodes_by_type(VariableNode)
    )


def _unwrap(nodes: NodeList) -> None:
    """All blocks are filled: no page will fill them otherwise."""
    for at, node in enumerate(nodes):
        for inside in _inside(node):
            _unwrap(inside)
        if isinstance(node, BlockNode):
            nodes[at] = Scope(node.nodelist)


def _fold(nodes: NodeList) -> None:
    """Put neighbours that never change into one piece, here and in whatever is inside."""
    kept: list[Node] = []
    run: list[Node] = []
    for node in nodes:
        if _never_changes(node):
            run.append(node)
            continue
        _close(run, kept)
        for inside in _inside(node):
            _fold(inside)
        kept.append(node)
    _close(run, kept)
    nodes[:] = kept


def _close(run: list[Node], kept: list[Node]) -> None:
    """The run of neighbours as one node; text that stands alone is as good as drawn."""
    if run:
        kept.append(run[0] if len(run) == 1 and isinstance(run[0], TextNode) else Folded(run))
        run.clear()


def _inside(node: Node) -> Iterable[NodeList]:
    """The lists of nodes a node holds."""
    if isinstance(node, IfNode):
        return [nodes for _condition, nodes in node.conditions_nodelists]
    found = (getattr(node, name, None) for name in node.child_nodelists)
    return [nodes for nodes in found if isinstance(nodes, NodeList)]


def _never_changes(node: Node) -> bool:
    match node:
        case TextNode() | LoadNode() | CommentNode() | Folded():
            return True
        case Scope():
            return all(map(_never_changes, node.nodelist))
        case TranslateNode():
            given = [node.filter_expression, node.message_context]
            return node.asvar is None and all(map(_is_given, given))
        case BlockTranslateNode():
            return (
                not (node.extra_context or node.plural or node.asvar)
                and _is_given(node.message_context)
                and all(token.token_type == TokenType.TEXT for token in node.singular)
            )
        case URLNode():
            return not (node.args or node.kwargs or node.asvar) and _is_given(node.view_name)
        case StaticNode():
            return node.varname is None and _is_given(node.path)
        case SimpleNode():
            given = [*node.args, *node.kwargs.values()]
            return (
                getattr(node.func, "amends_unchanging", False)
                and not node.takes_context
                and node.target_var is None
                and all(map(_is_given, given))
            )
    return False


def _is_given(value: FilterExpression | None) -> bool:
    """Whether a value stands in the template itself, as it is."""
    if value is None:
        return True
    return not value.filters and not (value.is_var and value.var.lookups is not None)
