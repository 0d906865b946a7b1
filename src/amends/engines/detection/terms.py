"""Words and phrases of short texts, Chinese and Latin, as sets of terms.

Chinese is not cut into words: a dictionary knows the words of yesterday, and the name of a package
or of an app that makes people complain is new. Every run of two to four characters is a term; which
of them are words the counts tell, for those that mean something begin and end together. Latin words
are terms alone and in pairs. (Zhang and Lee 2003, SIGIR, doi:10.1145/860435.860442: for Chinese
texts substrings classify as well as segmented words do.)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

Term = tuple[str, ...]

LONGEST_CHINESE, LONGEST_WORDS = 4, 2
MOST_TOKENS = 400
_TOKEN = re.compile(r"[一-鿿]|[^\W_一-鿿]+(?:['’][^\W_一-鿿]+)*|\S")
_VOWEL = re.compile(r"[aeiouy]")
_LONG_NUMBER = re.compile(r"\d{5,}$")
_PLAIN = frozenset(
    "a about after again all also always am an and any anybody anyone are as at be because been "
    "before being but by can can't could couldn't dear did didn't do does doesn't doing don't "
    "even ever every for from get had has have he hello her here hey hi him his how i i'd i'm "
    "i've if in into is isn't it it'd it's its just madam me more my no not now of off on only "
    "or our out over own please really regards she should since sir so some still such than "
    "thank thanks that the their them then there these they this those through to too under "
    "until up us very was wasn't we were what when where which while who why will with won't "
    "would yet you you're your".split()
)
_PARTICLES = frozenset(
    "的了吗呢吧啊呀是在我你您他她它们也都就又还很被把给和与及但而这那个有没不要会能"
)


def tokens(text: str) -> list[str]:
    """Words, single Chinese characters, and "" where a sentence or a clause ends.

    >>> tokens("Data caps!! 彩铃")
    ['data', 'cap', '', '彩', '铃']
    """
    token_list: list[str] = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text).casefold()):
        token = match.group().replace("’", "'")
        if not token[0].isalnum() or _LONG_NUMBER.match(token):
            token = ""
        if token or (token_list and token_list[-1]):
            token_list.append(_singular(token))
        if len(token_list) >= MOST_TOKENS:
            break
    return token_list


def _singular(word: str) -> str:
    """An English plural is the word itself; what is shown stays a word.

    >>> [_singular(word) for word in ("caps", "roaming's", "mbps")]
    ['cap', 'roaming', 'mbps']
    """
    word = word.removesuffix("'s")
    if not _VOWEL.search(word):
        return word
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ays")):
        return word[:-1]
    return word


def terms(token_list: Sequence[str]) -> set[Term]:
    """The terms of a text's tokens.

    >>> sorted("".join(term) for term in terms(tokens("扣彩铃费")))
    ['彩铃', '彩铃费', '扣彩', '扣彩铃', '扣彩铃费', '铃费']
    >>> sorted(" ".join(term) for term in terms(tokens("the data cap")))
    ['cap', 'data', 'data cap']
    """
    return set(_each(token_list))


def _each(token_list: Sequence[str]) -> Iterator[Term]:
    # Each token is looked at once, not once for every phrase it may stand in.
    kinds = [is_chinese(token) if token else None for token in token_list]
    empty = [_means_nothing(token) for token in token_list]
    for first, (token, chinese) in enumerate(zip(token_list, kinds, strict=True)):
        if chinese is None:
            continue
        if not chinese and len(token) > 1 and token not in _PLAIN:
            yield (token,)
        longest = LONGEST_CHINESE if chinese else LONGEST_WORDS
        for end in range(first + 2, min(first + longest, len(token_list)) + 1):
            if kinds[end - 1] is not chinese:
                break
            if empty[first] or empty[end - 1]:
                continue
            yield tuple(token_list[first:end])


def is_chinese(token: str) -> bool:
    """Whether a token is one Chinese character."""
    return "一" <= token[0] <= "鿿"


def _means_nothing(token: str) -> bool:
    return token in _PLAIN or token in _PARTICLES


def written(term: Sequence[str]) -> str:
    """A term as people write it.

    >>> written(("data", "cap")), written(("彩", "铃"))
    ('data cap', '彩铃')
    """
    return ("" if is_chinese(term[0]) else " ").join(term)


def grown(term: Term, texts: Sequence[Sequence[str]], *, share: float) -> Term:
    """The phrase a term is part of in at least `share` of the texts that hold it.

    >>> texts = [tokens("扣了彩铃包月费"), tokens("彩铃包月费不退"), tokens("退彩铃包月费")]
    >>> written(grown(("铃", "包"), texts, share=0.8))
    '彩铃包月费'
    """
    while len(term) < MOST_IN_PHRASE:
        occurrences = [(text, at) for text in texts for at in _at(term, text)[:1]]
        after = [
            text[at + len(term)] if at + len(term) < len(text) else "" for text, at in occurrences
        ]
        before = [text[at - 1] if at else "" for text, at in occurrences]
        if more := _usual(after, share):
            term = (*term, more)
        elif more := _usual(before, share):
            term = (more, *term)
        else:
            break
    while len(term) > 1 and _means_nothing(term[-1]):
        term = term[:-1]
    while len(term) > 1 and _means_nothing(term[0]):
        term = term[1:]
    return term


MOST_IN_PHRASE = 8


def _at(term: Term, text: Sequence[str]) -> list[int]:
    size = len(term)
    return [at for at in range(len(text) - size + 1) if tuple(text[at : at + size]) == term]


def _usual(neighbours: Sequence[str], share: float) -> str:
    for neighbour in sorted(set(neighbours) - {""}):
        if neighbours.count(neighbour) >= share * len(neighbours):
            return neighbour
    return ""


def says(phrase: str, text: Sequence[str]) -> bool:
    """Whether a text's tokens hold a phrase, word for word.

    >>> says("彩铃包", tokens("又扣了彩铃包的钱")), says("data cap", tokens("no cap on data"))
    (True, False)
    """
    wanted = _tokens_of(phrase)
    return (not wanted or wanted[0] in text) and bool(_at(wanted, text))


@lru_cache(maxsize=256)
def _tokens_of(phrase: str) -> Term:
    return tuple(tokens(phrase))
