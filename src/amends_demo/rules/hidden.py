"""What is hidden in a world, in words: the causes, where they show, and when."""

from __future__ import annotations

from dataclasses import dataclass

from amends_demo.rules.catalogue import PARTNERS, offer
from amends_demo.rules.places import AREAS
from amends_demo.rules.scenario import Scenario


@dataclass(frozen=True, slots=True)
class HiddenCause:
    """A cause of complaints: `cause` as in the truth, in words, from when to when."""

    cause: str
    zh: str
    en: str
    from_ms: int
    to_ms: int


def hidden(scenario: Scenario) -> list[HiddenCause]:
    """The causes hidden in a world, in the order in which they begin."""
    partners = {partner.ref: partner for partner in PARTNERS}
    areas = {area.ref: area for area in AREAS}
    sold, advertised = offer(scenario.campaign_offer), offer(scenario.advert_offer)
    seller, reader = partners[scenario.campaign_agent], partners[scenario.agent_partner]
    slow, cut = areas[scenario.degraded_area], areas[scenario.storm_area]
    pack, dearer = offer(scenario.pack), offer(scenario.pack_next)
    price = scenario.advert_price_minor // 100
    causes = [
        HiddenCause(
            cause="campaign",
            zh=f"{seller.zh}未经同意给用户开通“{sold.zh}”",
            en=f"{seller.en} activates {sold.en} without asking",
            from_ms=scenario.campaign_from_ms,
            to_ms=scenario.campaign_to_ms,
        ),
        HiddenCause(
            cause="roaming_week",
            zh="境外上网费用上限的规则被停用一周，到上限既不提醒也不暂停",
            en="The rule of the cap abroad is off for a week: nobody is told, nothing is held",
            from_ms=scenario.roaming_from_ms,
            to_ms=scenario.roaming_to_ms,
        ),
        HiddenCause(
            cause="not_enrolled",
            zh="一批从代理处转来的号码没有登记到用量提醒系统",
            en="Lines taken over from a dealer were never enrolled where use is counted",
            from_ms=scenario.start_ms,
            to_ms=scenario.end_ms,
        ),
        HiddenCause(
            cause="advert",
            zh=f"社交媒体广告称“{advertised.zh}”每月只要{price}元",
            en=f"An advert promises {advertised.en} for ¥{price} a month",
            from_ms=scenario.advert_from_ms,
            to_ms=scenario.advert_to_ms,
        ),
        HiddenCause(
            cause="degraded_area",
            zh=f"{slow.zh}宽带拥塞",
            en=f"Broadband in {slow.en} is congested",
            from_ms=scenario.degraded_from_ms,
            to_ms=scenario.degraded_to_ms,
        ),
        HiddenCause(
            cause="agent",
            zh=f"{reader.zh}的一名员工无故查看用户资料",
            en=f"A clerk of {reader.en} reads people's data for nobody's case",
            from_ms=scenario.agent_from_ms,
            to_ms=scenario.agent_to_ms,
        ),
        HiddenCause(
            cause="storm",
            zh=f"{cut.zh}暴雨后断网，系统没有发现",
            en=f"A storm cuts lines in {cut.en}, and no system notices",
            from_ms=scenario.storm_from_ms,
            to_ms=scenario.storm_to_ms,
        ),
        HiddenCause(
            cause="withdrawn_pack",
            zh=f"“{pack.zh}”未经测算就上线，因结算亏损匆忙下线，用户被改到更贵的“{dearer.zh}”",
            en=f"{pack.en} is sold without an assessment, loses money and is withdrawn in haste: "
            f"its users are moved to {dearer.en}, and nobody is asked",
            from_ms=scenario.pack_from_ms,
            to_ms=scenario.pack_withdrawn_ms,
        ),
    ]
    return sorted(causes, key=lambda cause: cause.from_ms)
