# Two commands are all you need: `make demo` and `make test`. Both set up what is missing first.
SHELL := /usr/bin/env bash
PYTHON := .venv/bin/python
CHECK := $(PYTHON) scripts/check.py
ONLY ?=

.PHONY: help demo test bench stress soak fuzz docs release-check setup fmt lint clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

demo: setup ## set up, build, and show the workbench; without a display, a tour with screenshots
	@scripts/demo.sh

test: setup ## set up and run every suite; ONLY="rust e2e" chooses by the beginning of the name
	@$(CHECK) $(ONLY)

bench: setup ## measure one call and many: native, ours, and a peer where it is installed
	@scripts/headless.sh $(PYTHON) benches/run.py

stress: setup ## floods, races, reloads, windows, exits, killed workers: half an hour; QUICK=1 some seconds, ONLY="flood"
	@scripts/headless.sh $(PYTHON) stress/run.py $(if $(QUICK),--quick) $(ONLY)

soak: setup ## heavy libraries in workers: cancels, kills, limits; then every template, Ray clusters, and `make stress`. QUICK=1, ONLY="numpy"
	@scripts/soak.sh $(if $(QUICK),--quick) $(ONLY)
	@$(if $(ONLY),,TEMPLATES=all CLUSTER=1 $(CHECK) templates cluster)
	@$(if $(ONLY),,$(MAKE) --no-print-directory stress)

fuzz: setup ## the fuzz targets, some seconds each: SECONDS=10, ONLY="call session"
	@$(PYTHON) scripts/fuzz.py $(or $(SECONDS),10) $(ONLY)

docs: setup ## the documents and the API as a site, target/site; NO_RUST=1 without rustdoc
	@scripts/docs.sh

release-check: setup ## what can be done here of a release; WHEEL=path takes that one instead of building it
	@$(PYTHON) scripts/release_check.py $(if $(WHEEL),--wheel $(WHEEL))

setup: ## install and build what is missing
	@scripts/setup.sh

fmt: ## format Rust and Python
	cargo fmt --all
	.venv/bin/ruff check --fix --quiet .
	.venv/bin/ruff format .

lint: setup ## the suites that only read: formats, types, lints
	@$(CHECK) "python: ruff" "python: pyright" "js: types" "workbench: types" "rust: format" "rust: clippy"

clean: ## remove what was built and installed here; target/ too
	rm -rf target .venv dist js/dist js/node_modules python/transom/_native*.so python/transom/_client.tgz
	rm -rf examples/workbench/frontend/dist examples/workbench/frontend/node_modules
