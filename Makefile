# Everything runs in .venv, which the first target that needs it makes from requirements/.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= python3
# Of the command line alone: the shell's variable of this name counts for nothing.
ENVIRONMENT = production
# `make deploy` asks before it widens rights, or opens ports; with APPROVE=yes it does not.
APPROVE =
APPROVAL = $(if $(filter yes,$(APPROVE)),never,broadening)
BUNDLES := common describe mlflow_hook predict authorizer provision provision_registry provision_validation \
	provision_packaging naive
COMPILE = uv pip compile --quiet pyproject.toml --universal --python-version 3.13 \
	--generate-hashes --no-header --no-annotate
CDK = .venv/bin/node node_modules/.bin/cdk --no-notices
# The jobs of `make test`, the longest first: make starts them in this order.
JOBS := test-e2e test-units test-parts test-histories lint
# With jobs side by side, each line names its job as soon as it is written.
LABELLED = $(if $(LABEL),2>&1 | sed --unbuffered "s/^/$@: /")
# The end-to-end tests take longest, and mostly wait: beside them the others take what is left.
BESIDE = $(if $(LABEL),nice -n 19)
# Jobs side by side would remove each other's temporary folders.
test-units test-parts test-histories test-e2e: \
	export PYTEST_DEBUG_TEMPROOT = $(or $(TMPDIR),/tmp)/hokus-$@
TEMPORARY = mkdir -p "$$PYTEST_DEBUG_TEMPROOT" &&
export PYTHONUNBUFFERED := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH):$(CURDIR)/.uv/bin
export CDK_DISABLE_CLI_TELEMETRY := true
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1
export DO_NOT_TRACK := true
export NODE_DISABLE_COMPILE_CACHE := 1

.PHONY: help setup demo dashboard up down check test lint test-unit test-units test-parts test-histories \
	histories registries test-e2e test-faults test-day test-compatibility bench check-model canary format lock \
	synth diff deploy doctor undeploy-all clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 16

setup: .venv/ready ## install everything that the other targets need

.venv/ready: requirements/dev.txt requirements/ministack.txt requirements/uv.txt package-lock.json
	@echo "Installing what is needed into .venv, .venv-ministack and node_modules (once) …"
	@command -v uv >/dev/null || { $(PYTHON) -m venv .uv \
		&& .uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt; }
	@uv venv --quiet --clear --python 3.13 .venv-ministack
	@uv pip sync --quiet --python .venv-ministack --require-hashes requirements/ministack.txt
	@uv venv --quiet --allow-existing --python 3.13 .venv
	@uv pip sync --quiet --python .venv --require-hashes requirements/dev.txt
	@npm ci --silent --no-audit --no-fund
	@touch $@

demo: setup ## register a model on a local system and call its API (ARGS=--json for a last line of JSON)
	@python -m infra.local demo $(ARGS)

dashboard: setup ## draw the six figures of the system that `make up` started, and what is wrong
	@nice -n 5 python -m infra.local.dashboard $(ARGS)

up: setup ## start the local system and keep it running (ARGS=--mlflow-port=5000)
	@python -m infra.local up $(ARGS)

down: setup ## stop it
	@python -m infra.local down $(ARGS)

check: setup ## lint, types and the unit tests without the slow ones (under 90 seconds)
	@$(MAKE) --no-print-directory lint test-unit

test: setup ## everything: three jobs side by side, each line with its job (11 minutes on two cores)
	@$(MAKE) --no-print-directory --jobs 3 LABEL=yes $(JOBS)

lint: setup ## ruff and mypy
	@{ ruff check . && ruff format --check --quiet . && mypy; } $(LABELLED)

test-unit: setup ## the unit tests without the slow ones
	@pytest --quiet tests/unit -m "not slow" $(ARGS) $(LABELLED)

test-units: setup ## all unit tests and contracts; branch coverage of functions/
	@$(TEMPORARY) $(BESIDE) pytest tests/unit tests/contract --cov --cov-report=term:skip-covered $(ARGS) $(LABELLED)

test-parts: setup ## the stack's template, the local system's parts, faults, rights, the endpoints' server
	@$(TEMPORARY) $(BESIDE) pytest --ignore tests/unit --ignore tests/contract --ignore tests/e2e --ignore tests/simulation \
		--ignore tests/compatibility --ignore tests/canary --ignore tests/commands --ignore tests/day \
		$(ARGS) $(LABELLED)

