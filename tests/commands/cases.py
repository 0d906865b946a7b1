"""What every leaf command is run with, and what it answers: one entry for each.

A new command needs an entry here. Its arguments are split as a shell does; `{…}` names what the
installation of the tests holds (`tests.commands.installation`). `code` is the exit code, `says` a
part of what is printed, `document` a part of the JSON document. A refused command prints its
refusal instead of both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from amends.causes.launches.rules.case import example
from tests.apk_builder import apk, manifest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "docs" / "operator" / "samples"
GOLDEN = ROOT / "tests" / "golden" / "inputs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How a command is run.

    arguments  what follows the command's name
    files      file → content: those it reads, in the folder it runs in
    code       exit code: 0 done, 1 refused or findings, 2 bad input
    says       a part of what a person reads
    document   keys of the JSON document with their values; of the refusal where it is refused
    computes   needs no database, and makes none: it runs in an empty data directory
    stdin      what is typed
    until      of a command that runs until it is stopped: what it prints once it works
    """

    arguments: str = ""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    code: int = 0
    says: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    computes: bool = False
    stdin: str = ""
    until: str = ""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _counters() -> str:
    rows = ["at,area,cell,kpi,value"]
    for day in range(1, 29):
        for hour in range(24):
            value = 0.4 + 0.02 * (hour % 12) + 0.001 * day
            rows.append(f"2026-10-{day:02}T{hour:02}:00:00+08:00,n1,c1,utilisation_share,{value}")
    return "\n".join(rows) + "\n"


BY = "--by ada"  # manager and senior handler; pia is the privacy officer
CODE = f"{BY} {{complaint}}"
OFFERS = (
    "id,name,price,currency,period,data_gb,voice_min,contract_months,early_termination_fee\n"
    "p59,畅享59套餐,59,CNY,month,30,500,,\n"
    "f99,家庭千兆宽带,99,CNY,month,,,24,300\n"
)
COPIES = (
    '{"copy": "c1", "offer": "p59", "text": "畅享59套餐：每月49元，30GB流量", "on": "2026-11-20"}\n'
)
ARTICLES = "article,language,title,text\na1,en,Roaming,How to switch roaming off abroad.\na2,zh,彩铃,怎样退订彩铃。\n"
QUESTIONS = "question,text\nq1,怎么退订彩铃\n"
SERVICE = {
    "service": "Missed-call notice",
    "purpose": "Tell the requester who called while the phone was off",
    "flows": [
        {
            "id": "callers",
            "about": "caller",
            "reveals": "identity",
            "to": "requester",
            "consent_of": ["requester"],
            "default": "on",
            "opt_out": True,
            "necessary": True,
            "retention_days": 7,
        }
    ],
}
CHAIN = {
    "service": "music",
    "links": [
        {"id": "provider", "kind": "provider", "probes": ["page"]},
        {"id": "network", "kind": "network", "probes": ["ping"]},
    ],
}
EVENTS = "at,source,link,ok,ms,what\n" + "".join(
    f"2026-11-20T{hour:02}:{minute:02}:00+08:00,probe,provider,1,120,page\n"
    for hour in range(8)
    for minute in (0, 15, 30, 45)
)
SPEED_CASE = {
    "plan": {"down_min_mbps": 50, "down_normal_mbps": 80, "down_max_mbps": 100},
    "tests": [],
}
CHARGES = (
    "charge,service,offer,charged_at,amount_minor,kind,partner,started_at\n"
    "c1,s1,ring,2026-05-01T00:00:00Z,1000,value_added,p,2026-04-20T00:00:00Z\n"
    "c2,s2,ring,2026-05-01T00:00:00Z,1000,value_added,p,2026-04-20T00:00:00Z\n"
)
GIVEN = "service,offer,given_at,event\ns1,ring,2026-04-20T00:00:00Z,given\n"
PERIOD = "--from 2026-10-01 --to 2026-11-01"
CALLS = "caller,called,at,seconds,answered\n" + "".join(
    f"+8617000000001,+86139000{number:05},2026-11-20T09:{number % 60:02}:00+08:00,4,1\n"
    for number in range(120)
)
LOOKS = "at,user,role,team,subscriber,case,purpose\n" + "".join(
    f"2026-11-{day:02}T10:00:00+08:00,wei,handler,north,s{day},k{day},complaint\n"
    for day in range(1, 29)
)

