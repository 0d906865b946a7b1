"""Disguised spellings: sound-alikes, split characters, emoji, pinyin, digits.

Disguises of messages are undone by `classification.normalise`; pages, chat rooms and posts use
these as well.
"""

from __future__ import annotations

import re

_EMOJI = {
    "🎰": "老虎机 slots",
    "🎲": "骰子 dice",
    "🃏": "扑克 cards",
    "♠": "扑克 cards",
    "🀄": "麻将",
    "🧧": "红包",
    "💰": "钱 cash",
    "💵": "钱 cash",
    "💸": "钱 cash",
    "🤑": "钱 cash",
    "➕": "加",
    "❤": "信",
    "🐧": "qq",
    "🛩": " telegram ",
    "✈": " telegram ",
    "💊": "药丸 pills",
    "❄": "冰 snow",
    "🍃": "叶子 weed",
    "🌿": "叶子 weed",
    "☘": "叶子 weed",
    "🥦": "叶子 weed",
    "🍄": "蘑菇 shrooms",
    "🔌": "plug",
    "🔫": "枪 gun",
    "🔪": "刀 knife",
    "💣": "炸弹 explosives",
    "🍑": "色情 sexy",
    "🍆": "色情 sexy",
    "💦": "色情 sexy",
    "🌽": "色情 porn",
    "🔞": "成人 adults only",
    "💋": "色情 sexy",
    "👙": "色情 sexy",
    "🐔": "小姐",
    "🐎": "赛马",
    "🈵": "满",
    "🎁": "送",
    "⚽": "足球",
    "☑": "已勾选 pre ticked ",
    "✅": "已勾选 ",
    "✔": "已勾选 ",
}
_EMOJI_IN = re.compile("[" + "".join(_EMOJI) + "]\ufe0f?")

_TRADITIONAL = str.maketrans(
    "賭錢藥槍貸約開發會員費續訂領體驗號碼輸贏彈藝戲碼證處當還電話網站點擊個無來這們說對應過買賣愽搏",
    "赌钱药枪贷约开发会员费续订领体验号码输赢弹艺戏码证处当还电话网站点击个无来这们说对应过买卖博博",
)

