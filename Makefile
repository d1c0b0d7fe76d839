# Bare `make` lists the targets. Everything runs in .venv/, which `make setup` makes once.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup web demo test test-python test-page check check-python check-page format clean

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/test-results/*')

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready .venv/.web ## make .venv/, put inkproof into it and build the page (again when their sources change)

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 10) <= v <= (3, 13) else f"error: Python {v[0]}.{v[1]} came, 3.10 to 3.13 was expected.\n  tip: make PYTHON=python3.11 setup")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,sweep]'
	@touch $@

web: .venv/.web ## build the page (setup does it too)

# Node comes with the system where it is new enough, else from PyPI (scripts/with-node.sh).
.venv/.node: web/package-lock.json | .venv/.ready
	scripts/with-node.sh npm ci --silent
	@touch $@

.venv/.web: .venv/.node $(WEB_SOURCES)
	scripts/with-node.sh npm run --silent build -- --logLevel warn
	@touch $@

demo: setup ## open the page and train the tutorial's two networks while it is open
	$(BIN)/inkproof demo

# Side by side, for a browser waits most of its time; at most three processes work at once.
test: check ## check the code, then run every test, those in a browser too
	@$(MAKE) --no-print-directory --jobs=2 test-python test-page

test-python: setup ## test the package
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder

test-page: setup ## test the page: units, then Chromium on the real server (trains two networks once, a minute)
	scripts/with-node.sh npm run --silent test
	browser=$$(scripts/install-browser.sh) && export CHROMIUM=$$browser && scripts/with-node.sh npm run --silent e2e && \
	  MOVEMENTS=5 WATCH_SECONDS=2 RESULTS=$$PWD/web/test-results scripts/with-node.sh npm run --silent bench

check: setup ## format, lint, types, import layers
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-python check-page

check-python: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-page: setup
	scripts/with-node.sh npm run --silent check

format: setup ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	scripts/with-node.sh npm run --silent format

clean: ## remove .venv/ and the caches; runs stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf .cache web/node_modules web/test-results src/inkproof/server/static