test-histories: setup ## 1,000 made-up histories of the control plane
	@$(TEMPORARY) $(BESIDE) pytest tests/simulation $(ARGS) $(LABELLED)

histories: setup ## 10,000 of them, others in every run (HISTORIES=n)
	@HISTORIES=$(or $(HISTORIES),10000) pytest tests/simulation $(ARGS)

registries: setup ## 10,000 made-up registries through validate and package (REGISTRIES=n, REGISTRIES_SEED=n)
	@REGISTRIES=$(or $(REGISTRIES),10000) pytest tests/registries $(ARGS)

test-e2e: setup ## the local system as a whole, with Debian's chromium
	@{ $(TEMPORARY) tests/e2e/install-chromium \
		&& pytest tests/e2e -m "not begun_early and not long" --durations=10 $(ARGS); } $(LABELLED)

test-faults: setup ## bad candidates, crashes, long waits, the canary, every form of a secret (20 minutes)
	@{ pytest tests/e2e -m begun_early $(ARGS) && pytest tests/e2e -m "long and not begun_early" $(ARGS) \
		&& pytest tests/canary $(ARGS) \
		&& SECRET_FORMS=all pytest tests/unit/secret_forms tests/commands $(ARGS); } $(LABELLED)

test-day: setup ## a scripted day: figures and dollars equal what its callers counted (DAY_CALLS=2000)
	@DAY_CALLS=$(or $(DAY_CALLS),2000) pytest tests/day $(ARGS) $(LABELLED)

test-compatibility: setup ## models of 4 Pythons, 10 MLflows and 14 flavors (20 minutes)
	@pytest tests/compatibility $(ARGS)

bench: setup ## figures, a table and a line of JSON each (BENCH="cold warm", ARGS=--record; none: all, an hour)
	@python -m bench $(BENCH) $(ARGS)

check-model: setup ## say whether a model would be taken (URI=models:/name/version, runs:/…/model or a folder)
	@python -m check_model $(URI)

canary: setup ## try the product on the real Hugging Face (HF_TOKEN in the environment, NAMESPACE=)
	@python -m canary --namespace $(NAMESPACE) $(ARGS)

format: setup ## let ruff write the code's form
	@ruff check --fix --quiet .
	@ruff format .

lock: setup ## renew requirements/*.txt and package-lock.json from pyproject.toml and package.json
	@$(COMPILE) --upgrade --group dev -o requirements/dev.txt
	@$(COMPILE) --upgrade --group ministack -o requirements/ministack.txt
	@$(COMPILE) --constraint requirements/dev.txt --group uv -o requirements/uv.txt
	@for bundle in $(BUNDLES); do $(COMPILE) --constraint requirements/dev.txt \
		--group $$bundle -o requirements/$$bundle.txt || exit; done
	@npm install --package-lock-only --silent --no-audit --no-fund

synth: setup ## write the template to cdk.out (ENVIRONMENT=production)
	@$(CDK) synth --quiet -c env=$(ENVIRONMENT) $(ARGS) && echo "cdk.out holds the template and the bundles."

diff: setup ## show what a deployment would change in the AWS account (ENVIRONMENT=production)
	@$(CDK) diff -c env=$(ENVIRONMENT) $(ARGS)

deploy: setup ## deploy to the AWS account of your credentials (ENVIRONMENT=production)
	@python -m infra.failed_creation $(ENVIRONMENT)
	@$(CDK) deploy -c env=$(ENVIRONMENT) --require-approval=$(APPROVAL) $(ARGS) || { [ -t 1 ] || \
		echo "Without a terminal nobody can be asked about wider rights: make deploy APPROVE=yes" >&2; exit 1; }
	@python -m infra.old_versions $(ENVIRONMENT)

doctor: setup ## say what is missing at the installation (ENVIRONMENT=production, also local)
	@python -m doctor $(ENVIRONMENT) $(ARGS)

undeploy-all: setup ## undeploy every model and remove the webhook, before the stack is deleted
	@python -m infra.undeploy_all $(ENVIRONMENT) $(ARGS)

clean: down ## stop the local system and remove what was installed or made
	@rm -rf .venv .venv-ministack .uv node_modules cdk.out .local .cache .*_cache .hypothesis .coverage
