# What can be done here; `make` lists it. Needs Python 3.11 or newer and, for the browser tests,
# Chromium; everything else is installed into .venv and var.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
PEOPLE ?= 20000
ALERT ?= micic_portal/demo/alerts/mexico.xml
TESTS ?= tests
BIN := .venv/bin
LANGUAGES := es en fr ar

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment. A stamp in .venv is renewed only when its lock file changes.

.venv/uv.stamp: requirements-tools.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(PYTHON) is $$($(PYTHON) --version 2>&1): Python 3.11 or newer is needed. Name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "error: $(PYTHON) cannot make environments. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the environment .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

# uv installs in seconds what takes pip a minute. It does not read pip's configuration, so it is
# told pip's index and certificates; should it fail all the same, pip does the work.
define install
	@echo "Installing $(1)"
	@configured() { $(BIN)/python -m pip config list 2>/dev/null | sed -n "s/^\(global\|install\)\.$$1='\(.*\)'$$/\2/p" | tail -n 1; }; \
	index="$${PIP_INDEX_URL:-$$(configured index-url)}"; \
	certificates="$${PIP_CERT:-$$(configured cert)}"; \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; \
	[ -z "$$certificates" ] || export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$certificates}"; \
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --require-hashes -r $(1) || { \
	  echo "uv could not install: trying pip, which takes longer"; \
	  $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r $(1); }
endef

.venv/runtime.stamp: requirements.txt .venv/uv.stamp
	$(call install,$<)
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/uv.stamp
	$(call install,$<)
	@touch $@

.venv/bench.stamp: requirements-bench.txt .venv/uv.stamp
	$(call install,$<)
	@touch $@

.PHONY: demo
demo: .venv/runtime.stamp ## Run the whole portal with synthetic people (PORT=8000)
	@PORTAL_MODE=demo $(BIN)/python manage.py demo --port $(PORT)

.PHONY: demo-reset
demo-reset: .venv/runtime.stamp ## Empty what the demo keeps in var
	@$(BIN)/python -m micic_portal.embedded reset var
	@find var -mindepth 1 -maxdepth 1 ! -name test ! -name servers -exec rm -rf {} + 2>/dev/null || true
	@echo "The demo's state is gone."

.PHONY: rehearse
rehearse: .venv/runtime.stamp ## Run the main job unattended (PEOPLE=20000 ALERT=path)
	@$(BIN)/python -m micic_portal.embedded reset var/rehearsal
	@rm -rf var/rehearsal
	@VAR_DIR=var/rehearsal PORTAL_MODE=demo $(BIN)/python manage.py rehearse --people $(PEOPLE) --alert $(ALERT)

.PHONY: bench-registration
bench-registration: .venv/runtime.stamp ## Measure registering beside a bare Django view (see benchmarks/README.md)
	@$(BIN)/python -m micic_portal.embedded reset var/benchmark
	@rm -rf var/benchmark
	@VAR_DIR=var/benchmark PORTAL_MODE=demo $(BIN)/python -m benchmarks.registration $(BENCH_OPTIONS)

.PHONY: bench-protection
bench-protection: .venv/runtime.stamp ## Measure rotating every key while visitors register (see benchmarks/README.md)
	@$(BIN)/python -m micic_portal.embedded reset var/benchmark
	@rm -rf var/benchmark
	@VAR_DIR=var/benchmark PORTAL_MODE=demo $(BIN)/python -m benchmarks.protection $(BENCH_OPTIONS)

.PHONY: bench-selection
bench-selection: .venv/runtime.stamp ## Measure finding the people of an area beside PostGIS (see benchmarks/README.md)
	@$(BIN)/python -m micic_portal.embedded reset var/benchmark
	@rm -rf var/benchmark
	@VAR_DIR=var/benchmark PORTAL_MODE=demo $(BIN)/python -m benchmarks.selection $(BENCH_OPTIONS)

.PHONY: bench-freeze
bench-freeze: .venv/runtime.stamp ## Measure freezing an audience beside the bare INSERT (see benchmarks/README.md)
	@$(BIN)/python -m micic_portal.embedded reset var/benchmark
	@rm -rf var/benchmark
	@VAR_DIR=var/benchmark PORTAL_MODE=demo $(BIN)/python -m benchmarks.freezing $(BENCH_OPTIONS)

.PHONY: bench-dispatch
bench-dispatch: .venv/bench.stamp ## Measure sending a notice to 100,000 people beside three other ways
	@$(BIN)/python -m micic_portal.embedded reset var/benchmark
	@rm -rf var/benchmark
	@VAR_DIR=var/benchmark PORTAL_MODE=demo $(BIN)/python -m benchmarks.dispatch $(BENCH_OPTIONS)

.PHONY: chaos
chaos: .venv/runtime.stamp ## Send 20,000 notices while everything fails, and count what was lost (see docs/faults.md)
	@$(BIN)/python -m micic_portal.embedded reset var/chaos
	@rm -rf var/chaos
	@VAR_DIR=var/chaos PORTAL_MODE=demo $(BIN)/python -m benchmarks.chaos $(CHAOS_OPTIONS)

.PHONY: bench-queue
bench-queue: .venv/runtime.stamp ## Measure what ten million finished deliveries cost the next notice
	@$(BIN)/python -m micic_portal.embedded reset var/benchmark
	@rm -rf var/benchmark
	@VAR_DIR=var/benchmark PORTAL_MODE=demo $(BIN)/python -m benchmarks.queue $(BENCH_OPTIONS)

.PHONY: bench-restoring
bench-restoring: .venv/runtime.stamp ## Measure backup, restore and replay beside bare pg_dump and pg_restore
	@$(BIN)/python -m micic_portal.embedded reset var/benchmark
	@rm -rf var/benchmark
	@VAR_DIR=var/benchmark PORTAL_MODE=demo $(BIN)/python -m benchmarks.restoring $(BENCH_OPTIONS)

.PHONY: figures
figures: .venv/dev.stamp ## Write the README's table of figures from benchmarks/results
	@PORTAL_MODE=test $(BIN)/python -m benchmarks.figures

.PHONY: test
test: .venv/dev.stamp ## Run every test, the browser ones included (TESTS=path)
	@./tests/run.sh $(TESTS)

.PHONY: check
check: .venv/dev.stamp ## Check format, lint, types, contracts, migrations, settings, translations
	@./tests/check.sh

.PHONY: lock
lock: .venv/uv.stamp ## Renew the lock files from pyproject.toml (UPGRADE=--upgrade for newer releases)
	@options="--quiet --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 $(UPGRADE)"; \
	$(BIN)/uv pip compile $$options pyproject.toml -o requirements.txt; \
	$(BIN)/uv pip compile $$options --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt; \
	$(BIN)/uv pip compile $$options --extra bench -c requirements.txt pyproject.toml -o requirements-bench.txt; \
	echo uv | $(BIN)/uv pip compile $$options - -o requirements-tools.txt
	@git --no-pager diff --stat -- 'requirements*.txt' || true

.PHONY: messages
messages: .venv/dev.stamp ## Collect the strings to translate and compile the catalogues
	@command -v xgettext >/dev/null || { echo "error: gettext is missing. On Debian: apt-get install gettext" >&2; exit 1; }
	@PORTAL_MODE=test $(BIN)/python manage.py makemessages $(LANGUAGES:%=-l %) --no-location --no-wrap -i .venv -i var -i tests -i benchmarks -i node_modules
	@PORTAL_MODE=test $(BIN)/python manage.py compilemessages -i .venv -i var
