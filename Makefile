# `make demo` and `make test` are all one needs; both build .venv from the lock on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.lock
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark
LOAD := $(VENV)/.load
SBOM := build/sbom/.installed
export DJANGO_SETTINGS_MODULE := amends.site.settings
# Without compiled files each of the processes that tests start would compile all anew.
export PYTHONDONTWRITEBYTECODE :=
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
SIZE ?= 5000
SEED ?= 2026
PORT ?= 8000
# Processes of tests: one for each of two cores and one while others wait. Each needs a gigabyte.
AT_ONCE ?= 3
PYTEST = $(BIN)/python -m pytest -q
# With RETRY=1 what failed runs once more, alone: a browser starved by the tests beside it passes then.
CACHE = -o cache_dir=build/pytest-$@
ifdef RETRY
AGAIN = || { test $$? = 1 && $(PYTEST) -n 0 -rA --show-capture=no --maxfail 5 --last-failed --last-failed-no-failures none $(CACHE); }
endif
PARALLEL = -n $(AT_ONCE) --dist worksteal --durations 10
KILLS ?= 200
SECOND ?= /usr/bin/python3
# Just before midnight on a Thursday and at the end of a year, a Sunday at the Spring Festival, a leap day.
MOMENTS := 2026-12-03T23:55:00+08:00 2026-12-31T23:50:00+08:00 2027-02-28T20:00:00+08:00 2028-02-29T09:00:00+08:00

.PHONY: help demo test test-bare check lint types migrations test-commands test-postgres test-spark test-upgrade doctest \
	golden golden-test nightly kills clocks second load bench model messages docs lock sbom release size pictures clean

help:           ## what can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/'

$(INSTALLED): $(LOCK) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Amends needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r $(LOCK)
	$(INSTALL) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	touch $@
# The Chinese texts, compiled anew after a change.
$(READY): $(INSTALLED) $(shell find src -name django.po)
	$(BIN)/python hatch_build.py
	touch $@
# Half a gigabyte, and what only load tests use.
$(SPARK): $(INSTALLED) requirements/spark.lock
	$(INSTALL) --require-hashes -r requirements/spark.lock
	touch $@
$(LOAD): $(INSTALLED) requirements/load.lock
	$(INSTALL) --require-hashes -r requirements/load.lock
	touch $@

demo: $(READY)  ## simulate an operator, run every complaint to its decision, serve the console
	AMENDS_DATA_DIR=$${AMENDS_DATA_DIR:-build/demo} $(BIN)/amends demo --size $(SIZE) --seed $(SEED) --port $(PORT)

test: $(READY)  ## the tests, on SQLite
	$(PYTEST) $(PARALLEL) $(CACHE) -m "not nightly and not postgres and not spark and not golden and not upgrade and not commands" $(AGAIN)

