# Everything runs from .venv, which the first target to need it makes from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

PAGES := verifier/desk_pages/built/index.html
NPM := $(CURDIR)/$(BIN)/npm --prefix web

.PHONY: setup pages screenshots unreviewed demo up test check bench fuzz vectors lock format contracts clean

setup: .venv/installed  ## Python packages, pinned by hash

.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Sabai needs Python 3.11 or newer: make PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@touch $@

.venv/installed: .venv/uv requirements.lock pyproject.toml
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json .venv/installed
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(PAGES): web/node_modules/.package-lock.json $(shell find web -type f -not -path '*/node_modules/*')
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) run --silent build
	@touch $@

pages: $(PAGES)  ## The pages of web/, built into the services that serve them

demo: setup pages  ## One patient through the main job; then the services stay up (ARGS=--once ends)
	@$(BIN)/sabai demo $(ARGS)

up: setup pages  ## The three services on the embedded defaults
	@$(BIN)/sabai up $(ARGS)

test: setup pages  ## All tests; brings Debian's PostgreSQL and Chromium where they are missing and may be installed
	@sh tests/install_servers.sh
	@$(BIN)/python -m compileall -q backend issuer sabai vc_core verifier wallet_sdk  # for the many processes that tests start
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)  # neighbours in one process share what a module or folder starts

screenshots: setup pages  ## Every main screen in five languages, for people to look at
	@sh tests/install_servers.sh
	@SABAI_SCREENSHOTS=$(CURDIR)/screenshots $(BIN)/pytest -q tests/web tests/verifier/desk/test_browser.py $(ARGS)

unreviewed: web/node_modules/.package-lock.json  ## The pages' texts that no native speaker has read: ARGS=lo lists those of a language
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) run --silent unreviewed -- $(ARGS)

check: setup web/node_modules/.package-lock.json  ## Lint, types, imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) run --silent check

bench: setup pages  ## The ratios of docs/performance.md, measured in one run
	@$(BIN)/python -m tests.bench $(ARGS)

fuzz: setup  ## Fuzzes the parsers: ARGS="[parser ...] seconds" (Linux on x86_64)
	@$(BIN)/python -m tests.fuzz $(ARGS)

vectors: setup  ## Writes tests/vectors/mutants anew
	@$(BIN)/python -m tests.mutants

format: setup web/node_modules/.package-lock.json
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) run --silent format

lock: .venv/uv  ## Writes requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-index-url --python-version 3.11 \
	  --custom-compile-command 'make lock' --extra services --extra ledger --extra hsm --extra didkit --extra dev pyproject.toml -o requirements.lock

contracts: setup  ## Compiles the Solidity contracts anew
	@cd vc_core/ledger/contracts/build && PATH="$(CURDIR)/$(BIN):$$PATH" && npm ci --no-audit --no-fund && node compile.mjs

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
