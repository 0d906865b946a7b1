"""Words that begin to be spoken, found without a class for them."""

import numpy as np
import pytest

from amends.engines.detection import vocabulary
from amends.engines.detection.common_terms import telling, telling_words
from amends.engines.detection.terms import says, terms, tokens, written
from amends.engines.detection.vocabulary import Vocabulary
from amends.engines.detection.words import bursting, over

USUAL = (
    ["流量", "宽带", "话费", "套餐", "信号", "短信", "余额", "合约"],
    ["超出", "很慢", "不对", "不能取消", "没有", "态度差", "被多扣", "断了"],
    ["小区里", "这个月", "一直", "昨天", "家里", "老人的号码"],
)
NEW = ["云宝贝彩铃包说好免费,次月自动扣", "莫名其妙开了云宝贝彩铃包", "云宝贝彩铃包无法退订"]


def usual(generator, count):
    return [
        "".join(part[generator.integers(len(part))] for part in (USUAL[2], USUAL[0], USUAL[1]))
        for _ in range(count)
    ]


def stream(new, *, days=30, a_day=20, seed=3):
    """Quiet days, and on the last of them `new` as well."""
    generator = np.random.default_rng(seed)
    texts = usual(generator, days * a_day)
    return [*texts, *new], [*(n // a_day for n in range(len(texts))), *[days - 1] * len(new)]


def test_a_new_topic_is_found_named_and_quoted():
    texts, days = stream(NEW * 4)
    (topic,) = bursting(texts, days)
    assert "云宝贝彩铃包" in topic.terms
    assert set(topic.complaints) == set(range(600, 612))
    assert (topic.start, topic.last, topic.persons) == (29, 29, 12)
    assert topic.expected < 1
    assert {texts[n] for n in topic.quoted} == set(NEW)
    assert max(topic.log_odds) > 2


def test_a_busy_day_is_no_burst_of_words():
    """Three times the complaints, of what people always complain of."""
    texts, days = stream(usual(np.random.default_rng(4), 40))
    assert bursting(texts, days) == []


def test_quiet_days_raise_few_topics():
    texts, days = stream([], days=60)
    assert len(over(texts, days, range(15, 60))) <= 4


def test_one_person_is_one_voice():
    texts, days = stream(NEW * 4)
    persons = [str(n) for n in range(600)] + ["angry"] * 12
    assert bursting(texts, days, persons=persons) == []


def test_what_goes_on_is_told_once():
    texts, days = stream(NEW * 4)
    texts, days = [*texts, *NEW * 4], [*days, *[30] * 12]
    (topic,) = over(texts, days, [29, 30])
    assert (topic.start, topic.last, len(topic.complaints)) == (29, 30, 24)


def test_a_topic_of_one_area_is_not_told_twice():
    texts, days = stream(NEW * 4)
    cells = {"area=north": range(300, 612), "area=south": range(300)}
    (topic,) = bursting(texts, days, cells=cells)
    assert topic.cell == ""


def test_what_is_usual_elsewhere_is_found_in_the_area_where_it_is_new():
    """The south always speaks of the ringtone pack, the north begins to."""
    texts, days = stream(NEW * 2, a_day=10)
    south = (usual(np.random.default_rng(5), 10) + NEW * 2) * 30
    topics = bursting(
        [*texts, *south],
        [*days, *(n // 16 for n in range(len(south)))],
        cells={"area=north": range(len(texts)), "area=south": range(len(texts), 786)},
    )
    (topic,) = topics
    assert topic.cell == "area=north"
    assert set(topic.complaints) == set(range(300, 306))


def test_nothing_to_compare_with_raises_nothing():
    assert bursting([], []) == []
    assert bursting(NEW * 4, [0] * 12) == []
    assert bursting(["", " ", "…"] * 20, [n // 2 for n in range(60)]) == []


def test_terms_do_not_cross_clauses_and_long_numbers_are_none():
    said = {written(term) for term in terms(tokens("退费,彩铃 13800138000 Smart routers"))}
    assert {"退费", "彩铃", "smart router"} <= said
    assert "费彩" not in said
    assert not any("138" in term for term in said)


def test_texts_are_read_once_and_counted_as_often_as_one_likes():
    texts, days = stream(NEW * 4)
    read = Vocabulary.of(texts)
    found = [terms(tokens(text)) for text in texts]
    assert [len(one) for one in found] == read.sizes.tolist()
    for at, said in enumerate(read.said):
        numbered = {read.terms[n] for n in said}
        assert numbered == {
            term for term in found[at] if sum(term in other for other in found) >= 3
        }
    cells = {"area=north": range(300, 612)}
    assert bursting(texts, days, cells=cells, read=read) == bursting(texts, days, cells=cells)


def test_what_some_texts_say_is_the_same_however_they_were_read():
    texts, _ = stream(NEW * 4)
    own = [*range(600, 612), 3, 9]
    members = [texts[at] for at in own]
    others = [text for at, text in enumerate(texts) if at not in set(own)]
    words = telling_words(Vocabulary.of(texts), own)
    assert words == telling(members, others)[0]
    assert "云宝贝彩铃包" in words[0][0]
    assert says(words[0][0], tokens(NEW[0]))


def test_what_was_read_before_is_read_alike():
    """Texts keep their terms from look to look, and begin anew where there are too many."""
    texts, _ = stream(NEW, days=5)
    alone = Vocabulary.of(texts)
    Vocabulary.of(["云宝贝彩铃包", "something else altogether", *reversed(texts)])
    for limit in (vocabulary.MOST_KEPT, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(vocabulary, "MOST_KEPT", limit)
            again = Vocabulary.of(texts)
        assert (again.tokens, again.terms) == (alone.tokens, alone.terms)
        assert again.sizes.tolist() == alone.sizes.tolist()
        assert [one.tolist() for one in again.said] == [one.tolist() for one in alone.said]


def test_what_is_quoted_stands_for_all_and_does_not_repeat_itself():
    often = ["彩铃每月扣我10块钱，我没订过"] * 30
    seldom = ["孩子的手机上多了一个视频会员，谁开的"] * 6 + [
        "My balance keeps shrinking every week"
    ] * 4
    _, quoted = telling([*often, *seldom], ["宽带很慢", "没有信号", "slow line"] * 9)
    members = [*often, *seldom]
    assert len(quoted) == 5
    assert {members[at] for at in quoted} == {*often, *seldom}
