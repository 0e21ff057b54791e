# make app                       the apps on the demo company: http://127.0.0.1:8866/
# make app DATA=path/to/folder   the same on your own exports; PORT=9000 for another port
# make lab | test | check | deep | bench | notebooks | messages | screenshots | pins | clean
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

DATA ?=
PORT ?=
BROWSERS ?= 1
DATA_OPTION = $(if $(DATA),--data "$(DATA)")
PORT_OPTION = $(if $(PORT),--port $(PORT))

VENV := .venv
BIN := $(VENV)/bin
APP := $(VENV)/.ready-app
DEV := $(VENV)/.ready-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb notebooks/lessons/*.ipynb))

.PHONY: help app lab test check deep unit browser nbval lint bench notebooks messages screenshots pins clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 18

app: $(APP) ## show the notebooks as an application (DATA=folder, PORT=number)
	@exec $(BIN)/kpi app $(DATA_OPTION) $(PORT_OPTION)

lab: $(APP) ## open the notebooks in JupyterLab (DATA=folder, PORT=number)
	@exec $(BIN)/kpi lab $(DATA_OPTION) $(PORT_OPTION)

test: $(DEV) ## everything, the browser included; about twenty minutes on two cores
	$(BIN)/python tools/chromium.py
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory unit
	$(MAKE) --no-print-directory nbval
	$(MAKE) --no-print-directory browser

check: $(DEV) lint ## lint, types and the quick tests; about two minutes
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not browser" --hypothesis-profile=quick

lint: $(DEV) ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

unit: $(DEV) ## every test but the browser's
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not browser"

deep: $(DEV) ## the unit tests with a thousand examples of each property; some hours
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not browser" --hypothesis-profile=deep

nbval: $(DEV) ## each notebook gives what it shows
	$(if $(NOTEBOOKS),$(BIN)/python -m pytest -q -n 2 --dist loadfile --nbval --nbval-cell-timeout=120 -o addopts= -o filterwarnings=default $(NOTEBOOKS),@echo "There is no notebook to run.")

browser: $(DEV) ## a real browser against a real server (BROWSERS=2: two at a time, where there are cores for it)
	KPI_CHROMIUM="$$($(BIN)/python tools/chromium.py)" $(BIN)/python -m pytest -q -n $(BROWSERS) --dist loadfile -m browser

bench: $(DEV) ## what is fast, against what
	@for script in $(if $(wildcard bench/run.py),bench/run.py,$(sort $(wildcard bench/*.py))); do \
	  echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

notebooks: $(DEV) ## run the notebooks in place, once, on the demo data
	env -u KPILIB_DATA $(BIN)/python -m jupyter nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.timeout=120 --ExecutePreprocessor.record_timing=False \
	  --ExecutePreprocessor.store_widget_state=False $(NOTEBOOKS)
	$(BIN)/python tools/readable.py $(NOTEBOOKS)

messages: $(DEV) ## collect what is to be translated into kpilib/locale/fr.po
	$(BIN)/python tools/messages.py

screenshots: $(DEV) ## pictures of the pages into docs/screens/
	KPI_CHROMIUM="$$($(BIN)/python tools/chromium.py)" $(BIN)/python tools/screenshots.py

pins: $(DEV) ## compile requirements*.txt again from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-config \
	  --custom-compile-command "make pins" --output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-config --extra dev \
	  --custom-compile-command "make pins" --constraints requirements.txt --output-file requirements-dev.txt pyproject.toml

clean: ## the environment and what tools left; never data
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis bench/out tests/out
	find kpilib tests bench tools notebooks -name __pycache__ -prune -exec rm -rf {} +

# A second start finds the stamp newer than the pins and installs nothing.
$(APP): requirements.txt pyproject.toml | $(BIN)/python
	@echo "Setting up: some 600 MB are fetched once; this takes a few minutes."
	$(PIP) --requirement requirements.txt
	$(PIP) --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.txt requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) --requirement requirements-dev.txt
	$(PIP) --no-deps --editable .
	@touch $(APP) $@

$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Using $$("$$python" --version)"; exec "$$python" -m venv $(VENV); fi; done; \
	echo "No Python 3.11 or later with venv was found. Debian: apt-get install python3 python3-venv; elsewhere: https://www.python.org/downloads/" >&2; exit 1
