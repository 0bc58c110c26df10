# The store's commands. `make demo` is the one to begin with; `make help` lists them all.

SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard storefront/translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help setup demo reset-demo serve test check bench lock catalogues tools

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

setup: $(VENV)/.runs $(CATALOGUES) ## only the environment, nothing started

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv

$(VENV)/.runs: requirements.txt $(VENV)/bin/uv
	@$(BIN)/uv pip install -q --python $(BIN)/python -r requirements.txt
	@touch $@

# A catalogue without a header, as ours are kept, passes for fuzzy as a whole and would be skipped.
%.mo: %.po $(VENV)/.runs
	@$(BIN)/pybabel -q compile --use-fuzzy -i $< -o $@

$(VENV)/.tests: requirements-dev.txt $(VENV)/.runs
	@$(BIN)/uv pip install -q --python $(BIN)/python -r requirements-dev.txt
	@touch $@

demo: ## the whole store with demo data on http://127.0.0.1:8000 (PORT= changes it)
	@PYTHON=$(PYTHON) PORT=$(PORT) deploy/demo

reset-demo: ## throw the demo data away and make it anew
	@PYTHON=$(PYTHON) deploy/reset-demo

serve: setup ## the production server and worker on the configured database
	@deploy/serve

tools:
	@deploy/test-tools

test: tools $(VENV)/.tests setup ## all tests, with everything they need
	@$(BIN)/pytest -n 2 --dist loadgroup -q

check: $(VENV)/.tests setup ## ruff, mypy, import-linter, migrations, translations
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/pytest -q tests/test_migrations.py -k sqlite
	@$(BIN)/python -m storefront.translations.complete

bench: tools $(VENV)/.tests setup ## the benchmarks: a table, and benchmarks/results/*.json
	@$(BIN)/python -m benchmarks

catalogues: $(VENV)/.tests ## take new texts into the translation catalogues
	@$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k _ -k _l -k lazy_gettext -k ngettext:1,2 --no-location --sort-output -o storefront/translations/messages.pot .
	@$(BIN)/pybabel -q update -i storefront/translations/messages.pot -d storefront/translations --no-fuzzy-matching --omit-header --ignore-obsolete

lock: $(VENV)/bin/uv ## compile requirements*.in into pinned sets
	@$(BIN)/uv pip compile -q requirements.in -o requirements.txt --no-header --no-annotate
	@$(BIN)/uv pip compile -q requirements-dev.in -o requirements-dev.txt --no-header --no-annotate
