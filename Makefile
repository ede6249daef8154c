# The two commands of the README are `make run` and `make test`; `make check` is the fast loop of a developer.
.PHONY: run test check format setup-run setup-test clean
PYTHON ?= python3
export PYTHON
BIN = .venv/bin
# A file of tests in one process, of as many as there are cores; more than four would each start databases of their own.
PYTEST = $(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile

run: setup-run
	@$(BIN)/audio demo

test: setup-test
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports >.venv/imports.log || { cat .venv/imports.log; exit 1; }
	@$(PYTEST) --cov --cov-report=term:skip-covered

check: setup-test
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .
	@$(BIN)/mypy
	@$(BIN)/lint-imports >.venv/imports.log || { cat .venv/imports.log; exit 1; }
	@$(PYTEST) -x

setup-run:
	@scripts/setup.sh server,vision,mqtt

setup-test:
	@scripts/setup.sh dev

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info build .coverage*
