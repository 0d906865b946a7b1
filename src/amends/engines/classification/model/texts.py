"""Texts as one array of folded characters, and hashes of any window of it, so that a batch is
scanned once and not per text.

Folding makes what people type the same however they typed it: case, accents, full-width forms,
traditional characters, figures and punctuation. Every folded character remembers where it stood,
so an explanation can quote the person's own words.

Hashes are polynomial prefix hashes modulo 2**64 with an odd base: the hash of a window is a
difference of two prefixes times a power of the inverse base (Karp and Rabin 1987), mixed so that
every bit counts (the finaliser of SplitMix64, Steele et al. 2014).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

SPACE = 0x20
DIGIT = 0x30
SEPARATOR = 2
"""Stands between two texts; no feature may contain it."""

_DELETE = 1
LONGEST_CHARACTERS = 4_000
"""Only the first characters of a text are read: what somebody wants stands near the beginning."""

_TRADITIONAL = (
    "話话費费網网寬宽帶带號号碼码電电訊讯機机務务態态標标廣广傳传賬账帳账單单錢钱貴贵價价漲涨額额"
    "業业辦办開开關关閉闭斷断線线連连慢慢達达騙骗詐诈擾扰騷骚個个資资訊讯洩泄隱隐盜盗號号證证"
    "師师傅傅裝装遷迁區区樓楼層层覆覆蓋盖訊讯滿满約约違违變变換换訂订閱阅購购買买賣卖贈赠"
    "禮礼優优惠惠時时間间長长說说會会來来過过還还對对錯错誤误讓让應应該该問问題题處处理理覆复"
    "復复結结經经聽听嗎吗麼么們们為为與与從从後后發发現现見见總总計计劃划實实際际維维護护"
    "壞坏賠赔償偿繳缴續续約约鎖锁綁绑獨独佔占壟垄學学園园輻辐訴诉議议員员聯联絡络戶户頻频"
    "體体視视級级遊游戲戏軟软載载頁页測测試试滅灭燈灯貓猫廳厅櫃柜臺台灣湾門门貨货"
    "億亿萬万難难氣气無无沒没幾几動动國国"
)


@dataclass(frozen=True)
class Folded:
    """A batch of texts as parallel arrays, one entry for each folded character."""

    codes: NDArray[np.uint16]
    text: NDArray[np.int32]
    origin: NDArray[np.int32]
    texts: int

    @cached_property
    def han(self) -> NDArray[np.bool_]:
        """Which characters are Han, as `is_han` says."""
        return is_han(self.codes)

    @cached_property
    def letter(self) -> NDArray[np.bool_]:
        """Which characters belong to words, as `is_letter` says."""
        return (self.codes > SPACE) & ~self.han

    @cached_property
    def words(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each word begins and ends."""
        between = np.zeros(self.codes.size + 2, dtype=bool)
        between[1:-1] = self.letter
        change = (between[1:] != between[:-1]).nonzero()[0]
        return change[::2], change[1::2]


def fold(texts: Sequence[str]) -> Folded:
    """Fold `texts` into one array; origins count from each text's own first character.

    >>> folded = fold(["Won't  LOAD 4K!", "話費"])
    >>> "".join(map(chr, folded.codes[folded.codes != SEPARATOR]))
    ' wont load 0k  话费 '
    """
    cut = [text[:LONGEST_CHARACTERS] for text in texts]
    joined = "".join(f" {text} \0" for text in cut)
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut)) + 3
    text = np.repeat(np.arange(len(cut), dtype=np.int32), lengths)
    begins = np.repeat(np.cumsum(lengths) - lengths, lengths)
    origin = (np.arange(raw.size, dtype=np.int64) - begins - 1).astype(np.int32)
    codes = _fold_table()[np.minimum(raw, 0xFFFF)]
    keep = (codes != _DELETE).nonzero()[0]
    codes, text, origin = codes[keep], text[keep], origin[keep]
    if codes.size:
        repeated = np.zeros(codes.size, dtype=bool)
        repeated[1:] = (codes[1:] == codes[:-1]) & ((codes[1:] == SPACE) | (codes[1:] == DIGIT))
        keep = (~repeated).nonzero()[0]
        codes, text, origin = codes[keep], text[keep], origin[keep]
    return Folded(codes=codes, text=text, origin=origin, texts=len(cut))


