"""Terms of a text for search: stems, character n-grams, and concepts of both languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from amends.platform.kit.packs import load_rules

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9\u00c0-\u024f]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_RUN = re.compile(r"[a-z0-9]*[\u3400-\u9fff]+[a-z0-9\u3400-\u9fff]*")
_LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Concepts:
    """Synonyms of both languages, and stop lists.

    chinese     first character → (term, concepts), the longest term first
    english     first stem → (stems, concepts), the longest phrase first
    stop_zh     terms that are left out of a question
    """

    chinese: Mapping[str, list[tuple[str, tuple[str, ...]]]] = field(default_factory=dict)
    english: Mapping[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = field(
        default_factory=dict
    )
    stop_en: frozenset[str] = frozenset()
    stop_zh: tuple[str, ...] = ()
    stop_letters: frozenset[str] = frozenset()


@lru_cache(maxsize=4)
def concepts_on(day: date) -> Concepts:
    """The dictionary in force on a day (`rules/data/concepts@….toml`)."""
    data = load_rules("amends.work.knowledge", "concepts", day).data
    chinese: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    english: dict[str, dict[tuple[str, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in data["concepts"]:
        for term in row["words_zh"]:
            chinese[term[0]][term].append(row["id"])
        for phrase in row["words_en"]:
            stems = tuple(stem(match) for match in _RUN.findall(phrase.lower()))
            english[stems[0]][stems].append(row["id"])
    stops_zh = data["stop_words"]["words_zh"]
    return Concepts(
        chinese={
            first: sorted(
                ((term, tuple(ids)) for term, ids in terms.items()),
                key=lambda term_ids: -len(term_ids[0]),
            )
            for first, terms in chinese.items()
        },
        english={
            first: sorted(
                ((stems, tuple(ids)) for stems, ids in phrases.items()),
                key=lambda term_ids: -len(term_ids[0]),
            )
            for first, phrases in english.items()
        },
        stop_en=frozenset(data["stop_words"]["words_en"]),
        stop_zh=tuple(
            sorted(
                (stop_term for stop_term in stops_zh if len(stop_term) > 1), key=len, reverse=True
            )
        ),
        stop_letters=frozenset(stop_letter for stop_letter in stops_zh if len(stop_letter) == 1),
    )


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of an English term.

    >>> [stem(one) for one in ("charges", "charged", "stopping", "bill", "studies", "is")]
    ['charg', 'charg', 'stop', 'bill', 'study', 'is']
    """
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word


def normalized(text: str) -> str:
    """Lower case, full-width letters as ordinary ones; of a very long text the beginning."""
    return unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).lower()


def language_of(text: str) -> str:
    """`zh` or `en`, by which letters prevail: a Han character counts as three letters.

    >>> language_of("怎么取消VIP会员"), language_of("cancel 彩铃 please now")
    ('zh', 'en')
    """
    han = len(_HAN.findall(text))
    latin = sum(letter.isascii() and letter.isalpha() for letter in text)
    return "zh" if han * 3 >= latin and han else "en"


def terms_of(text: str, concepts: Concepts, *, question: bool = False) -> Counter[str]:
    """How often each term occurs. Prefixes: `w:` stem, `g:` characters, `c:` concept.

    question  whether stop terms are left out first
    """
    text = normalized(text)
    term_counts: Counter[str] = Counter()
    term_counts.update(f"c:{concept}" for concept in _concepts_in(text, concepts))
    if question:
        for stop in concepts.stop_zh:
            text = text.replace(stop, " ")
    for run in _RUN.findall(text):
        if _HAN.match(run):
            term_counts.update(_han_terms(run, concepts.stop_letters))
        elif run not in concepts.stop_en:
            root = stem(run)
            term_counts[f"w:{root}"] += 1
            padded = f"^{root}$"
            term_counts.update(f"g:{padded[at : at + 4]}" for at in range(max(1, len(padded) - 3)))
    return term_counts


def _han_terms(run: str, stops: frozenset[str]) -> Iterator[str]:
    for at, letter in enumerate(run):
        if letter not in stops:
            yield f"g:{letter}"
        if at + 1 < len(run) and not (letter in stops and run[at + 1] in stops):
            yield f"w:{run[at : at + 2]}"
        if at + 2 < len(run):
            yield f"w:{run[at : at + 3]}"


def _concepts_in(text: str, concepts: Concepts) -> Iterable[str]:
    for run in _HAN_RUN.findall(text):
        at = 0
        while at < len(run):
            for term, ids in concepts.chinese.get(run[at], ()):
                if run.startswith(term, at):
                    yield from ids
                    at += len(term) - 1
                    break
            at += 1
    stems = [stem(match) for match in re.findall(r"[a-z0-9]+", text)]
    at = 0
    while at < len(stems):
        for phrase, ids in concepts.english.get(stems[at], ()):
            if tuple(stems[at : at + len(phrase)]) == phrase:
                yield from ids
                at += len(phrase) - 1
                break
        at += 1
