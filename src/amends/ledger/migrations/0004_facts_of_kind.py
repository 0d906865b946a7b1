from django.db import migrations, models

from amends.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ledger", "0003_keys_of_facts")]

    operations = [
        AddIndexBesideWriters(
            model_name="singlefact",
            index=models.Index(fields=["kind", "happened_at_ms"], name="ledger_fact_of_kind"),
        ),
    ]
