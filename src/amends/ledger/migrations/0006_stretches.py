from typing import Any

from django.db import migrations


def apart(apps: Any, schema_editor: Any) -> None:
    """The version before knows no stretch: every segment gets an index of its own again."""
    from amends.ledger.actions.index_apart import index_apart

    index_apart()


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ledger", "0005_bytes_as_they_are")]

    operations = [migrations.RunPython(migrations.RunPython.noop, apart)]
