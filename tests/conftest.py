"""What every test may use; the environment is made in `tests.environment`."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import caches
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings
from whitenoise.middleware import WhiteNoiseMiddleware

from amends.platform.vault.keys import keyring
from tests.databases import MIGRATED, Databases, keep_migrated
from tests.needs import NEEDS, left_out, needs_of, reason, shared_folder

# A run decides the same twice: chance searches only where somebody wants it to, and time never.
settings.register_profile(
    "amends",
    deadline=None,
    max_examples=int(os.environ.get("AMENDS_EXAMPLES") or 40),
    derandomize=not os.environ.get("AMENDS_SEARCH"),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("amends")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever a test needs becomes the marker `needs`, so that `-m needs` selects all of them."""
    for item in items:
        if names := needs_of(item):
            item.add_marker(pytest.mark.needs(*names))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose need is missing, before any of its fixtures is set up."""
    for name in needs_of(item):
        if not NEEDS[name].is_there():
            pytest.skip(reason(name))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in one line what was left out and how to install it."""
    skipped = terminalreporter.stats.get("skipped", [])
    line = left_out(
        each.longrepr[2].removeprefix("Skipped: ")
        for each in skipped
        if isinstance(each.longrepr, tuple)
    )
    if line:
        terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Collect without looking for garbage, and never look through what was collected.

    Half a million objects stay until the end: to look through them while they are made is a third
    of the time. And what a test leaves is looked through by the ten thousand, not by the seven
    hundred.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        gc.enable()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The new tables are kept, for `migrated_database_url` and for what follows tests that commit."""
    from tests.emptying import empty_what_holds_rows, restore_from

    url = os.environ.get("AMENDS_DATABASE_URL", "")
    with django_db_blocker.unblock():
        keep_migrated(url)
    if url:
        empty_what_holds_rows()
    else:
        restore_from(MIGRATED)


@pytest.fixture(scope="session", autouse=True)
def _passwords_in_few_rounds() -> Iterator[None]:
    """Passwords are hashed as always, in a thousandth of the rounds: a million take a seventh of a
    second, for each person a test hires. tests/conventions/test_passwords.py holds the real number.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1_000)
        yield


@pytest.fixture(scope="session", autouse=True)
def _keys_are_there() -> None:
    """As of an installation in use: without its keys the first command asks the database whether
    anything lies under lost ones, also one that knows no database.
    """
    keyring()


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once() -> Iterator[None]:
    """Each client of Django's makes the whole chain of middleware, which looks at two hundred static
    files: a tenth of what a test of pages costs. What is found first is found for all.
    """
    list_files, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def listed_once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            list_files(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", listed_once)
        yield


@pytest.fixture(autouse=True)
def _nothing_of_another_test() -> None:
    """No limit, count or figure of another test is remembered, nor the language it spoke last."""
    for cache in caches.all(initialized_only=False):
        cache.clear()
    translation.deactivate()
    timezone.deactivate()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where every test is required, a skip is a failure.

    No kernel can be installed, though, and the licence of the conformance kits lets nobody ship them.
    """
    outcome: Any = yield
    report = outcome.get_result()
    needed = os.environ.get("AMENDS_REQUIRE_ALL") and not item.get_closest_marker("mounts")
    if needed and report.skipped and "conformance kits" not in needs_of(item):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data."""
    folder = shared_folder()
    assert folder is not None, "tests that need it are skipped where it is missing"
    return folder


@pytest.fixture
def databases() -> Iterator[Databases]:
    """Makes databases for processes a test starts."""
    made = Databases(os.environ.get("AMENDS_DATABASE_URL", ""))
    yield made
    made.drop()


@pytest.fixture
def new_database_url(databases: Databases) -> Callable[[], str]:
    """Makes empty databases for processes a test starts: "" for SQLite in their data directory."""
    return databases.empty


@pytest.fixture
def migrated_database_url(db: None, databases: Databases) -> Callable[[Path], str]:
    """Makes databases with their tables, each for the data directory it is given.

    `db` stands here because the tables are those of the database that pytest-django migrates.
    """
    return databases.migrated


@pytest.fixture
def empty_database_url(new_database_url: Callable[[], str]) -> str:
    """A database of its own for a process the test starts: "" for SQLite in its data directory."""
    return new_database_url()


@pytest.fixture(scope="session")
def spark() -> Any:
    """One Spark session of two cores for all tests."""
    from amends.platform.kit.spark import session

    return session("local[2]", name="tests")


@pytest.fixture(scope="session")
def spark_installed() -> None:
    """Spark and Java are there: a test without this fixture or the marker `spark` asks for neither."""
