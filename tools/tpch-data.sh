#!/usr/bin/env bash
# Makes the eight TPC-H tables at a scale (1 is about 350 MB of Parquet) and prints where they lie.
# What is already there is kept.
#
#   tools/tpch-data.sh SCALE [DIR]     DIR: default is a folder of the download cache
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scale=${1:?usage: tools/tpch-data.sh SCALE [DIR]}
cache=${GEARBOX_DEPS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gearbox/deps}
dir=${2:-$cache/tpch/sf$scale}
tables=(customer lineitem nation orders part partsupp region supplier)

[[ $scale =~ ^[0-9]+(\.[0-9]+)?$ ]] || { echo "tpch-data: $scale is not a scale, e.g. 0.01 or 10" >&2; exit 2; }
whole=1
for table in "${tables[@]}"; do [ -s "$dir/$table.parquet" ] || whole=0; done
if [ $whole = 0 ]; then
  "$root/tools/setup.sh" --with tpch >&2
  # Made beside the target, then moved: a folder that is there is whole.
  mkdir -p "$dir"
  tmp=$(mktemp -d "$dir/tmp.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  "$root/.deps/tpchgen/tpchgen-cli" parquet -s "$scale" --output-dir="$tmp" >&2
  mv -f "$tmp"/*.parquet "$dir/"
fi
echo "$dir"
