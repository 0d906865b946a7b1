from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("database", "0001_leases")]

    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "database_ratecount"},
        ),
    ]
