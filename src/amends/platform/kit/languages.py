"""Which language a text is written in, by its script and by the model of py3langid.

A few words say little about their language: the model takes "data allowance" for Hausa. How often
each language occurs is therefore estimated from a column as a whole first (expectation-maximisation
over a sample, with the expected languages as prior), and multiplied with what the model finds in a
single text: a long text outweighs it, a short one does not. A single message has the prior only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_LATIN = frozenset(
    "af az bs ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms mt nl no pl pt ro sk "
    "sl so sq sv sw tl tr uz vi".split()
)
_OTHERS = frozenset(
    "am ar be bg bn el fa gu he hi hy ka kk km kn ky lo mk ml mn mr my ne or pa ps ru si sr ta te "
    "th ug uk ur".split()
)
_SCRIPTS = {
    "han": frozenset({"zh"}),
    "kana": frozenset({"ja"}),
    "hangul": frozenset({"ko"}),
    "latin": _LATIN,
    "others": _OTHERS,
}
LANGUAGES = frozenset().union(*_SCRIPTS.values())
"""Codes of the languages that can be told."""
_HAN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_OTHER_LETTERS = re.compile(r"[\u0370-\u1cff]")
# Complete words: the G of "5G" does not count as a letter of a language.
_LATIN_WORD = re.compile(
    r"(?<!\w)[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{2,}(?!\w)|"
    r"(?<=[\u3040-\u9fff\uac00-\ud7af])[A-Za-z]{2,}|[A-Za-z]{2,}(?=[\u3040-\u9fff\uac00-\ud7af])"
)
# A sign of Chinese, Japanese or Korean carries about as much as three letters.
_SIGN_WEIGHT = 3
# A Chinese text quotes a の at most; a Japanese one has kana throughout.
_KANA_SHARE = 0.1
_ENOUGH_LETTERS = 4
# In a Chinese column "iPhone" or "VoLTE error" is a product name, three words are a sentence.
_WORDS_OF_ANOTHER_SCRIPT = 3
# Characters read for the script, and by the model: its time grows with them, its accuracy does not.
_READ_FOR_SCRIPT = 300
_READ_BY_MODEL = 200
SAMPLE = 300
"""How many texts tell the languages of a column."""
_ROUNDS = 10
# The prior, counted in rows: of all expected languages together, and of every other language.
_EXPECTED_ROWS = 4.0
_OTHER_ROWS = 0.02
_NEGLIGIBLE = 1e-6
# Where nearly all of a column is in one language, a row of a few or of usual words is too:
# looking words up takes a fraction of the model's time.
_NEARLY_ALL = 0.98
_USUAL_WORDS = 0.7
_FEW_WORDS = 4
# Below this nothing is likelier than a guess among several languages.
_LIKELY = 0.3


def message_language(text: str, *, expected: Sequence[str] = ()) -> str:
    """The language of a single text: a code such as `zh`, `en`, `fr`; "" where it cannot be told.

    expected  languages that are likely here, the likeliest first

    A Chinese sentence that names `5G` or `App` stays Chinese: quoted product names count little.

    >>> message_language("我的App被扣了三十块钱")
    'zh'
    >>> message_language("I was charged twice for 流量包 and nobody answers the phone.")
    'en'
    >>> message_language("data allowance", expected=("zh", "en"))
    'en'
    >>> message_language("12345"), message_language("Je n'ai plus de réseau")
    ('', 'fr')
    """
    script = _script(text)
    return _likeliest(_probabilities(text, script), _prior(expected)) if script else ""


@dataclass(frozen=True, slots=True)
class ColumnLanguages:
    """The languages of a column of texts.

    main         the language of more than half of its texts; "" if there is none
    shares       how much of the column each language makes up, with the prior
    usual_words  words of more than one text, in lower case, where nearly all texts are in `main`
    """

    main: str
    shares: Mapping[str, float]
    usual_words: frozenset[str] = frozenset()

    def language_of(self, text: str) -> str:
        """The language of one row: its own where it is long and clear enough, else the column's.

        "" where a row has no letters and the column no main language.
        """
        script = _script(text)
        if not script:
            return self.main
        if script == "latin" and self.main:
            latin_words = _latin_words(text)
            if self.main not in _LATIN and len(latin_words) < _WORDS_OF_ANOTHER_SCRIPT:
                return self.main
            if self.usual_words:
                usual = sum(word in self.usual_words for word in latin_words)
                if len(latin_words) < _FEW_WORDS or usual >= _USUAL_WORDS * len(latin_words):
                    return self.main
        return _likeliest(_probabilities(text, script), self.shares) or self.main


def column_languages(texts: Sequence[str], *, expected: Sequence[str] = ()) -> ColumnLanguages:
    """The languages that a column is written in, estimated from up to 300 texts spread over it.

    expected  languages that are likely here, the likeliest first

    >>> column = column_languages(["Cable availability", "My line is dead", "Bait and switch"])
    >>> column.main, column.language_of("Cable availability"), column.language_of("没有信号")
    ('en', 'en', 'zh')
    """
    texts = texts[:: max(1, len(texts) // SAMPLE)]
    sample = [_probabilities(text, script) for text in texts if (script := _script(text))]
    prior = shares = _prior(expected)
    counts: dict[str, float] = {}
    for _round in range(_ROUNDS):
        counts = _expected_counts(sample, shares)
        shares = {code: prior[code] + counts.get(code, 0.0) for code in prior}
    main = max(counts, key=lambda code: counts[code], default="")
    if main and counts[main] * 2 <= len(sample):
        main = ""
    usual_words: frozenset[str] = frozenset()
    if main in _LATIN and counts[main] >= _NEARLY_ALL * len(sample):
        frequencies = Counter(word for text in texts for word in set(_latin_words(text)))
        usual_words = frozenset(word for word, count in frequencies.items() if count > 1)
    return ColumnLanguages(main, shares, usual_words)


def languages_of(texts: Sequence[str], *, expected: Sequence[str] = ()) -> list[str]:
    """The language of each of many texts that belong together."""
    column = column_languages(texts, expected=expected)
    return [column.language_of(text) for text in texts]


def _prior(expected: Sequence[str]) -> dict[str, float]:
    """Rows of each language before any text is read; the first of those expected counts double."""
    prior = dict.fromkeys(LANGUAGES, _OTHER_ROWS)
    codes = [code for code in dict.fromkeys(expected) if code in prior]
    for rank, code in enumerate(codes):
        prior[code] += _EXPECTED_ROWS * (1 if rank else 2) / (len(codes) + 1)
    return prior


def _expected_counts(
    rows: Iterable[Mapping[str, float]], shares: Mapping[str, float]
) -> dict[str, float]:
    """How many rows are of each language, if languages are as frequent as `shares`."""
    counts: dict[str, float] = {}
    for row in rows:
        weighted = {code: chance * shares[code] for code, chance in row.items()}
        total = sum(weighted.values())
        for code, weight in weighted.items():
            counts[code] = counts.get(code, 0.0) + weight / total
    return counts


def _likeliest(row: Mapping[str, float], shares: Mapping[str, float]) -> str:
    weighted = {code: chance * shares[code] for code, chance in row.items()}
    language = max(weighted, key=lambda code: weighted[code])
    return language if weighted[language] >= _LIKELY * sum(weighted.values()) else ""


def _latin_words(text: str) -> list[str]:
    return _LATIN_WORD.findall(text[:_READ_BY_MODEL].lower())


def _script(text: str) -> str:
    """The script of most letters, a key of `_SCRIPTS`; "" for too few letters of any."""
    text = text[:_READ_FOR_SCRIPT]
    weights = {"latin": sum(map(len, _LATIN_WORD.findall(text)))}
    if not text.isascii():
        weights["han"] = _SIGN_WEIGHT * len(_HAN.findall(text))
        weights["kana"] = _SIGN_WEIGHT * len(_KANA.findall(text))
        weights["hangul"] = _SIGN_WEIGHT * len(_HANGUL.findall(text))
        weights["others"] = len(_OTHER_LETTERS.findall(text))
        if weights["kana"] >= _KANA_SHARE * max(weights["han"], 1):
            weights["kana"] += weights.pop("han")
    script = max(weights, key=lambda name: weights[name])
    return script if weights[script] >= _ENOUGH_LETTERS else ""


def _probabilities(text: str, script: str) -> dict[str, float]:
    """How likely a text is written in each language of its script, by itself."""
    codes = _SCRIPTS[script]
    if len(codes) == 1:
        return dict.fromkeys(codes, 1.0)
    chances: dict[str, float] = {}
    for label, chance in _identifier().rank(text[:_READ_BY_MODEL]):
        code = "no" if label == "nn" else label
        if code in codes and chance > _NEGLIGIBLE:
            chances[code] = chances.get(code, 0.0) + chance
    # None of its letters is known to the model, or to the languages of its script.
    return chances or dict.fromkeys(codes, 1.0 / len(codes))


@cache
def _identifier() -> LanguageIdentifier:
    """The model: 75 MB and half a second, so only where a script has several languages."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LATIN | _OTHERS | {"nn"})
    return identifier
