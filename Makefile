# Everything one does with this checkout. GNU make 3.81 and newer.
# Add arguments with ARGS, for instance: make test ARGS="-k lane"

SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
WITH_RUNTIME := $(VENV)/installed-runtime
WITH_DEV := $(VENV)/installed-dev
LOG := $(VENV)/last.log

# Shows what a command said only if it failed.
QUIETLY = > $(LOG) 2>&1 || { cat $(LOG) >&2; exit 1; }

# A virtual environment holds absolute paths: one that was moved, or whose Python is gone, is remade.
FRESH := $(shell [ "`cat $(VENV)/made-in 2>/dev/null`" = "$(CURDIR)" ] \
	&& $(BIN)/python -c '' 2>/dev/null || echo fresh-venv)

.PHONY: help run demo env test test-long lint format bench peers soak docs rules wheel clean fresh-venv

help:  ## say what can be made (this list)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: $(WITH_RUNTIME)  ## start a bus with a demonstration inside; stop it with Ctrl-C
	@$(BIN)/bus demo $(ARGS)

demo: run  ## the same as run

env:  ## write .env for docker compose, with passwords made at random; one that is there is kept
	@[ ! -e .env ] || { echo ".env is there already" >&2; exit 1; }
	@umask 077; for name in `sed -n 's/^\([A-Z_]*PASSWORD\)=$$/\1/p' .env.example`; do \
		echo "$$name=`od -An -N16 -tx1 /dev/urandom | tr -d ' \n'`"; done > .env

test: $(WITH_DEV)  ## run the tests, in random order, two at a time, on PostgreSQL and MariaDB too
	@at=`.ci/postgres $(BIN)/python` && other=`.ci/mariadb $(BIN)/python` && \
		BUS_TEST_POSTGRES="$$at" BUS_TEST_MARIADB="$$other" \
		.ci/pytest $(BIN)/python -q -n 2 --dist loadgroup $(ARGS)

test-long: $(WITH_DEV)  ## run every test, those that take minutes too
	@at=`.ci/postgres $(BIN)/python` && other=`.ci/mariadb $(BIN)/python` && \
		BUS_TEST_POSTGRES="$$at" BUS_TEST_MARIADB="$$other" \
		.ci/pytest $(BIN)/python -q -n 2 --dist loadgroup \
		-m "long or not long" --timeout 1800 --hypothesis-profile long $(ARGS)

lint: $(WITH_DEV)  ## check style, format, types and the shape of the imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Mend it with: make format" >&2; exit 1; }
	@$(BIN)/python -m mypy --no-error-summary
	@$(BIN)/lint-imports $(QUIETLY)
	@[ ! -f tests/rules.py ] || $(BIN)/python -m tests.rules --check

format: $(WITH_DEV)  ## put the code into its format and mend what can be mended alone
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

bench: $(WITH_DEV)  ## measure the speed of the bus against bare pipelines on this machine
	@at=`.ci/postgres $(BIN)/python` && \
		BUS_TEST_POSTGRES="$$at" $(BIN)/python -m tests.benchmarks $(ARGS)

peers: $(WITH_DEV)  ## measure others that do the same job beside the bus; installs them first
	@$(BIN)/python -m pip install --quiet -e ".[dev,peers]" $(QUIETLY)
	@at=`.ci/postgres $(BIN)/python` && \
		BUS_TEST_POSTGRES="$$at" $(BIN)/python -m tests.benchmarks peers $(ARGS)

soak: $(WITH_DEV)  ## hurt real buses under load, in every way of docs/reliability.md, for a quarter of an hour
	@$(BIN)/python -m tests.soak $(ARGS)

docs: $(WITH_DEV)  ## write the generated documents anew
	@$(BIN)/python -m tests.docs $(ARGS)

rules: $(WITH_DEV)  ## hold docs/rules.md, the rules of the manuals, to the tests that prove them
	@$(BIN)/python -m tests.rules $(ARGS)

wheel: $(WITH_DEV)  ## build the wheel into dist/
	@$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . $(QUIETLY)
	@ls dist/*.whl

clean:  ## remove all that was made here: environment, caches, wheels
	@rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find bus adapters schemas depara tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(WITH_RUNTIME): pyproject.toml $(FRESH)
	@echo "Installing the bus into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet -e . $(QUIETLY)
	@touch $@

$(WITH_DEV): pyproject.toml $(FRESH)
	@echo "Installing the bus and the tools of its developers into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet -e ".[dev]" $(QUIETLY)
	@touch $(WITH_RUNTIME) $@

fresh-venv:
	@found=; \
	for python in "$(PYTHON)" python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		has=`"$(PYTHON)" --version 2>&1` || has=absent; \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$has." >&2; \
		echo "  Debian, Ubuntu: apt install python3 python3-venv" >&2; \
		echo "  Fedora, RHEL:   dnf install python3.12" >&2; \
		echo "  Mac:            brew install python@3.12" >&2; \
		echo "  elsewhere:      make PYTHON=/path/to/python3.12 ..." >&2; \
		exit 1; \
	fi; \
	rm -rf $(VENV); \
	if ! said=`"$$found" -m venv $(VENV) 2>&1`; then \
		echo "$$said" >&2; \
		echo "'$$found' cannot make a virtual environment." >&2; \
		echo "  Debian, Ubuntu: apt install python3-venv" >&2; \
		exit 1; \
	fi; \
	echo "$(CURDIR)" > $(VENV)/made-in
