# Every command of the project. `make` alone lists them.

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
LOCAL := $(PYTHON) -m deploy.local

# How many processes of a service, as in `make SCALE="routing=2 sla=3" up`; one each by default.
SCALE ?=
# Which run `make chaos` plays.
SEED ?= 1
# Passed on, as in `make test ARGS="tests/unit -k calendar"` or `make bench ARGS=latency`.
ARGS ?=

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

##@ First
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(INSTALLED) ## install everything into .venv (the other commands do it for you)

demo: setup ## a busy day of a small platform, start to end; leaves nothing running
	@$(PYTHON) -m cli.demo

##@ The local stack: Kafka, PostgreSQL and every service
up: setup ## start it, or change it to SCALE="routing=2 sla=3"; addresses go to .local/env
	@SCALE="$(SCALE)" $(LOCAL) up

down: ## stop it; the data stays
	@$(call when-installed,$(LOCAL) down)

status: ## show what runs
	@$(call when-installed,$(LOCAL) status)

clean: ## stop it and drop its data
	@$(call when-installed,$(LOCAL) clean)

##@ Development
test: lint type ## every guard and every test
	@$(PYTHON) -m pytest --numprocesses 2 --no-loadscope-reorder $(ARGS)

chaos: setup ## break the running system on purpose for 75 minutes, and judge its log; SEED=2 is another run
	@$(PYTHON) -m tests.chaos --seed $(SEED) $(ARGS)

bench: setup ## measure it, in about ten minutes; ARGS="throughput latency" for a part
	@$(PYTHON) -m bench $(ARGS)

lint: setup ## style, formatting and the import rules
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(VENV)/bin/lint-imports --no-cache

type: setup ## static types
	@$(PYTHON) -m mypy

contracts: setup ## generate the event schemas and the AsyncAPI documents
	@$(PYTHON) -m shared.contract_docs.generate

lock: ## pin every dependency anew, with hashes (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  pyproject.toml --output-file requirements/runtime.txt
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  pyproject.toml --extra local --extra dev --output-file requirements/dev.txt

# Again only when the pins or the project's own description have changed.
$(INSTALLED): requirements/dev.txt pyproject.toml deploy/setup.sh
	@sh deploy/setup.sh $(VENV)
	@touch $@

# Where nothing is installed nothing can be running.
when-installed = if [ -x $(PYTHON) ]; then $(1); else echo "Nothing is running: nothing is installed yet."; fi

.PHONY: help setup demo up down status clean test chaos bench lint type contracts lock
