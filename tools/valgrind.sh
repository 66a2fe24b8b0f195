#!/usr/bin/env bash
# Runs the unit tests of a build folder under valgrind: any error or lost block fails. Suites that
# open DuckDB are left out: they take an hour here, and tests of time fail in them for that alone;
# AddressSanitizer runs them (make asan).
#
#   tools/valgrind.sh BUILD [NAME-PATTERN]
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
build=${1:?usage: tools/valgrind.sh BUILD [NAME-PATTERN]} pattern=${2:-*} failed=() n=0

GEARBOX_DUCKDB_LIBRARY=/no/duckdb
GEARBOX_SOURCE_DIR=$PWD GEARBOX_BUILD_DIR=$PWD/$build GEARBOX_DEPS_DIR=$PWD/.deps
export GEARBOX_DUCKDB_LIBRARY GEARBOX_SOURCE_DIR GEARBOX_BUILD_DIR GEARBOX_DEPS_DIR
for test in "$build"/tests/test_*; do
  # shellcheck disable=SC2053  # the pattern is a pattern
  [[ -x $test && -f $test && ${test##*/test_} == $pattern ]] || continue
  if ! "$test" >/dev/null 2>&1; then
    echo "left out, needs DuckDB: ${test##*/}"
    continue
  fi
  echo "valgrind ${test##*/}"
  n=$((n + 1))
  valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
    --suppressions=tests/valgrind.supp "$test" || failed+=("${test##*/}")
done
[ $n -gt 0 ] || { echo "no test of $build runs without DuckDB" >&2; exit 1; }
[ ${#failed[@]} = 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
