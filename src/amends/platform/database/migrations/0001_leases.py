from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=100)),
                ("until_ms", models.BigIntegerField()),
            ],
            options={"db_table": "database_lease"},
        ),
    ]
