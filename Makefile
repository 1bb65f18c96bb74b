# Entry points of the project; everything runs in .venv, which the first target makes.
# Needs only Python >= 3.11 with venv, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Installed once; made anew when what must be installed changes.
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
# What make fuzz runs: FUZZ='--inputs 500 --seed 7 --target csv'.
FUZZ ?=
FUZZ_STAMP := $(VENV)/.installed-fuzz
PEERS := $(VENV)/peers
PEERS_STAMP := $(VENV)/.installed-peers
TOOLS := $(VENV)/tools
TOOLS_STAMP := $(VENV)/.installed-tools

.PHONY: demo test lint format bench kills noninterference fuzz sbom lock clean

demo: $(RUN_STAMP) ## build a release from data/, say what was found, draw a cascade
	$(BIN)/kg demo

test: $(DEV_STAMP) ## all tests, on every core
	$(BIN)/python -m pytest -q -n auto --dist loadfile

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

noninterference: $(DEV_STAMP) ## 100 random data sets, each with two others above and beside it: the lower level stays the same
	NON_INTERFERENCE=100 $(BIN)/python -m pytest -q tests/test_non_interference.py

sbom: $(RUN_STAMP) ## what is installed at run time, as CycloneDX 1.6; writes dist/vitaal-kg.cdx.json
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python tools/sbom.py

lock: $(TOOLS_STAMP) ## locks/ anew from pyproject.toml and constraints.txt; asks the package index
	$(TOOLS)/bin/python tools/lock.py

fuzz: $(DEV_STAMP) $(FUZZ_STAMP) ## 10,000 hostile inputs, a table of what came of them; what fails is in fuzz-out/
	$(BIN)/python tests/fuzz/run.py $(FUZZ)

clean:
	rm -rf $(VENV) releases demo-uit bench-out fuzz-out dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# pip takes only the files whose hashes stand in locks/, runs nothing of theirs while it installs
# (no sources), and looks for nothing when it installs kg itself.
INSTALL := -m pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes --only-binary :all:
ITSELF := $(INSTALL) --no-deps --no-build-isolation --no-index -e .

$(RUN_STAMP): pyproject.toml locks/run.txt locks/build.txt | $(VENV)/bin/python
	$(BIN)/python $(LOCKED) -r locks/run.txt -r locks/build.txt
	$(BIN)/python $(ITSELF)
	touch $@

$(DEV_STAMP): pyproject.toml locks/run.txt locks/build.txt locks/dev.txt | $(VENV)/bin/python
	$(BIN)/python $(LOCKED) -r locks/run.txt -r locks/build.txt -r locks/dev.txt
	$(BIN)/python $(ITSELF)
	touch $@ $(RUN_STAMP)

# atheris has no wheel for every Python: without it make fuzz says so and does the rest.
$(FUZZ_STAMP): locks/fuzz.txt $(DEV_STAMP)
	$(BIN)/python $(LOCKED) -r locks/fuzz.txt || echo "atheris: no wheel for this Python" >&2
	touch $@

# Apart: NDlib draws in igraph (GPL-2), and scipy, which numba loads wherever it is, so that every
# process here would be slower than where people use it.
$(PEERS_STAMP): locks/peers.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(LOCKED) -r locks/peers.txt
	touch $@

$(TOOLS_STAMP): locks/tools.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python $(LOCKED) -r locks/tools.txt
	touch $@
