"""The kinds of facts, what each carries, and how each reads to a person.

A kind is a past participle. `required` and `optional` give the payload's fields; `zh` and `en` are
the sentences a dossier shows. In a sentence `{name}` is the value, `{amount}` and `{price}` are the
money fields `*_minor` with their currency, `{happened}` the time in the reader's form. References
(orders, charges, services) are opaque strings; personal values never stand in a payload.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of fact carries. `subject` names what the fact's `subject` refers to."""

    subject: str
    required: dict[str, type]
    en: str
    zh: str
    optional: dict[str, type] = field(default_factory=dict)
    version: int = 1
    bulk: bool = False


_MONEY: dict[str, type] = {"amount_minor": int, "currency": str}
# Which of several confirmations, and the SHA-256 of the exact terms it is about.
_CHALLENGE: dict[str, type] = {"step": int, "terms": str}

KINDS: dict[str, Kind] = {
    "OfferPublished": Kind(
        "offer",
        {"offer": str, "offer_version": str, "price_minor": int, "currency": str},
        "Offer {offer} version {offer_version} was published at {price} a month.",
        "资费方案 {offer}（版本 {offer_version}）公布，月费{price}。",
        {
            "name_zh": str,
            "name_en": str,
            "kind": str,
            "provider": str,
            "contract_months": int,
            "speed_down_kbps": int,
            "speed_min_kbps": int,
            "allowance_mb": int,
            "out_of_plan_minor_per_mb": int,
            "exit_fee_minor": int,
            "valid_to_ms": int,
            "technology": str,  # what these terms are for, where an offer has others for another
        },
    ),
    "ClaimPublished": Kind(
        "offer",
        {"claim": str, "channel": str, "text": str},
        "Published on {channel}: “{text}”",
        "在{channel}发布：“{text}”",
        {
            "offer": str,
            "price_minor": int,
            "currency": str,
            "speed_down_kbps": int,
            "area": str,
            "until_ms": int,
            "months": int,
        },
    ),
    "ServiceOrdered": Kind(
        "service",
        {"order": str, "offer": str, "channel": str, "initiator": str},
        "Order {order} for {offer} by {initiator} on {channel}.",
        "订单 {order}：{initiator}经{channel}办理了{offer}。",
        {"price_minor": int, "currency": str, "campaign": str, "claim": str, "partner": str},
    ),
    "ConfirmationAsked": Kind(
        "service",
        {"order": str, "offer": str, "channel": str},
        "The user was asked on {channel} to confirm order {order}.",
        "已通过{channel}请用户确认订单 {order}。",
        {"price_minor": int, "currency": str, **_CHALLENGE},
    ),
    "ConfirmationGiven": Kind(
        "service",
        {"order": str, "offer": str, "channel": str, "method": str},
        "The user confirmed order {order} by {method} on {channel}.",
        "用户通过{channel}以{method}方式确认了订单 {order}。",
        {"price_minor": int, "currency": str, "evidence": str, "rules": str, **_CHALLENGE},
    ),
    "ConfirmationRefused": Kind(
        "service",
        {"order": str, "offer": str, "channel": str},
        "The user refused order {order} on {channel}.",
        "用户通过{channel}拒绝了订单 {order}。",
    ),
    "ServiceActivated": Kind(
        "service",
        {"offer": str, "initiator": str},
        "{offer} was activated by {initiator}.",
        "{initiator}开通了{offer}。",
        {
            "order": str,
            "offer_version": str,
            "campaign": str,
            "partner": str,
            "claim": str,
            "technology": str,
        },
    ),
    "ServiceChanged": Kind(
        "service",
        {"from_offer": str, "to_offer": str, "initiator": str},
        "Changed from {from_offer} to {to_offer} by {initiator}.",
        "{initiator}将{from_offer}变更为{to_offer}。",
        {"order": str, "campaign": str, "partner": str, "technology": str},
    ),
    "ServiceStopped": Kind(
        "service",
        {"initiator": str},
        "Stopped by {initiator}.",
        "{initiator}停用了该业务。",
        {"reason": str, "order": str},
    ),
    "ChargeMade": Kind(
        "service",
        {"charge": str, "charge_kind": str, "offer": str, **_MONEY},
        "Charged {amount} ({charge_kind}) for {offer}.",
        "收取{offer}费用{amount}（{charge_kind}）。",
        {
            "period_start_ms": int,
            "period_end_ms": int,
            "units": int,
            "unit": str,
            "order": str,
            "country": str,
        },
        bulk=True,
    ),
    "RefundMade": Kind(
        "service",
        {"charge": str, "remedy": str, **_MONEY},
        "Refunded {amount} of charge {charge}.",
        "已从收费 {charge} 中退还{amount}。",
    ),
    "NoticeDue": Kind(
        "service",
        {"duty": str, "duty_version": str, "key": str, "due_at_ms": int},
        "Notice due: {duty}.",
        "应发送提醒“{duty}”。",
        {"step": str, "threshold_minor": int, "currency": str},
        bulk=True,
    ),
    "NoticeSent": Kind(
        "service",
        {"duty": str, "key": str, "channel": str},
        "Notice sent by {channel}: {duty}.",
        "已通过{channel}发送提醒“{duty}”。",
        {"step": str, "language": str},
        bulk=True,
    ),
    "NoticeDelivered": Kind(
        "service",
        {"duty": str, "key": str, "channel": str},
        "Notice delivered by {channel}: {duty}.",
        "提醒“{duty}”已通过{channel}送达。",
        bulk=True,
    ),
    "NoticeFailed": Kind(
        "service",
        {"duty": str, "key": str, "channel": str, "cause": str},
        "Notice not delivered by {channel}: {duty} ({cause}).",
        "提醒“{duty}”未能通过{channel}送达（{cause}）。",
        bulk=True,
    ),
    "UsageCrossed": Kind(
        "service",
        {"counter": str, "step": str, "used": int, "unit": str},
        "Use of {counter} passed {step}: {used} {unit}.",
        "{counter}用量超过{step}，已用 {used} {unit}。",
        {"limit": int, "cost_minor": int, "currency": str},  # limit: the mark that was passed
        bulk=True,
    ),
    "SpeedMeasured": Kind(
        "service",
        {"down_kbps": int, "method": str},
        "Measured {down_kbps} kbit/s down by {method}.",
        "用{method}测得下行速率 {down_kbps} kbit/s。",
        {"up_kbps": int, "rtt_us": int, "area": str, "promised_down_kbps": int},
        bulk=True,
    ),
    "QualityDegraded": Kind(
        "area",
        {"area": str, "technology": str, "from_ms": int, "to_ms": int, "severity": str},
        "Quality of {technology} in {area} was degraded ({severity}).",
        "{area}的{technology}质量下降（{severity}）。",
        {"cause": str},
    ),
    "IncidentOpened": Kind(
        "area",
        {"incident": str, "area": str, "technology": str, "cause": str},
        "Incident {incident} in {area}: {cause}.",
        "{area}发生故障 {incident}：{cause}。",
    ),
    "IncidentClosed": Kind(
        "area",
        {"incident": str, "area": str},
        "Incident {incident} in {area} was closed.",
        "{area}的故障 {incident} 已修复。",
    ),
    "LaunchAssessed": Kind(
        "offer",
        {"launch": str, "offer": str, "verdict": str},
        "Launch of {offer} was assessed: {verdict}.",
        "{offer}上线前评估结论：{verdict}。",
    ),
    "LaunchApproved": Kind(
        "offer",
        {"launch": str, "offer": str},
        "Launch of {offer} was approved.",
        "{offer}获准上线。",
    ),
    "LaunchStopped": Kind(
        "offer",
        {"launch": str, "offer": str, "reason": str},
        "Launch of {offer} was stopped: {reason}.",
        "{offer}被叫停上线：{reason}。",
    ),
    "AppChecked": Kind(
        "partner",
        {"app": str, "app_version": str, "verdict": str},
        "App {app} {app_version} was checked: {verdict}.",
        "应用 {app} {app_version} 审核结论：{verdict}。",
    ),
    "DataAccessed": Kind(
        "case",
        {"user": str, "role": str, "case": str, "purpose": str, "fields": str},
        "{user} ({role}) looked at {fields}: {purpose}.",
        "{user}（{role}）查看了{fields}，用途：{purpose}。",
        {"reason": str, "partner": str, "second_person": str, "unmasked": int},
    ),
    "ConsentGiven": Kind(
        "consent",
        {"purpose": str, "channel": str},
        "Consent given on {channel} for {purpose}.",
        "通过{channel}同意用于：{purpose}。",
    ),
    "ConsentWithdrawn": Kind(
        "consent",
        {"purpose": str, "channel": str},
        "Consent withdrawn on {channel} for {purpose}.",
        "通过{channel}撤回同意，不再用于：{purpose}。",
    ),
    "ComplaintReceived": Kind(
        "complaint",
        {"complaint": str, "channel": str, "code": str, "pack": str},
        "Complaint {complaint} was received on {channel} as {code}.",
        "通过{channel}收到投诉 {complaint}，分类为 {code}。",
        {"contact": str, "confidence_permille": int, "deadline_rule": str, "due_at_ms": int},
        bulk=True,
    ),
    "DecisionMade": Kind(
        "complaint",
        {"complaint": str, "verdict": str, "rule": str, "by": str, **_MONEY},
        "Decided {verdict}, {amount}, by {by} under {rule}.",
        "{by}依据 {rule} 作出决定：{verdict}，{amount}。",
        {"overrules": str, "reason": str, "evidence": str},
    ),
    "RemedyGranted": Kind(
        "complaint",
        {"remedy": str, "remedy_kind": str, **_MONEY},
        "Remedy {remedy_kind} of {amount} was granted.",
        "给予补救：{remedy_kind}，{amount}。",
        {"complaint": str, "charge": str},
    ),
    "ReplySent": Kind(
        "complaint",
        {"complaint": str, "message": str, "channel": str, "reply": str},
        "Reply {reply} was sent on {channel}.",
        "已通过{channel}发出答复 {reply}。",
    ),
    "DeadlineMoved": Kind(
        "complaint",
        {
            "complaint": str,
            "step": str,
            "rule": str,
            "change": str,
            "days": int,
            "before_ms": int,
            "due_at_ms": int,
        },
        "{change}, to {step}: {days} days more under {rule}.",
        "{change}（{step}），依据 {rule} 增加{days}日。",
        {"why": str},
    ),
    "FaultRepaired": Kind(
        "complaint",
        {"complaint": str},
        "The fault of complaint {complaint} was repaired.",
        "投诉 {complaint} 的故障已修复。",
    ),
    "OutcomeAnswered": Kind(
        "complaint",
        {"complaint": str, "answer": str},
        "Asked whether it is solved, the user answered {answer}.",
        "回访时用户答复：{answer}。",
    ),
    "HotIssueOpened": Kind(
        "issue",
        {"issue": str, "places": str, "started_ms": int},
        "Hot issue {issue} was opened: {places}.",
        "热点问题 {issue} 立项：{places}。",
        {"drill": int, "reopened": int},
    ),
    "HotIssueClosed": Kind(
        "issue",
        {"issue": str, "reason": str},
        "Hot issue {issue} was closed: {reason}.",
        "热点问题 {issue} 关闭：{reason}。",
        {"drill": int},
    ),
    "EmergencyDeclared": Kind(
        "issue",
        {"issue": str, "level": str, "plan": str, "persons": int},
        "Issue {issue} was given {level} under {plan}; persons hit: {persons}.",
        "热点问题 {issue} 按 {plan} 定为 {level}，涉及 {persons} 人。",
        {"before": str, "drill": int},
    ),
    "EmergencyLevelReached": Kind(
        "issue",
        {"issue": str, "level": str, "plan": str, "persons": int},
        "Issue {issue} reached {level} under {plan}; persons hit: {persons}.",
        "热点问题 {issue} 按 {plan} 达到 {level}，涉及 {persons} 人。",
        {"before": str},
    ),
    "EmergencyStepDone": Kind(
        "issue",
        {"issue": str, "step": str, "late": int},
        "Step {step} of issue {issue} was done.",
        "热点问题 {issue} 的步骤 {step} 已完成。",
        {"drill": int},
    ),
    "EmergencyStepMissed": Kind(
        "issue",
        {"issue": str, "step": str, "due_at_ms": int},
        "Step {step} of issue {issue} was not done in time.",
        "热点问题 {issue} 的步骤 {step} 未按时完成。",
        {"drill": int},
    ),
    "DisasterDeclared": Kind(
        "issue",
        {"issue": str, "by": str, "reason": str},
        "Issue {issue} was marked as a natural disaster: {reason}.",
        "热点问题 {issue} 标记为自然灾害：{reason}。",
        {"drill": int},
    ),
    "DisasterWithdrawn": Kind(
        "issue",
        {"issue": str, "by": str, "reason": str},
        "Issue {issue} is no longer marked as a natural disaster: {reason}.",
        "热点问题 {issue} 取消自然灾害标记：{reason}。",
        {"drill": int},
    ),
    "SaleFrozen": Kind(
        "offer",
        {"what": str, "offer": str, "reason": str},
        "{what} {offer} was taken from sale: {reason}.",
        "{what} {offer} 暂停销售：{reason}。",
        {"issue": str},
    ),
    "SaleResumed": Kind(
        "offer",
        {"what": str, "offer": str, "reason": str},
        "{what} {offer} may be sold again: {reason}.",
        "{what} {offer} 恢复销售：{reason}。",
        {"issue": str},
    ),
    "StatementPublished": Kind(
        "issue",
        {"issue": str, "statement_version": int, "sha256": str},
        "Statement {statement_version} on issue {issue} was published.",
        "就热点问题 {issue} 发布了第 {statement_version} 版说明。",
        {"withdrawn": int},
    ),
    "MeasureStarted": Kind(
        "measure",
        {"measure": str, "digest": str, "judge_on": str},
        "Measure {measure} started; it is judged on {judge_on}.",
        "整改措施 {measure} 开始执行，评判日为 {judge_on}。",
        {"issue": str, "drill": int},
    ),
    "MeasureJudged": Kind(
        "measure",
        {"measure": str, "verdict": str, "rate_ratio_permille": int},
        "Measure {measure} was judged: {verdict}.",
        "整改措施 {measure} 的评判结论：{verdict}。",
        {"issue": str, "drill": int},
    ),
    "HoldPlaced": Kind(
        "record",
        {"of": str, "by": str},
        "A legal hold was placed ({of}): nothing of it is forgotten until it is lifted.",
        "已设置依法留存（{of}）：解除之前不清除任何内容。",
    ),
    "HoldLifted": Kind(
        "record",
        {"of": str, "by": str},
        "A legal hold was lifted ({of}).",
        "已解除依法留存（{of}）。",
    ),
    "RetentionApplied": Kind(
        "retention",
        {"of": str, "rules": str, "count": int, "before_ms": int},
        "The words of {count} ({of}) were forgotten: their term under {rules} had ended.",
        "已清除 {count} 件（{of}）的文字：{rules} 规定的保存期限已满。",
    ),
    "RuleSetActivated": Kind(
        "rules",
        {"rules": str, "effective_from": str, "sha256": str},
        "Rules {rules} took effect.",
        "规则 {rules} 开始执行。",
    ),
    "SourceCovered": Kind(
        "source",
        {"kinds": str, "scope": str, "from_ms": int, "to_ms": int, "complete": int},
        "Records of {kinds} for {scope} are stated complete ({complete}).",
        "{scope}的{kinds}记录完整情况已声明（{complete}）。",
        {"missing": int},
    ),
}