_SOUNDS = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (
            r"(?:菠|博|波|播|伯|勃|bo)[\s.·*]*(?:菜|采|彩|材|财|cai)(?=[\s.·*]{0,2}(?:平台|站|代|网|推|公司|圈|台|业|群|源|包|投|，|。|！|$))",
            "博彩",
        ),
        (r"贝者|堵博|赌搏|睹博|渡博|du\s?bo(?![a-z])|(?<![A-Za-z])d博", "赌博"),
        (r"下[柱住註紸]|xia\s?zhu|下zhu|下注", "下注"),
        (r"(?:七|棋|其|qi)(?:牌|pai)(?!照|坊)", "棋牌"),
        (r"(?:彩|采|菜)\s?(?:piao|飘|漂|嫖|瓢)|cai\s?piao", "彩票"),
        (r"(?<![A-Za-z])(?:bc|b彩|BC)(?=[\s站平代网圈盘推]|$)", "博彩"),
        (r"(?<![A-Za-z])cp(?=计划|群|老师|带)", "彩票"),
        (r"卫星|绿泡泡|绿色软件|威❤|薇芯|微❤|葳芯|wei\s?xin|V信|巍信|徽芯|崴信|vx|威芯|v❤", "微信"),
        (r"扣\s?[裙群羣]|q\s?裙|Q\s?羣|企鹅裙|抠抠", "QQ群"),
        (r"进\s?裙|加\s?裙|裙里|裙主", "进群"),
        (r"小飞机|蝙蝠(?=号|搜|聊)|电报(?=搜|号|群)", " telegram "),
        (r"代款|贷宽|袋款|dai\s?kuan|贷kuan|戴款", "贷款"),
        (r"借\s?钱\s?\.|借qian|借米", "借钱"),
        (r"苞养|bao\s?yang", "包养"),
        (
            r"约\s?(?:p|泡|啪|pao)(?![a-z])|yue\s?pao|(?<![A-Za-z])yp(?![a-z])|啪啪|[Yy]啪|pao\s?友|砲友",
            "约炮",
        ),
        (r"一ye情|一夜晴|1夜情", "一夜情"),
        (r"(?<![A-Za-z])bj(?=服务|环境)|大宝剑|大保建", "大保健"),
        (r"裸\s?l|果聊|luo\s?liao|luo聊", "裸聊"),
        (r"木仓|仺|抢支|手仓|qiang支", "枪"),
        (r"弓单|子dan|紫弹", "子弹"),
        (r"甩辊|甩滚", "甩棍"),
        (r"氵水|冫水|bing\s?du|冰du|冰d(?![a-z])|b毒", "冰毒"),
        (r"da\s?ma(?![a-z])|da麻|大ma(?![a-z])|达麻|飞叶|马尔代夫叶", "大麻"),
        (r"mai\s?yao|买yao", "买药"),
        (r"毐品|渎品|du\s?pin|d品", "毒品"),
        (r"(?:免|勉)\s?fei|mian\s?fei", "免费"),
        (r"ti\s?xian|提xian|提限", "提现"),
        (r"chong\s?zhi|充zhi|冲值", "充值"),
        (r"zi\s?dong\s?kou\s?fei|自动扣fei", "自动扣费"),
        (r"刷\s?[单単]|shua\s?dan|S单|刷dan", "刷单"),
        (r"日[吉节]|曰结|ri\s?jie", "日结"),
        (r"兼\s?[值织]|jian\s?zhi", "兼职"),
        (r"\bseggs?y?\b|\bs[3e]xx*\b|\bsecks\b", "sex"),
        (r"\bp[0o]rn\b|\bpr0n\b|\bcorn (?:star|vids?|content)\b", "porn"),
        (r"\bnoodz\b|\bnewds\b|\bn00ds\b", "nudes"),
    )
)

_DIGIT_LETTERS = str.maketrans("0134578@$!", "oieastbasi")
_MIXED = re.compile(
    r"(?<![A-Za-z0-9@$])(?=[a-z0-9@$!]*[a-z])(?=[a-z0-9@$!]*[013457@$!])[a-z0-9@$!]{3,12}(?![A-Za-z0-9@])",
    re.IGNORECASE,
)
_HIDDEN_WORDS = frozenset(
    "casino casinos poker bet bets betting slots jackpot roulette porn sex sexy nude nudes escort "
    "weed coke cocaine meth heroin xanax oxy pills pill lean adderall tramadol fentanyl gun guns "
    "glock firearms ammo loan loans cash crypto bitcoin free lottery viagra molly acid full "
    "service massage telegram whatsapp".split()
)
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z0-9@$][ .*_|-]){2,14}[A-Za-z0-9@$](?![A-Za-z0-9])")


def respell(text: str) -> str:
    """The text spelt as meant.

    >>> respell("c.a.s.1.n.o 🎰")
    'casino 老虎机 slots'
    >>> respell("扣裙 662190")
    'QQ群 662190'
    """
    text = text.translate(_TRADITIONAL)
    text = _EMOJI_IN.sub(lambda emoji_match: _EMOJI[emoji_match.group()[0]], text)
    text = _SPACED.sub(_joined, text)
    text = _MIXED.sub(lambda mixed_match: _letters(mixed_match.group()), text)
    for pattern, word in _SOUNDS:
        text = pattern.sub(word, text)
    return text


def _joined(match: re.Match[str]) -> str:
    joined_text = re.sub(r"[ .*_|-]", "", match.group())
    spelt = _letters(joined_text)
    return spelt if spelt.isalpha() and spelt.lower() in _HIDDEN_WORDS else match.group()


def _letters(word: str) -> str:
    spelt = word.lower().translate(_DIGIT_LETTERS)
    alternative = word.lower().replace("1", "l").translate(_DIGIT_LETTERS)
    return next((spelling for spelling in (spelt, alternative) if spelling in _HIDDEN_WORDS), word)
