# Every target sets up what it needs; nothing has to be installed but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help setup demo fast test test-pythons mutants check bench lock openapi clean

# Unit tests: no server, no database but SQLite, no foreign client.
FAST := -q -m "not slow and not interop" -k "not postgres and not quick" tests/query tests/registry \
	$(addprefix tests/mappings/,checks disclosure expressions linting steps)
# Which versions make test-pythons tries; those that are not installed are named and left out.
PYTHONS ?= 3.11 3.12 3.13

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## make .venv from the lock file

$(STAMP): requirements-dev.lock pyproject.toml
	@echo "Setting up $(VENV) from requirements-dev.lock (only when that file changes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8,<1"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements-dev.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@$(BIN)/python -m compileall -q exchange mappings registry
	@touch $@

demo: setup ## map, publish and serve the bundled dataset
	@$(BIN)/exchange demo

fast: setup ## run the unit tests, under a minute
	@$(BIN)/pytest $(FAST)

test: setup ## run all tests
	@$(BIN)/pytest

test-pythons: setup ## run the unit tests on every supported Python that is installed
	@for version in $(PYTHONS); do \
		python=; for found in $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version.*/bin/python python$$version; do \
			if $$found -c "" 2>/dev/null; then python=$$found; fi; done; \
		if [ -z "$$python" ]; then echo "Python $$version: not installed"; continue; fi; \
		echo "Python $$version ($$python)"; environment=$(VENV)/pythons/$$version; \
		$(BIN)/uv venv --quiet --allow-existing --no-python-downloads --python $$python $$environment \
			&& VIRTUAL_ENV=$$environment $(BIN)/uv pip sync --quiet --require-hashes requirements-dev.lock \
			&& $$environment/bin/python -m pytest $(FAST) || exit 1; \
	done

mutants: setup ## change single places and see whether tests notice; ONLY=registry/versions SAMPLE=200
	@$(BIN)/python -m tests.mutation --only "$(ONLY)" --sample $(or $(SAMPLE),0) $(if $(RECORD),--record "$(RECORD)")

check: setup ## lint, types, architecture, lock file
	@echo "ruff" && $(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@echo "mypy" && $(BIN)/mypy
	@echo "import-linter" && $(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log || (cat $(VENV)/lint-imports.log; exit 1)
	@echo "lock files" && cp requirements-dev.lock requirements.lock $(VENV) \
		&& $(UV_COMPILE) pyproject.toml --group dev -o $(VENV)/requirements-dev.lock >/dev/null \
		&& $(UV_COMPILE) pyproject.toml -c $(VENV)/requirements-dev.lock -o $(VENV)/requirements.lock >/dev/null \
		&& sed -i 's#$(VENV)/##' $(VENV)/requirements.lock \
		&& diff requirements-dev.lock $(VENV)/requirements-dev.lock && diff requirements.lock $(VENV)/requirements.lock \
		|| (echo "The lock files do not match pyproject.toml; run make lock"; exit 1)

bench: setup ## measure the promises; prints a table and writes benchmarks/results.json
	@$(BIN)/python -m benchmarks

lock: setup ## renew the lock files after a change of dependencies
	$(UV_COMPILE) pyproject.toml --group dev -o requirements-dev.lock
	$(UV_COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock

openapi: setup ## renew openapi/openapi.json
	@$(BIN)/python -c 'import json; from exchange.app import create_app; print(json.dumps(create_app().openapi(), indent=2))' > openapi/openapi.json

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
