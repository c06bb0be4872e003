#!/usr/bin/env bash
# Lays out every C++ file that is written by hand as .clang-format says; --check only tells, --list names the files.
# Left out: templates (they hold placeholders) and generated tables.
set -euo pipefail
cd "$(dirname "$0")/.."
files() { git ls-files --cached --others --exclude-standard -- '*.cpp' '*.h' | grep -v -e '^tools/templates/' -e '^src/waf/operators/sqli/tables.cpp$'; }
case "${1:-}" in
  --list) files ;;
  --check) files | xargs -P "$(nproc)" -n 40 clang-format-16 --dry-run -Werror ;;
  *) files | xargs -P "$(nproc)" -n 40 clang-format-16 -i ;;
esac
