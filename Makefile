# Two commands do everything: `make run` (the monitor on a simulated gateway) and `make test`.
#
#   make test        the gate: ruff, mypy --strict, import contracts, tests; of each soak a sample
#   make test-fast   while you work, a minute: a sample, no browser, no terminal, no soak
#   make test-long   every test and whole soaks, with new seeds: hours
#   make check       ruff, mypy --strict, import contracts
#
# ARGS are pytest's (`make test ARGS="-k healing"`); WORKERS is how many tests run at once, three a core if not said.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= auto
# Bytecode is kept whatever the environment says: else each worker compiles all tests, and each program what it imports.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: run test test-fast test-long check lint types bench docs pictures lock wheel clean

run: $(VENV)/.run
	@$(BIN)/wa-tui --demo $(ARGS)

# mypy works while the tests wait, and speaks after them.
test: lint
	@types=$$(mktemp); $(BIN)/mypy >"$$types" 2>&1 & mypy=$$!; trap 'kill $$mypy; rm -f "$$types"' INT TERM; \
	$(PYTEST) $(ARGS); tested=$$?; \
	wait $$mypy; typed=$$?; cat "$$types"; rm -f "$$types"; exit $$((tested | typed))

test-fast: $(VENV)/.dev
	@WA_TUI_FAST=1 $(PYTEST) -m "not (browser or pty or soak)" $(ARGS)

test-long: check
	WA_TUI_LONG=1 $(PYTEST) $(ARGS)

check: lint types

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks $(ARGS)

# What docs/ takes from the code: keys, commands, settings, attention codes, the types of the API.
docs: $(VENV)/.dev
	$(BIN)/python -m tests.unit.docs.generated

# The README's pictures, into docs/.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.tui.pictures

wheel: $(VENV)/.dev
	$(BIN)/python -m hatchling build -t wheel

# Resolves the pinned versions anew from pyproject.toml.
lock: $(VENV)/.dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --upgrade -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "wa-tui needs Python 3.11 or newer; name one: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "No virtual environment could be made. On Debian and Ubuntu: apt-get install -y python3-venv"; exit 1; }

$(VENV)/.run: $(BIN)/python requirements.lock pyproject.toml
	@echo "Installing wa-tui into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q wa_tui  # else the first start pays for it, and each one where bytecode may not be kept
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
