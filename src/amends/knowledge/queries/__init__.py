"""Queries for other apps: articles for a question, and their filled texts."""

from __future__ import annotations

from amends.knowledge.queries.articles import FilledArticle as FilledArticle
from amends.knowledge.queries.articles import FoundArticle as FoundArticle
from amends.knowledge.queries.articles import answer as answer
from amends.knowledge.queries.articles import filled as filled
from amends.knowledge.queries.articles import published_texts as published_texts
from amends.knowledge.queries.articles import registered_answers as registered_answers
from amends.knowledge.queries.articles import search as search
