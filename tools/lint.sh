#!/usr/bin/env bash
# clang-tidy over all sources of the build directory given (its compile_commands.json), two at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
# GCC's precompiled headers are nothing that clang reads.
sed -E 's/ -include [^ ]*cmake_pch\.hxx//; s/ -fpch-preprocess//' "$build/compile_commands.json" > "$database/compile_commands.json"
git ls-files 'src/*.cpp' 'apps/*.cpp' | grep -v _test.cpp |
  xargs -P "$(nproc)" -n 4 clang-tidy-16 -p "$database" --quiet --extra-arg=-Wno-unknown-warning-option
