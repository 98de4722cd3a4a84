# Needs Python 3.11 or newer and nothing else; `make PYTHON=/path/to/python3.12 …` names another one.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
RUN := $(PYTHON) infra/local/bootstrap.py
DEV := $(RUN) --dev
# Processes that share the tests: most tests wait more than they work.
TESTERS ?= 2
CODE := market ingestor spark_jobs api simulator infra tests

# One machine with Docker: the three hosts from their own files, with secrets of their own and the simulated exchange.
SINGLE_SECRETS ?= $(CURDIR)/var/single
SINGLE := SECRETS_DIR=$(SINGLE_SECRETS) docker compose -f docker-compose.single.yml --profile simulator

.DEFAULT_GOAL := help
.PHONY: help demo local replay test soak histories containers storage measure bench faults clients check doctor images up-a up-b up-c up-single down

help: ## these lines
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## the simulated exchange and the whole pipeline on this machine, at any hour, without a key; Ctrl-C ends it
	@exec $(RUN) -m infra.local demo

local: ## the same pipeline against the feed in the environment (INGESTOR_FUGLE_API_KEY, INGESTOR_SYMBOLS)
	@exec $(RUN) -m infra.local local

replay: ## a recorded session again (TAPE=var/recordings/2026-12-01), SPEED=1..100 (10) times as fast, beside the live one
	@exec $(RUN) -m infra.local replay --tape "$(TAPE)" --speed "$(or $(SPEED),10)"

test: ## every test this machine can run; what it cannot run is listed at the end with the reason
	@if command -v node >/dev/null; then cd frontend && node --test tests/*.test.js; \
	else echo 'skipped: the tests of the page (node is not installed)'; fi
	@$(DEV) -m pytest -n $(TESTERS) --no-loadscope-reorder -m 'not soak and not campaign and not measured'

soak: ## SOAK_MINUTES (10) at 200 trades a second over 50 symbols, compared row by row with the oracle; prints latencies
	@$(DEV) -m pytest -q -m soak tests/e2e/test_live.py

clients: ## 1,000 browsers with one frozen and one at 1 byte/s, beside 1,000 without; prints how much slower the others are
	@$(DEV) -m tests.load

histories: ## HISTORIES (10000) random histories through the real transforms, crashes and all, against the oracle
	@HISTORIES=$${HISTORIES:-10000} $(DEV) -m pytest -q -k every_history tests/property/test_histories.py

containers: ## with Docker: the integration suite on Kafka and MySQL from their official images
	@$(DEV) -m pytest -q -m 'not measured' --parts=containers --ignore=tests/integration/test_containers.py tests/integration

storage: ## STORAGE_ROWS (100000000: half an hour, some 70 GB) bars of a year and 2,000 symbols: what storing and reading cost as it grows
	@$(DEV) -m tests.load.storage

measure: ## memory and paint times of the page over a whole session, memory of the API after hostile clients
	@$(DEV) -m pytest -q -m measured

bench: ## every figure beside its anchor's, in BENCH_ROUNDS (5) rounds; only="P4 P6" for some of P1 … P10
	@$(DEV) -m tests.bench $(only)

faults: ## FAULTS_KILLS (100) times kill -9 under load, every row compared with the oracle; writes the README's table
	@$(DEV) -m pytest -q tests/faults/test_feed.py tests/faults/test_damage.py
	@SPARK_TRIGGER='realtime 60 seconds' $(DEV) -m pytest -q -m campaign tests/faults/test_kills.py
	@$(DEV) -m tests.faults.report

check: ## format, lint, types
	@$(DEV) -m ruff format --check $(CODE)
	@$(DEV) -m ruff check $(CODE)
	@$(DEV) -m mypy
	@$(DEV) -m pytest -q $(wildcard tests/unit/test_aws_*.py)
	@if docker compose version >/dev/null 2>&1; then $(DEV) -m pytest -q tests/docker/test_compose_files.py; \
	else echo 'skipped: the compose files (docker compose is not installed)'; fi
	@if command -v npm >/dev/null; then cd frontend && { [ -d node_modules ] || npm ci --silent; } && npm run --silent check; \
	else echo 'skipped: the types of the page (npm is not installed)'; fi

doctor: ## each dependency and address as seen from here, with the mend
	@exec $(RUN) -m infra.local doctor

images: ## with Docker: build the images of all hosts
	@$(SINGLE) build --quiet

up-a up-b up-c: ## bring up the services of that host (docker-compose.ec2-X.yml; its settings in .env, its secrets in secrets/)
	@docker compose -f docker-compose.ec2-$(@:up-%=%).yml up -d --wait

up-single: ## with Docker: the three hosts on this machine and the simulated exchange; prints the page's address
	@$(RUN) -m infra.secrets --out $(SINGLE_SECRETS) >/dev/null
	@test -e $(SINGLE_SECRETS)/fugle-api-key || (umask 222 && printf simulated >$(SINGLE_SECRETS)/fugle-api-key)
	@$(SINGLE) up -d --wait
	@echo "https://$$($(SINGLE) port proxy 8443)/"

down: ## end what up-single began, with its data and its secrets
	@$(SINGLE) down --volumes --remove-orphans
	@rm -rf $(SINGLE_SECRETS)
