# `make demo` and `make test` are all one needs; both build .venv from the lock on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.lock
READY := $(VENV)/.ready
# Half a gigabyte, and what only load tests use: kept out of the way of whoever wants a look.
SPARK := $(VENV)/.spark
LOAD := $(VENV)/.load
export DJANGO_SETTINGS_MODULE := amends.site.settings
# What Python has compiled it keeps: tests start hundreds of processes, and none compiles all anew.
export PYTHONDONTWRITEBYTECODE :=
# What is installed is compiled by whoever imports it first, and most of it never is: half of an installation's time.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
SIZE ?= 5000
# Processes of tests: two for each of two cores, for many tests wait. Each needs a gigabyte.
AT_ONCE ?= 4
# Who is done takes over from who is not.
TOGETHER := -n $(AT_ONCE) --dist worksteal
# What `check` gives each of its two runs of tests that go on side by side: many of them wait.
EACH = $(shell echo $$(( ($(AT_ONCE) + 2) / 2 )))
SEED ?= 2026
PORT ?= 8000
# With ONCE_MORE=1 what failed beside four others runs again alone: a fault fails twice, a browser that was
# starved does not. Whatever passed only then is named, to be mended.
CACHE = -o cache_dir=build/pytest-$@
ifdef ONCE_MORE
AGAIN = || { test $$? = 1 && echo "Failed above. Once more, alone:" && \
  $(BIN)/python -m pytest -n 0 --maxfail 5 -rA --show-capture=no --last-failed --last-failed-no-failures none $(CACHE); }
endif

# Just before midnight on a Thursday and at the end of a year, a Sunday at the Spring Festival, a leap day.
MOMENTS := 2026-12-03T23:55:00+08:00 2026-12-31T23:50:00+08:00 2027-02-28T20:00:00+08:00 2028-02-29T09:00:00+08:00

ENGINE_KILLS := tests/torture/notices/test_engine_kills.py

.PHONY: demo test check installed also warmed format lint types contracts migrations docs-tests \
	test-sqlite test-rules also-sqlite also-postgres test-postgres test-spark \
	bench load clocks torture model messages lock pictures clean help

help:           ## what can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/'

$(READY): $(LOCK) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Amends needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r $(LOCK)
	$(INSTALL) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	touch $@

$(SPARK): $(READY) requirements/spark.lock
	$(INSTALL) --require-hashes -r requirements/spark.lock
	touch $@
$(LOAD): $(READY) requirements/load.lock
	$(INSTALL) --require-hashes -r requirements/load.lock
	touch $@

demo: $(READY)  ## simulate an operator, run every complaint to its decision, serve the console
	AMENDS_DATA_DIR=$${AMENDS_DATA_DIR:-build/demo} $(BIN)/amends demo --size $(SIZE) --seed $(SEED) --port $(PORT)

# Processes side by side would wait for each other's threads.
test test-sqlite test-rules test-postgres docs-tests: export POLARS_MAX_THREADS = 1
test: $(READY)  ## the tests, on SQLite
	$(BIN)/python -m pytest -q $(TOGETHER) --durations 12 -m "not postgres and not spark"

check:          ## everything; ALSO=/usr/bin/python3 runs the tests that know a database with that Python
	+$(MAKE) --no-print-directory -j 2 installed $(if $(ALSO),also)
	+$(MAKE) --no-print-directory -j 2 --output-sync=target $(if $(ALSO),,warmed) migrations lint format
# Side by side: one run alone leaves cores idle at its beginning and its end. Each is told when it is done.
	+$(MAKE) --no-print-directory -j 3 --output-sync=target AT_ONCE=$(EACH) $(if $(ALSO),also-sqlite also-postgres test-rules,test-sqlite test-postgres) test-spark types contracts docs-tests

# All that `check` and `load` need, one after the other into the same environment.
installed: $(READY)
	+$(MAKE) --no-print-directory $(SPARK)
	+$(MAKE) --no-print-directory $(LOAD)
also:
	+$(MAKE) --no-print-directory VENV=build/also PYTHON=$(ALSO) warmed

# What pytest makes of each file of tests is kept, and what numba compiles. Done once here, it is not
# done again by each process of the two runs: eight seconds of a processor for every one of them, and
# half a minute for whichever meets a kernel before another has kept it.
warmed: $(READY)
	@mkdir -p build
	$(BIN)/python -m pytest -q -n 0 $(CACHE) --collect-only >build/warmed.txt || { tail -40 build/warmed.txt; exit 1; }
	$(BIN)/python -m tests.kernels
format: $(READY)
	$(BIN)/ruff format --check .
lint: $(READY)
	$(BIN)/ruff check .
types: $(READY)
	$(BIN)/mypy
contracts: $(READY)
	$(BIN)/lint-imports
migrations: $(READY)
	AMENDS_DATA_DIR=build/check $(BIN)/python -m django makemigrations --check --dry-run
	AMENDS_DATA_DIR=build/check AMENDS_ALLOWED_HOSTS=amends.example $(BIN)/python -m django check --deploy --fail-level WARNING
