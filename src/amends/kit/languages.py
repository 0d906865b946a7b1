"""Which language a text is written in, as far as its letters and its frequent words tell."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from functools import cache
from importlib.resources import files

_ENOUGH_LETTERS = 4
_READ = 4_000
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_HAN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_OTHERS = re.compile(r"[\u0370-\u1cff\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# Letters of other scripts; a sign of Chinese says about as much as three letters of others.
_SCRIPTS = {
    "kana": (re.compile(r"[\u3040-\u30ff]"), 3),
    "hangul": (re.compile(r"[\uac00-\ud7af]"), 3),
    "cyrillic": (re.compile(r"[\u0400-\u04ff]"), 1),
    "arabic": (re.compile(r"[\u0600-\u06ff]"), 1),
    "hebrew": (re.compile(r"[\u0590-\u05ff]"), 1),
    "greek": (re.compile(r"[\u0370-\u03ff]"), 1),
    "thai": (re.compile(r"[\u0e00-\u0e7f]"), 1),
    "devanagari": (re.compile(r"[\u0900-\u097f]"), 1),
}
# The language of a script, and letters that only another language of it has.
_BY_SCRIPT = {
    "hangul": ("ko", {}),
    "cyrillic": ("ru", {"uk": "іїєґ", "kk": "әғқңөұүһ", "sr": "ђјљњћџ"}),
    "arabic": ("ar", {"fa": "پچژگ", "ur": "ٹڈڑںے"}),
    "hebrew": ("he", {}),
    "greek": ("el", {}),
    "thai": ("th", {}),
    "devanagari": ("hi", {}),
}
# Letters that tell neighbours apart: a text with one of them is not of the language.
_NOT_THEIRS = {
    "sv": frozenset("æøßñ"),
    "fi": frozenset("æøßñ"),
    "da": frozenset("äößñ"),
    "no": frozenset("äößñ"),
    "de": frozenset("æøåñşğı"),
    "nl": frozenset("æøåßş"),
    "id": frozenset("æøåßäöüşğı"),
    "en": frozenset("æøåßşğı"),
}
# Letters that only one of the languages has: a word with one is as good as a frequent word.
_ONLY_THEIRS = {
    "tr": frozenset("ğış"),
    "pl": frozenset("łąężźćńś"),
    "cs": frozenset("řěů"),
    "hu": frozenset("őű"),
    "ro": frozenset("țșţ"),
    "vi": frozenset("ơưđạảấầẩậắằẳặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"),
    "pt": frozenset("ãõ"),
    "es": frozenset("ñ"),
    "de": frozenset("ß"),
}
_ENOUGH_SHARE = 0.1
_ENOUGH_LEAD = 1.25
# One frequent word tells the language of a few words only.
_FEW_WORDS = 5
# So many kana among the signs make a text Japanese: a Chinese one quotes a の at most.
_KANA_SHARE = 0.1


def guess_language(text: str) -> str:
    """A code such as `zh`, `en`, `fr`, or "" where neither letters nor words tell.

    A Chinese sentence that names `5G` or `App` stays Chinese: quoted product names count little.

    >>> guess_language("我的App被扣了三十块钱")
    'zh'
    >>> guess_language("I was charged twice for 流量包 and nobody answers the phone.")
    'en'
    >>> [guess_language(one) for one in ("12345", "Интернет не работает", "Je n'ai plus de réseau")]
    ['', 'ru', 'fr']
    """
    text = text[:_READ]
    if text.isascii():
        return _by_words(text)
    weights = {"latin": len(_LATIN.findall(text)), "han": 3 * len(_HAN.findall(text))}
    if _OTHERS.search(text):
        for name, (signs, weight) in _SCRIPTS.items():
            weights[name] = weight * len(signs.findall(text))
        if weights["kana"] >= _KANA_SHARE * max(weights["han"], 1):
            weights["kana"] += weights.pop("han")
    script = max(weights, key=lambda one: weights[one])
    if weights[script] < _ENOUGH_LETTERS:
        return ""
    if script == "latin":
        return _by_words(text)
    return {"han": "zh", "kana": "ja"}.get(script) or _by_letters(text, script)


def _by_letters(text: str, script: str) -> str:
    language, others = _BY_SCRIPT[script]
    lower = text.lower()
    return next((one for one, signs in others.items() if any(map(lower.count, signs))), language)


def _by_words(text: str) -> str:
    """The language whose frequent words a text uses most; "" where two are close."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    if sum(map(len, words)) < _ENOUGH_LETTERS:
        return ""
    frequent = _frequent()
    found: defaultdict[str, float] = defaultdict(float)
    with_letters = [
        language
        for word in words
        if not word.isascii()
        for language, letters in _ONLY_THEIRS.items()
        if not letters.isdisjoint(word)
    ]
    known_words = sum(word in frequent for word in words) + len(with_letters)
    if known_words < 2 and len(words) > _FEW_WORDS:
        return ""
    accents = {char for word in words for char in word if not char.isascii()}
    for word in words:
        # A word of several languages tells each of them less.
        for language in (known := frequent.get(word, ())):
            found[language] += 1 / len(known)
    for language in with_letters:
        found[language] += 1
    for language, letters in _NOT_THEIRS.items():
        if accents & letters:
            found.pop(language, None)
    if not found:
        return ""
    (count, best), *rest = sorted(((n, code) for code, n in found.items()), reverse=True)
    second = rest[0][0] if rest else 0
    return best if count >= _ENOUGH_SHARE * len(words) and count >= _ENOUGH_LEAD * second else ""


@cache
def _frequent() -> dict[str, tuple[str, ...]]:
    """Word → the languages in which it is frequent."""
    lists = tomllib.loads((files("amends.kit") / "languages.toml").read_text("utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for language, words in lists.items():
        for word in dict.fromkeys(words.split()):
            found[word] = (*found.get(word, ()), language)
    return found
