from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0002_grant_reason")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="initial_password_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
