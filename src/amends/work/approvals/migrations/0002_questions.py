"""Questions to customers wait in the same table as approvals."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="waitingitem",
            name="kind",
            field=models.CharField(
                choices=[("approval", "Approval"), ("question", "Question")],
                default="approval",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="waitingitem",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("approved", "approved"),
                    ("refused", "refused"),
                    ("answered", "answered"),
                    ("withdrawn", "withdrawn"),
                    ("overtaken", "no longer required"),
                    ("lapsed", "lapsed"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
    ]
