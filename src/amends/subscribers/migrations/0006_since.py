"""Since when a number or mailbox is somebody's who had another before."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0005_code_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='indexentry',
            name='since',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
