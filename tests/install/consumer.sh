#!/usr/bin/env bash
# Installs a build into a fresh prefix, moves that prefix elsewhere, and builds and runs a small
# program against it in three ways. Nothing of the build tree may be needed then, nor its engine.
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

# link_static ARCHIVE PROGRAM
link_static() {
  # shellcheck disable=SC2046
  "$cc" "$here/consumer/main.c" -o "$2" $(flags --cflags) "$1" $(flags --static --libs-only-l | sed 's/-lgearbox//')
}
# An archive lies in no place by itself: in a program anywhere it looks below the prefix that it was
# configured for. That place is compiled into one file, which is compiled again here for this prefix.
cp "$libdir/libgearbox.a" "$work/libgearbox.a"
python3 - "$build" "$libdir" "$work" <<'EOF'
import json, pathlib, shlex, subprocess, sys
build, libdir, work = sys.argv[1:]
entry = next(e for e in json.loads(pathlib.Path(build, 'compile_commands.json').read_text())
             if e['file'].endswith('src/duck/library.c'))
words = shlex.split(entry['command'])
places = {'-DGBX_DUCKDB_LIBRARY_INSTALLED': f'"{libdir}/gearbox/libduckdb.so"',
          '-DGBX_DUCKDB_LIBRARY_DEFAULT': '"/nowhere/libduckdb.so"'}
words = [f'{key}={places[key]}' if (key := word.split('=')[0]) in places else word for word in words]
words[words.index('-o') + 1] = f'{work}/library.c.o'
subprocess.run(words, cwd=entry['directory'], check=True)
subprocess.run(['ar', 'r', f'{work}/libgearbox.a', f'{work}/library.c.o'], check=True)
EOF
mkdir "$work/apart"
link_static "$work/libgearbox.a" "$work/apart/static"
run 'static archive, by its prefix' "$work/apart/static"
link_static "$libdir/libgearbox.a" "$prefix/bin/static"
run 'static archive, beside' "$prefix/bin/static"
mv "$libdir/gearbox" "$work/elsewhere"
if "$work/apart/static" 2>"$work/log"; then
  echo 'there is an engine library that nobody installed' >&2; exit 1
fi
grep -q "$libdir/gearbox/libduckdb.so', '/nowhere/libduckdb.so'; GEARBOX_DUCKDB_LIBRARY names another" "$work/log" ||
  { cat "$work/log" >&2; exit 1; }
run 'static archive, by name' env GEARBOX_DUCKDB_LIBRARY="$work/elsewhere/libduckdb.so" "$work/apart/static"
# A library of another version is no reason to stop looking.
mkdir "$work/apart/gearbox"
"$cc" -shared -o "$work/apart/gearbox/libduckdb.so" -x c - <<<'const char *duckdb_library_version(void) { return "v0.1.0"; }'
if "$work/apart/static" 2>"$work/log" || ! grep -q 'is DuckDB v0.1.0, but Gearbox needs' "$work/log"; then
  cat "$work/log" >&2; exit 1
fi
mv "$work/elsewhere" "$libdir/gearbox"
run 'static archive, past another version' "$work/apart/static"

quiet cmake -S "$here/consumer" -B "$work/cmake" -G Ninja -DCMAKE_C_COMPILER="$cc" \
  -DCMAKE_PREFIX_PATH="$prefix"
quiet cmake --build "$work/cmake"
run 'find_package, shared' "$work/cmake/shared"
run 'find_package, static' env GEARBOX_DUCKDB_LIBRARY="$libdir/gearbox/libduckdb.so" "$work/cmake/static"

for file in LICENSE licenses/duckdb licenses/nanoarrow licenses/flatcc licenses/yyjson; do
  [ -s "$prefix/share/doc/gearbox/$file" ] || { echo "no $file was installed" >&2; exit 1; }
done
if [ -x "$prefix/bin/gearbox" ]; then
  # The installed program finds the installed engine, from a folder of no meaning.
  cd / && run 'installed program' "$prefix/bin/gearbox" sql 'SELECT 40 + 2 AS answer' --format csv
fi
