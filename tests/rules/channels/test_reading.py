"""Mails of every kind: the words that were written now, the files, and who wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest

from amends.channels.mail.reading.parse import ParsedMail, parse_mail
from amends.channels.mail.reading.reports import BounceReport
from amends.platform.kit.received_files import inspect_file

MAILS = Path(__file__).parents[2] / "channels_data"
OURS = "0123456789abcdef0123456789abcdef"


def read(name: str) -> ParsedMail:
    return parse_mail((MAILS / f"{name}.eml").read_bytes())


WORDS = {
    "plain": "I cancelled my broadband on 2 April and was charged £31.50 on 1 May.\n"
    "Please give the money back.\n\nAnn Porter",
    "gb18030": "你们好：\n\n我家宽带从上周三开始每天晚上都断线，打了三次客服电话，都说会有人上门，"
    "到现在没有人来。㙍村这边好几户都这样。\n请尽快处理并退还这段时间的费用。\n\n赵大勇",
    "mislabelled_gb2312": "话费里多了一项“彩铃”五元，我从来没有开通过。请取消并退钱。",
    "quoted_printable": "Guten Tag — I was promised 50 Mbit/s and I get 8. The engineer’s visit on "
    "12 April changed nothing at all, and the café next door has the same problem with your line.",
    "nested_multipart": "漫游三天，扣了我 680 元，事先没有任何短信提醒。\n截图和账单在附件里。",
    "html_only_meta_gbk": "套餐到期没有人通知我，\n自动续了一年，我要取消。",
    "broken_boundary": "信号从昨天开始就没有了，整栋楼都打不出电话。",
    "absent_boundary": "My number was cut off without any warning.",
    "broken_base64": "我要投诉：被限速了，客服说是系统问题，两个星期都没有恢复。",
    "utf16": "携号转网办了一个月还没有办好。",
    "latin1_unlabelled": "Le débit est très bas depuis février.",
    "split_encoded_word": "一个视频没看完，10G 流量没有了。",
    "nul_bytes": "My bill is wrong: £12 too much.",
    "attached_mail": "营业厅答应退我两百元，一直没有到账。",
    "disguised_files": "The bill is attached.",
    "reply_outlook_english": "No, I do not accept this. The contract ended in April.\n\nAnn",
    "reply_gmail": "Yes, that is fine with me.",
    "reply_interleaved": "On 3 May, in the evening.\nOnly the red one.",
    "reply_qq": "不同意，只退三块钱说不过去，我要求退还全部六个月的费用。\n\n韩梅梅",
    "reply_163": "同意这个处理结果，谢谢。",
    "reply_foxmail_html": "问题还在，昨天晚上又断了两次。",
    "reply_iphone_chinese": "已经收到退款了，但是下个月的账单里还有这一项。",
    "forwarded_inline": "See what your own shop wrote to me.\n\n"
    "---------- Forwarded message ---------\nFrom: Shop <shop@operator.example>\n"
    "Date: Fri, 8 May 2026 at 10:00\nSubject: Your bill\nTo: <kate@example.com>\n\n"
    "We will refund 20 pounds by Monday.",
    "prose_with_dates": "贵公司2026年3月1日的公告中写道：\n“老用户可享受同样的优惠。”\n"
    "营业厅却说只有新用户才有。",
    "about_auto_reply": "在线客服全是自动回复，找不到人工。",
}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_the_new_words_are_found(name):
    assert read(name).text == WORDS[name]


SUBJECTS = {
    "gb18030": "宽带每天晚上断线，要求退费",
    "quoted_printable": "Broadband is slow — 8 instead of 50 Mbit/s",
    "html_only_meta_gbk": "套餐自动续约",
    "latin1_unlabelled": "Débit impossible",
    "split_encoded_word": "投诉流量用得太快",
    "nul_bytes": "NUL inside",
}


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_subjects_are_read(name):
    assert read(name).subject == SUBJECTS[name]


def test_names_and_addresses_are_read():
    assert read("gb18030").sender_name == "赵大勇"
    assert read("gb18030").sender == "zhao.dayong@example.cn"
    assert read("mislabelled_gb2312").sender_name == "孙丽"
    assert read("latin1_unlabelled").sender_name == "Zoë"


def test_files_keep_their_names_and_bytes():
    screenshot, bill = read("nested_multipart").files
    assert screenshot.name == "短信截图.png"
    assert screenshot.content.startswith(b"\x89PNG")
    assert bill.name == "四月账单.pdf"
    assert bill.content.startswith(b"%PDF")
    assert [file.name for file in read("attached_mail").files] == ["receipt.png"]


def test_disguised_files_are_unmasked():
    verdicts = [inspect_file(file.name, file.content) for file in read("disguised_files").files]
    assert [(v.name, v.refused) for v in verdicts] == [
        ("bill.pdf", "program"),
        ("invoice_fdp.exe", "name_disagrees_with_content"),
        ("photo.png", ""),
        ("page.html", "type_not_allowed"),
    ]


AUTOMATIC = {
    "auto_reply_outlook": "auto_reply",
    "auto_reply_chinese": "auto_reply",
    "mailing_list": "list",
    "bounce_permanent": "bounce",
    "bounce_delayed": "bounce",
    "bounce_chinese_prose": "bounce",
    "reading_receipt": "bounce",
}


@pytest.mark.parametrize("path", sorted(MAILS.glob("*.eml")), ids=lambda path: path.stem)
def test_programs_are_told_from_persons(path):
    assert read(path.stem).automatic == AUTOMATIC.get(path.stem, "")


REPORTS = {
    "bounce_permanent": BounceReport(
        f"{OURS}@operator.example",
        "failed",
        True,
        "5.1.1 smtp; 550 5.1.1 <nobody@example.com>: no such user",
    ),
    "bounce_delayed": BounceReport(f"{'a' * 32}@operator.example", "delayed", False, "4.4.1"),
    "bounce_chinese_prose": BounceReport(f"{'b' * 32}@operator.example", "failed", True, "550"),
    "reading_receipt": BounceReport(
        f"{'c' * 32}@operator.example", "delivered", False, "reading receipt"
    ),
}


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_reports_say_which_mail_and_whether_for_good(name):
    assert read(name).reports == (REPORTS[name],)


@pytest.mark.parametrize("name", ["reply_gmail", "reply_qq", "reply_163", "reply_outlook_english"])
def test_a_reply_knows_what_it_answers_and_its_conversation(name):
    reply = read(name)
    assert reply.answers == (OURS,)
    assert reply.thread == read("reply_gmail").thread == read("plain").thread


def test_the_tracking_code_is_found_in_subject_or_history():
    assert read("reply_outlook_english").tracking_code == "7QX2-M9T4-0AB8"
    assert read("reply_qq").tracking_code == "7QX2-M9T4-0AB8"
    assert read("plain").tracking_code == ""


def test_what_servers_add_does_not_make_it_another_mail():
    raw = (MAILS / "plain.eml").read_bytes()
    relayed = b"Received: from a by b; Mon, 4 May 2026 09:12:05 +0100\r\nX-Spam: no\r\n" + raw
    assert parse_mail(relayed).identity == parse_mail(raw).identity
    assert parse_mail(raw.replace(b"\r\n", b"\n")).identity == parse_mail(raw).identity


def test_a_forged_message_id_does_not_make_two_mails_one():
    raw = (MAILS / "plain.eml").read_bytes()
    forged = raw.replace(b"31.50", b"3150.00")
    assert parse_mail(forged).message_id == parse_mail(raw).message_id
    assert parse_mail(forged).identity != parse_mail(raw).identity


def test_what_was_wrong_with_a_mail_is_named():
    assert read("broken_boundary").problems == ("boundary_broken",)
    assert "boundary_broken" in read("absent_boundary").problems
    assert read("broken_base64").problems == ("base64_broken",)
    assert read("plain").problems == ()