CASES: dict[str, Case] = {
    "backup": Case(
        arguments="saved.amends", says="saved.amends", document={"file": "saved.amends"}
    ),
    "classify": Case(
        arguments="titles.csv --text title --out classes.csv",
        files={"titles.csv": _text(GOLDEN / "titles.csv")},
        computes=True,
        document={"read": 8, "classified": 8, "rejected": 0},
    ),
    "webhooks add": Case(
        arguments="second https://192.0.2.9/hook --by ada",
        code=2,
        document={"error": "webhook_endpoint_unusable"},
    ),
    "webhooks again": Case(
        arguments="nobody e1 --by ada", code=2, document={"error": "webhook_endpoint_unknown"}
    ),
    "webhooks list": Case(document={"endpoints": []}),
    "webhooks rotate": Case(
        arguments="nobody --by ada", code=2, document={"error": "webhook_endpoint_unknown"}
    ),
    "webhooks switch": Case(
        arguments="nobody --off --by ada", code=2, document={"error": "webhook_endpoint_unknown"}
    ),
    "webhooks test": Case(
        arguments="nobody --by ada", code=2, document={"error": "webhook_endpoint_unknown"}
    ),
    "webhooks types": Case(computes=True, says="complaint.received", document={"version": 1}),
    "client": Case(
        arguments="crm-north --scope complaints:write",
        says="amends_",
        document={"name": "crm-north"},
    ),
    "deadlines": Case(
        arguments="--pack uk --received 2026-04-09T10:00",
        computes=True,
        says="6 weeks",
        document={"rule": "deadlines-uk@2026-04-08"},
    ),
    # Played whole it takes a minute; tests/golden does.
    "demo": Case(
        computes=True,
        arguments="--once --end soon",
        code=2,
        document={"error": "option_unreadable"},
    ),
    "migrate": Case(says="No migrations to apply"),
    "rate": Case(
        arguments="--complaints 4081 --users 300e6",
        computes=True,
        says="13.60",
        document={"count": 4081, "small": False},
    ),
    "restore": Case(
        arguments="saved.amends --replace",
        files={"saved.amends": "no archive"},
        code=2,
        says="saved.amends",
        document={"error": "backup_unreadable"},
    ),
    "retention": Case(says="0"),
    "serve": Case(arguments="--port {port}", until="http://127.0.0.1:{port}/"),
    "user": Case(
        arguments="ben --role handler --password harbour-kite-42", says="ben can sign in as handler"
    ),
    "work": Case(until="Running the jobs"),
    "approvals list": Case(arguments=BY),
    "approvals show": Case(arguments=f"none {BY}", code=2),
    "approvals approve": Case(arguments=f"none {BY}", code=2),
    "approvals refuse": Case(arguments=f"none {BY}", code=2),
    "approvals withdraw": Case(arguments=f"none {BY}", code=2),
    "cases shares": Case(arguments=f"nothing {BY}", code=2, document={"error": "case_unknown"}),
    "cases lift": Case(
        arguments=f"nothing {BY} --role handler", code=2, document={"error": "case_unknown"}
    ),
    "catalogue import": Case(
        arguments="offers.csv", files={"offers.csv": OFFERS}, document={"read": 2, "accepted": 2}
    ),
    "catalogue sheet": Case(
        arguments="--out sheet.csv", document={"offers": 0}, says="offers on sale"
    ),
    "catalogue labels": Case(arguments="--out labels.csv", document={"offers": 0}),
    "catalogue summary": Case(
        arguments="none --out summary.pdf", code=2, document={"error": "offer_unknown"}
    ),
    "clocks show": Case(arguments=CODE),
    "clocks extend": Case(
        arguments=f"{CODE} repair --days 3 --customer-text 'We need three more days.'",
        code=1,
        document={"error": "unable_to_move_deadline"},
    ),
    "clocks pause": Case(
        arguments=f"{CODE} repair --why document --customer-text 'Please send the document.'",
        code=1,
        document={"error": "unable_to_move_deadline"},
    ),
    "clocks resume": Case(
        arguments=f"{CODE} answer", code=1, document={"error": "unable_to_move_deadline"}
    ),
    "clocks repaired": Case(
        arguments=f"{CODE} --customer-text 'Your line was repaired today.'", says=""
    ),
    "complaints list": Case(arguments=BY),
    "complaints show": Case(arguments=CODE, says="{complaint}"),
    "complaints evidence": Case(arguments=f"{CODE} --out evidence.zip"),
    "complaints take": Case(
        arguments=CODE, document={"complaint": "{complaint}", "state": "received"}
    ),
    "complaints hand-back": Case(arguments=CODE),
    "complaints name-subscriber": Case(
        arguments=CODE, stdin="13900000001\n", document={"subscriber_named": True}
    ),
    "complaints ask-identity": Case(
        arguments=CODE, code=1, document={"error": "unable_to_identify"}
    ),
    "complaints document": Case(
        arguments=f"{CODE} --compared", code=1, document={"error": "unable_to_identify"}
    ),
    "complaints urgent": Case(arguments=f"{CODE} --reason Illness", document={"urgent": True}),
    "complaints class": Case(
        arguments=f"{CODE} billing.wrong_charge", document={"class": "billing.wrong_charge"}
    ),
    "complaints investigate": Case(
        arguments=CODE, code=1, document={"error": "unable_to_investigate_again"}
    ),
    "complaints move": Case(arguments=f"{CODE} close", code=1, document={"error": "refused"}),
    "complaints approve": Case(arguments=CODE, code=1, document={"error": "unable_to_settle"}),
    "complaints ask-approval": Case(
        arguments=CODE, code=1, document={"error": "unable_to_ask_approval"}
    ),
    "complaints overrule": Case(
        arguments=f"{CODE} upheld --reason 'The record shows it.' --customer-text 'You are right.'",
        code=1,
    ),
    "complaints order": Case(
        arguments=f"{CODE} --reason 'Ordered by the regulator.' --customer-text 'The regulator decided for you.'",
        code=1,
    ),
    "complaints hand-file": Case(arguments=CODE, code=1, document={"error": "unable_to_pass_on"}),
    "complaints answer": Case(
        arguments=f"{CODE} 'It costs five yuan.'",
        code=2,
        document={"error": "unable_to_answer_enquiry"},
    ),
    "complaints take-up": Case(arguments=CODE),
    "complaints note": Case(
        arguments=f"{{complaint}} - {BY}",
        stdin="Called back.\n",
        document={"notes": 1, "changed": True},
    ),
    "complaints assign": Case(
        arguments=f"{{complaint}} --to ada {BY}", document={"handler": "ada", "changed": True}
    ),
    "complaints escalate": Case(
        arguments=f"{{complaint}} --to ada --note 'Called twice; please decide the refund.' {BY}"
    ),
    "complaints follow-up": Case(arguments=f"{{complaint}} {{tomorrow}} --reason 'Call back' {BY}"),
    "complaints merge": Case(
        arguments=f"{{complaint}} {{other}} {BY}", code=1, document={"error": "unable_to_merge"}
    ),
    "complaints unmerge": Case(arguments=CODE, code=1, document={"error": "unable_to_merge"}),
    "complaints split": Case(
        arguments=f"{{complaint}} --contact none {BY}",
        code=1,
        document={"error": "unable_to_split"},
    ),
    "complaints workload": Case(arguments=BY),
    "confirmations orders": Case(says="", document={"orders": []}),
    "confirmations standing": Case(arguments="service-77"),
    "confirmations receipt": Case(arguments="order-9", code=2, document={"error": "no_receipt"}),
    "confirmations audit": Case(
        arguments="charges.csv given.csv",
        files={"charges.csv": CHARGES, "given.csv": GIVEN},
        document={"charges": 2, "unconfirmed_charges": 1},
    ),
    "confirmations refund": Case(arguments="none", code=2, document={"error": "audit_unknown"}),
    "confirmations observe": Case(
        arguments="services.csv --source crm",
        files={
            "services.csv": "service,subscriber,offer,source_ref,since\ns1,p1,ring,crm-1,2026-05-01T00:00:00Z\n"
        },
    ),
    "holds place": Case(arguments="complaint {complaint} --reason 'Court order' --by pia"),
    "holds release": Case(
        arguments="complaint {complaint} --by pia", code=1, document={"error": "record_not_held"}
    ),
    "hotissues scan": Case(
        arguments="counts.csv --last 5",
        files={"counts.csv": _text(GOLDEN / "counts.csv")},
        computes=True,
        document={"series": 3, "periods": 5, "alarms": 2},
    ),
    "hotissues list": Case(),
    "hotissues show": Case(arguments="{issue}", document={"number": 1, "state": "open"}),
    "hotissues look": Case(),
    "hotissues answer": Case(
        arguments=f"{BY} {{issue}} reopen --because 'The same again.'",
        code=2,
        document={"error": "late_not_answered"},
    ),
    "hotissues rebuild": Case(document={"complaints": 3}),
    "hotissues close": Case(
        arguments=f"{BY} {{issue}} --because Over",
        code=1,
        document={"error": "unable_to_end_emergency"},
    ),
    "hotissues declare": Case(
        arguments=f"{BY} {{issue}}", code=1, document={"error": "unable_to_declare"}
    ),
    "hotissues disaster": Case(
        arguments=f"{BY} {{issue}} --because Flood", document={"number": 1, "level": "level4"}
    ),
    "hotissues drill": Case(
        arguments=f"{BY} 'Bills are wrong' --persons 20", document={"issue": 2, "drill": True}
    ),
    "hotissues effect": Case(
        arguments="effect.csv",
        files={"effect.csv": _text(GOLDEN / "effect.csv")},
        computes=True,
        document={"verdict": "works"},
    ),
    "hotissues emergency": Case(arguments="{issue}", document={"number": 1, "level": "level4"}),
    "hotissues freeze": Case(
        arguments=f"{BY} {{issue}} offer p59 --because Wrong",
        document={"number": 1, "level": "level4"},
    ),
    "hotissues join": Case(
        arguments=f"{BY} {{issue}} {{complaint}} --because Same",
        code=2,
        document={"error": "not_joined_by_hand"},
    ),
    "hotissues leave": Case(
        arguments=f"{BY} {{issue}} {{complaint}} --because Other",
        code=2,
        document={"error": "not_joined_by_hand"},
    ),
    "hotissues level": Case(
        arguments=f"{BY} {{issue}} level2 --because Larger", document={"level": "level2"}
    ),
    "hotissues measures": Case(document={"measures": []}),
    "hotissues reopen": Case(
        arguments=f"{BY} {{issue}} --because Back",
        code=1,
        document={"error": "unable_to_close_issue"},
    ),
    "export": Case(
        arguments="decisions --out decisions.csv", document={"table": "decisions", "version": 1}
    ),
    "import complaints": Case(
        arguments="complaints.csv",
        files={"complaints.csv": _text(GOLDEN / "complaints.csv").replace("T-", "U-")},
        document={"read": 5},
    ),
    "import facts": Case(
        arguments="facts.jsonl",
        files={"facts.jsonl": _text(SAMPLES / "facts.jsonl")},
        document={"read": 6},
    ),
    "import posts": Case(
        arguments="posts.csv",
        files={"posts.csv": _text(GOLDEN / "posts.csv")},
        document={"read": 3, "accepted": 2},
    ),
    "import subscribers": Case(
        arguments="subscribers.csv --out keys.csv",
        files={"subscribers.csv": _text(SAMPLES / "subscribers.csv")},
        document={"read": 2},
    ),
    "import partners": Case(
        arguments="partners.csv",
        files={"partners.csv": _text(SAMPLES / "partners.csv")},
        document={"read": 3, "accepted": 3},
    ),
    "import services": Case(
        arguments="services.csv",
        files={"services.csv": "ref,name,origin,price,currency\nmusic,Music pack,own,5,CNY\n"},
        document={"read": 1, "accepted": 1},
    ),
    "indicators report": Case(
        arguments="--from 2026-07-01 --to 2026-09-30", document={"users": 0.0, "currency": "CNY"}
    ),
    "indicators bulletin": Case(
        arguments="--quarter 2026Q3 --format csv --out bulletin",
        document={"quarter": "2026-Q3", "public": False},
    ),
    "indicators import-bulletin": Case(
        arguments="anhui.csv --check",
        files={
            "anhui.csv": "bulletin,quarter,name,count,before,change,source\n"
            "安徽,2014Q4,total,13,14,+47%,bulletin of the province\n安徽,2014Q4,电信,5,,,\n"
        },
        code=1,
        document={"read": 2, "accepted": 2},
    ),
    "indicators channels": Case(
        arguments="--from 2026-07-01 --to 2026-09-30", document={"channels": []}
    ),
    "keys rotate": Case(),
    "keys retire": Case(arguments="none", code=2, document={"error": "bad_input"}),
    "knowledge search": Case(
        arguments="articles.csv questions.csv --out found.csv",
        files={"articles.csv": ARTICLES, "questions.csv": QUESTIONS},
        computes=True,
        document={"articles": 2, "questions": 1, "unanswered": 0},
    ),
    "knowledge list": Case(document={"articles": []}),
    "knowledge import": Case(
        arguments=f"article.md {BY}",
        files={"article.md": "# Switch roaming off\n\nDial *100# and choose 2.\n"},
        document={"read": 1, "accepted": 1},
    ),
    "knowledge export": Case(arguments="--out articles.jsonl", document={"articles": 0}),
    "knowledge check": Case(document={"findings": []}),
    "launches assess": Case(
        arguments="case.json --draws 200",
        files={"case.json": json.dumps(example(), default=str)},
        computes=True,
        document={"verdict": "go_with_conditions"},
    ),
    "launches reading": Case(
        arguments="p59 cost_per_user 3", code=2, document={"error": "reading_refused"}
    ),
    "launches template": Case(arguments="case.xlsx", computes=True, says="case.xlsx"),
    "launches spreadsheet": Case(
        arguments="case.json case.xlsx",
        files={"case.json": json.dumps(example(), default=str)},
        computes=True,
        document={"file": "case.xlsx"},
    ),
    "launches formula": Case(
        arguments="formulas.json",
        files={"formulas.json": '[{"f": "erlang_b", "servers": 10, "offered": 5}]'},
        computes=True,
        says="0.018",
    ),
    "ledger verify": Case(says="", document={"ok": True}),
    "ledger prove": Case(arguments="0" * 32, code=2, document={"error": "not_in_the_log"}),
    "ledger checkpoint": Case(says="amends/ledger"),
    "ledger witness": Case(
        arguments="note --key none",
        files={"note": "no note"},
        code=2,
        document={"error": "note_malformed"},
    ),
    "ledger key": Case(says="amends/ledger"),
    "messages list": Case(arguments="--state held"),
    "messages release": Case(
        arguments=f"{BY} --all", code=1, document={"error": "channel_not_switched_on"}
    ),
    "messages cancel": Case(arguments=f"{BY} --all-held", document={"changed": 1}),
    "messages count-as-sent": Case(arguments=f"{BY} --all", document={"changed": 0}),
    "messages send-again": Case(arguments=f"{BY} --all", document={"changed": 0}),
    "messages take-up": Case(arguments=f"{BY} --all", document={"changed": 0}),
    "messages fetch-again": Case(
        arguments=f"{BY} --since 2026-11-01", code=1, document={"error": "mailbox_unreachable"}
    ),
    "notices run": Case(
        arguments="usage.csv",
        files={"usage.csv": _text(GOLDEN / "usage" / "usage.csv")},
        document={"records": 5, "rejected": 5, "notices": 0},
    ),
    "notices enrol": Case(
        arguments="lines.csv",
        files={"lines.csv": _text(GOLDEN / "lines.csv")},
        document={"added": 2, "known": 0},
    ),
    "notices watch": Case(
        arguments="usage.csv",
        files={"usage.csv": _text(GOLDEN / "usage" / "usage.csv")},
        document={"sighted": 5, "found": 0},
    ),
    "notices duties": Case(
        arguments="--pack cn --on 2026-05-01", document={"pack": "cn", "on": "2026-05-01"}
    ),
    "notices preview": Case(
        arguments="cn.allowance_near",
        document={"duty": "cn.allowance_near", "rules": "duties-cn@2012-01-20"},
    ),
    "notices events": Case(
        arguments="ends.csv",
        files={
            "ends.csv": "ref,kind,subscriber,service,happens_at,owed_minor\n"
            "a-1,arrears,p-1,s-1,2026-12-20T00:00+08:00,8840\n"
        },
        document={"read": 1, "accepted": 1},
    ),
    "notices withdraw": Case(arguments="none", code=2, document={"error": "event_unknown"}),
    "notices choose": Case(
        arguments="none cn.own_cap --own 5000", code=2, document={"error": "choice_unknown"}
    ),
    "notices holds": Case(document={"holds": []}),
    "notices audit": Case(
        arguments=f"usage.csv {PERIOD}",
        files={"usage.csv": _text(GOLDEN / "usage" / "usage.csv")},
        document={"owed": 0},
    ),
    "notices coverage": Case(arguments=PERIOD, document={"duties": []}),
    "notices examination": Case(),
    "operation show": Case(),
    "operation alive": Case(
        arguments="--port {port} --wait 0",
        code=1,
        computes=True,
        document={"error": "server_not_reachable"},
    ),
    "operation rules": Case(says="groups:"),
    "privacy review": Case(
        arguments="service.json",
        files={"service.json": json.dumps(SERVICE)},
        computes=True,
        document={"verdict": "pass"},
    ),
    "privacy access-alerts": Case(
        arguments="looks.csv", files={"looks.csv": LOOKS}, computes=True, document={"looks": 28}
    ),
    "privacy processing": Case(),
    "privacy export": Case(
        arguments=f"{BY} people.csv --recipient audit --purpose audit --out copy.csv",
        files={"people.csv": "name,phone\nAda,13900000001\n"},
        document={"rows": 1},
    ),
    "privacy watermark-find": Case(
        arguments="found.csv",
        files={"found.csv": "name,phone\nAda,13900000001\n"},
        code=1,
        document={"exports": []},
    ),
    "privacy campaign": Case(
        arguments=f"{BY} spring people.csv --purpose marketing --zh 你好 --en Hello",
        files={"people.csv": "subscriber\n{subscriber}\n"},
        document={"named": 1, "agreed": 0, "posted": 0},
    ),
    "privacy honeytokens": Case(
        files={"invented.csv": "name,phone\nNo One,13900009999\n"},
        arguments="--by pia invented.csv",
    ),
    "privacy statistics": Case(document={"cases": 0, "incidents": 0}),
    "protection classify": Case(
        arguments="messages.csv --text text --out labels.csv",
        files={"messages.csv": "text\n恭喜您中奖100万元，请点击链接领取\nSee you at six.\n"},
        computes=True,
        document={"read": 2},
    ),
    "protection numbers": Case(
        arguments="calls.csv --out scores.csv",
        files={"calls.csv": CALLS},
        computes=True,
        document={"numbers": 1, "read": 120, "rejected": 0},
    ),
    "protection block-list": Case(arguments="--out block.csv", document={"changes": 0}),
    "protection notices": Case(arguments="--out notices.csv", document={"notices": 0}),
    "protection authority-report": Case(
        arguments="--out report.csv --month 2026-10", document={"reports": 0, "month": "2026-10"}
    ),
    "publicity check": Case(
        arguments="copies.jsonl --offers offers.csv",
        files={"copies.jsonl": COPIES, "offers.csv": OFFERS},
        computes=True,
        code=1,
        document={"copies": 1, "offers": 2, "blocked": ["c1"]},
    ),
    "publicity register": Case(
        arguments="offers.csv", files={"offers.csv": OFFERS}, document={"offers": 2, "versions": 2}
    ),
    "publicity watch": Case(
        arguments="https://www.example.org/offers", document={"channel": "web"}
    ),
    "publicity fetch": Case(document={"pages": 0, "new": 0, "failed": 0}),
    "quality serve": Case(
        arguments="--port {port} --open",
        computes=True,
        until="Measuring on ws://127.0.0.1:{port}",
    ),
    "quality measure": Case(
        arguments="ws://127.0.0.1:{port}/",
        computes=True,
        code=1,
        document={"error": "unable_to_measure"},
    ),
    "quality verdict": Case(
        arguments="line.json --rule de-fixed@2021-12-13",
        files={"line.json": json.dumps(SPEED_CASE)},
        computes=True,
        document={"verdict": "insufficient"},
    ),
    "quality import-radio": Case(
        arguments="radio.json",
        files={"radio.json": '[{"code": "AB12-CD34-EF56", "rsrp_dbm": -95}]'},
        document={"rows": 1, "completed": 0},
    ),
    "quality score": Case(
        arguments="scores.json",
        files={"scores.json": '[{"f": "e_model", "Ppl": 1}]'},
        computes=True,
    ),
    "quality link": Case(
        arguments="complaints.csv events.csv --out links.csv",
        files={
            "complaints.csv": "complaint,at,area,service,class\n"
            "c1,2026-05-01T01:00:00Z,north,mobile,network.outage\n",
            "events.csv": "event,area,service,from,to,kind\n"
            "e1,north,mobile,2026-05-01T00:00:00Z,2026-05-01T02:00:00Z,outage\n",
        },
        computes=True,
        document={"complaints": 1, "events": 1, "links": 1},
    ),
    "quality degraded": Case(
        arguments="counters.csv --out degraded.csv",
        files={"counters.csv": _counters()},
        computes=True,
    ),
    "quality forecast": Case(
        arguments="counters.csv --capacity capacity.csv --out peaks.csv",
        files={
            "counters.csv": _counters(),
            "capacity.csv": "area,kpi,capacity\nn1,utilisation_share,0.9\n",
        },
        computes=True,
        document={"areas": 1, "samples": 672, "forecasts": 1},
    ),
    "quality cube": Case(
        arguments="counters.csv --out cube.parquet",
        files={"counters.csv": _counters()},
        computes=True,
        document={"cube_rows": 168, "cells": 1},
    ),
    "quality baselines": Case(computes=True, document={"series": 0, "until": None}),
    "quality capacities": Case(
        arguments="capacity.csv",
        files={"capacity.csv": "area,kpi,capacity\nn1,utilisation_share,0.9\n"},
        code=1,
        document={"stated": 0, "unknown_areas": ["n1"]},
    ),
    "quality indicators": Case(computes=True, says="down_user_mbps"),
    "quality alarms": Case(
        arguments="alarms.csv",
        files={"alarms.csv": "alarm,at,area,kind\nc1,2026-11-20T10:00:00+08:00,n2,outage\n"},
        code=1,
        document={"received": 1, "new": 1},
    ),
    "quality cells": Case(
        arguments="cells.csv",
        files={"cells.csv": "cell,area,since\nc1,n1,2026-01-01T00:00:00+08:00\n"},
        code=1,
        document={"rows": 1, "new": 0},
    ),
    "quality changes": Case(
        arguments="changes.csv",
        files={"changes.csv": "at,area,kind,what\n2026-11-20T10:00:00+08:00,n1,work,New antenna\n"},
        code=1,
        document={"rows": 1, "new": 0},
    ),
    "quality counters": Case(
        arguments="counters.csv",
        files={"counters.csv": _counters()},
        document={"stretches": 0, "unknown_cells": ["c1"]},
    ),
    "quality incidents": Case(document={"incidents": []}),
    "quality prometheus": Case(code=2, document={"error": "unable_to_read_prometheus"}),
    "quality protocol verify": Case(
        arguments="report.pdf",
        files={"report.pdf": "%PDF-1.7 no report"},
        code=2,
        document={"error": "unable_to_read_protocol"},
    ),
    "remedies export": Case(arguments="--out remedies.csv", document={"remedies": 0}),
    "remedies exports": Case(document={"exports": []}),
    "remedies acknowledge": Case(
        arguments="booked.csv",
        files={"booked.csv": "remedy,booking\nrem-1,B-1\n"},
        code=2,
        document={"error": "unknown_remedy"},
    ),
    "social fetch": Case(document={"accounts": []}),
    "social accounts": Case(document={"accounts": []}),
    "social list": Case(arguments=BY, document={"posts": []}),
    "social answer": Case(
        arguments=f"{BY} none --text Sorry", code=2, document={"error": "social_post_unknown"}
    ),
    "social approve": Case(
        arguments=f"{BY} none", code=2, document={"error": "social_post_unknown"}
    ),
    "subscribers find": Case(stdin="13900000001\n", document={"subscriber": "{subscriber}"}),
    "subscribers export": Case(
        arguments="--by pia {subscriber} --out person.json --reason 'The person asked.'"
    ),
    "subscribers erase": Case(arguments="--by pia {subscriber}"),
    "subscribers erase-again": Case(arguments=BY, document={"again": 0}),
    "subscribers hold": Case(arguments="--by pia {subscriber} --reason 'Court order'"),
    "subscribers release": Case(
        arguments="--by pia {subscriber}", code=2, document={"error": "hold_not_placed"}
    ),
    "teams list": Case(says="There is no team yet", document={"teams": []}),
    "teams save": Case(arguments=f"north --title North --member ada {BY}", says="North"),
    "vetting check": Case(
        arguments="app.apk --type flashlight",
        files={"app.apk": apk(manifest(permissions=("INTERNET", "READ_CONTACTS")))},
        code=1,
        document={"package": "com.example.torch", "verdict": "reject"},
    ),
    "vetting content": Case(
        arguments="contents.csv --text text --out labels.csv",
        files={"contents.csv": "text\n今日天气晴\n澳门赌场上线啦\n"},
        computes=True,
        document={"read": 2},
    ),
    "vetting letter": Case(
        arguments="none --out letter.pdf", code=2, document={"error": "letter_not_written"}
    ),
    "vetting locate": Case(
        arguments="events.csv --chain chain.json",
        files={"events.csv": EVENTS, "chain.json": json.dumps(CHAIN)},
        computes=True,
        document={"service": "music", "faults": [], "read": 32},
    ),
    "vetting partners": Case(document={"partners": 0}),
    "vetting probe": Case(document={"run": 0, "failed": 0}),
    "vetting watch": Case(
        arguments="chain.json",
        files={"chain.json": json.dumps(CHAIN)},
        code=2,
        document={"error": "service_not_watched"},
    ),
}
