# Two commands do everything: `make app` and `make test`. Each sets up what it needs first, once.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 7860

# What make test leaves to make test-all: what trains for minutes, drives a browser or needs the photo archives
QUICK = not slow and not browser and not data
PYTEST = $(BIN)/python -m pytest -n auto --dist loadfile

.PHONY: app test test-all lint format docs engine sheet clean

app: .venv/.app
	$(BIN)/python app.py --port $(PORT)

test: .venv/.dev
	$(PYTEST) -m "$(QUICK)" $(ARGS)

test-all: .venv/.dev
	$(PYTEST) $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/.dev
	$(BIN)/python docs/reference.py

# What runs in a browser, after a change of engine.c: with zig (pip install ziglang) or clang (apt-get install clang lld)
engine:
	$(or $(wildcard $(BIN)/python),$(PYTHON)) tina/classifier/engine/build.py

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sheet: .venv/.app
	$(BIN)/python -m tina worlds sketchbook --sheet assets/sketchbook.png

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tina needs Python 3.11 or newer (make PYTHON=python3.12 ...)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3 cannot make a virtual environment: on Debian, apt-get install python3-venv"; exit 1; }

.venv/.app: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet "torch==2.13.0"
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/.dev: pyproject.toml .venv/.app
	$(BIN)/python -m pip install --quiet -r requirements.txt -e ".[dev]"
	@touch $@

clean:
	rm -rf .venv
