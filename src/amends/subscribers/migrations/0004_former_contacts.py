"""Until when a number or mailbox was somebody's, and what it was."""

from django.db import migrations, models

import amends.vault.fields


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0003_left'),
    ]

    operations = [
        migrations.AddField(
            model_name='indexentry',
            name='until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='indexentry',
            name='former',
            field=amends.vault.fields.SealedField(blank=True, bound_to='entry', default=None, null=True, under='subscriber'),
        ),
    ]
