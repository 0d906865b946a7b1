"""Submitted fields are read through Django forms, so that each error appears beside its field.

A reading is `request.POST["x"]`, `.get`, `.getlist`, `"x" in request.POST` and the like, on
`request.POST` itself, on a name bound to it, and on a parameter that receives it. To give the
submitted data to a form or a formset is no reading.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest
from tests.source_tree import SOURCE

pytestmark = pytest.mark.no_database

# Lower it as views change to forms, never raise it.
LIMIT = 0
# It removes NUL characters from all submitted texts, before any form reads them.
ALLOWED = {"site/middleware.py"}

_READERS = {"dict", "get", "getlist", "items", "keys", "lists", "pop", "setdefault", "values"}
_CONSUMERS = {"dict", "frozenset", "intersection", "list", "set", "sorted", "tuple", "union"}
_FORM_NAMES = ("Field", "Form", "FormSet", "Widget")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(kw_only=True)
class Module:
    """The functions of one file by name, and what it imports from other files."""

    path: str
    tree: ast.Module
    mentions_requests: bool = False
    functions: dict[str, Function] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    callbacks: set[str] = field(default_factory=set)


def _modules(sources: dict[str, str]) -> dict[str, Module]:
    modules = {}
    for path, text in sources.items():
        tree = ast.parse(text)
        module = Module(path=path, tree=tree, mentions_requests="POST" in text)
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                module.functions[node.name] = node
            elif isinstance(node, ast.ImportFrom) and node.module:
                for name in node.names:
                    module.imported[name.asname or name.name] = (node.module, name.name)
            elif isinstance(node, ast.Name) and id(node) not in called:
                module.callbacks.add(node.id)
        name = "amends." + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        modules[name] = module
    return modules


def _resolve(modules: dict[str, Module], module: Module, callee: ast.expr) -> Function | None:
    if not isinstance(callee, ast.Name | ast.Attribute):
        return None
    if isinstance(callee, ast.Name):
        if callee.id in module.functions:
            return module.functions[callee.id]
        source, name = module.imported.get(callee.id, ("", ""))
    else:
        if not isinstance(callee.value, ast.Name):
            return None
        package, submodule = module.imported.get(callee.value.id, ("", ""))
        source, name = f"{package}.{submodule}", callee.attr
    return modules[source].functions.get(name) if source in modules else None


def _annotated_as_query(annotation: ast.expr | None) -> bool:
    return annotation is not None and "QueryDict" in ast.unparse(annotation)


@dataclass(kw_only=True)
class Scope:
    """One function: which of its names hold submitted data."""

    module: Module
    names: set[str]
    modules: dict[str, Module]

    def is_submitted(self, node: ast.expr | None) -> bool:
        match node:
            case ast.Attribute(attr="POST"):
                return True
            case ast.Name(id=name):
                return name in self.names
            case ast.BoolOp(values=operands):
                return any(self.is_submitted(operand) for operand in operands)
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_submitted(body) or self.is_submitted(orelse)
            case ast.NamedExpr(value=value):
                return self.is_submitted(value)
            case ast.Call(func=ast.Attribute(attr="copy", value=value)):
                return self.is_submitted(value)
            case ast.Call(func=ast.Name(id="cast"), args=[_, value]):
                return self.is_submitted(value)
            case ast.Call(func=callee):
                function = _resolve(self.modules, self.module, callee)
                return function is not None and _returns_submitted(function)
        return False


def _returns_submitted(function: Function) -> bool:
    empty = Module(path="", tree=ast.Module([], []))
    scope = Scope(module=empty, names=set(), modules={})
    return _annotated_as_query(function.returns) and any(
        isinstance(node, ast.Return) and scope.is_submitted(node.value)
        for node in ast.walk(function)
    )


@cache
def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """What a function holds, nested functions included; not the bodies of form classes."""
    nodes = []
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.ClassDef) and _is_form(child)):
            nodes += [child, *_own_nodes(child)]
    return nodes


def _is_form(node: ast.ClassDef) -> bool:
    bases = [ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases]
    return any(name.endswith(_FORM_NAMES) for name in [node.name, *bases])


def _outermost(node: ast.AST) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        elif not (isinstance(child, ast.ClassDef) and _is_form(child)):
            yield from _outermost(child)


def _arguments(function: Function) -> list[ast.arg]:
    spec = function.args
    return [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]


def _pairs(pattern: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(pattern, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(pattern.elts, value.elts, strict=False)
    else:
        yield pattern, value


def _bind(scope: Scope, function: Function) -> None:
    """Add the names of the function that hold submitted data."""
    before = -1
    while before != len(scope.names):
        before = len(scope.names)
        for node in _own_nodes(function):
            pairs: list[tuple[ast.expr, ast.expr]] = []
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    pairs += _pairs(target, node.value)
            elif (isinstance(node, ast.AnnAssign) and node.value is not None) or isinstance(
                node, ast.NamedExpr
            ):
                pairs.append((node.target, node.value))
            for target, value in pairs:
                if isinstance(target, ast.Name) and scope.is_submitted(value):
                    scope.names.add(target.id)


def _readings(scope: Scope, function: Function) -> Iterator[int]:
    for node in _own_nodes(function):
        match node:
            case ast.Subscript(value=value, ctx=ast.Load()) if scope.is_submitted(value):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr=name, value=value)) if (
                name in _READERS and scope.is_submitted(value)
            ):
                yield node.lineno
            case ast.Call(func=callee, args=args) if ast.unparse(callee).rsplit(".", 1)[
                -1
            ] in _CONSUMERS and any(scope.is_submitted(argument) for argument in args):
                yield node.lineno
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[container]) if (
                scope.is_submitted(container)
            ):
                yield node.lineno
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is None and scope.is_submitted(value):
                        yield node.lineno
            case ast.For(iter=iterable) | ast.comprehension(iter=iterable) if scope.is_submitted(
                iterable
            ):
                yield iterable.lineno


def readings(sources: dict[str, str]) -> list[tuple[str, int]]:
    """Path and line of each reading; `sources` is the text of each file by its path."""
    modules = _modules(sources)
    received: dict[int, set[str]] = {}
    for module in modules.values():
        for name, function in module.functions.items():
            if name in module.callbacks:
                received[id(function)] = {
                    argument.arg
                    for argument in _arguments(function)
                    if _annotated_as_query(argument.annotation)
                }
    before = -1
    while before != (count := sum(map(len, received.values()))):
        before = count
        for module in modules.values():
            for function in _outermost(module.tree):
                names = set(received.get(id(function), ()))
                if not names and not module.mentions_requests:
                    continue
                scope = Scope(module=module, names=names, modules=modules)
                _bind(scope, function)
                for node in _own_nodes(function):
                    if isinstance(node, ast.Call):
                        _hand_over(scope, node, received)
    hits: list[tuple[str, int]] = []
    for module in modules.values():
        for function in _outermost(module.tree):
            names = set(received.get(id(function), ()))
            for node in _own_nodes(function):
                names |= received.get(id(node), set())
            if not names and not module.mentions_requests:
                continue
            scope = Scope(module=module, names=names, modules=modules)
            _bind(scope, function)
            hits += [(module.path, line) for line in _readings(scope, function)]
    return sorted(hits)


def _hand_over(scope: Scope, call: ast.Call, received: dict[int, set[str]]) -> None:
    """Record the parameters of our own functions that receive submitted data."""
    function = _resolve(scope.modules, scope.module, call.func)
    if function is None:
        return
    parameters = _arguments(function)
    for parameter, argument in zip(parameters, call.args, strict=False):
        if scope.is_submitted(argument):
            received.setdefault(id(function), set()).add(parameter.arg)
    for keyword in call.keywords:
        if keyword.arg and scope.is_submitted(keyword.value):
            received.setdefault(id(function), set()).add(keyword.arg)


VIEW = """
from amends.other import parsed

