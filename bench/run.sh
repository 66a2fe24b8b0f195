#!/usr/bin/env bash
# Runs the benchmarks that build/ holds: tables on stdout, figures as JSON in build/bench/.
#
#   bench/run.sh          small, some minutes: TPC-H at scale 0.1, 50 MB of CSV
#   bench/run.sh --full   scale 1, a 5 GB file (25 GB of disk), more rounds: an hour
#
# BUILD=build is where the programs are; BENCH_DIR (default: the cache of set-up) keeps TPC-H's tables,
# TMPDIR holds the rest while it is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${BUILD:-build}
full=0
case ${1:-} in
--full) full=1 ;;
'') ;;
*) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
programs=$build/tests out=$build/bench
[ -x "$programs/bench_tpch" ] || { echo "no benchmarks in $build: make build TARGET=all" >&2; exit 1; }
mkdir -p "$out"
export GEARBOX_PROGRAM=$build/gearbox

if [ $full = 1 ]; then
  scale=1 rounds=5 overhead_rounds=20 rows=2000000
  memory=(--small-mb 500 --large-mb 5000 --groups 10000000 --limit 512MB)
else
  scale=0.1 rounds=2 overhead_rounds=5 rows=200000
  memory=(--small-mb 5 --large-mb 50 --groups 300000 --limit 320MB)
fi

# The generator is fetched once; without it tables of our own take their place.
tpch=() parquet=()
if data=$(tools/tpch-data.sh "$scale" ${BENCH_DIR:+"$BENCH_DIR/sf$scale"}); then
  tpch=(--parquet "$data" --csv "$data/csv")
  parquet=(--parquet "$data")
else
  echo "bench: TPC-H's tables can't be made here; with small tables the ratios say little" >&2
fi

say() { printf '\n== %s\n' "$*"; }
say "TPC-H, scale $scale: Gearbox against DuckDB's own text"
"$programs/bench_tpch" "${tpch[@]}" --rounds "$rounds" --json "$out/tpch.json"
say 'whole processes: gearbox sql against a bare C program'
"$programs/bench_overhead" "${parquet[@]}" --rounds "$overhead_rounds" --json "$out/overhead.json"
say 'memory of whole processes'
"$programs/bench_memory" "${memory[@]}" --json "$out/memory.json"
say 'texts of a megabyte, and texts nested 10,000 deep'
"$programs/bench_long_sql" --json "$out/long_sql.json"
say 'rows to another process and back'
GEARBOX_SOURCE_DIR=$PWD "$programs/bench_handover" --json "$out/handover.json"
say 'writing rows that are in memory'
"$programs/bench_write_csv" "$rows"
printf '\nfigures: %s\n' "$out"
