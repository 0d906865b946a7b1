"""What binds others is written by performers of declared decisions, or by what has a rule of its own.

The writers are found in the syntax trees: whoever sets a binding state or creates a binding row. Each
must be reached from the mechanism alone (`amends.work.approvals`), or be listed with its exempt decision.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from functools import cache
from inspect import signature

import pytest
from django.utils.module_loading import import_string
from tests.source_tree import app_path, source_files

from amends.people.access.queries.rights import rules_on
from amends.platform import registry
from amends.platform.kit.packs import package_of

pytestmark = pytest.mark.no_database
DAY = date(2026, 12, 1)

STATES = (
    "PublishedCopy.State.LIVE",
    "VersionState.PUBLISHED",
    "IncidentState.DISMISSED",
    "IncidentState.ENDED",
    "RemedyState.APPROVED",
    "ProceedingState.IN_FORCE",
    "Launch.State.APPROVED",
    "Answer.APPROVED",
    "MisuseCase.Outcome.OVERTURNED",
)
"""States that publish, pay, suspend or speak for others."""
ROWS = ("Sanction", "Waiver")
"""Models whose rows bind others once they are there."""
COLUMNS = ("person.is_active", "plan.second_by", "row.is_published")
"""Columns that close an account or put something in force."""
CALLS = ("impose", "end_contract", "suspend", "publish_versions")
"""Functions that bind others for whoever calls them: their callers count as writers."""
EXEMPT = {
    "access/actions/deactivate_user.py:_set": "access.accounts",
    "access/actions/deactivate_user.py:reinstate": "privacy.suspend_user",
    "access/actions/deactivate_user.py:suspend": "privacy.suspend_user",
    "channels/actions/answer_post.py:_post": "channels.answer_post",
    "feeds/imports/partners.py:_contract": "partners.contract_register",
    "knowledge/actions/participate.py:check_answer": "knowledge.participation",
    "knowledge/actions/write.py:publish_shipped": "knowledge.shipped",
    "knowledge/actions/write.py:publish_versions": "knowledge.publish_article",
    "launches/actions/approve.py:approve": "launches.approve",
    "partners/actions/sanction.py:impose": "partners.sanction",
    "privacy/actions/decide_misuse.py:_carry_out": "privacy.warn_user",
    "quality/actions/end_incidents.py:end_by_evidence": "quality.end_by_evidence",
    "publicity/actions/see_copy.py:see_copy": "publicity.seen",
    "remedies/actions/approve.py:_grant": "remedies.within_limit",
    "vetting/actions/proceedings.py:answer_appeal": "vetting.step",
}
"""Writer → the declared decision (of two people, or exempt with its rule) that covers it."""


def decisions() -> list[registry.BindingDecision]:
    return registry.decisions()


def performers() -> set[str]:
    """Dotted paths of what the mechanism calls to change something."""
    return {
        path
        for one in decisions()
        for path in (one.perform, one.undo, one.at_once, one.unapproved)
        if path
    }


@cache
def trees() -> dict[str, ast.Module]:
    """Path below `src/amends` → tree, of every module that is no migration, page or demonstration."""
    left = {"migrations", "web", "demo", "site", "templatetags"}
    return {
        str(app_path(path)): ast.parse(path.read_text(encoding="utf-8"))
        for path in source_files("*.py")
        if not left & set(path.parts) and path.name != "demonstration.py"
    }


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _values(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def binds(function: ast.FunctionDef) -> bool:
    """Whether a function sets a binding state or column, creates a binding row or calls a writer."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target, value in _values(node):
                if not isinstance(target, ast.Attribute):
                    continue
                text = ast.unparse(value)
                if target.attr == "state" and any(one in text for one in STATES):
                    return True
                empty = isinstance(value, ast.Constant) and value.value == ""
                if ast.unparse(target) in COLUMNS and not empty:
                    return True
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in CALLS or name in {f"{row}.objects.create" for row in ROWS}:
                return True
            sets = name.rpartition(".")[2] in ("update", "create", "update_or_create")
            if sets and any(
                key.arg == "state" and ast.unparse(key.value) in STATES for key in node.keywords
            ):
                return True
    return False


def _dotted(path: str, function: str) -> str:
    app, _slash, inner = path.removesuffix(".py").partition("/")
    return f"{package_of(app)}.{inner.replace('/', '.')}.{function}"


def _reached_from_performers_only(path: str, tree: ast.Module, name: str) -> bool:
    """Whether all callers of a private helper of a module are performers."""
    callers = {
        one.name
        for one in _functions(tree)
        if any(
            isinstance(node, ast.Call) and ast.unparse(node.func) == name for node in ast.walk(one)
        )
    }
    known = performers()
    return bool(callers) and all(
        _dotted(path, caller) in known or f"{path}:{caller}" in EXEMPT for caller in callers
    )


def writers() -> set[str]:
    """`path:function` of everything that binds others."""
    return {
        f"{path}:{function.name}"
        for path, tree in trees().items()
        for function in _functions(tree)
        if binds(function)
    }


def test_what_binds_others_goes_through_the_mechanism_or_has_its_rule() -> None:
    known, outside = performers(), []
    for writer in sorted(writers() - EXEMPT.keys()):
        path, _colon, function = writer.partition(":")
        helper = function.startswith("_") and _reached_from_performers_only(
            path, trees()[path], function
        )
        if _dotted(path, function) not in known and not helper:
            outside.append(writer)
    assert outside == [], "declare a decision (approvals/README.md), or an exempt one with its rule"


def test_every_exemption_is_needed_and_names_a_declared_decision() -> None:
    declared = {one.name for one in [*decisions(), *registry.exempt_decisions()]}
    assert set(EXEMPT.values()) <= declared
    assert EXEMPT.keys() - writers() == set(), "remove it from the list"


def test_only_the_mechanism_calls_a_performer() -> None:
    names = {path.rpartition(".")[2]: path for path in performers()}
    called = []
    for path, tree in trees().items():
        for function in _functions(tree):
            for node in ast.walk(function):
                if not isinstance(node, ast.Call):
                    continue
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in names and _dotted(path, function.name) not in performers():
                    called.append(f"{path}:{function.name} calls {name}")
    assert called == []


@pytest.mark.parametrize("decision", registry.decisions(), ids=lambda one: one.name)
def test_a_declared_decision_is_complete(decision: registry.BindingDecision) -> None:
    pages = rules_on(DAY).pages
    assert {decision.asks, decision.decides} <= pages.keys()
    for path in {decision.perform, decision.undo, decision.at_once, decision.unapproved} - {""}:
        assert list(signature(import_string(path)).parameters) == ["act"], path
    if decision.preview:
        assert list(signature(import_string(decision.preview)).parameters) == ["act"]
    if decision.also_needs:
        assert len(signature(import_string(decision.also_needs)).parameters) == 2
    for rule in decision.rules:
        assert len(signature(import_string(rule.accepts)).parameters) == 3
    app = decision.name.partition(".")[0]
    assert decision.perform.startswith(f"{package_of(app)}."), "an app performs its own decisions"


def test_names_of_decisions_are_unique() -> None:
    names = [one.name for one in [*decisions(), *registry.exempt_decisions()]]
    assert len(names) == len(set(names))
