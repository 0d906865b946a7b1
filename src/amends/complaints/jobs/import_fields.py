"""The columns an import of complaints looks for, by the names desks and regulators give them."""

from __future__ import annotations

from collections.abc import Callable

from amends.channels.files.mapping import Wanted, dates, one_of, prose, times
from amends.vault.masks import mask_email, mask_name, mask_phone

CHANNELS = {
    "web": (
        "internet",
        "web",
        "website",
        "online",
        "portal",
        "form",
        "网站",
        "网上",
        "官网",
        "网厅",
    ),
    "phone": (
        "phone",
        "call",
        "customer care call",
        "telephone",
        "hotline",
        "voice",
        "电话",
        "热线",
        "来电",
        "10086",
        "10000",
        "10010",
    ),
    "mail": ("email", "e-mail", "mail", "邮件", "电子邮件", "邮箱"),
    "letter": ("letter", "post", "fax", "来信", "信件", "信函", "传真"),
    "sms": ("sms", "text", "text message", "短信"),
    "counter": ("counter", "shop", "store", "walk-in", "branch", "营业厅", "门店", "柜台"),
    "app": ("app", "mobile app", "客户端", "掌厅", "手机app"),
    "social": ("social", "facebook", "twitter", "weibo", "wechat", "微博", "微信", "公众号"),
    "chat": ("chat", "live chat", "在线客服"),
    "regulator": ("regulator", "ombudsman", "fcc", "申诉", "工信部", "通信管理局"),
}

STATES = {
    "received": ("new", "received", "registered", "新建", "已受理", "待处理", "未处理"),
    "investigating": (
        "open",
        "pending",
        "in progress",
        "assigned",
        "on hold",
        "waiting",
        "processing",
        "处理中",
        "跟进中",
        "待回复",
    ),
    "resolved": ("solved", "resolved", "fixed", "已解决", "已办结", "处理完成"),
    "closed_unconfirmed": (
        "closed",
        "done",
        "finished",
        "completed",
        "已关闭",
        "已结案",
        "办结",
        "结束",
    ),
    "withdrawn": ("withdrawn", "cancelled", "canceled", "撤诉", "已撤销", "撤回"),
    "inadmissible": ("rejected", "invalid", "inadmissible", "不予受理", "无效"),
}

_CHANNEL_WORDS = [word for words in CHANNELS.values() for word in words]
_STATE_WORDS = [word for words in STATES.values() for word in words]
_YES_NO = ["yes", "no", "y", "n", "true", "false", "1", "0", "是", "否"]

WANTED = (
    Wanted(
        "text",
        (
            "text",
            "complaint text",
            "narrative",
            "description",
            "complaint",
            "title",
            "subject",
            "customer complaint",
            "message",
            "content",
            "summary",
            "issue",
            "投诉内容",
            "内容",
            "诉求",
            "描述",
            "正文",
            "标题",
            "问题",
            "工单内容",
        ),
        prose,
        required=True,
    ),
    Wanted(
        "received",
        (
            "received at",
            "received",
            "date received",
            "date",
            "created",
            "created at",
            "created time",
            "opened",
            "filed",
            "date of complaint",
            "timestamp",
            "投诉时间",
            "受理时间",
            "来电时间",
            "创建时间",
            "投诉日期",
            "受理日期",
            "日期",
            "时间",
        ),
        dates,
        required=True,
    ),
    Wanted("time", ("time", "time received", "hour", "时刻", "时间"), times),
    Wanted(
        "closed",
        (
            "closed at",
            "closed",
            "date closed",
            "solved at",
            "resolved at",
            "resolved",
            "closing date",
            "办结时间",
            "关闭时间",
            "结案时间",
            "处理时间",
            "完成时间",
        ),
        dates,
    ),
    Wanted(
        "original_id",
        (
            "id",
            "complaint id",
            "ticket",
            "ticket no",
            "ticket number",
            "ticket #",
            "case",
            "case number",
            "reference",
            "ref",
            "工单号",
            "工单编号",
            "投诉编号",
            "编号",
            "流水号",
        ),
    ),
    Wanted(
        "channel",
        (
            "channel",
            "received via",
            "via",
            "source",
            "medium",
            "submitted via",
            "渠道",
            "来源",
            "受理渠道",
            "投诉渠道",
        ),
        one_of(_CHANNEL_WORDS),
        by_content_alone=True,
    ),
    Wanted(
        "state",
        ("status", "state", "complaint status", "状态", "工单状态", "处理状态"),
        one_of(_STATE_WORDS),
        by_content_alone=True,
    ),
    Wanted(
        "place",
        (
            "area",
            "region",
            "state",
            "province",
            "city",
            "district",
            "location",
            "地区",
            "地市",
            "归属地",
            "区域",
            "城市",
        ),
    ),
    Wanted("province", ("province code", "省份代码", "省代码")),
    Wanted(
        "phone",
        (
            "phone",
            "phone number",
            "mobile",
            "msisdn",
            "caller",
            "telephone",
            "手机号",
            "电话",
            "号码",
            "联系电话",
            "投诉号码",
            "主叫号码",
        ),
    ),
    Wanted("email", ("email", "e-mail", "mail address", "邮箱", "电子邮箱")),
    Wanted(
        "name", ("name", "customer", "customer name", "full name", "姓名", "客户姓名", "用户姓名")
    ),
    Wanted("service", ("service", "service id", "subscription", "line", "业务号", "服务号")),
    Wanted(
        "language", ("language", "lang", "语言"), one_of(["zh", "en", "zh-hans", "中文", "英文"])
    ),
    Wanted(
        "wanted", ("remedy sought", "wanted", "desired outcome", "expectation", "期望", "诉求结果")
    ),
    Wanted(
        "on_behalf",
        ("on behalf", "filing on behalf of someone", "representative", "代理", "代投诉"),
        one_of(_YES_NO),
    ),
    Wanted("brand", ("brand", "品牌")),
    Wanted("urgent", ("urgent", "is urgent", "紧急", "是否紧急", "加急"), one_of(_YES_NO)),
)


# How a refused row shows what stands in these columns.
MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "email": mask_email,
    "name": mask_name,
}


def known(word: str, table: dict[str, tuple[str, ...]]) -> str:
    """The key of `table` whose words hold `word`, or "".

    >>> known("Customer Care Call", CHANNELS)
    'phone'
    """
    plain = word.strip().lower()
    return next((key for key, words in table.items() if plain in words or plain == key), "")
