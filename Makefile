# Entry points of the project; everything runs in .venv, which the first target makes.
# Needs only Python >= 3.11 with venv, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Installed once; made anew when what must be installed changes.
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PEERS := $(VENV)/peers
PEERS_STAMP := $(VENV)/.installed-peers

.PHONY: demo test lint format bench kills clean

demo: $(RUN_STAMP) ## build a release from data/, say what was found, draw a cascade
	$(BIN)/kg demo

test: $(DEV_STAMP) ## all tests
	$(BIN)/python -m pytest -q

lint: $(DEV_STAMP) ## style, types, canonical Turtle
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/format_turtle.py --check

format: $(DEV_STAMP) ## put everything in its canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python tools/format_turtle.py

bench: $(DEV_STAMP) $(PEERS_STAMP) ## the figures of the README, as ratios in one run; writes bench-out/
	$(BIN)/python tests/bench/run.py

kills: $(DEV_STAMP) ## 1,000 kills at random moments of builds, switches and prunes; takes half an hour or more
	$(BIN)/python tests/bench/kills.py --kills 1000

clean:
	rm -rf $(VENV) releases demo-uit bench-out dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(DEV_STAMP): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@ $(RUN_STAMP)

# NDlib (BSD-2), whose threshold model cascades are timed against, and six (MIT), which it imports
# and does not ask for. Apart: it draws in igraph (GPL-2), and scipy, which numba loads wherever it
# is, so that every process here would be slower than where people use it.
$(PEERS_STAMP): constraints.txt Makefile | $(VENV)/bin/python
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt ndlib six
	touch $@
