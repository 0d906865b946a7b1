"""What each release had migrated, so that one can step back to it; written once, never changed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files

from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from amends.database.laying import lift
from amends.kit.errors import BadInput, Refused
from amends.kit.errors import gettext_noop as _


class UnableToStepBack(BadInput):
    """There is no such release."""

    code = "release_unknown"


class UnableToUndo(Refused):
    """A migration since that release cannot be undone."""

    code = "migration_not_undone"


def known_releases() -> list[str]:
    """The releases, the oldest first."""
    found = [
        one.name.removesuffix(".toml")
        for one in files(__package__).iterdir()
        if one.name.endswith(".toml")
    ]
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])


def migrated_by(version: str) -> dict[str, str]:
    """App -> its last migration in that release; raises UnableToStepBack."""
    if version not in known_releases():
        raise UnableToStepBack(
            _("There is no release %(version)s."),
            next_step=_("Name one of %(known)s."),
            values={"version": version, "known": ", ".join(known_releases())},
        )
    text = (files(__package__) / f"{version}.toml").read_text(encoding="utf-8")
    return {app: str(name) for app, name in tomllib.loads(text).items()}


def is_in_use() -> bool:
    """Whether this database was migrated before, so that others may be writing to it."""
    return bool(MigrationRecorder(connection).applied_migrations())


def step_back(version: str, *, tell: Callable[[str], None] = lambda _: None) -> int:
    """Undo every migration made since a release, all or none on PostgreSQL; how many.

    What newer versions wrote into tables and columns of their own goes with them.
    """
    leaves = migrated_by(version)
    executor = MigrationExecutor(connection)
    apps = {app for app, _ in executor.loader.applied_migrations}
    targets: list[tuple[str, str | None]] = [
        (app, leaves.get(app)) for app in sorted(apps) if app in executor.loader.migrated_apps
    ]
    plan = executor.migration_plan(targets)
    undone = [migration for migration, backwards in plan if backwards]
    for migration in undone:
        if not all(operation.reversible for operation in migration.operations):
            raise UnableToUndo(
                _("%(app_label)s.%(name)s cannot be undone."),
                meaning=_("Nothing was changed."),
                next_step=_("Restore the backup made before the upgrade."),
                values={"app_label": migration.app_label, "name": migration.name},
            )
    # Each version lays its own: one that names a column which is gone would refuse every write.
    lift(connection)
    try:
        executor.migrate(targets, plan=plan)
    except IrreversibleError as error:
        raise UnableToUndo(
            _("A migration cannot be undone."),
            meaning=_("Those before it were."),
            next_step=_("Restore the backup made before the upgrade."),
        ) from error
    for migration in undone:
        tell(f"Undone: {migration.app_label}.{migration.name}")
    return len(undone)
