#!/usr/bin/env bash
# Runs the demonstration; `make demo` calls it with BULWARK set to the binary.
exec node "$(dirname "$0")/demo.mjs" "$@"
