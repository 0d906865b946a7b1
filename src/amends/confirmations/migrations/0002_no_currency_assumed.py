from django.db import migrations, models


class Migration(migrations.Migration):
    """No code relied on the default; the database never had one, so no table is made anew."""

    dependencies = [
        ('confirmations', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='order',
                    name='currency',
                    field=models.CharField(max_length=3),
                ),
            ],
        ),
    ]
