"""What is the same for everybody is drawn once, and what is not never is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Engine
from django.template.base import Node
from django.urls import NoReverseMatch
from django.utils import translation

from amends.site.folding import Folded

FILES = {
    "frame": "{% load i18n amends %}<h1>{% block head %}{% translate 'Language' %}{% endblock %}</h1>"
    "{% block body %}{% endblock %}{% include 'foot' %}",
    "foot": "{% load i18n amends %}<p>{% icon 'check' %}{% url 'public:home' %}{{ name }}</p>",
    "page": "{% extends 'frame' %}{% load i18n %}{% block head %}{{ block.super }}: {{ name }}{% endblock %}"
    "{% block body %}{% for one in many %}{% block each %}<b>{{ one }}</b>{% endblock %}{% endfor %}"
    "{% url 'public:home' as name %}{{ name }}{% endblock %}",
    "leaf": "{% extends 'page' %}{% block head %}!{{ block.super }}{% endblock %}"
    "{% block each %}<i>{{ one }}</i>{% endblock %}",
    "by variable": "{% extends frame %}{% block body %}{{ name }}{% endblock %}",
    "itself": "{{ name }}{% if deeper %}{% with deeper=0 %}{% include 'itself' %}{% endwith %}{% endif %}",
    "names": "{{ a.b.c }}{{ a.method }}{{ a.lacks }}{{ d.key.inner }}{{ d.items }}{{ l.0 }}{{ l.1.b }}"
    "{{ none.at }}{{ a.kind.b }}{% if a.b.c == name and not d.lacks or l %}{{ call }}{% endif %}"
    "{% for k, v in d.items %}{{ k }}{{ v.inner }}{% endfor %}{{ a.b.c|default:name }}{{ s.b }}",
    "one address": "{% url 'public:followed' ref %}",
    "two addresses": "{% url 'public:letter' ref ref %}{% url 'public:followed' code=ref %}",
    "texts": "{% load i18n amends static %}{% translate 'Language' %}{% translate 'Language' as it %}{{ it }}"
    "{% blocktranslate %}Language{% endblocktranslate %}{% blocktranslate %}{{ name }}{% endblocktranslate %}"
    "{% static 'amends/logo.svg' %}{% badge 'ok' _('Language') %}{% badge 'ok' name %}"
    "{% if name == 'A' %}{% translate 'Close' %}{% else %}{% icon 'x' %}{% endif %}"
    "{% autoescape off %}{{ name }}{% translate 'Close' %}{% endautoescape %}",
}  # fmt: skip


def engine(folds: bool) -> Engine:
    files = [("django.template.loaders.locmem.Loader", FILES)]
    loader = "amends.site.folding.Loader" if folds else "django.template.loaders.cached.Loader"
    return Engine(
        loaders=[(loader, files)],
        libraries={
            "i18n": "django.templatetags.i18n",
            "static": "django.templatetags.static",
            "amends": "amends.site.templatetags.amends",
        },
    )


FOLDS, PLAIN = engine(folds=True), engine(folds=False)


@pytest.mark.parametrize("name", [name for name in FILES if "address" not in name])
def test_a_page_reads_as_without_folding_for_whoever_asks_next(name: str) -> None:
    for language in ("zh-hans", "en", "zh-hans"):
        for person in ("A", "<B>", "A"):
            known = {"name": person, "many": [1, person], "frame": "frame", "deeper": 1} | _values()
            with translation.override(language):
                drawn, plain = (
                    one.get_template(name).render(Context(dict(known))) for one in (FOLDS, PLAIN)
                )
            assert drawn == plain


def _values() -> dict[str, Any]:
    """What names may lead to: attributes, keys, places, methods, what is called, what is missing."""
    a = SimpleNamespace(b=SimpleNamespace(c="<c>"), method=lambda: "said", kind=SimpleNamespace)
    return {
        "a": a, "d": {"key": {"inner": 3}}, "l": ["first", a.b], "none": None,
        "call": lambda: "called", "s": "text",
    }  # fmt: skip


def _nodes(found: Any) -> list[Node]:
    return list(found.nodelist)


def test_what_is_the_same_for_everybody_is_drawn_once_for_each_language() -> None:
    foot = _nodes(FOLDS.get_template("foot"))
    assert [type(node).__name__ for node in foot] == ["Folded", "VariableNode", "TextNode"]
    fixed = foot[0]
    assert isinstance(fixed, Folded)
    context = Context({"name": "A"})
    context.template = FOLDS.get_template("foot")
    with translation.override("en"):
        first = fixed.render(context)
        assert fixed.render(context) is first


def test_a_page_is_one_piece_with_its_frame() -> None:
    kinds = {type(node).__name__ for node in _nodes(FOLDS.get_template("leaf"))}
    assert kinds <= {"Folded", "TextNode", "Scope"}
    assert "ExtendsNode" in {
        type(node).__name__ for node in _nodes(FOLDS.get_template("by variable"))
    }


@pytest.mark.parametrize("ref", ["4F7K-2M9P-XQ3T", "a b", "é", "a/b", 7, "", "x" * 200, "<", None])
def test_an_address_is_the_one_django_makes(ref: Any) -> None:
    for name in ("one address", "two addresses"):
        drawn, plain = (_drawn(one, name, ref) for one in (FOLDS, PLAIN))
        assert drawn == plain


def _drawn(engine: Engine, name: str, ref: Any) -> str:
    try:
        return engine.get_template(name).render(Context({"ref": ref}))
    except NoReverseMatch:
        return "no address"
