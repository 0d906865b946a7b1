from django.db import migrations, models

from amends.database.column_storage import KeepAsTheyAre

COPY = (
    "INSERT INTO notices_line_names (number, names) "
    "SELECT number, names FROM notices_line_bucket"
)  # fmt: skip
COPY_BACK = (
    "UPDATE notices_line_bucket SET names = (SELECT kept.names FROM notices_line_names kept "
    "WHERE kept.number = notices_line_bucket.number)"
)


class Migration(migrations.Migration):
    """A bucket is written with every few batches, and with it went the names of its lines."""

    dependencies = [("notices", "0012_stopped_files_and_bytes")]

    operations = [
        migrations.CreateModel(
            name="LineNames",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("names", models.BinaryField()),
            ],
            options={"db_table": "notices_line_names"},
        ),
        KeepAsTheyAre(columns=[("linenames", "names")]),
        migrations.AlterField(
            model_name="linebucket",
            name="names",
            field=models.BinaryField(default=b""),
        ),
        migrations.RunSQL(COPY, COPY_BACK),
        migrations.RemoveField(model_name="linebucket", name="names"),
        migrations.AddField(
            model_name="dueblock",
            name="urgent",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="dueblock",
            index=models.Index(
                condition=models.Q(("urgent", True)), fields=["id"], name="notices_block_urgent"
            ),
        ),
    ]
