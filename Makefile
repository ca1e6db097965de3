# make demo    a first look: installs into .venv and reads the samples
# make test    all tests, offline, on the CPU
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint install clean

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

.venv/linted: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

install: .venv/installed

demo: .venv/installed
	mkdir -p demo
	$(BIN)/peaceplan analyze samples --plan china-2023 --out demo/report.json
	$(BIN)/peaceplan show demo/report.json --out demo/report.html
	$(BIN)/peaceplan show demo/report.json
	@echo
	@echo "The same as a page: $(CURDIR)/demo/report.html"

test: .venv/tested
	$(BIN)/python -m pytest

lint: .venv/linted
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv demo build dist
