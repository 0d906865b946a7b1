"""Find facts by 32 bits of their subscriber and subject instead of by the texts."""

from zlib import crc32

from django.db import migrations, models


def fill(apps, schema_editor):
    fact = apps.get_model("ledger", "SingleFact")
    with schema_editor.connection.cursor() as cursor:
        # The guard against changes stands in the way of filling new columns; post_migrate sets it up
        # again.
        suffix = " ON ledger_fact" if schema_editor.connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS ledger_fact_keeps_update{suffix}")
        rows = fact.objects.values_list("subscriber", "subject", "id").iterator(chunk_size=5000)
        filled = [(key(subscriber), key(subject), id) for subscriber, subject, id in rows]
        cursor.executemany(
            "UPDATE ledger_fact SET subscriber_key = %s, subject_key = %s WHERE id = %s", filled
        )


def key(text):
    return crc32(text.encode()) - 2**31 if text else None


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_segment_parts")]

    operations = [
        migrations.RemoveIndex(model_name="singlefact", name="ledger_fact_subscriber"),
        migrations.RemoveIndex(model_name="singlefact", name="ledger_fact_subject"),
        migrations.AddField(
            model_name="singlefact", name="subscriber_key", field=models.IntegerField(null=True)
        ),
        migrations.AddField(
            model_name="singlefact", name="subject_key", field=models.IntegerField(null=True)
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="singlefact",
            index=models.Index(
                condition=models.Q(subscriber_key__isnull=False),
                fields=["subscriber_key"],
                name="ledger_fact_of_subscriber",
            ),
        ),
        migrations.AddIndex(
            model_name="singlefact",
            index=models.Index(
                condition=models.Q(subject_key__isnull=False),
                fields=["subject_key"],
                name="ledger_fact_on_subject",
            ),
        ),
    ]
