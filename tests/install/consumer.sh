#!/usr/bin/env bash
# Installs a build into a fresh prefix, moves that prefix elsewhere, and builds and runs a small
# program against it in three ways. Nothing of the build tree may be needed then.
#
#   consumer.sh BUILD CC
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1 cc=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset GEARBOX_DUCKDB_LIBRARY LD_LIBRARY_PATH

quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }
quiet env DESTDIR="$work/stage" cmake --install "$build" --prefix /opt/first
prefix=$work/moved
mv "$work/stage/opt/first" "$prefix"
pc=$(dirname "$(find "$prefix" -name gearbox.pc)")
libdir=$(dirname "$pc")
export PKG_CONFIG_PATH=$pc

run() { echo "== $1"; shift; "$@"; }
flags() { pkg-config "$@" gearbox; }

# shellcheck disable=SC2046  # flags are words
"$cc" -std=c99 -Wall -Wextra -pedantic -Werror "$here/consumer/main.c" -o "$work/shared" $(flags --cflags --libs)
run pkg-config env LD_LIBRARY_PATH="$libdir" LD_DEBUG=files LD_DEBUG_OUTPUT="$work/loaded" "$work/shared"
grep -qE "file=$prefix/[^ ]*/gearbox/libduckdb.so" "$work"/loaded.* ||
  { echo 'the installed engine library was not the one that was opened' >&2; exit 1; }

# shellcheck disable=SC2046
"$cc" "$here/consumer/main.c" -o "$work/static" $(flags --cflags) "$libdir/libgearbox.a" \
  $(flags --static --libs-only-l | sed 's/-lgearbox//')
run 'static archive' "$work/static"

quiet cmake -S "$here/consumer" -B "$work/cmake" -G Ninja -DCMAKE_C_COMPILER="$cc" \
  -DCMAKE_PREFIX_PATH="$prefix"
quiet cmake --build "$work/cmake"
run 'find_package, shared' "$work/cmake/shared"
run 'find_package, static' "$work/cmake/static"

for file in LICENSE licenses/duckdb licenses/nanoarrow licenses/flatcc licenses/yyjson; do
  [ -s "$prefix/share/doc/gearbox/$file" ] || { echo "no $file was installed" >&2; exit 1; }
done
if [ -x "$prefix/bin/gearbox" ]; then
  # The installed program finds the installed engine, from a folder of no meaning.
  cd / && run 'installed program' "$prefix/bin/gearbox" sql 'SELECT 40 + 2 AS answer' --format csv
fi
