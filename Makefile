# Everything a fresh machine needs is Python 3.11 or newer; `make chat` and `make test` do the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHAT ?=
# Tests run side by side, two at least: many of them wait for processes and servers.
CORES ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 2 ] && echo $$n || echo 2)

.PHONY: chat test check hard lock mutants bench audit clean

chat: $(VENV)/.run
	@$(BIN)/saeulenbot chat $(CHAT)

# What hangs for a quarter of an hour says where, and ends its worker instead of the whole run.
test: $(VENV)/.dev check
	$(BIN)/python -m pytest -m "not hard" -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true -n $(CORES) --dist worksteal --cov --cov-report=term-missing:skip-covered

check: $(VENV)/.dev audit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/saeulenbot check

hard: $(VENV)/.dev
	$(BIN)/python -m pytest -m hard
	$(BIN)/python -m pytest -m "not hard" -n $(CORES) --hypothesis-profile=thorough -k any
	$(MAKE) mutants
	$(MAKE) bench

# Small faults put into the code one by one: the tests must notice (at least 85 of 100).
mutants: $(VENV)/.dev
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/mutmut run
	$(BIN)/python -m benchmarks mutants

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Known weaknesses in what is locked. Without an answer from the advisory service the rest is checked all the same.
audit: $(VENV)/.dev
	@$(BIN)/pip-audit --require-hashes --disable-pip --progress-spinner off -r requirements.lock >.audit 2>&1 \
	  && grep "known vulnerabilities" .audit \
	  || { grep -q "known vulnerabilit" .audit && cat .audit && exit 1; \
	       echo "Not audited: the advisory service gave no answer."; }

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
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .venv-synapse .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
