"""Take the reasons written for colleagues out of what complainants read.

Decisions used to hold a person's one reason in their document and in the words of their credits.
"""

from django.db import migrations

from amends.kit.formats import format_money


def keep_reasons_inside(apps, schema_editor):
    decisions = apps.get_model("complaints", "Decision").objects
    remedies = apps.get_model("remedies", "Remedy").objects
    for row in decisions.exclude(reason="").filter(customer_text="").iterator():
        written = dict(row.decision)
        written["reasons"] = [
            one for one in written.get("reasons", []) if row.reason not in (one["zh"], one["en"])
        ]
        written["remedies"] = [
            _credit(one) if row.reason in (one["zh"], one["en"]) else one
            for one in written.get("remedies", [])
        ]
        row.decision = written
        row.save(update_fields=["decision"])
        for remedy in remedies.filter(
            cause=f"complaint:{row.complaint_id}", reason_zh=row.reason
        ):
            said = _words(remedy.amount_minor, remedy.currency)
            remedy.reason_zh, remedy.reason_en = said["zh"], said["en"]
            remedy.save(update_fields=["reason_zh", "reason_en"])
    # What a colleague typed who reopened a complaint stood as the complainant's answer.
    typed = apps.get_model("complaints", "Event").objects.filter(
        verb="reopen", actor__startswith="usr-"
    )
    outcomes = apps.get_model("complaints", "Outcome").objects
    for event in typed.exclude(reason="").iterator():
        outcomes.filter(complaint=event.complaint_id, words=event.reason).update(words="")


def _credit(proposal):
    return {**proposal, **_words(proposal["amount_minor"], proposal["currency"])}


def _words(minor, currency):
    amount = format_money(minor, currency)
    return {"zh": f"补偿{amount}", "en": f"A credit of {amount}"}


class Migration(migrations.Migration):

    dependencies = [
        ("complaints", "0010_customer_text_and_pending_approvals"),
        ("remedies", "0004_no_currency_assumed"),
    ]

    operations = [migrations.RunPython(keep_reasons_inside, migrations.RunPython.noop)]
