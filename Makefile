# Everything a contributor runs. It works with GNU make 3.81, which macOS brings, and needs Python 3.11+.
# What is installed comes from the lock files, every file checked against its hash.

# The first Python on the path that is new enough; override with make PYTHON=...
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
UV_VERSION := 0.13.9
NODE := tests/node
NODE_SDK := $(NODE)/node_modules/install.stamp

CYCLES ?= 20
MESSAGES ?= 10000
CASES ?= 1000
STEPS ?= 1000000
ORDERS ?= 2000
NUMBERS ?= 15000
ARGS ?=
UPGRADE ?=

# In CI a skipped test is a failed test, and pytest prints its full header and closing line.
# The whole suite runs on every core, a file on one of them, in the order of their names: the long ones
# of end_to_end begin first. Tests that were picked run in one process.
PYTEST_FLAGS := $(if $(filter-out 0 false no,$(CI)),-v -p tests.ci_plugin) \
	$(if $(ARGS),,-n auto --dist loadfile --no-loadscope-reorder)

# An environment whose Python has been removed since is none: its links dangle, its stamps lie.
$(shell test -x $(BIN)/python || rm -rf $(VENV))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench crash fuzz storm nodes many states lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/runtime.stamp ## set up, then verify a number from order to proof on the emulator
	@$(BIN)/lineproof demo

test: $(VENV)/dev.stamp $(NODE_SDK) ## set up, then run every test; ARGS="-k word" picks some
	@$(BIN)/python -m pytest $(PYTEST_FLAGS) $(ARGS)

check: $(VENV)/dev.stamp ## ruff, its formatter and mypy --strict, changing nothing
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --strict --no-error-summary

bench: $(VENV)/dev.stamp ## measure, and write build/bench.json; ARGS="webhooks size" picks some
	@$(BIN)/python -m tests.bench $(ARGS)

crash: $(VENV)/dev.stamp ## kill the server and the worker CYCLES times and count the calls
	@$(BIN)/python -m tests.end_to_end.crash --cycles $(CYCLES)

fuzz: $(VENV)/dev.stamp ## throw random input at every door, CASES requests at each operation
	@$(BIN)/python -m tests.end_to_end.fuzz $(ARGS)
	@$(BIN)/python -m tests.end_to_end.fuzz_api --cases $(CASES)

storm: $(VENV)/dev.stamp ## send MESSAGES callbacks to receivers of every bad kind, killing the workers
	@$(BIN)/python -m tests.end_to_end.callback_storm --messages $(MESSAGES)

nodes: $(VENV)/dev.stamp ## verify ORDERS numbers on two nodes, each killed and paused in turn
	@$(BIN)/python -m tests.end_to_end.nodes --orders $(ORDERS) $(ARGS)

many: $(VENV)/dev.stamp ## bring NUMBERS numbers into use by one letter; ARGS="--called 500" calls fewer
	@$(BIN)/python -m tests.end_to_end.many_numbers --numbers $(NUMBERS) $(ARGS)

states: $(VENV)/dev.stamp ## take STEPS steps of any kind and compare the system with a model after each
	@$(BIN)/python -m tests.end_to_end.states --steps $(STEPS) $(ARGS)

lock: $(VENV)/uv/bin/uv ## write the lock files anew; UPGRADE=1 takes the newest versions
	@$(call compile,--group build,requirements.lock)
	@$(call compile,--all-extras --group build --group dev --constraints requirements.lock,requirements-dev.lock)

clean: ## remove the environment and every cache; databases and keys stay
	@rm -rf $(VENV) __pycache__ build lineproof.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis $(NODE)/node_modules
	@find app.py tests twiml verification -name __pycache__ -type d -prune -exec rm -rf {} +

compile = $(VENV)/uv/bin/uv pip compile pyproject.toml $(1) --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command 'make lock' --no-emit-index-url --no-emit-find-links \
	--quiet $(if $(UPGRADE),--upgrade) --output-file $(2)

# $(call install,lock): what the lock names, then the checkout itself, which fetches nothing. Byte
# code is left to be written on first use: twilio's thousand files take longer than all the rest.
define install
@echo "Installing $(1) into $(VENV) ..."
@$(PIP) install --no-compile --require-hashes -r $(1)
@$(PIP) install --no-deps --no-build-isolation -e .
endef

$(VENV)/runtime.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

# The development lock holds the runtime's at the same versions, so that one install serves both.
$(VENV)/dev.stamp: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	@touch $(VENV)/runtime.stamp $@

# Twilio's Node SDK, which tests drive; what npm has in its cache is not fetched again. Where there is
# no npm its tests are skipped, which CI does not allow.
$(NODE_SDK): $(NODE)/package.json $(NODE)/package-lock.json
	@if command -v npm >/dev/null; then echo "Installing Twilio's Node SDK into $(NODE) ..."; \
		npm ci --prefix $(NODE) --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error >/dev/null && touch $@; \
	else echo "There is no npm: the tests of Twilio's Node SDK are skipped." >&2; fi

$(VENV)/uv/bin/uv: | $(BIN)/python
	@$(BIN)/python -m venv $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip -qq --disable-pip-version-check install uv==$(UV_VERSION)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Lineproof needs Python 3.11 or newer on the path." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "No environment could be made. On Debian: apt-get install python3-venv" >&2; exit 1; }
