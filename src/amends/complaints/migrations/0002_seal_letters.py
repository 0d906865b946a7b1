"""Letters rest sealed: a handler may have written anything into them."""

from django.db import migrations

import amends.vault.fields
from amends.vault.sealing import open_many, seal_many

TABLE = "complaints_reply"
SLICE = 2_000
COLUMNS = ("subject", "body")


def seal_letters(apps, schema_editor):
    """Seal subject and body of every letter, a slice at a time."""
    letters = apps.get_model("complaints", "Reply").objects.order_by("id")
    rows = []
    for row in letters.iterator(chunk_size=SLICE):
        rows.append(row)
        if len(rows) == SLICE:
            _seal(letters, rows)
            rows = []
    _seal(letters, rows)


def _seal(letters, rows):
    ids = [row.id for row in rows]
    for name in COLUMNS:
        sealed = seal_many(TABLE, f"{name}_sealed", ids, [getattr(row, name) for row in rows])
        for row, content in zip(rows, sealed, strict=True):
            setattr(row, f"{name}_sealed", content)
    letters.bulk_update(rows, [f"{name}_sealed" for name in COLUMNS], batch_size=500)


def open_letters(apps, schema_editor):
    """The way back."""
    letters = apps.get_model("complaints", "Reply").objects.order_by("id")
    for row in letters.iterator(chunk_size=SLICE):
        for name in COLUMNS:
            sealed = bytes(getattr(row, f"{name}_sealed"))
            text = open_many(TABLE, f"{name}_sealed", [row.id], [sealed])[0] if sealed else ""
            setattr(row, name, text[:200] if name == "subject" else text)
        row.save(update_fields=list(COLUMNS))


def _sealed():
    return amends.vault.fields.SealedField(
        blank=True, bound_to="id", default=bytes, under="master"
    )


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]

    operations = [
        migrations.AddField("reply", "subject_sealed", _sealed()),
        migrations.AddField("reply", "body_sealed", _sealed()),
        migrations.RunPython(seal_letters, open_letters),
        migrations.RemoveField("reply", "subject"),
        migrations.RemoveField("reply", "body"),
    ]
