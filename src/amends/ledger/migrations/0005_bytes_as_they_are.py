from django.db import migrations

from amends.database.column_storage import KeepAsTheyAre


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ledger", "0004_facts_of_kind")]

    operations = [
        KeepAsTheyAre(columns=[("segmentpart", "columns"), ("segmentindex", "block")]),
    ]
