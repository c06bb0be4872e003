# Bulwark's commands. `make demo` shows it at work, `make test` passes the whole suite; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PRESET ?= release
BUILD := build/$(PRESET)
export BULWARK_DATA ?= $(abspath ../shared/data)

.PHONY: help setup configure build demo test unit tsan layers format lint clean

help:  ## list the commands
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup:  ## install what is missing (Debian packages, npm modules)
	@tools/setup.sh

configure: setup
	@[ -e $(BUILD)/build.ninja ] || cmake --preset $(PRESET) -Wno-dev

build: configure  ## build everything (PRESET=release|dev|asan|tsan)
	@cmake --build $(BUILD)

demo: setup  ## a sample SaaS behind Bulwark, attacked on screen
	@[ -e $(BUILD)/build.ninja ] || cmake --preset $(PRESET) -Wno-dev
	@cmake --build $(BUILD) --target bulwark
	@BULWARK=$(BUILD)/apps/bulwark/bulwark examples/demo.sh

test: build  ## the whole suite: unit, layers, integration, e2e, a short fuzz run
	@tests/run --build $(BUILD)

unit: build  ## unit tests only
	@ctest --test-dir $(BUILD) --output-on-failure -j2

tsan:  ## unit tests, reload and blocking under ThreadSanitizer (builds everything once more)
	@$(MAKE) --no-print-directory build PRESET=tsan
	@TSAN_OPTIONS=halt_on_error=1 tests/run --build build/tsan --only '^unit/|^integration/(gateway/reload|planes/block_everywhere)_test'

layers:  ## check which room includes which
	@python3 tools/check_layers.py

format:  ## format all C++ sources
	@tools/format.sh

lint: configure  ## the allow-listed clang-tidy checks over all sources
	@tools/lint.sh $(BUILD)

new-%:  ## scaffold a stage, guard, detector, action or probe: make new-stage NAME=my_check
	@python3 tools/new.py $* "$(NAME)"

clean:  ## remove what was built
	@rm -rf build

-include mk/*.mk