# What needs programs or data beyond the lock, with all of it hidden: skipped with its reason, never failed.
BARE := build/bare
HIDDEN := chromium dovecot doveadm java node npm npx promtool amtool pdftotext snac soffice msgfmt faketime
test-bare: $(READY)
	rm -rf $(BARE) && mkdir -p $(BARE)/bin
	for place in $$(echo $$PATH | tr : ' '); do ln -s $$place/* $(BARE)/bin/ 2>/dev/null || true; done
	cd $(BARE)/bin && rm -f $(HIDDEN)
	env -u AMENDS_SHARED -u AMENDS_REQUIRE_ALL -u AMENDS_CHROMIUM -u JAVA_HOME PATH="$(CURDIR)/$(BARE)/bin" \
	  $(PYTEST) -n 0 -m "needs and not upgrade" $$(grep -rlE 'mark\.(browser|mailserver|needs|shared|spark)' tests --include='test_*.py')

check: lint types migrations test-bare doctest test-commands test-spark test-postgres test-upgrade  ## what .ci/run does after `make test`
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
types: $(READY)
	$(BIN)/mypy --any-exprs-report build/types
	awk '$$1 == "Total" { print "typed expressions: " $$4; exit $$4 + 0 < 90 }' build/types/any-exprs.txt
migrations: $(READY)
	AMENDS_DATA_DIR=build/check $(BIN)/python -m django makemigrations --check --dry-run
	AMENDS_DATA_DIR=build/check AMENDS_ALLOWED_HOSTS=amends.example $(BIN)/python -m django check --deploy --fail-level WARNING
# What knows SQL, locks and triggers: files marked so, and those of actions with tests that commit..
ON_POSTGRES ?= $(shell grep -rlE 'postgres_too|mark.postgres\b|transaction=True' tests/actions --include='test_*.py'; \
  grep -rl postgres_too tests/pages tests/upgrade --include='test_*.py')
test-postgres: $(READY)
	export AMENDS_TEST_DATABASE=postgres; $(PYTEST) $(PARALLEL) $(CACHE) -m "not nightly and not browser and not sqlite_only and not no_database and not spark and not upgrade" \
	  $(ON_POSTGRES) $(AGAIN)
# The code of the release named in tests/upgrade/release.toml, on the schema that this version makes of its database.
test-upgrade: $(READY)
	$(PYTEST) -n 0 -m "upgrade and not nightly" $(CACHE) tests/upgrade $(AGAIN)
	AMENDS_TEST_DATABASE=postgres $(PYTEST) -n 0 -m "upgrade and not nightly and not sqlite_only" $(CACHE) tests/upgrade $(AGAIN)
# Every command of the built wheel as a process of its own, three at a time.
test-commands: $(READY) $(SBOM)
	$(PYTEST) -n 0 -m commands tests/commands $(CACHE) --durations 10 $(AGAIN)
golden-test: $(READY)
	$(PYTEST) -m golden tests/golden
# One process, so that one session of Spark serves all.
test-spark: $(SPARK)
	$(PYTEST) -m "spark and not nightly" tests/actions/confirmations tests/actions/notices tests/actions/hotissues tests/actions/quality tests/rules/indicators tests/rules/protection
doctest: $(READY)
	$(PYTEST) --doctest-modules $(addprefix src/amends/,engines platform/kit platform/vault platform/tabular record/facts network/measurement) $(wildcard src/amends/*/*/rules src/amends/*/*/texts src/amends/*/*/queries) src/amends_demo/rules

golden: $(READY) ## renew tests/golden/record: documents, help, interface, facts and pages as they are now
	$(BIN)/python -m tests.golden
nightly: golden-test kills clocks second load  ## hours: kills and faults, moments of the calendar, a second Python, load
kills: $(SPARK)
	AMENDS_KILLS=$(KILLS) $(PYTEST) -m "nightly and not postgres"
	AMENDS_KILLS=$(KILLS) AMENDS_OUTAGE_S=60 AMENDS_TEST_DATABASE=postgres $(PYTEST) -m "nightly and not sqlite_only and not spark"
	AMENDS_EXAMPLES=300 $(PYTEST) $(PARALLEL) -m hypothesis tests/rules tests/pages/portals/test_api.py
	AMENDS_STEPS=10000 AMENDS_TEST_DATABASE=postgres $(PYTEST) tests/actions/confirmations/test_machine.py
	AMENDS_GUESSES=1000000 $(PYTEST) -k guesses tests/actions/confirmations/test_guards.py
	AMENDS_CANARIES=10000 $(PYTEST) tests/conventions/test_canaries.py
clocks: $(READY) ## the tests at moments when the hour or the day decides: AT=path chooses some (needs faketime)
	@command -v faketime >/dev/null || { echo "make clocks: faketime is not installed, so nothing was run. On Debian: apt-get install faketime" >&2; exit 1; }
	for moment in $(MOMENTS); do echo "At $$moment"; \
	  AMENDS_TEST_CLOCK=$$moment FAKETIME_DONT_FAKE_MONOTONIC=1 \
	  faketime -f "$$(printf '%+d' $$(( $$(date -d $$moment +%s) - $$(date +%s) )))s" \
	  $(PYTEST) $(PARALLEL) -m "not nightly and not postgres and not spark and not browser and not upgrade" $(or $(AT),tests/pages tests/actions tests/conventions) || exit 1; done
