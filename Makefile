# Everything a fresh machine needs is Python 3.11 or newer; `make chat` and `make test` do the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHAT ?=

.PHONY: chat test check hard lock mutants bench audit clean

chat: $(VENV)/.run
	@$(BIN)/saeulenbot chat $(CHAT)

test: $(VENV)/.dev check
	$(BIN)/python -m pytest -m "not hard" --cov --cov-report=term-missing:skip-covered

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/saeulenbot check

hard: $(VENV)/.dev
	$(BIN)/python -m pytest -m hard
	$(MAKE) mutants
	$(MAKE) bench

# Small faults put into the code one by one: the tests must notice (at least 85 of 100).
mutants: $(VENV)/.dev
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/mutmut run
	$(BIN)/python -m benchmarks mutants

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Known weaknesses in what is locked; asks the network, so it stands apart from `check`.
audit: $(VENV)/.dev
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.lock

# The locks pin every package with its hashes and name no address.
lock: $(VENV)/.dev
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group dev $(LOCK) -c requirements.lock -o requirements-dev.lock
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Säulenbot needs Python 3.11 or newer. Say which one: make chat PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv requirements.lock pyproject.toml
	@echo "Installing what the bot needs into $(VENV) (once) ..." >&2
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
