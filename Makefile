# Every verb of the project. `make` alone lists them.
PYTHON ?= python3
PROCESSES ?= 2
BIN := .venv/bin
ARGS ?=

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: runtime  ## try the whole desk on this machine, with invented cases
	@$(BIN)/rempart desk run --rehearsal $(ARGS)

test: development system  ## every check and every test, on SQLite then on PostgreSQL
	@$(MAKE) check
	@$(BIN)/python tools/run_tests.py -n $(PROCESSES) $(ARGS)

quick: development  ## the tests that take less than a minute (no browser, no PostgreSQL)
	@$(BIN)/pytest -m "not browser and not slow and not postgres" -n $(PROCESSES) $(ARGS)

check: development gettext  ## format, lint, types, import rules, templates, translations, migrations
	@$(BIN)/python tools/check.py $(ARGS)

format: development  ## put the code in its usual shape
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

translations: development gettext  ## write the new strings in the catalogues, to be translated
	@$(BIN)/python tools/translations.py update

bench: development  ## measure every speed we claim
	@$(BIN)/python -m benchmarks $(ARGS)

wheel: development  ## the package in dist/, for this platform and any Python, tried in a fresh environment
	@$(BIN)/python tools/wheel.py $(ARGS)

screenshots: development system  ## a picture of every page, in screenshots/
	@$(BIN)/python tools/screenshots.py $(ARGS)

lock: development  ## choose the newest versions allowed and pin them with their hashes
	@$(BIN)/python tools/lock.py $(ARGS)

clean:  ## forget the environment and what was built
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results screenshots
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
	@find src -name '*.mo' -delete

# What the verbs stand on.
runtime:
	@$(PYTHON) tools/environment.py run
	@$(BIN)/python tools/translations.py compile

development: compiler
	@$(PYTHON) tools/environment.py dev
	@$(BIN)/python tools/translations.py compile

system: gettext
	@tools/system_packages.sh chromium firefox postgresql fonts minisign

compiler:
	@PYTHON=$(PYTHON) tools/system_packages.sh compiler headers

gettext:
	@tools/system_packages.sh gettext

.PHONY: help run test quick check format translations bench wheel screenshots lock clean runtime development system compiler gettext