test-sqlite: $(READY)
	$(BIN)/python -m pytest -q $(TOGETHER) $(CACHE) --durations 12 -m "not postgres and not spark" $(BUT) $(AGAIN)
# They make way a little for what one process alone has to do beside their six, or that would end last.
also-sqlite also-postgres: also-%:
	+nice -n 4 $(MAKE) --no-print-directory VENV=build/also PYTHON=$(ALSO) BUT="--ignore=tests/rules" test-$*
# By the Python at hand, where the other one has the databases.
test-rules: $(READY)
	$(BIN)/python -m pytest -q -n 0 $(CACHE) --durations 12 -m "not spark" tests/rules $(AGAIN)
# Rules know no database: on PostgreSQL they would only be run twice.
test-postgres: $(READY)
	export AMENDS_TEST_DATABASE=postgres; \
	$(BIN)/python -m pytest -q $(TOGETHER) $(CACHE) --durations 12 -m "not browser and not sqlite_only and not no_database and not spark" tests/actions tests/pages tests/house tests/torture tests/upgrades $(AGAIN)
# One process, so that one session serves all.
test-spark: $(SPARK)
	$(BIN)/python -m pytest -q -n 0 -m spark tests/actions/notices tests/actions/hotissues tests/rules/indicators tests/torture/notices
docs-tests: $(READY)
	$(BIN)/python -m pytest -q -n 0 --doctest-modules src/amends/kit src/amends/facts src/amends/stats src/amends/complaints/rules src/amends/notices/rules src/amends/notices/spark src/amends/confirmations/rules src/amends/hotissues/rules src/amends/indicators/rules src/amends/indicators/documents/cells.py src/amends/remedies/rules src/amends/subscribers/names.py src/amends/access/rules src/amends/ledger/rules src/amends/channels/files

bench: $(READY) ## the figures of docs/figures.md as one table; SEED=N draws otherwise
	$(BIN)/python bench/table.py $(if $(SEED),--seed $(SEED))
load: $(LOAD) ## 50 intakes and 200 page views a second on PostgreSQL: AMENDS_LOAD_S=1800 for the long form
	$(BIN)/python bench/load.py --seconds $${AMENDS_LOAD_S:-60}
clocks: $(READY) ## the tests at moments when the hour or the day decides: AT=path chooses some (needs faketime)
	@command -v faketime >/dev/null || { echo "make clocks: faketime is not installed, so nothing was run. On Debian: apt-get install faketime" >&2; exit 1; }
	for moment in $(MOMENTS); do echo "At $$moment"; \
	  AMENDS_TEST_CLOCK=$$moment FAKETIME_DONT_FAKE_MONOTONIC=1 \
	  faketime -f "$$(printf '%+d' $$(( $$(date -d $$moment +%s) - $$(date +%s) )))s" \
	  $(BIN)/python -m pytest -q $(TOGETHER) -m "not postgres and not spark and not browser and not kill" $(or $(AT),tests/pages tests/actions tests/house) || exit 1; done
torture: $(READY) ## long fault tests: of the reminder engine 500 kills on each database, of the rest 200
	AMENDS_KILLS=500 $(BIN)/python -m pytest -q -m kill $(ENGINE_KILLS)
	AMENDS_KILLS=500 AMENDS_TEST_DATABASE=postgres $(BIN)/python -m pytest -q -m kill $(ENGINE_KILLS)
	AMENDS_KILLS=200 $(BIN)/python -m pytest -q -m kill --ignore $(ENGINE_KILLS) tests/torture tests/actions/ledger/test_kills.py tests/actions/channels/test_kills.py
	AMENDS_KILLS=200 AMENDS_TEST_DATABASE=postgres $(BIN)/python -m pytest -q -m kill --ignore $(ENGINE_KILLS) tests/torture tests/actions/ledger/test_kills.py tests/actions/channels/test_kills.py
	AMENDS_OUTAGE_S=60 AMENDS_TEST_DATABASE=postgres $(BIN)/python -m pytest -q -n 0 tests/torture/test_database_away.py
	AMENDS_STEPS=10000 AMENDS_TEST_DATABASE=postgres $(BIN)/python -m pytest -q tests/actions/confirmations/test_machine.py
	AMENDS_GUESSES=1000000 $(BIN)/python -m pytest -q -n 0 -k guesses tests/actions/confirmations/test_guards.py
model: $(READY) ## train the classifier that ships, from our own texts
	$(BIN)/python -m training
messages: $(READY) ## compile the Chinese texts (needs gettext's msgfmt)
	find src -name django.po -execdir msgfmt --check -o django.mo django.po \;
pictures: $(READY) ## the contact sheet of the pages, from the demonstration
	$(BIN)/python pictures/take.py
lock:           ## renew the lock (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --extra dev pyproject.toml -o $(LOCK)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate -c $(LOCK) --extra traces pyproject.toml -o requirements/run.lock
	echo hatchling | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate -c $(LOCK) - -o requirements/build.lock
	for extra in spark load; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate -c $(LOCK) --extra $$extra pyproject.toml -o requirements/$$extra.lock; done
clean:          ## remove what was built
	rm -rf build .venv .mypy_cache .pytest_cache .ruff_cache
