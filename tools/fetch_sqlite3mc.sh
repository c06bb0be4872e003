#!/bin/sh
# Puts the SQLite3 Multiple Ciphers amalgamation into .cache/sqlite3mc-<version>/ of this clone. It comes from an npm
# package that carries it, pinned by version and by hash, and is never committed. Does nothing when it is there already;
# prints the folder.
set -eu
package=better-sqlite3-multiple-ciphers
version=12.11.1
sha256=01388c78f46ce63c6aec021f67b364cc67bd637edba64f7add0c0230ce5f777a

root=$(cd "$(dirname "$0")/.." && pwd)
target="$root/.cache/sqlite3mc-$version"
if [ -f "$target/sqlite3.c" ] && [ -f "$target/sqlite3.h" ]; then
  echo "$target"
  exit 0
fi

mkdir -p "$root/.cache"
work=$(mktemp -d "$root/.cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
echo "fetching $package $version" >&2
(cd "$work" && npm pack --silent --ignore-scripts "$package@$version" >/dev/null) || {
  echo "fetch_sqlite3mc: npm could not fetch $package@$version; check the network and npm's registry setting" >&2
  exit 1
}
tarball="$work/$package-$version.tgz"
echo "$sha256  $tarball" | sha256sum --check --quiet --strict - || {
  echo "fetch_sqlite3mc: $package-$version.tgz does not have the pinned hash $sha256; refusing it" >&2
  exit 1
}
tar -xzf "$tarball" -C "$work" package/deps/sqlite3/sqlite3.c package/deps/sqlite3/sqlite3.h package/LICENSE
# Renamed into place as a whole, so that an interrupted run leaves nothing half done; losing a race to a twin is fine.
mv "$work/package/LICENSE" "$work/package/deps/sqlite3/"
mv -T "$work/package/deps/sqlite3" "$target" 2>/dev/null || [ -f "$target/sqlite3.c" ]
echo "$target"
