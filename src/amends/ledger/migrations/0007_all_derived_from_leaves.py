import django.db.models.deletion
from django.db import migrations, models

from amends.database.column_storage import KeepAsTheyAre


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_stretches")]

    operations = [
        migrations.DeleteModel(name="Commitment"),
        migrations.DeleteModel(name="Lease"),
        migrations.DeleteModel(name="Cosignature"),
        migrations.DeleteModel(name="CoverageStatement"),
        migrations.DeleteModel(name="SegmentIndex"),
        migrations.CreateModel(
            name="CoverageStatement",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "fact_id",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("scope", models.CharField(max_length=120)),
                ("from_ms", models.BigIntegerField()),
                ("to_ms", models.BigIntegerField()),
                ("complete", models.BooleanField()),
                ("recorded_at_ms", models.BigIntegerField()),
                (
                    "fact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="ledger.singlefact",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_coverage",
                "indexes": [models.Index(fields=["kind", "to_ms"], name="ledger_coverage_kind")],
            },
        ),
        migrations.CreateModel(
            name="SegmentIndex",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "by_subject",
                        "bucket",
                        "segment_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("by_subject", models.BooleanField()),
                ("bucket", models.PositiveSmallIntegerField()),
                ("block", models.BinaryField()),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="ledger.segment",
                    ),
                ),
            ],
            options={"db_table": "ledger_segment_index"},
        ),
        KeepAsTheyAre(columns=[("segmentindex", "block")]),
    ]
