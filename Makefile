# Two commands matter: `make run` starts a demonstration, `make test` checks everything.
# Both set up what they need in .venv; neither listens on anything while doing so.
# Works with GNU make 3.81 (macOS) and any POSIX sh.
#
#   PYTHON=python3.12 make run      choose the interpreter (3.11 to 3.13)
#   make run PLAY=60x               the demonstration's day plays by itself
#   make cluster PORTS="9001 9002 9011 9012"   its four hubs on other ports
#   make test T="tests/core -k room"  hand pytest other arguments
#   make test CI=true               a test that cannot run here is a failure

SHELL := /bin/sh
BIN := .venv/bin
T :=
PLAY :=
PORTS :=
SOURCES := $(wildcard server clients tests bench scripts)
TYPED := $(wildcard server clients tests bench)

export PYTHON

.PHONY: run cluster test setup setup-dev services check format lint types contracts pytest protocol bench lock clean

run: .venv/.installed
	@exec $(BIN)/daigang run --demo $(if $(PLAY),--play $(PLAY))

# Two provinces, each two hubs, a Redis and a database, for trying out; Ctrl-C ends everything.
cluster: .venv/.installed
	@sh scripts/services.sh
	@exec $(BIN)/python scripts/cluster.py $(if $(PORTS),--ports $(PORTS))

setup: .venv/.installed

setup-dev: .venv/.installed-dev

.venv/.installed: pyproject.toml constraints.txt
	@sh scripts/venv.sh run

.venv/.installed-dev: pyproject.toml constraints.txt
	@sh scripts/venv.sh dev

# One line per step, so that a failing one is known by its name. pytest stays last: its summary closes the run.
test: check
	@echo "== pytest"
	@sh scripts/tests.sh $(T)

check: .venv/.installed-dev
	@echo "== services"
	@sh scripts/services.sh
	@echo "== ruff format --check"
	@$(BIN)/ruff format --check $(SOURCES)
	@echo "== ruff check"
	@$(BIN)/ruff check $(SOURCES)
	@echo "== mypy"
	@$(BIN)/mypy $(TYPED)
	@echo "== lint-imports"
	@$(BIN)/lint-imports --no-cache

services:
	@sh scripts/services.sh

format: .venv/.installed-dev
	@$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

protocol: .venv/.installed
	@$(BIN)/daigang protocol --write

ifneq ($(wildcard bench/__main__.py),)
bench: .venv/.installed-dev
	@$(BIN)/python -m bench $(B)
else
bench:
	@echo "No benchmarks yet: bench/ does not exist."
endif

# Writes constraints.txt anew from the newest versions that pyproject.toml allows.
lock:
	@sh scripts/lock.sh

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find server clients tests -name __pycache__ -type d -prune -exec rm -rf {} +
