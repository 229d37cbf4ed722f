# Everything that a fresh machine needs: Python 3.11 or newer with venv, make and git. `make help` says what there is.

# Another Python: `make test PYTHON=python3.13`. Another place for the environment: `make test VENV=/elsewhere`.
PYTHON ?=
VENV ?= .venv
# More for pytest: `make test PYTEST_FLAGS="-n 0 -k log"`.
PYTEST_FLAGS ?= -n auto
# More for it: `make bench-accuracy ACCURACY_FLAGS="--tdrive FILE --foursquare FILE"`.
ACCURACY_FLAGS ?=
# More for the benchmark: `make bench BENCH_FLAGS="--out bench.json"`.
BENCH_ROWS ?= 10000000 100000000
BENCH_FLAGS ?=
# More for Spark's: `make bench SPARK_FLAGS="--rows 100000000 --tdrive FILE"`.
SPARK_FLAGS ?=

BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

# What machine settings might write into the lock (a private index, a folder of wheels, a cap) is left out of making it;
# PIP_INDEX_URL still names another index.
PIP_COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_CONSTRAINT PIP_CONFIG_FILE=/dev/null \
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe --build-deps-for editable $(LOCK_FLAGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test lint format bench bench-accuracy prove lock clean

help: ## say what there is (this text)
	@echo "hereabouts: where the crowd is, never where a person was"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 24
	@echo
	@echo "The first of them makes the environment in $(VENV): a minute or so on a quick line."

demo: $(RUNTIME) ## make a small town's pings and take them all the way to a published release, in demo/
	$(BIN)/hereabouts demo --out demo

test: $(DEV) ## run the test suite (HEREABOUTS_REQUIRE=all: nothing may skip for want of a tool)
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(DEV) ## check style, types, layers and locks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pip check
	$(BIN)/python -m pytest -q tests/test_repository.py

format: $(DEV) ## lay the code out anew, and mend what can be mended by rule
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(DEV) ## measure 10 M and 100 M made-up pings beside DuckDB (BENCH_ROWS=1000000000: day by day)
	BENCH_ROWS="$(BENCH_ROWS)" $(BIN)/python -m benchmarks.throughput $(BENCH_FLAGS)
	$(BIN)/python -m benchmarks.draws
	$(BIN)/python -m benchmarks.log
	$(BIN)/python -m benchmarks.spark $(SPARK_FLAGS)

bench-accuracy: $(DEV) ## hold our releases beside tuned peers (real pings: ACCURACY_FLAGS="--tdrive FILE --foursquare FILE")
	$(BIN)/python -m benchmarks.accuracy $(ACCURACY_FLAGS)

prove: $(DEV) ## run the long proofs, which `make test` leaves out
	$(BIN)/python -m pytest -m prove $(PYTEST_FLAGS)

lock: $(DEV) ## pin the dependencies of pyproject.toml anew (LOCK_FLAGS=--upgrade: all to their latest)
	$(PIP_COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --constraint requirements.lock --output-file requirements-runtime.lock pyproject.toml

clean: ## remove what the other targets leave, but for the environment in .venv
	rm -rf demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------------------------
# The demo needs the runtime alone, which is 40 % less to download; the checks bring the rest.

$(RUNTIME): requirements-runtime.lock pyproject.toml | $(BIN)/python
	@echo "Installing what hereabouts runs on (once; some 260 MB)..."
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements-runtime.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what hereabouts and its checks run on (once; some 430 MB)..."
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(RUNTIME) $@

# An environment whose Python is gone (removed, or upgraded by the system) is made anew.
$(shell test -x $(BIN)/python || rm -f $(RUNTIME) $(DEV))

# The first of these that is there and new enough; a shim that only says "not installed" is passed over.
$(BIN)/python:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found="$$python" && break; \
	done; \
	if [ -z "$$found" ]; then \
		echo "hereabouts needs Python 3.11 or newer; found $$($(or $(PYTHON),python3) --version 2>&1 || true)." >&2; \
		echo "Install one (Debian 12 and newer, Ubuntu 24.04 and newer: apt-get install python3 python3-venv)," >&2; \
		echo "or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.13" >&2; \
		exit 1; \
	fi; \
	if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
		echo "$$found has no venv. Install it (Debian, Ubuntu: apt-get install python3-venv), then try again." >&2; \
		exit 1; \
	fi; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