def fold_phrase(phrase: str) -> str:
    """One phrase folded as texts are, without the spaces around it.

    >>> fold_phrase("Wi-Fi")
    'wi fi'
    """
    codes = fold([phrase]).codes
    return "".join(map(chr, codes[codes != SEPARATOR])).strip()


def is_han(codes: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which characters are Han (or kana and Hangul, which are written without spaces too)."""
    return (codes >= 0x3040) & (codes < 0xFB00) & ~((codes >= 0xD800) & (codes < 0xF900))


def is_kana_or_hangul(codes: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which characters only Japanese and Korean have."""
    kana = (codes >= 0x3040) & (codes < 0x3100)
    return kana | ((codes >= 0xAC00) & (codes < 0xD7A4))


def is_letter(codes: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which characters belong to a word that spaces delimit; a figure counts as a letter."""
    return (codes > SPACE) & ~is_han(codes)


@cache
def _fold_table() -> NDArray[np.uint16]:
    """Folded character for every code point of the basic plane; the rest folds to a space."""
    table = np.full(0x10000, SPACE, dtype=np.uint16)
    for code in range(0x10000):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        kind = unicodedata.category(character)
        if kind in {"Cf", "Mn", "Me"} or character in "'’‘`´":
            table[code] = _DELETE
        elif kind[0] in {"L", "N"}:
            table[code] = _fold_character(character)
    table[0] = SEPARATOR
    for traditional, simplified in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True):
        table[ord(traditional)] = ord(simplified)
    return table


def _fold_character(character: str) -> int:
    if unicodedata.digit(character, None) is not None:
        return DIGIT
    base = unicodedata.normalize("NFKD", character)[0].lower()
    return ord(base[0]) if base[0].isalnum() and ord(base[0]) < 0x10000 else SPACE


BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


class Windows:
    """Hashes of windows of one array of characters."""

    __slots__ = ("_inverse", "_prefix")

    def __init__(self, codes: NDArray[np.uint16]) -> None:
        powers, self._inverse = _powers(1 << max(10, int(codes.size).bit_length()))
        self._prefix = np.zeros(codes.size + 1, dtype=np.uint64)
        np.cumsum(codes.astype(np.uint64) * powers[: codes.size], out=self._prefix[1:])

    def plain(self, starts: Places, ends: Places) -> Hashes:
        """One hash for each window [start, end), not mixed yet."""
        return (self._prefix[ends] - self._prefix[starts]) * self._inverse[starts]

    def hashes(self, starts: Places, ends: Places, *, salt: int) -> Hashes:
        """One mixed hash for each window [start, end)."""
        return mix(self.plain(starts, ends), salt=salt)


def mix(values: Hashes, *, salt: int | Sequence[int], sizes: Sequence[int] = ()) -> Hashes:
    """Spread every bit of `values` over the whole word; different salts are unrelated.

    sizes  where there are several salts: how many of the values, in their order, each is for
    """
    step = (
        _step(salt)
        if isinstance(salt, int)
        else np.repeat([_step(salt_number) for salt_number in salt], sizes)
    )
    mixed: Hashes = values + step
    mixed ^= mixed >> _30
    mixed *= _FIRST
    mixed ^= mixed >> _27
    mixed *= _SECOND
    mixed ^= mixed >> _31
    return mixed


_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@cache
def _step(salt: int) -> np.uint64:
    return np.uint64(((salt + 1) * 0xD1B54A32D192ED03) % 2**64)


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    return _geometric(BASE, size), _geometric(INVERSE, size)


def _geometric(ratio: int, size: int) -> Hashes:
    steps = np.full(size, ratio, dtype=np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)
