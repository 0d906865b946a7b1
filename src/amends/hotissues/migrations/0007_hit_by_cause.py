from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hotissues', '0006_doubts'),
    ]

    operations = [
        migrations.AddField(
            model_name='emergency',
            name='causes',
            field=models.JSONField(default=list),
        ),
    ]
