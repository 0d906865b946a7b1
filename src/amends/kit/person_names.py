"""Whether two names may be one person's: of the spellings of one name, and of names given in part.

Where neither identity card nor name tells two people apart, nothing contradicts that they are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

_TITLES = {
    "mr": "m", "mister": "m", "sir": "m", "herr": "m", "mrs": "f", "ms": "f", "miss": "f",
    "madam": "f", "mme": "f", "frau": "f", "dr": "", "prof": "", "professor": "",
}  # fmt: skip
_CHINESE_TITLES = {
    "先生": "m", "女士": "f", "小姐": "f", "太太": "f", "夫人": "f",
    "老师": "", "师傅": "", "同志": "", "经理": "", "医生": "",
}  # fmt: skip
_SURNAMES_OF_TWO = frozenset(
    ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "东方",
     "端木", "南宫", "宇文", "长孙")
)  # fmt: skip
_GENERATIONS = frozenset(("jr", "sr", "junior", "senior", "ii", "iii"))
_NOBODY = frozenset(("unknown", "none", "null", "未知", "无", "不详", "未登记", "匿名"))
_HIDDEN = re.compile(r"[*●○×某]|\b[xX]{2,}\b")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_BETWEEN = re.compile(r"[^\w*●○×]+|_")
_ACCENTS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as names are compared.

    words      its words, in small letters, without accents and titles
    spellings  of a whole name: in the order written and in that of the alphabet, without spaces
    part       what is seen of one given in part: 王**, 王先生, Mr Smith; "" of a whole name
    sex        m or f, where a title says so
    """

    words: tuple[str, ...] = ()
    spellings: frozenset[str] = frozenset()
    part: str = ""
    sex: str = ""


def read_name(text: str) -> Name:
    """A name out of a register; an empty one where it says nobody's.

    >>> read_name("Mrs. Ann EXAMPLE").words, read_name("王  伟").spellings, read_name("王先生").part
    (('ann', 'example'), frozenset({'王伟'}), '王')
    """
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    folded = unicodedata.normalize("NFKC", plain).casefold()
    words = [word for word in _BETWEEN.split(folded) if word]
    titles = [word for word in words if word in _TITLES]
    words = [word for word in words if word not in _TITLES]
    sex = next((_TITLES[word] for word in titles if _TITLES[word]), "")
    joined = "".join(words)
    if _CHINESE.search(joined):
        for title, whose in _CHINESE_TITLES.items():
            if joined.endswith(title):
                joined, sex = joined.removesuffix(title), whose or sex
        words = [joined] if _CHINESE.fullmatch(joined) else words
    if not joined or joined in _NOBODY or folded.strip() == "n/a":
        return Name(sex=sex)
    if hidden := _HIDDEN.search(joined):
        return Name(part=joined[: hidden.start()], sex=sex)
    short = joined in _SURNAMES_OF_TWO or len(joined) == 1
    if short if _CHINESE.fullmatch(joined) else titles and len(words) == 1:
        return Name(part=joined, sex=sex)
    spellings = frozenset((joined, "".join(sorted(words))))
    return Name(tuple(words), spellings, "", sex)


def agree(one: Name, other: Name) -> bool | None:
    """Whether two names are one person's; None where that cannot be told.

    >>> agree(read_name("Ann Example"), read_name("EXAMPLE, Ann"))
    True
    >>> agree(read_name("王伟"), read_name("李娜")), agree(read_name("王先生"), read_name("王女士"))
    (False, False)
    >>> print(agree(read_name("王**"), read_name("王伟")), agree(read_name(""), read_name("王伟")))
    None None
    """
    if one.sex and other.sex and one.sex != other.sex:
        return False
    if one.spellings & other.spellings:
        return True
    if not (one.spellings or one.part) or not (other.spellings or other.part):
        return None
    if one.part or other.part:
        seen = [{name.part} if name.part else {*name.words, *name.spellings}
                for name in (one, other)]  # fmt: skip
        begins = any(
            whole.startswith(part) or (one.part and other.part and part.startswith(whole))
            for part in (seen[0] if one.part else seen[1])
            for whole in (seen[1] if one.part else seen[0])
        )
        return None if begins else False
    return None if _shortened(one.words, other.words) else False


def relation(
    card: str, names: Collection[Name], other_card: str, other_names: Collection[Name]
) -> bool | None:
    """Whether two are one person: by identity card where both have one, else by their names.

    >>> ann, bo = [read_name("Ann Example")], [read_name("Bo Other")]
    >>> relation("1", ann, "1", bo), relation("1", ann, "2", ann), relation("1", ann, "", bo)
    (True, False, False)
    """
    if card and other_card:
        return card == other_card
    answers = {agree(one, other) for one in names for other in other_names}
    if True in answers:
        return True
    return False if answers == {False} else None


def _shortened(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one is the other with words left out or only begun: J. Smith, Ann (Mary) Example."""
    few, many = sorted((one, other), key=len)
    rest = list(many)
    for word in sorted(few, key=len, reverse=True):
        like = [
            whole for whole in rest
            if word == whole or (min(len(word), len(whole)) == 1 and word[0] == whole[0])
        ]  # fmt: skip
        if not like:
            return False
        rest.remove(max(like, key=lambda whole: whole == word))
    return not _GENERATIONS & set(rest)
