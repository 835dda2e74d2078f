# Everything a person or CI does here; `make help` lists it. `make check` is exactly what CI runs.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
# Test processes; the suite is made for two cores.
JOBS ?= 2
ARGS ?=

PACKAGES := api benchmarks cli compiling dispatch domain loadtests roads runtime scenarios sim tracking
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

##@ Every day
setup: .venv/.locked .venv/.installed .venv/.compiled web  ## make .venv from the lock (Python 3.11 or newer) and build the web pages

demo: setup  ## watch a lunch peak live on a map; ARGS="--for 20s" ends it after 20 wall seconds
	@$(BIN)/peakline demo $(ARGS)

test: setup  ## run the tests; ARGS="tests/domain -k table" narrows them
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -p no:benchmark $(ARGS)

check: setup lint types imports docs load test  ## everything CI runs; ends with the tests' own closing line

##@ Measure
verify: setup  ## run every point of the record at full size, resumable; ARGS="--only KEY", "--again", "--list"
	@$(BIN)/python -m benchmarks.verify $(ARGS)

quality: setup  ## measure the policies on the public Grubhub days, resumable; ARGS="--overload", "--page"
	@$(BIN)/python -m benchmarks.quality $(ARGS)

bench: setup  ## time the hot paths (pytest-benchmark)
	@$(BIN)/python -m pytest benchmarks/speed --benchmark-only $(ARGS)

load: setup  ## drive a server over its public API for 30 s and hold it to its thresholds
	@$(BIN)/python -m loadtests $(ARGS)

##@ Parts of check
lint: setup  ## format and lint (ruff)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup  ## type-check every package (mypy --strict)
	@$(BIN)/mypy $(PACKAGES)

imports: setup  ## hold the direction of imports (import-linter)
	@$(BIN)/lint-imports --no-logo

docs: setup  ## build the documentation into site/, any warning is an error
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

##@ Make
web:  ## build web/ into api/_web with this machine's Node, or with Node from a wheel
	@.ci/web

lock:  ## choose versions anew and write requirements/*.txt with their hashes
	$(COMPILE) --upgrade pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) --upgrade pyproject.toml --group dev --constraints requirements/runtime.txt --output-file requirements/dev.txt
	$(COMPILE) --upgrade --group pyproject.toml:setup --constraints requirements/dev.txt --output-file requirements/setup.txt
	$(COMPILE) --upgrade --group pyproject.toml:node --output-file requirements/node.txt

clean:  ## remove whatever was built, but not .venv
	rm -rf build dist site api/_web web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

help:  ## show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamps make a second call instant: the lock is installed anew only when it changed, the project when its metadata did.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)' 2>/dev/null || \
	  { echo "error: Peakline needs Python 3.11 or newer; \`$(PYTHON)\` is $$($(PYTHON) --version 2>&1 || true). Try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "setup: making .venv with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv .venv

.venv/.locked: requirements/setup.txt requirements/dev.txt | .venv/bin/python
	@echo "setup: installing requirements/dev.txt" >&2
	@$(PIP) --requirement requirements/setup.txt
	@.ci/install .venv requirements/dev.txt
	@touch $@

.venv/.installed: pyproject.toml .venv/.locked
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.compiled: $(wildcard compiling/*.py */kernels/*.py) .venv/.installed
	@echo "setup: compiling the kernels (a minute, once)" >&2
	@$(BIN)/python -m runtime.warm_up
	@touch $@

.PHONY: setup demo test check verify quality bench load lint types imports docs web lock clean help
