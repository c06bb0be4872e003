#!/usr/bin/env bash
# The console's pages pass the type checker: Svelte components and TypeScript alike, with no warning left.
set -euo pipefail
cd "$(dirname "$0")/../../web"
if [[ ! -x node_modules/.bin/svelte-check ]]; then
  echo "skipped: web/node_modules is missing; tools/setup.sh installs it"
  exit 77
fi
npm run --silent check
