"""Keep the rows of a segment in parts of 1,024, so that finding one row reads few others."""

import io
from hashlib import sha256

import django.db.models.deletion
import pyarrow as pa
from django.db import migrations, models


def split(apps, schema_editor):
    body, part = apps.get_model("ledger", "SegmentBody"), apps.get_model("ledger", "SegmentPart")
    for one in body.objects.iterator(chunk_size=20):
        file = pa.ipc.open_file(pa.BufferReader(bytes(one.columns)))
        for number in range(file.num_record_batches):
            target = io.BytesIO()
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with pa.ipc.new_file(target, file.schema, options=options) as writer:
                writer.write_batch(file.get_batch(number))
            columns = target.getvalue()
            part.objects.create(
                id=f"{one.segment_id}{number:02x}",
                segment_id=one.segment_id,
                sha256=sha256(columns).digest(),
                columns=columns,
            )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SegmentPart",
            fields=[
                ("id", models.CharField(max_length=29, primary_key=True, serialize=False)),
                ("sha256", models.BinaryField()),
                ("columns", models.BinaryField()),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="ledger.segment"
                    ),
                ),
            ],
            options={"db_table": "ledger_segment_part"},
        ),
        migrations.RunPython(split, migrations.RunPython.noop),
        migrations.DeleteModel(name="SegmentBody"),
    ]
