from django.db import migrations, models


class Migration(migrations.Migration):
    """No code relied on the default; the database never had one, so no table is made anew."""

    dependencies = [
        ('remedies', '0003_offered'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='remedy',
                    name='currency',
                    field=models.CharField(max_length=3),
                ),
            ],
        ),
    ]
