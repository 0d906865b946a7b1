"""Who decided what was carried out; earlier decisions get it from the history of the complaint."""

from django.db import migrations, models

CARRIED_OUT = ("grant", "propose", "not_uphold", "order_remedy")


def fill(apps, schema_editor):
    decisions = apps.get_model("complaints", "Decision")
    events = apps.get_model("complaints", "Event")
    carried_out = events.objects.filter(verb__in=CARRIED_OUT).order_by("at", "id")
    rows = carried_out.values_list("complaint", "complaint__classified_by", "at", "actor")
    for complaint, classified_by, at, actor in rows.iterator(chunk_size=2000):
        until = decisions.objects.filter(complaint=complaint, at__lte=at)
        decision = until.order_by("-at", "-id").first()
        if decision is None:
            continue
        if decision.by.startswith("usr-") or classified_by.startswith("usr-"):
            decision.decided_by = "person"
        elif actor.startswith("usr-"):
            decision.decided_by = "approved"
        else:
            decision.decided_by = "rule"
        decision.approved_by = actor
        decision.save(update_fields=["decided_by", "approved_by"])


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_second_opinion_due")]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="alone",
            field=models.BooleanField(
                default=False, help_text="The rule may act without a person."
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="decided_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("rule", "decided by rule"),
                    ("approved", "proposed by rule, approved by %(name)s"),
                    ("person", "decided by %(name)s"),
                ],
                help_text="Who decided it; empty until it is carried out.",
                max_length=12,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="decision",
            name="approved_by",
            field=models.CharField(
                blank=True,
                help_text="The actor who had it carried out.",
                max_length=64,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
