from django.db import migrations, models

from amends.database.column_storage import KeepAsTheyAre


def whole(operation):
    """Each in a transaction of its own, so that no two tables are held at once."""
    operation.atomic = True
    return operation


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notices", "0011_places_and_terms_of_lines")]

    operations = [
        whole(
            migrations.AlterField(
                model_name="usagefile",
                name="state",
                field=models.CharField(
                    choices=[
                        ("open", "Open"),
                        ("done", "Done"),
                        ("stopped", "Stopped"),
                        ("aside", "Aside"),
                    ],
                    default="open",
                    max_length=8,
                ),
            )
        ),
        whole(
            migrations.AddField(
                model_name="usagefile",
                name="accepted_by",
                field=models.CharField(blank=True, db_default="", default="", max_length=150),
            )
        ),
        whole(
            migrations.AddField(
                model_name="usagefile",
                name="accepted_ms",
                field=models.BigIntegerField(null=True),
            )
        ),
        whole(
            migrations.AddField(
                model_name="usagefile",
                name="why",
                field=models.CharField(blank=True, db_default="", default="", max_length=40),
            )
        ),
        whole(
            migrations.AddIndex(
                model_name="usagefile",
                index=models.Index(
                    condition=models.Q(("state", "stopped")),
                    fields=["id"],
                    name="notices_usage_stopped",
                ),
            )
        ),
        KeepAsTheyAre(
            columns=[
                ("dueblock", "columns"),
                ("seenrecords", "entries"),
                ("linemoves", "moves"),
                ("linebucket", "memory"),
                ("linebucket", "names"),
            ]
        ),
    ]
