# Needs Python 3.11 or newer and nothing else; `make PYTHON=/path/to/python3.12 …` names another one.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
RUN := $(PYTHON) infra/local/bootstrap.py
DEV := $(RUN) --dev
CODE := market ingestor spark_jobs api simulator infra tests

.DEFAULT_GOAL := help
.PHONY: help demo local test soak check doctor

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## the simulated exchange and the whole pipeline on this machine, at any hour, without a key; Ctrl-C ends it
	@exec $(RUN) -m infra.local demo

local: ## the same pipeline against the feed in the environment (INGESTOR_FUGLE_API_KEY, INGESTOR_SYMBOLS)
	@exec $(RUN) -m infra.local local

test: ## every test this machine can run; what it cannot run is listed at the end with the reason
	@if command -v node >/dev/null; then cd frontend && node --test tests/*.test.js; \
	else echo 'skipped: the tests of the page (node is not installed)'; fi
	@$(DEV) -m pytest -m 'not soak'

soak: ## SOAK_MINUTES (10) at 200 trades a second over 50 symbols, compared row by row with the oracle; prints latencies
	@$(DEV) -m pytest -q -m soak tests/e2e/test_live.py

check: ## format, lint, types
	@$(DEV) -m ruff format --check $(CODE)
	@$(DEV) -m ruff check $(CODE)
	@$(DEV) -m mypy
	@if command -v npm >/dev/null; then cd frontend && { [ -d node_modules ] || npm ci --silent; } && npm run --silent check; \
	else echo 'skipped: the types of the page (npm is not installed)'; fi

doctor: ## each dependency and address as seen from here, with the mend
	@exec $(RUN) -m infra.local doctor
