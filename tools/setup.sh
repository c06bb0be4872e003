#!/usr/bin/env bash
# Installs what Bulwark needs to build, run and test on Debian 12: packages, npm modules, the SQLite amalgamation.
# Does nothing where nothing is missing. Needs root only to install packages.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1msetup\033[0m %s\n' "$*"; }

missing=()
while read -r package; do
  [[ -z $package || $package == \#* ]] && continue
  dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done < tools/packages.txt
# Node from Debian (18) or newer from elsewhere; npm comes with the latter.
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)

if ((${#missing[@]})); then
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || { echo "setup: not root and no sudo; run as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi

# npm modules: installed when the lock file is newer than what is there.
while read -r lock; do
  dir=$(dirname "$lock")
  stamp="$dir/node_modules/.bulwark-stamp"
  if [[ ! -e $stamp || $lock -nt $stamp ]]; then
    say "installing npm modules in $dir"
    (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error)
    touch "$stamp"
  fi
done < <(git ls-files '*package-lock.json')

if [[ -x tools/fetch_sqlite3mc.sh ]]; then
  tools/fetch_sqlite3mc.sh
fi
