"""What brands and campaigns are called."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0004_former_contacts'),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('brand', 'brand'), ('campaign', 'campaign')], max_length=12, verbose_name='kind')),
                ('code', models.CharField(max_length=64, verbose_name='code')),
                ('name_zh', models.CharField(max_length=120, verbose_name='name in Chinese')),
                ('name_en', models.CharField(max_length=120, verbose_name='name in English')),
            ],
            options={
                'verbose_name': 'name of a brand or campaign',
                'verbose_name_plural': 'names of brands and campaigns',
                'db_table': 'subscribers_code_name',
                'ordering': ['kind', 'code'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'code'), name='subscribers_code_named_once')],
            },
        ),
    ]
