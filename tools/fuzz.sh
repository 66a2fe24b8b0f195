#!/usr/bin/env bash
# Runs each fuzz target for some seconds, starting from its seeds in fuzz/corpus/<name>/. What it
# finds goes to BUILD/fuzz/<name>/; an input that breaks something is kept there and fails the run.
#
#   tools/fuzz.sh BUILD SECONDS [NAME]
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
build=${1:?usage: tools/fuzz.sh BUILD SECONDS [NAME]} seconds=${2:?seconds} only=${3:-} found=0 failed=()
mkdir -p "$build" && build=$(cd "$build" && pwd)    # whole paths: a target may go to a folder of its own
for source in fuzz/fuzz_*.c; do
  [ -e "$source" ] || break
  name=${source#fuzz/fuzz_} name=${name%.c}
  [ -z "$only" ] || [ "$only" = "$name" ] || continue
  found=1
  new=$build/fuzz/$name seeds=() dictionary=()
  mkdir -p "$new/corpus"
  [ ! -d "fuzz/corpus/$name" ] || seeds=("$PWD/fuzz/corpus/$name")
  [ ! -f "fuzz/$name.dict" ] || dictionary=("-dict=$PWD/fuzz/$name.dict")
  echo "fuzz $name for $seconds s"
  # The limit of one input is time on the wall: on a busy machine 10 s may pass without any work.
  "$build/tests/fuzz_$name" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$new/" "${dictionary[@]}" "$new/corpus" "${seeds[@]}" >"$new/log" 2>&1 || failed+=("$name")
  tail -8 "$new/log"
done
[ "$found" = 1 ] || { echo "no fuzz target${only:+ named $only}" >&2; exit 1; }
[ ${#failed[@]} = 0 ] || { echo "failed: ${failed[*]} (inputs in $build/fuzz/)" >&2; exit 1; }
