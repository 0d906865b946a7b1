"""The language of a text: by its script, by its column where it is short, by itself where it is long."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from amends.platform.kit.languages import column_languages, languages_of, message_language

pytestmark = pytest.mark.no_database

OPERATOR = ("zh", "en")
TITLES = [
    "Data allowance",
    "Inappropriate billing",
    "Cable availability",
    "Internet speeds slow",
    "unreliable connection",
    "isp dishonest about speeds",
    "Complaint against Hillnet",
    "Bait and Switch again",
    "terrible internet quality",
    "Modem rental fee",
]
SENTENCES = {
    "en": [
        "I was billed twice in May and nobody answers my letters.",
        "The engineer did not come, although I stayed at home all day.",
        "My contract ended in March and you still take the money.",
    ],
    "fr": [
        "La ligne est coupée depuis hier et personne ne répond au téléphone.",
        "On me facture un abonnement que je n'ai jamais demandé.",
        "Le technicien n'est pas venu alors que j'ai attendu toute la journée.",
    ],
    "de": [
        "Seit zwei Tagen habe ich kein Netz und die Hotline legt einfach auf.",
        "Ich habe den Vertrag gekündigt, trotzdem wird weiter abgebucht.",
        "Der Techniker ist zum dritten Mal nicht gekommen.",
    ],
    "zh": ["每个月都多扣十元彩铃费，从来没有订过", "宽带晚上总是掉线，报修三次没人来"],
}
FOREIGN = {
    "tr": ["Fatura yanlış", "İnternet çok yavaş", "Para iadesi yapılmadı", "Hattım kapatıldı"],
    "es": ["Cobro indebido", "Sin servicio", "Internet muy lento", "No contestan el teléfono"],
    "pl": ["Błędny rachunek", "Brak zasięgu", "Internet nie działa", "Nikt nie odbiera telefonu"],
}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("为什么扣我30块钱？", "zh"),
        ("我的 iPhone 在 App Store 里买了 5G 流量包 unlimited", "zh"),
        ("My bill is wrong", "en"),
        ("I never ordered the 彩铃 service", "en"),
        ("？？？", ""),
        ("ok", ""),
        ("4G LTE 5G", ""),
        ("Где мои деньги", "ru"),
        ("لماذا خصمتم مني", "ar"),
        ("요금이 잘못 청구되었습니다", "ko"),
        ("インターネットがつながりません", "ja"),
        ("ไม่มีสัญญาณ", "th"),
    ],
)
def test_the_language_follows_the_script_and_the_words(text, language):
    assert message_language(text) == language
    assert message_language(text, expected=OPERATOR) == language


@pytest.mark.parametrize("text", [*TITLES, "no signal", "internet down", "STOP it"])
def test_a_message_of_a_few_words_is_in_an_expected_language(text):
    assert message_language(text, expected=OPERATOR) == "en"


def test_the_likeliest_of_the_expected_languages_comes_first():
    assert message_language("Hotline", expected=("de", "en")) == "de"
    assert message_language("Hotline", expected=("en", "de")) == "en"


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in SENTENCES.items() for text in texts]
)
def test_a_sentence_is_in_its_own_language_whatever_is_expected(language, text):
    assert message_language(text, expected=OPERATOR) == language


def test_short_titles_of_a_column_are_in_the_language_of_the_column():
    assert languages_of(TITLES, expected=OPERATOR) == ["en"] * len(TITLES)
    assert languages_of(TITLES) == ["en"] * len(TITLES)


@pytest.mark.parametrize("mix", [("en", "zh"), ("en", "fr", "de"), ("en", "fr", "de", "zh")])
def test_each_sentence_of_a_mixed_column_keeps_its_language(mix):
    rows = [(code, text) for code in mix for text in SENTENCES[code]]
    found = languages_of([text for _, text in rows], expected=OPERATOR)
    assert found == [code for code, _ in rows]


@pytest.mark.parametrize("language", ["fr", "de", "zh"])
def test_one_foreign_sentence_stands_out_of_a_column(language):
    texts = [*TITLES * 30, SENTENCES[language][0]]
    assert languages_of(texts, expected=OPERATOR) == ["en"] * len(TITLES) * 30 + [language]


@pytest.mark.parametrize("language", list(FOREIGN))
def test_a_foreign_column_is_foreign_though_the_operator_writes_otherwise(language):
    texts = FOREIGN[language] * 3
    assert languages_of(texts, expected=OPERATOR) == [language] * len(texts)


def test_a_row_that_says_nothing_takes_the_language_of_its_column():
    chinese = column_languages(SENTENCES["zh"] * 3, expected=OPERATOR)
    assert [chinese.language_of(text) for text in ("5G", "VoLTE", "12345", "iPhone 15")] == [
        "zh"
    ] * 4
    assert chinese.language_of("My bill is wrong again") == "en"
    mixed = column_languages([text for texts in SENTENCES.values() for text in texts])
    assert mixed.main == ""
    assert mixed.language_of("12345") == ""


def test_columns_without_texts_have_no_language():
    assert column_languages([]).main == ""
    assert column_languages(["", "12", "!!"], expected=OPERATOR).main == ""


def test_the_model_is_not_loaded_for_chinese():
    look = (
        "import sys\n"
        "from amends.platform.kit.languages import languages_of, message_language\n"
        "assert message_language('为什么扣我30块钱？', expected=('zh', 'en')) == 'zh'\n"
        "assert languages_of(['宽带总是掉线', '5G', 'App闪退'], expected=('zh', 'en')) == ['zh'] * 3\n"
        "assert not {'py3langid', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", look], check=True)


@pytest.mark.shared
def test_real_titles_of_complaints_are_english(shared: Path):
    file = shared / "data" / "comcast_titles" / "comcast_dev.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        titles = [row["title"] for row in csv.DictReader(rows)]
    found = Counter(languages_of(titles, expected=OPERATOR))
    assert found["en"] / len(titles) >= 0.995
