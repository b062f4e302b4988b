# Every task of the project. One virtual environment, built here from hash-checked locks.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
MEMBERS := contracts libs/data libs/detectors libs/chassis $(sort $(wildcard services/*)) apps/cli
MEMBER_FILES := $(addsuffix /pyproject.toml,$(MEMBERS))
EDITABLE := $(addprefix -e ./,$(MEMBERS))
OWN := ad-auth ad-chassis ad-contracts ad-data ad-detection ad-detectors ad-gateway ad-ingestion \
       ad-model-registry ad-training anomaly-detection
LOCK := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header $(addprefix --no-emit-package ,$(OWN))
SOURCES := contracts libs services apps
RUNS ?= 1
# Tests of one process share the cores; those that start processes of their own, and break them, have them alone.
PARALLEL := -n logical --maxprocesses 4 --dist loadfile
SHARED := $(PARALLEL) tests/architecture tests/unit tests/security
APART := tests/integration tests/e2e tests/ui tests/faults

# Trust what this machine trusts, where it says so: behind a company's proxy the bundled certificates are not enough.
ifneq ($(wildcard /etc/ssl/certs/*),)
export UV_SYSTEM_CERTS ?= 1
endif

.PHONY: help demo run test test-unit test-integration test-ui test-faults lint format typecheck audit lock contracts bench bench-accuracy bench-detectors bench-edge bench-engine bench-eventlog bench-pipeline \
        clean setup setup-dev

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock

$(VENV)/.run: $(UV) requirements/run.lock $(MEMBER_FILES)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@touch $@

setup: $(VENV)/.run ## the environment that runs the platform
setup-dev: $(VENV)/.dev ## the same, with the tools for development

demo: setup ## the whole job on real data, in one process, in under a minute
	@$(BIN)/python examples/demo.py

run: setup ## the whole system in one process, until Ctrl-C
	@$(BIN)/anomaly_detection serve

test: setup-dev ## every test, on real servers where the machine has them
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(SHARED)
	@$(BIN)/python -m pytest $(APART)

test-unit: setup-dev ## the fast tests
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(PARALLEL) tests/unit tests/architecture

test-integration: setup-dev ## the tests that need Kafka, PostgreSQL and Redis, and the end-to-end ones
	@$(BIN)/python -m pytest tests/integration tests/e2e

test-ui: setup-dev ## the pages, in a real browser
	@$(BIN)/python -m pytest tests/ui

test-faults: setup-dev ## workers and servers that break; RUNS=20 tries each fault so many times
	@RUNS=$(RUNS) $(BIN)/python -m pytest tests/faults

lint: setup-dev ## ruff, import rules, security rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(SOURCES)

format: setup-dev ## put the code into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

typecheck: setup-dev ## mypy, strict
	@$(BIN)/mypy

audit: setup-dev ## known vulnerabilities of the locked dependencies
	@$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/run.lock

lock: $(UV) ## renew the locks
	@$(UV) pip compile requirements/bootstrap.in --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade -o requirements/bootstrap.lock
	@$(LOCK) --upgrade -o requirements/run.lock
	@$(LOCK) --group dev -c requirements/run.lock -o requirements/dev.lock

contracts: setup ## write the generated documents: OpenAPI and AsyncAPI
	@$(BIN)/python tools/generate_contracts.py

bench: setup-dev ## all benchmarks
	@$(BIN)/python -m benchmarks

bench-accuracy: setup-dev ## how well the detectors detect, on ADBench, NAB, SMD and ASD
	@$(BIN)/python -m benchmarks.accuracy

bench-detectors: setup-dev ## how fast they score, beside scikit-learn, PyOD, River and AWS
	@$(BIN)/python -m benchmarks.detectors

bench-edge: setup-dev ## the edge: clients of the live feed
	@$(BIN)/python -m benchmarks.edge

bench-engine: setup-dev ## the detection engine: per core, memory, latency, recovery, beside a Faust agent
	@$(BIN)/python -m benchmarks.engine

bench-eventlog: setup-dev ## the event log, embedded and on Kafka
	@$(BIN)/python -m benchmarks.eventlog

bench-pipeline: setup-dev ## the platform as it is run, from record to score
	@$(BIN)/python -m benchmarks.pipeline

clean: ## remove everything that can be made again
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
