#!/usr/bin/env bash
# clang-tidy over all sources of the build directory given (its compile_commands.json), two at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
git ls-files 'src/*.cpp' 'apps/*.cpp' | grep -v _test.cpp |
  xargs -P "$(nproc)" -n 4 clang-tidy-16 -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option
