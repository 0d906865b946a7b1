"""When a subscriber left, and an index of those who did: their term of retention is read by it."""

from django.db import migrations, models

from amends.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):

    atomic = False
    dependencies = [
        ('subscribers', '0002_sale_freeze'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscriber',
            name='left_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        AddIndexBesideWriters(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('status', 'left')), fields=['left_at', 'pseudonym'], name='subscribers_left'),
        ),
    ]