# Production on Debian runs on Debian's own Python.
second:
	+$(MAKE) VENV=build/second PYTHON=$(SECOND) test test-postgres ON_POSTGRES="tests/actions tests/pages"
load: $(LOAD)   ## 50 intakes and 200 page views a second on PostgreSQL: AMENDS_LOAD_S=1800 for the long form
	$(BIN)/python bench/load.py --seconds $${AMENDS_LOAD_S:-60}

bench: $(READY) ## the figures of docs/figures.md as one table; SEED=N draws otherwise
	$(BIN)/python bench/table.py $(if $(SEED),--seed $(SEED))
model: $(READY) ## train the classifier and the second opinion that ship, from our own texts
	$(BIN)/python -m training
	$(BIN)/python -m training.messages
	$(BIN)/python -m training.contents
messages: $(INSTALLED) ## compile the Chinese texts
	$(BIN)/python hatch_build.py
pictures: $(READY) ## the contact sheet of the pages, from the demonstration
	$(BIN)/python pictures/take.py
# Documentation as pages, in an environment of its own.
docs: $(READY)  ## build/docs: the documentation and all commands as pages, searchable in both languages
	test -x build/docs-env/bin/python || $(PYTHON) -m venv build/docs-env
	build/docs-env/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.lock
	$(BIN)/python website/commands.py build/commands
	NO_MKDOCS_2_WARNING=1 build/docs-env/bin/mkdocs build --strict --quiet --config-file website/mkdocs.yml
lock:           ## renew the lock (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --no-strip-extras --extra dev pyproject.toml -o $(LOCK)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --no-strip-extras -c $(LOCK) pyproject.toml -o requirements/run.lock
	printf 'hatchling\npolib\n' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --no-strip-extras -c $(LOCK) - -o requirements/build.lock
	for extra in traces spark load semantic; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --no-strip-extras -c $(LOCK) --extra $$extra pyproject.toml -o requirements/$$extra.lock; done
	echo cyclonedx-bom | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --no-strip-extras -c $(LOCK) - -o requirements/sbom.lock
	printf 'mkdocs-material\njieba\n' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --no-strip-extras -c $(LOCK) - -o requirements/docs.lock
$(SBOM): requirements/sbom.lock
	test -x build/sbom/bin/python || $(PYTHON) -m venv build/sbom
	build/sbom/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/sbom.lock
	touch $@
sbom: $(READY) $(SBOM)  ## build/amends.cdx.json: what production runs on with its licences, as CycloneDX
	$(BIN)/python deploy/release.py --only-components build/amends.cdx.json
# From a clean tree. PICTURES=accepted where docs/pictures may be older than the pages; SIGN=gpg:KEY or minisign:FILE.
release: $(READY) $(SBOM)  ## build/release: wheel, sources, list of components, checksums, signature
	$(BIN)/python deploy/release.py --pictures "$(PICTURES)" --sign "$(SIGN)"
# What is installed now, in millions of bytes; the aim is 900 (docs/figures.md). It may only shrink.
INSTALLED_MB ?= 975
size:           ## install from the lock as an operator does, and compare the size with the limit
	rm -rf build/size && $(PYTHON) -m venv build/size
	build/size/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/run.lock
	build/size/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/build.lock
	build/size/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --no-build-isolation .
	find build/size -name __pycache__ -prune -o -type f -printf '%s\n' | awk '{bytes += $$1} \
	  END {printf "installed: %.0f MB of $(INSTALLED_MB)\n", bytes / 1e6; exit bytes > $(INSTALLED_MB) * 1e6}'
	rm -rf build/size
clean:          ## remove what was built
	rm -rf build .venv .mypy_cache .pytest_cache .ruff_cache