def view(request):
    data = request.POST or None
    form = AnswerForm(data, initial={})
    form.data = request.POST.copy()
    formset = kind(data=request.POST)
    parsed(1, data)
    if "take" in request.POST and data["verb"]:
        return {name: data.get(name) for name in FIELDS}
    query = request.GET
    return query["page"]

class AnswerForm(forms.Form):
    def clean(self):
        return self.data.get("text")
"""
OTHER = """
def parsed(number, typed):
    return typed.getlist("picked")
"""


def test_aliases_and_called_functions_count_and_forms_do_not() -> None:
    hits = readings({"cases/view.py": VIEW, "other.py": OTHER})
    assert hits == [
        ("cases/view.py", 10),
        ("cases/view.py", 10),
        ("cases/view.py", 11),
        ("other.py", 3),
    ]


def test_submitted_fields_are_read_through_forms() -> None:
    sources = {
        path.relative_to(SOURCE).as_posix(): path.read_text() for path in SOURCE.rglob("*.py")
    }
    outside = [hit for hit in readings(sources) if hit[0] not in ALLOWED]
    by_file = Counter(path for path, _ in outside)
    listing = "\n".join(
        f"{count:4} {path}: lines {', '.join(str(line) for at, line in outside if at == path)}"
        for path, count in by_file.most_common()
    )
    assert len(outside) <= LIMIT, (
        f"{len(outside)} readings of submitted fields outside forms, at most {LIMIT}. Read them "
        f"with a Django form and its cleaned_data:\n{listing}"
    )
