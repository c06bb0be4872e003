#!/usr/bin/env bash
# Builds every fuzz target under ASan+UBSan and runs each for a few seconds over its corpus. FUZZ_SECONDS=600 for a long run;
# FUZZ_ONLY=name for one target. New inputs worth keeping are found in build/fuzz/new/<name>/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-4}
[[ -e build/fuzz/build.ninja ]] || cmake --preset fuzz -Wno-dev > /dev/null
cmake --build build/fuzz --target fuzzers -- --quiet
failed=0
for program in build/fuzz/fuzz/*_fuzz; do
  name=$(basename "$program" _fuzz)
  [[ -n ${FUZZ_ONLY:-} && $FUZZ_ONLY != "$name" ]] && continue
  mkdir -p "build/fuzz/new/$name" "build/fuzz/artifacts/$name" "fuzz/corpus/$name"
  options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 -artifact_prefix="build/fuzz/artifacts/$name/")
  dictionary="fuzz/corpus/$name.dict"
  [[ -e $dictionary ]] && options+=(-dict="$dictionary")
  if "$program" "${options[@]}" "build/fuzz/new/$name" "fuzz/corpus/$name" > "build/fuzz/artifacts/$name/log" 2>&1; then
    echo "ok $name"
  else
    echo "FOUND $name"
    tail -40 "build/fuzz/artifacts/$name/log"
    failed=1
  fi
done
exit $failed
