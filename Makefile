# The two commands are `make run` and `make test`; the rest is the loop of daily work.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check lint bless bench conformance pack

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: ## Set up what is missing, build, start the demo city
	@scripts/run $(ARGS)

test: ## Set up what is missing, run every check and every test
	@scripts/test

check: ## Does it compile, is the tree tidy (the quick look)
	@source scripts/env.sh; cargo check --workspace --all-targets --quiet; cargo test --quiet --package zhengtong-tidy

lint: ## The checks of `make test` that need no running city
	@scripts/lint

bless: ## Accept the present output as the snapshots and generated files
	@source scripts/env.sh; INSTA_UPDATE=always INSTA_FORCE_PASS=1 ZHENGTONG_BLESS=1 cargo test --workspace --quiet --no-fail-fast; git status --short

bench: ## Measure what is promised into target/bench/results.json: make bench [ONLY=guide-page] [FULL=1]
	@ONLY="$(ONLY)" FULL="$(FULL)" scripts/bench

conformance: ## Run the outside suites into target/conformance/results.json
	@scripts/conformance

pack: ## Check one pack and run its stories: make pack P=food-business
	@scripts/pack $(P)
