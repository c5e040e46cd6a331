# Everything a newcomer needs is Python 3.11 or newer and make. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format matrix bench screens clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: $(STAMP) ## start everything; PORT=8001 for another port, LEADCRM_SIMULATE=0 without made-up leads
	@exec $(BIN)/python -m leadcrm.stack.run

test: $(STAMP) ## every check and test; ARGS="tests/capture -x" goes to pytest
	@exec $(BIN)/python -m leadcrm.stack.check test $(ARGS)

lint: $(STAMP) ## the checks that only read the source
	@exec $(BIN)/python -m leadcrm.stack.check lint

format: $(STAMP) ## put the source in its standard form
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .

matrix: $(STAMP) ## every address, method and locked field for every asker, hostile words and screens at every door; what each was answered into test-artifacts/matrix
	@LEADCRM_MATRIX=full exec $(BIN)/python -m leadcrm.stack.check test tests/matrix tests/rows/test_hostile_texts.py tests/connectors/test_hostile.py tests/journeys/test_accessibility.py

bench: $(STAMP) .venv-bench/.installed ## measure against bare floors and splink, into bench/*.md; SIZE=1000000 for a larger tenant, PART=rules, clocks, stops, hours, keys, canaries, sealing, next, screens
	@$(BIN)/python -m bench $(PART)
	@test "$(PART)" || exec $(BIN)/python -m bench.identity

.venv-bench/.installed: requirements-bench.lock
	@echo "Installing what is measured beside into .venv-bench"
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

screens: $(STAMP) ## pictures of every screen into docs/screens; ONLY="queue lead" for some
	@exec $(BIN)/python -m tests.screens

clean: ## remove the environment and caches; DATA=1 removes this checkout's database and secrets too
	@if [ "$(DATA)" = 1 ] && [ -d .data ]; then \
		if [ -x $(BIN)/python ]; then $(BIN)/python -m leadcrm.stack.clean; \
		else echo "Removing the data needs the environment: run 'make test' or 'make run' once, then again."; exit 1; fi; \
	fi
	@rm -rf $(VENV) .venv-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-artifacts
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) is not installed. leadcrm needs Python 3.11 or newer; name it with: make PYTHON=/path/to/python3 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "leadcrm needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=/path/to/python3 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the locked packages into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@
