#!/usr/bin/env bash
# Runs every test of a coverage build and prints the line and branch coverage of src/ and cli/.
#
#   tools/coverage.sh BUILD
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:?usage: tools/coverage.sh BUILD}
find "$build" -name '*.gcda' -delete
status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel 2 || status=$?
gcovr --root . --object-directory "$build" --filter src/ --filter cli/ --exclude-throw-branches \
  --txt --html-details "$build/coverage.html" --print-summary
exit $status
