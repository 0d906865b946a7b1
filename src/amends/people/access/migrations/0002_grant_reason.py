from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("escalation", "the complaint was escalated to this role"),
                    ("approval", "this role was asked to approve the amount"),
                ],
                max_length=24,
                default="",
            ),
            preserve_default=False,
        ),
    ]
