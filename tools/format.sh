#!/usr/bin/env bash
# Lays out C files by clang-format 14 (.clang-format): the named ones, else those that differ from HEAD.
#
#   tools/format.sh [--check] [FILE...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-format-14 >/dev/null || { echo 'no clang-format-14: tools/setup.sh --with lint' >&2; exit 1; }
how=(-i)
if [ "${1:-}" = --check ]; then how=(--dry-run --Werror); shift; fi
if [ $# = 0 ]; then
  mapfile -t files < <(git diff --name-only --diff-filter=d HEAD -- '*.c' '*.h'; git ls-files -o --exclude-standard -- '*.c' '*.h')
  set -- "${files[@]}"
fi
[ $# = 0 ] || clang-format-14 "${how[@]}" "$@"
