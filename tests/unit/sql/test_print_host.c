/*
 * Plans as texts for engines in other processes: the words of each dialect, operator by operator,
 * and what becomes a kernel.
 */
#include "optimise/optimise.h"
#include "sql/host_priv.h"
#include "support/sql.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The text; then a line for each table that is a text, and for each kernel. */
typedef struct host_case {
    const char *sql;
    const char *datafusion, *spark;
} host_case;

/* clang-format off */
static const host_case leaves[] = {
    {"SELECT a, b AS \"select \"\"x\"\"\" FROM t",
     "SELECT t1.c1 AS c3, t1.c2 AS c4 FROM t1",
     "SELECT t1.c1 AS c3, t1.c2 AS c4 FROM t1"},
    {"SELECT 42 AS x, 'it''s a \\' AS y",
     "SELECT CAST(42 AS INT) AS c2, 'it''s a \\' AS c3",
     "SELECT CAST(42 AS INT) AS c2, 'it\\'s a \\\\' AS c3"},
    {"SELECT x, y FROM (VALUES (1, 'one'), (2, NULL)) v(x, y)",
     "SELECT t1.c1 AS c5, t1.c2 AS c6 FROM (SELECT CAST(1 AS INT) AS c1, 'one' AS c2 UNION ALL "
     "SELECT CAST(2 AS INT) AS c1, CAST(NULL AS VARCHAR) AS c2) AS t1",
     "SELECT t1.c1 AS c5, t1.c2 AS c6 FROM (SELECT CAST(1 AS INT) AS c1, 'one' AS c2 UNION ALL "
     "SELECT CAST(2 AS INT) AS c1, CAST(NULL AS STRING) AS c2) AS t1"},
    {"SELECT a FROM t WHERE false",
     "SELECT t1.c1 AS c2 FROM t1 WHERE FALSE",
     "SELECT t1.c1 AS c2 FROM t1 WHERE FALSE"},
    {"SELECT i FROM range(1, 10) r(i)",
     "SELECT get_field(t1.c3, 'g0') AS c2 FROM (SELECT unnest(gbx_k1()) AS c3) AS t1\n"
     "gbx_k1() list<struct<\"g0\": int64>> = (SELECT list(struct_pack(g0 := x.f0)) FROM "
     "range(CAST('1' AS BIGINT), CAST('10' AS BIGINT)) AS x(f0))",
     "SELECT t1.c3.g0 AS c2 FROM (SELECT explode(gbx_k1()) AS c3) AS t1\n"
     "gbx_k1() list<struct<\"g0\": int64>> = (SELECT list(struct_pack(g0 := x.f0)) FROM "
     "range(CAST('1' AS BIGINT), CAST('10' AS BIGINT)) AS x(f0))"},
    {"SELECT a, g FROM t, generate_series(1, a) s(g)",
     "WITH cte1(c2) AS (SELECT t1.c1 AS c2 FROM t1), cte2(c4) AS (SELECT t2.c2 AS c4 FROM cte1 "
     "AS t2 GROUP BY t2.c2) SELECT t3.c2 AS c15, t6.c10 AS c16 FROM cte1 AS t3 JOIN (SELECT "
     "get_field(t5.c17, 'g0') AS c10, t5.c9 AS c9 FROM (SELECT CAST(1 AS INT) AS c7, t4.c4 AS "
     "c8, t4.c4 AS c9, unnest(gbx_k1(CAST(1 AS INT), t4.c4)) AS c17 FROM cte2 AS t4) AS t5) AS "
     "t6 ON (t3.c2 IS NOT DISTINCT FROM t6.c9)\n"
     "gbx_k1(int32, int32) list<struct<\"g0\": int64>> = (SELECT list(struct_pack(g0 := x.f0)) "
     "FROM generate_series(\"a0\", \"a1\") AS x(f0))",
     "WITH cte1(c2) AS (SELECT t1.c1 AS c2 FROM t1), cte2(c4) AS (SELECT t2.c2 AS c4 FROM cte1 "
     "AS t2 GROUP BY t2.c2) SELECT t3.c2 AS c15, t6.c10 AS c16 FROM cte1 AS t3 JOIN (SELECT "
     "t5.c17.g0 AS c10, t5.c9 AS c9 FROM (SELECT CAST(1 AS INT) AS c7, t4.c4 AS c8, t4.c4 AS "
     "c9, explode(gbx_k1(CAST(1 AS INT), t4.c4)) AS c17 FROM cte2 AS t4) AS t5) AS t6 ON "
     "(t3.c2 IS NOT DISTINCT FROM t6.c9)\n"
     "gbx_k1(int32, int32) list<struct<\"g0\": int64>> = (SELECT list(struct_pack(g0 := x.f0)) "
     "FROM generate_series(\"a0\", \"a1\") AS x(f0))"},
};

static const host_case expressions[] = {
    {"SELECT a + 1, i * 2, a - i, e * e, e + 1, c * 2, -c FROM t",
     "SELECT CAST(CAST(t1.c1 AS BIGINT) + CAST(CAST(1 AS INT) AS BIGINT) AS INT) AS c12, "
     "CAST(CAST(t1.c2 AS DECIMAL(19,0)) * CAST(CAST(CAST(2 AS INT) AS BIGINT) AS "
     "DECIMAL(19,0)) AS BIGINT) AS c13, CAST(CAST(CAST(t1.c1 AS BIGINT) AS DECIMAL(19,0)) - "
     "CAST(t1.c2 AS DECIMAL(19,0)) AS BIGINT) AS c14, CAST((t1.c3 * t1.c3) AS DECIMAL(18,4)) "
     "AS c15, CAST((t1.c3 + CAST(CAST(1 AS INT) AS DECIMAL(16,2))) AS DECIMAL(16,2)) AS c16, "
     "(t1.c4 * CAST(CAST(2 AS INT) AS DOUBLE)) AS c17, (-t1.c4) AS c18 FROM t1",
     "SELECT (t1.c1 + CAST(1 AS INT)) AS c12, (t1.c2 * CAST(CAST(2 AS INT) AS BIGINT)) AS c13, "
     "(CAST(t1.c1 AS BIGINT) - t1.c2) AS c14, CAST((t1.c3 * t1.c3) AS DECIMAL(18,4)) AS c15, "
     "CAST((t1.c3 + CAST(CAST(1 AS INT) AS DECIMAL(16,2))) AS DECIMAL(16,2)) AS c16, (t1.c4 * "
     "CAST(CAST(2 AS INT) AS DOUBLE)) AS c17, (-t1.c4) AS c18 FROM t1"},
    {"SELECT a // 2, a % 2, c / 2, a / 2 FROM t",
     "SELECT CAST((t1.c1 / CAST(2 AS INT)) AS INT) AS c7, (t1.c1 % CAST(2 AS INT)) AS c8, "
     "(t1.c2 / CAST(CAST(2 AS INT) AS DOUBLE)) AS c9, (CAST(t1.c1 AS DOUBLE) / CAST(CAST(2 AS "
     "INT) AS DOUBLE)) AS c10 FROM t1",
     "SELECT CAST((t1.c1 div CAST(2 AS INT)) AS INT) AS c7, (t1.c1 % CAST(2 AS INT)) AS c8, "
     "CASE WHEN (CAST(CAST(2 AS INT) AS DOUBLE) = 0.0D) THEN (t1.c2 * CASE WHEN "
     "(CAST(CAST(CAST(2 AS INT) AS DOUBLE) AS STRING) = '-0.0') THEN CAST('-Infinity' AS "
     "DOUBLE) ELSE CAST('Infinity' AS DOUBLE) END) ELSE (t1.c2 / CAST(CAST(2 AS INT) AS "
     "DOUBLE)) END AS c9, CASE WHEN (CAST(CAST(2 AS INT) AS DOUBLE) = 0.0D) THEN (CAST(t1.c1 "
     "AS DOUBLE) * CASE WHEN (CAST(CAST(CAST(2 AS INT) AS DOUBLE) AS STRING) = '-0.0') THEN "
     "CAST('-Infinity' AS DOUBLE) ELSE CAST('Infinity' AS DOUBLE) END) ELSE (CAST(t1.c1 AS "
     "DOUBLE) / CAST(CAST(2 AS INT) AS DOUBLE)) END AS c10 FROM t1"},
    {"SELECT a = 1 OR c < 2.5, NOT (b LIKE 'x%'), b LIKE 'x\\%', a IN (1, 2), c IS NOT "
     "DISTINCT FROM 1 FROM t",
     "SELECT ((t1.c1 = CAST(1 AS INT)) OR (nanvl((t1.c2 + CAST(0 AS DOUBLE)), CAST('NaN' AS "
     "DOUBLE)) < nanvl((CAST(CAST('2.5' AS DECIMAL(2,1)) AS DOUBLE) + CAST(0 AS DOUBLE)), "
     "CAST('NaN' AS DOUBLE)))) AS c9, (NOT (t1.c3 LIKE 'x%')) AS c10, gbx_k1(t1.c3) AS c11, "
     "(t1.c1 IN (CAST(1 AS INT), CAST(2 AS INT))) AS c12, (nanvl((t1.c2 + CAST(0 AS DOUBLE)), "
     "CAST('NaN' AS DOUBLE)) IS NOT DISTINCT FROM nanvl((CAST(CAST(1 AS INT) AS DOUBLE) + "
     "CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE))) AS c13 FROM t1\n"
     "gbx_k1(utf8) bool = (\"a0\" ~~ 'x\\%')",
     "SELECT ((t1.c1 = CAST(1 AS INT)) OR ((CAST(t1.c2 AS DOUBLE) + 0.0D) < "
     "(CAST(CAST(CAST('2.5' AS DECIMAL(2,1)) AS DOUBLE) AS DOUBLE) + 0.0D))) AS c9, (NOT "
     "(t1.c3 LIKE 'x%')) AS c10, gbx_k1(t1.c3) AS c11, (t1.c1 IN (CAST(1 AS INT), CAST(2 AS "
     "INT))) AS c12, ((CAST(t1.c2 AS DOUBLE) + 0.0D) IS NOT DISTINCT FROM (CAST(CAST(CAST(1 AS "
     "INT) AS DOUBLE) AS DOUBLE) + 0.0D)) AS c13 FROM t1\n"
     "gbx_k1(utf8) bool = (\"a0\" ~~ 'x\\%')"},
    {"SELECT CAST(a AS BIGINT), CAST(c AS INTEGER), CAST(e AS DECIMAL(20,4)), CAST(b AS DATE), "
     "TRY_CAST(i AS INTEGER) FROM t",
     "SELECT CAST(t1.c1 AS BIGINT) AS c11, gbx_k1(t1.c2) AS c12, CAST(t1.c3 AS DECIMAL(20,4)) "
     "AS c13, gbx_k2(t1.c4) AS c14, gbx_k3(t1.c5) AS c15 FROM t1\n"
     "gbx_k1(float64) int32 = CAST(\"a0\" AS INTEGER)\n"
     "gbx_k2(utf8) date = CAST(\"a0\" AS DATE)\n"
     "gbx_k3(int64) int32 = TRY_CAST(\"a0\" AS INTEGER)",
     "SELECT CAST(t1.c1 AS BIGINT) AS c11, gbx_k1(t1.c2) AS c12, CAST(t1.c3 AS DECIMAL(20,4)) "
     "AS c13, gbx_k2(t1.c4) AS c14, gbx_k3(t1.c5) AS c15 FROM t1\n"
     "gbx_k1(float64) int32 = CAST(\"a0\" AS INTEGER)\n"
     "gbx_k2(utf8) date = CAST(\"a0\" AS DATE)\n"
     "gbx_k3(int64) int32 = TRY_CAST(\"a0\" AS INTEGER)"},
    {"SELECT CASE WHEN a > 1 THEN b ELSE 'z' END, coalesce(b, 'y'), upper(b), substring(b, 1, "
     "2), length(b) FROM t",
     "SELECT CASE WHEN (t1.c1 > CAST(1 AS INT)) THEN t1.c2 ELSE 'z' END AS c8, COALESCE(t1.c2, "
     "'y') AS c9, gbx_k1(t1.c2) AS c10, gbx_k2(t1.c2) AS c11, CAST(character_length(t1.c2) AS "
     "BIGINT) AS c12 FROM t1\n"
     "gbx_k1(utf8) utf8 = upper(\"a0\")\n"
     "gbx_k2(utf8) utf8 = \"substring\"(\"a0\", CAST(1 AS BIGINT), CAST(2 AS BIGINT))",
     "SELECT CASE WHEN (t1.c1 > CAST(1 AS INT)) THEN t1.c2 ELSE 'z' END AS c8, COALESCE(t1.c2, "
     "'y') AS c9, gbx_k1(t1.c2) AS c10, gbx_k2(t1.c2) AS c11, CAST(char_length(t1.c2) AS "
     "BIGINT) AS c12 FROM t1\n"
     "gbx_k1(utf8) utf8 = upper(\"a0\")\n"
     "gbx_k2(utf8) utf8 = \"substring\"(\"a0\", CAST(1 AS BIGINT), CAST(2 AS BIGINT))"},
    {"SELECT year(d), d - DATE '2020-01-01', d + INTERVAL 1 MONTH FROM t",
     "SELECT CAST(date_part('year', t1.c1) AS BIGINT) AS c5, (CAST(CAST(t1.c1 AS INT) AS "
     "BIGINT) - CAST(CAST(DATE '2020-01-01' AS INT) AS BIGINT)) AS c6, gbx_k1(t1.c1) AS c7 "
     "FROM t1\n"
     "gbx_k1(date) timestamp(us) = (\"a0\" + (to_months(1) + to_days(0) + to_microseconds(0)))",
     "SELECT CAST(year(t1.c1) AS BIGINT) AS c5, CAST(datediff(t1.c1, DATE '2020-01-01') AS "
     "BIGINT) AS c6, gbx_k1(t1.c1) AS c7 FROM t1\n"
     "gbx_k1(date) timestamp(us) = (\"a0\" + (to_months(1) + to_days(0) + to_microseconds(0)))"},
    {"SELECT DATE '2020-02-29', 'NaN'::DOUBLE, 1.25, -5::BIGINT, '\\x00\\xFF'::BLOB, "
     "255::UTINYINT, NULL::VARCHAR",
     "SELECT gbx_k1() AS c9, gbx_k2() AS c10, CAST('1.25' AS DECIMAL(3,2)) AS c11, gbx_k3() AS "
     "c12, gbx_k4() AS c13, gbx_k5() AS c14, CAST(NULL AS VARCHAR) AS c15\n"
     "gbx_k1() date = CAST('2020-02-29' AS DATE)\n"
     "gbx_k2() float64 = CAST('NaN' AS DOUBLE)\n"
     "gbx_k3() int64 = (-CAST('5' AS BIGINT))\n"
     "gbx_k4() binary = CAST('\\x00\\xFF' AS BLOB)\n"
     "gbx_k5() uint8 = CAST(255 AS UTINYINT)",
     "SELECT gbx_k1() AS c9, gbx_k2() AS c10, CAST('1.25' AS DECIMAL(3,2)) AS c11, gbx_k3() AS "
     "c12, gbx_k4() AS c13, gbx_k5() AS c14, CAST(NULL AS STRING) AS c15\n"
     "gbx_k1() date = CAST('2020-02-29' AS DATE)\n"
     "gbx_k2() float64 = CAST('NaN' AS DOUBLE)\n"
     "gbx_k3() int64 = (-CAST('5' AS BIGINT))\n"
     "gbx_k4() binary = CAST('\\x00\\xFF' AS BLOB)\n"
     "gbx_k5() uint8 = CAST(255 AS UTINYINT)"},
};

static const host_case aggregates[] = {
    {"SELECT b, sum(a) AS s, sum(i), sum(e), avg(a), avg(e), count(*) AS n FROM t GROUP BY b",
     "SELECT t3.c5 AS c12, t3.c6 AS c13, t3.c7 AS c14, t3.c8 AS c15, t3.c9 AS c16, t3.c10 AS "
     "c17, t3.c11 AS c18 FROM (SELECT t2.c19 AS c5, sum(t2.c20) AS c6, CAST(sum(t2.c21) AS "
     "BIGINT) AS c7, CAST(sum(t2.c22) AS DECIMAL(38,2)) AS c8, (CAST(sum(t2.c20) AS DOUBLE) / "
     "CAST(count(t2.c23) AS DOUBLE)) AS c9, (CAST(sum(t2.c22) AS DOUBLE) / CAST(count(t2.c22) "
     "AS DOUBLE)) AS c10, count(*) AS c11 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, t1.c3 AS c3, "
     "t1.c4 AS c4, t1.c1 AS c19, CAST(t1.c2 AS BIGINT) AS c20, CAST(t1.c3 AS DECIMAL(19,0)) AS "
     "c21, t1.c4 AS c22, t1.c2 AS c23 FROM t1) AS t2 GROUP BY t2.c19) AS t3",
     "SELECT t3.c5 AS c12, t3.c6 AS c13, t3.c7 AS c14, t3.c8 AS c15, t3.c9 AS c16, t3.c10 AS "
     "c17, t3.c11 AS c18 FROM (SELECT t2.c19 AS c5, sum(t2.c20) AS c6, CAST(sum(t2.c21) AS "
     "BIGINT) AS c7, CAST(sum(t2.c22) AS DECIMAL(38,2)) AS c8, (CAST(sum(t2.c20) AS DOUBLE) / "
     "CAST(nullif(count(t2.c23), 0) AS DOUBLE)) AS c9, (CAST(sum(t2.c22) AS DOUBLE) / "
     "CAST(nullif(count(t2.c22), 0) AS DOUBLE)) AS c10, count(*) AS c11 FROM (SELECT t1.c1 AS "
     "c1, t1.c2 AS c2, t1.c3 AS c3, t1.c4 AS c4, t1.c1 AS c19, CAST(t1.c2 AS BIGINT) AS c20, "
     "CAST(t1.c3 AS DECIMAL(19,0)) AS c21, t1.c4 AS c22, t1.c2 AS c23 FROM t1) AS t2 GROUP BY "
     "t2.c19) AS t3"},
    {"SELECT sum(c), max(c), count(DISTINCT c), sum(e * e * 1.0000) FROM t",
     "SELECT t3.c3 AS c11, t3.c4 AS c12, t3.c5 AS c13, t3.c6 AS c14 FROM (SELECT sum(t2.c15) AS "
     "c3, CAST(CASE WHEN bool_or(t2.c16) THEN CAST('NaN' AS DOUBLE) WHEN bool_and(t2.c17) THEN "
     "CAST('-inf' AS DOUBLE) ELSE max(t2.c18) END AS DOUBLE) AS c4, count(DISTINCT t2.c18) AS "
     "c5, CAST(sum(t2.c19) AS DECIMAL(38,8)) AS c6 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, "
     "CAST(t1.c1 AS DOUBLE) AS c15, isnan(t1.c1) AS c16, (t1.c1 = CAST('-inf' AS DOUBLE)) AS "
     "c17, nanvl((t1.c1 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c18, CAST((CAST((t1.c2 "
     "* t1.c2) AS DECIMAL(18,4)) * CAST(CAST('1.0000' AS DECIMAL(5,4)) AS DECIMAL(18,4))) AS "
     "DECIMAL(18,8)) AS c19 FROM t1) AS t2) AS t3",
     "SELECT t3.c3 AS c11, t3.c4 AS c12, t3.c5 AS c13, t3.c6 AS c14 FROM (SELECT sum(t2.c15) "
     "AS c3, max(t2.c16) AS c4, count(DISTINCT t2.c16) AS c5, CAST(sum(t2.c17) AS "
     "DECIMAL(38,8)) AS c6 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, CAST(t1.c1 AS DOUBLE) AS "
     "c15, t1.c1 AS c16, CAST((CAST((t1.c2 * t1.c2) AS DECIMAL(18,4)) * CAST(CAST('1.0000' AS "
     "DECIMAL(5,4)) AS DECIMAL(18,4))) AS DECIMAL(18,8)) AS c17 FROM t1) AS t2) AS t3"},
    {"SELECT min(c) FILTER (a > 1) FROM t",
     "SELECT t3.c3 AS c5 FROM (SELECT CAST(CASE WHEN bool_and(t2.c6) FILTER (WHERE t2.c7) THEN "
     "CAST('NaN' AS DOUBLE) WHEN bool_and(t2.c8) FILTER (WHERE t2.c7) THEN CAST('inf' AS "
     "DOUBLE) ELSE min(t2.c9) FILTER (WHERE t2.c7) END AS DOUBLE) AS c3 FROM (SELECT t1.c1 AS "
     "c1, t1.c2 AS c2, isnan(t1.c2) AS c6, (t1.c1 > CAST(1 AS INT)) AS c7, (isnan(t1.c2) OR "
     "(t1.c2 = CAST('inf' AS DOUBLE))) AS c8, nanvl((t1.c2 + CAST(0 AS DOUBLE)), CAST('NaN' AS "
     "DOUBLE)) AS c9 FROM t1) AS t2) AS t3",
     "SELECT t3.c3 AS c5 FROM (SELECT min(t2.c6) FILTER (WHERE t2.c7) AS c3 FROM (SELECT t1.c1 "
     "AS c1, t1.c2 AS c2, t1.c2 AS c6, (t1.c1 > CAST(1 AS INT)) AS c7 FROM t1) AS t2) AS t3"},
    {"SELECT any_value(a) FILTER (c > 1) FROM t",
     "SELECT t2.c3 AS c5 FROM (SELECT gbx_k1(array_agg(named_struct('f0', t1.c2, 'f1', t1.c1))) AS "
     "c3 FROM t1) AS t2\n"
     "gbx_k1(list<struct<\"f0\": int32, \"f1\": float64>>) int32 = (SELECT any_value(u.f0) FILTER "
     "(WHERE (u.f1 > CAST(1 AS DOUBLE))) FROM (SELECT unnest(\"a0\") AS u))",
     "SELECT t3.c3 AS c5 FROM (SELECT first(t2.c6, TRUE) FILTER (WHERE t2.c7) AS c3 FROM (SELECT "
     "t1.c1 AS c1, t1.c2 AS c2, t1.c2 AS c6, ((CAST(t1.c1 AS DOUBLE) + 0.0D) > (CAST(CAST(CAST(1 "
     "AS INT) AS DOUBLE) AS DOUBLE) + 0.0D)) AS c7 FROM t1) AS t2) AS t3"},
    {"SELECT string_agg(b, '-' ORDER BY a DESC), median(c) FROM t",
     "SELECT t2.c4 AS c8, t2.c5 AS c9 FROM (SELECT gbx_k1(array_agg(named_struct('f0', t1.c1, "
     "'f1', t1.c2))) AS c4, gbx_k2(array_agg(named_struct('f0', t1.c3))) AS c5 FROM t1) AS t2\n"
     "gbx_k1(list<struct<\"f0\": utf8, \"f1\": int32>>) utf8 = (SELECT string_agg(u.f0, "
     "CAST('-' AS VARCHAR) ORDER BY u.f1 DESC NULLS LAST) FROM (SELECT unnest(\"a0\") AS u))\n"
     "gbx_k2(list<struct<\"f0\": float64>>) float64 = (SELECT median(u.f0) FROM (SELECT "
     "unnest(\"a0\") AS u))",
     "SELECT t2.c4 AS c8, t2.c5 AS c9 FROM (SELECT gbx_k1(collect_list(named_struct('f0', "
     "t1.c1, 'f1', t1.c2))) AS c4, gbx_k2(collect_list(named_struct('f0', t1.c3))) AS c5 FROM "
     "t1) AS t2\n"
     "gbx_k1(list<struct<\"f0\": utf8, \"f1\": int32>>) utf8 = (SELECT string_agg(u.f0, "
     "CAST('-' AS VARCHAR) ORDER BY u.f1 DESC NULLS LAST) FROM (SELECT unnest(\"a0\") AS u))\n"
     "gbx_k2(list<struct<\"f0\": float64>>) float64 = (SELECT median(u.f0) FROM (SELECT "
     "unnest(\"a0\") AS u))"},
    {"SELECT sum(a) FILTER (c > 1), first(b), any_value(a), bool_or(a > 1) FROM t",
     "SELECT t3.c4 AS c12, t3.c5 AS c13, t3.c6 AS c14, t3.c7 AS c15 FROM (SELECT sum(t2.c16) "
     "FILTER (WHERE t2.c17) AS c4, first_value(t2.c18) AS c5, first_value(t2.c19) FILTER (WHERE "
     "t2.c20) AS c6, bool_or(t2.c21) AS c7 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, t1.c3 AS c3, "
     "CAST(t1.c2 AS BIGINT) AS c16, (nanvl((t1.c1 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) "
     "> nanvl((CAST(CAST(1 AS INT) AS DOUBLE) + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE))) AS "
     "c17, t1.c3 AS c18, t1.c2 AS c19, (t1.c2 IS NOT NULL) AS c20, (t1.c2 > CAST(1 AS INT)) AS "
     "c21 FROM t1) AS t2) AS t3",
     "SELECT t3.c4 AS c12, t3.c5 AS c13, t3.c6 AS c14, t3.c7 AS c15 FROM (SELECT sum(t2.c16) "
     "FILTER (WHERE t2.c17) AS c4, first(t2.c18) AS c5, first(t2.c19, TRUE) AS c6, "
     "bool_or(t2.c20) AS c7 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, t1.c3 AS c3, CAST(t1.c2 AS "
     "BIGINT) AS c16, ((CAST(t1.c1 AS DOUBLE) + 0.0D) > (CAST(CAST(CAST(1 AS INT) AS DOUBLE) "
     "AS DOUBLE) + 0.0D)) AS c17, t1.c3 AS c18, t1.c2 AS c19, (t1.c2 > CAST(1 AS INT)) AS c20 "
     "FROM t1) AS t2) AS t3"},
    {"SELECT a, b, grouping(a, b) AS g, count(*) FROM t GROUP BY ROLLUP (a, b)",
     "SELECT t2.c3 AS c7, t2.c4 AS c8, t2.c6 AS c9, t2.c5 AS c10 FROM (SELECT t1.c1 AS c3, t1.c2 "
     "AS c4, count(*) AS c5, (CAST(0 AS BIGINT) + CAST(grouping(t1.c1) AS BIGINT) * CAST(2 AS "
     "BIGINT) + CAST(grouping(t1.c2) AS BIGINT) * CAST(1 AS BIGINT)) AS c6 FROM t1 GROUP BY "
     "GROUPING SETS ((), (t1.c1), (t1.c1, t1.c2))) AS t2",
     "SELECT t2.c3 AS c7, t2.c4 AS c8, CASE WHEN t2.c11 IS NULL THEN CAST(3 AS BIGINT) ELSE t2.c6 "
     "END AS c9, CASE WHEN t2.c11 IS NULL THEN gbx_k1() ELSE t2.c5 END AS c10 FROM (SELECT TRUE AS "
     "m) AS t3 LEFT JOIN (SELECT t1.c1 AS c3, t1.c2 AS c4, count(*) AS c5, (CAST(0 AS BIGINT) + "
     "CAST(grouping(t1.c1) AS BIGINT) * CAST(2 AS BIGINT) + CAST(grouping(t1.c2) AS BIGINT) * "
     "CAST(1 AS BIGINT)) AS c6, TRUE AS c11 FROM t1 GROUP BY GROUPING SETS ((), (t1.c1), (t1.c1, "
     "t1.c2))) AS t2 ON TRUE\n"
     "gbx_k1() int64 = (SELECT count(*) FROM (SELECT 1 AS f) AS u WHERE FALSE)"},
    {"SELECT 1 FROM t GROUP BY c HAVING sum(a) > 5",
     "SELECT CAST(1 AS INT) AS c6 FROM (SELECT t2.c7 AS c3, sum(t2.c8) AS c4 FROM (SELECT t1.c1 "
     "AS c1, t1.c2 AS c2, nanvl((t1.c1 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c7, "
     "CAST(t1.c2 AS BIGINT) AS c8 FROM t1) AS t2 GROUP BY t2.c7) AS t3 WHERE (CAST(t3.c4 AS "
     "DECIMAL(38,0)) > CAST(CAST(5 AS INT) AS DECIMAL(38,0)))",
     "SELECT CAST(1 AS INT) AS c6 FROM (SELECT t2.c7 AS c3, sum(t2.c8) AS c4 FROM (SELECT "
     "t1.c1 AS c1, t1.c2 AS c2, t1.c1 AS c7, CAST(t1.c2 AS BIGINT) AS c8 FROM t1) AS t2 GROUP "
     "BY t2.c7) AS t3 WHERE (CAST(t3.c4 AS DECIMAL(38,0)) > CAST(CAST(5 AS INT) AS "
     "DECIMAL(38,0)))"},
    {"SELECT count(*) FROM (SELECT DISTINCT c FROM t)",
     "SELECT t3.c3 AS c4 FROM (SELECT count(*) AS c3 FROM (SELECT DISTINCT nanvl((t1.c1 + "
     "CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c2 FROM t1) AS t2) AS t3",
     "SELECT t3.c3 AS c4 FROM (SELECT count(*) AS c3 FROM (SELECT DISTINCT t1.c1 AS c2 FROM "
     "t1) AS t2) AS t3"},
    {"SELECT DISTINCT ON (b) a, b FROM t ORDER BY b, c DESC",
     "SELECT t4.c4 AS c9, t4.c5 AS c10 FROM (SELECT t3.c4 AS c4, t3.c5 AS c5, t3.c6 AS c6, "
     "t3.c5 AS c14, nanvl((t3.c6 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c15 FROM "
     "(SELECT t2.c4 AS c4, t2.c5 AS c5, t2.c6 AS c6, row_number() OVER (PARTITION BY t2.c11 "
     "ORDER BY t2.c11 ASC NULLS LAST, t2.c12 DESC NULLS LAST) AS c13 FROM (SELECT t1.c1 AS c4, "
     "t1.c2 AS c5, t1.c3 AS c6, t1.c2 AS c11, nanvl((t1.c3 + CAST(0 AS DOUBLE)), CAST('NaN' AS "
     "DOUBLE)) AS c12 FROM t1) AS t2) AS t3 WHERE (t3.c13 = 1)) AS t4 ORDER BY t4.c14 ASC NULLS "
     "LAST, t4.c15 DESC NULLS LAST",
     "SELECT t2.c4 AS c9, t2.c5 AS c10 FROM (SELECT t1.c1 AS c4, t1.c2 AS c5, t1.c3 AS c6, "
     "row_number() OVER (PARTITION BY t1.c2 ORDER BY t1.c2 ASC NULLS LAST, t1.c3 DESC NULLS "
     "LAST) AS c11 FROM t1) AS t2 WHERE (t2.c11 = 1) ORDER BY t2.c5 ASC NULLS LAST, t2.c6 DESC "
     "NULLS LAST"},
};

static const host_case joins[] = {
    {"SELECT a, v FROM t JOIN u ON a = k AND c > w",
     "SELECT t1.c1 AS c6, t2.c5 AS c7 FROM t1 JOIN t2 ON (t1.c1 = t2.c3) AND (nanvl((t1.c2 + "
     "CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) > nanvl((t2.c4 + CAST(0 AS DOUBLE)), "
     "CAST('NaN' AS DOUBLE)))",
     "SELECT t1.c1 AS c6, t2.c5 AS c7 FROM t1 JOIN t2 ON (t1.c1 = t2.c3) AND ((CAST(t1.c2 AS "
     "DOUBLE) + 0.0D) > (CAST(t2.c4 AS DOUBLE) + 0.0D))"},
    {"SELECT a, v FROM t LEFT JOIN u ON upper(b) = v",
     "SELECT t1.c2 AS c4, t2.c3 AS c5 FROM t1 LEFT JOIN t2 ON (gbx_k1(t1.c1) = t2.c3)\n"
     "gbx_k1(utf8) utf8 = upper(\"a0\")",
     "SELECT t1.c2 AS c4, t2.c3 AS c5 FROM t1 LEFT JOIN t2 ON (gbx_k1(t1.c1) = t2.c3)\n"
     "gbx_k1(utf8) utf8 = upper(\"a0\")"},
    {"SELECT a, v FROM t FULL JOIN u ON c = w",
     "SELECT t1.c2 AS c5, t2.c4 AS c6 FROM t1 FULL JOIN t2 ON (nanvl((t1.c1 + CAST(0 AS "
     "DOUBLE)), CAST('NaN' AS DOUBLE)) = nanvl((t2.c3 + CAST(0 AS DOUBLE)), CAST('NaN' AS "
     "DOUBLE)))",
     "SELECT t1.c2 AS c5, t2.c4 AS c6 FROM t1 FULL JOIN t2 ON ((CAST(t1.c1 AS DOUBLE) + 0.0D) "
     "= (CAST(t2.c3 AS DOUBLE) + 0.0D))"},
    {"SELECT a FROM t SEMI JOIN u ON a = k",
     "SELECT t1.c1 AS c3 FROM t1 LEFT SEMI JOIN t2 ON (t1.c1 = t2.c2)",
     "SELECT t1.c1 AS c3 FROM t1 LEFT SEMI JOIN t2 ON (t1.c1 = t2.c2)"},
    {"SELECT a FROM t ANTI JOIN u ON a IS NOT DISTINCT FROM k",
     "SELECT t1.c1 AS c3 FROM t1 LEFT ANTI JOIN t2 ON (t1.c1 IS NOT DISTINCT FROM t2.c2)",
     "SELECT t1.c1 AS c3 FROM t1 LEFT ANTI JOIN t2 ON (t1.c1 IS NOT DISTINCT FROM t2.c2)"},
    {"SELECT a FROM t WHERE a NOT IN (SELECT k FROM u)",
     "SELECT t5.c1 AS c5 FROM (SELECT t1.c1 AS c1, CASE WHEN t3.m THEN TRUE WHEN t4.n = 0 THEN "
     "FALSE WHEN (t1.c1 IS NULL) OR (t4.n > t4.v) THEN NULL ELSE FALSE END AS c4 FROM t1 LEFT "
     "JOIN (SELECT DISTINCT t2.c2 AS k, TRUE AS m FROM t2) AS t3 ON (t1.c1 = t3.k) CROSS JOIN "
     "(SELECT count(*) AS n, count(t2.c2) AS v FROM t2) AS t4) AS t5 WHERE (NOT t5.c4)",
     "SELECT t5.c1 AS c5 FROM (SELECT t1.c1 AS c1, CASE WHEN t3.m THEN TRUE WHEN t4.n = 0 THEN "
     "FALSE WHEN (t1.c1 IS NULL) OR (t4.n > t4.v) THEN NULL ELSE FALSE END AS c4 FROM t1 LEFT "
     "JOIN (SELECT DISTINCT t2.c2 AS k, TRUE AS m FROM t2) AS t3 ON (t1.c1 = t3.k) CROSS JOIN "
     "(SELECT count(*) AS n, count(t2.c2) AS v FROM t2) AS t4) AS t5 WHERE (NOT t5.c4)"},
    {"SELECT (a, b) IN (SELECT k, v FROM u) AS m FROM t",
     "SELECT CASE WHEN t6.n IS NULL THEN FALSE ELSE t6.m END AS c8 FROM t3 AS t5 LEFT JOIN "
     "(SELECT t4.c9 AS n, bool_or((t4.c1 = t2.c3) AND (t4.c2 = t2.c4)) AS m FROM t3 AS t4 JOIN "
     "t2 ON ((t4.c1 = t2.c3) IS NOT FALSE) AND ((t4.c2 = t2.c4) IS NOT FALSE) GROUP BY t4.c9) "
     "AS t6 ON (t5.c9 = t6.n)\n"
     "t3: SELECT t1.c1 AS c1, t1.c2 AS c2, row_number() OVER () AS c9 FROM t1",
     "SELECT CASE WHEN t6.n IS NULL THEN FALSE ELSE t6.m END AS c8 FROM t3 AS t5 LEFT JOIN "
     "(SELECT t4.c9 AS n, bool_or((t4.c1 = t2.c3) AND (t4.c2 = t2.c4)) AS m FROM t3 AS t4 JOIN "
     "t2 ON ((t4.c1 = t2.c3) IS NOT FALSE) AND ((t4.c2 = t2.c4) IS NOT FALSE) GROUP BY t4.c9) "
     "AS t6 ON (t5.c9 = t6.n)\n"
     "t3: SELECT t1.c1 AS c1, t1.c2 AS c2, monotonically_increasing_id() AS c9 FROM t1"},
    {"SELECT a, EXISTS (SELECT 1 FROM u) AS m FROM t",
     "SELECT t1.c1 AS c6, t5.c5 AS c7 FROM t1 CROSS JOIN (SELECT (t4.c4 = CAST(1 AS BIGINT)) "
     "AS c5 FROM (SELECT count(*) AS c4 FROM (SELECT t2.c2 AS c2 FROM t2 LIMIT 1) AS t3) AS "
     "t4) AS t5",
     "SELECT t1.c1 AS c6, t5.c5 AS c7 FROM t1 CROSS JOIN (SELECT (t4.c4 = CAST(1 AS BIGINT)) "
     "AS c5 FROM (SELECT count(*) AS c4 FROM (SELECT t2.c2 AS c2 FROM t2 LIMIT 1) AS t3) AS "
     "t4) AS t5"},
    {"SELECT a, EXISTS (SELECT 1 FROM u WHERE k = a) AS m FROM t",
     "SELECT t1.c1 AS c6, (t4.m IS NOT NULL) AS c7 FROM t1 LEFT JOIN (SELECT DISTINCT t3.c4 AS "
     "k0, TRUE AS m FROM (SELECT t2.c2 AS c4 FROM t2 WHERE (t2.c2 IS NOT NULL)) AS t3) AS t4 "
     "ON (t1.c1 IS NOT DISTINCT FROM t4.k0)",
     "SELECT t1.c1 AS c6, (t4.m IS NOT NULL) AS c7 FROM t1 LEFT JOIN (SELECT DISTINCT t3.c4 AS "
     "k0, TRUE AS m FROM (SELECT t2.c2 AS c4 FROM t2 WHERE (t2.c2 IS NOT NULL)) AS t3) AS t4 "
     "ON (t1.c1 IS NOT DISTINCT FROM t4.k0)"},
    {"SELECT a, (SELECT w FROM u WHERE k = a) AS s FROM t",
     "SELECT t5.c1 AS c6, t5.c4 AS c7 FROM (SELECT t2.c1 AS c1, t4.c4 AS c4, t4.c5 AS c5, "
     "count(*) OVER (PARTITION BY t2.c8) AS c9 FROM (SELECT t1.c1 AS c1, row_number() OVER () "
     "AS c8 FROM t1) AS t2 LEFT JOIN (SELECT t3.c3 AS c4, t3.c2 AS c5 FROM t3 WHERE (t3.c2 IS "
     "NOT NULL)) AS t4 ON (t2.c1 = t4.c5)) AS t5 WHERE gbx_k1(t5.c9)\n"
     "gbx_k1(int64) bool = CASE WHEN \"a0\" > 1 THEN error('More than one row returned by a "
     "subquery used as an expression - scalar subqueries can only return a single row.') ELSE "
     "TRUE END",
     "SELECT t5.c1 AS c6, t5.c4 AS c7 FROM (SELECT t2.c1 AS c1, t4.c4 AS c4, t4.c5 AS c5, "
     "count(*) OVER (PARTITION BY t2.c8) AS c9 FROM (SELECT t1.c1 AS c1, "
     "monotonically_increasing_id() AS c8 FROM t1) AS t2 LEFT JOIN (SELECT t3.c3 AS c4, t3.c2 "
     "AS c5 FROM t3 WHERE (t3.c2 IS NOT NULL)) AS t4 ON (t2.c1 = t4.c5)) AS t5 WHERE "
     "gbx_k1(t5.c9)\n"
     "gbx_k1(int64) bool = CASE WHEN \"a0\" > 1 THEN error('More than one row returned by a "
     "subquery used as an expression - scalar subqueries can only return a single row.') ELSE "
     "TRUE END"},
    {"SELECT a, w FROM t ASOF LEFT JOIN u ON b = v AND c >= w",
     "SELECT t4.c3 AS c6, t4.c5 AS c7 FROM (SELECT t2.c1 AS c1, t2.c2 AS c2, t2.c3 AS c3, t3.c4 "
     "AS c4, t3.c5 AS c5, row_number() OVER (PARTITION BY t2.c8 ORDER BY nanvl((t3.c5 + CAST(0 "
     "AS DOUBLE)), CAST('NaN' AS DOUBLE)) DESC NULLS LAST) AS c9 FROM (SELECT t1.c1 AS c1, "
     "t1.c2 AS c2, t1.c3 AS c3, row_number() OVER () AS c8 FROM t1) AS t2 LEFT JOIN t3 ON "
     "(t2.c1 = t3.c4) AND (nanvl((t2.c2 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) >= "
     "nanvl((t3.c5 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)))) AS t4 WHERE (t4.c9 = 1)",
     "SELECT t4.c3 AS c6, t4.c5 AS c7 FROM (SELECT t2.c1 AS c1, t2.c2 AS c2, t2.c3 AS c3, "
     "t3.c4 AS c4, t3.c5 AS c5, row_number() OVER (PARTITION BY t2.c8 ORDER BY t3.c5 DESC "
     "NULLS LAST) AS c9 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, t1.c3 AS c3, "
     "monotonically_increasing_id() AS c8 FROM t1) AS t2 LEFT JOIN t3 ON (t2.c1 = t3.c4) AND "
     "((CAST(t2.c2 AS DOUBLE) + 0.0D) >= (CAST(t3.c5 AS DOUBLE) + 0.0D))) AS t4 WHERE (t4.c9 = "
     "1)"},
};

static const host_case orders[] = {
    {"SELECT a FROM t ORDER BY c DESC NULLS FIRST, l LIMIT 5 OFFSET 2",
     "SELECT t2.c4 AS c8 FROM (SELECT t1.c1 AS c4, t1.c2 AS c5, t1.c3 AS c6, nanvl((t1.c2 + "
     "CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c9, gbx_k1(t1.c3) AS c10 FROM t1) AS t2 "
     "ORDER BY t2.c9 DESC NULLS FIRST, t2.c10 ASC NULLS FIRST LIMIT 5 OFFSET 2\n"
     "gbx_k1(list<int32>) binary = CAST(create_sort_key(\"a0\", 'ASC NULLS LAST') AS BLOB)",
     "SELECT t2.c4 AS c8 FROM (SELECT t1.c1 AS c4, t1.c2 AS c5, t1.c3 AS c6, t1.c2 AS c9, "
     "gbx_k1(t1.c3) AS c10 FROM t1) AS t2 ORDER BY t2.c9 DESC NULLS FIRST, t2.c10 ASC NULLS "
     "FIRST LIMIT 5 OFFSET 2\n"
     "gbx_k1(list<int32>) binary = CAST(create_sort_key(\"a0\", 'ASC NULLS LAST') AS BLOB)"},
    {"SELECT a FROM t LIMIT NULL OFFSET 1", "SELECT t1.c1 AS c2 FROM t1 OFFSET 1",
     "SELECT t1.c1 AS c2 FROM t1 OFFSET 1"},
    {"SELECT a FROM t ORDER BY a LIMIT 10%",
     "SELECT t2.c2 AS c2 FROM (SELECT t1.c1 AS c2, row_number() OVER (ORDER BY t1.c1 ASC NULLS "
     "LAST) AS c3, count(*) OVER () AS c4 FROM t1) AS t2 WHERE (t2.c3 > COALESCE(CAST(0 AS "
     "BIGINT), CAST(0 AS BIGINT))) AND (t2.c3 - COALESCE(CAST(0 AS BIGINT), CAST(0 AS BIGINT)) "
     "<= floor(CAST(t2.c4 AS DOUBLE) * CAST('10' AS DOUBLE) / 100.0)) ORDER BY t2.c3",
     "SELECT t2.c2 AS c2 FROM (SELECT t1.c1 AS c2, row_number() OVER (ORDER BY t1.c1 ASC NULLS "
     "LAST) AS c3, count(*) OVER () AS c4 FROM t1) AS t2 WHERE (t2.c3 > COALESCE(CAST(0 AS "
     "BIGINT), CAST(0 AS BIGINT))) AND (t2.c3 - COALESCE(CAST(0 AS BIGINT), CAST(0 AS BIGINT)) "
     "<= floor(CAST(t2.c4 AS DOUBLE) * CAST('10' AS DOUBLE) / 100.0)) ORDER BY t2.c3"},
    {"SELECT a FROM t UNION SELECT k FROM u",
     "SELECT DISTINCT t3.c5 AS c5 FROM ((SELECT t1.c1 AS c2 FROM t1) UNION ALL (SELECT t2.c3 "
     "AS c4 FROM t2)) AS t3(c5)",
     "SELECT DISTINCT t3.c5 AS c5 FROM ((SELECT t1.c1 AS c2 FROM t1) UNION ALL (SELECT t2.c3 "
     "AS c4 FROM t2)) AS t3(c5)"},
    {"SELECT a FROM t EXCEPT ALL SELECT k FROM u",
     "SELECT t7.c5 AS c5 FROM ((SELECT t3.c2 AS c2, t3.c6 AS c6 FROM (SELECT t2.c2 AS c2, "
     "row_number() OVER (PARTITION BY t2.c2) AS c6 FROM (SELECT t1.c1 AS c2 FROM t1) AS t2) AS "
     "t3) EXCEPT (SELECT t6.c4 AS c4, t6.c7 AS c7 FROM (SELECT t5.c4 AS c4, row_number() OVER "
     "(PARTITION BY t5.c4) AS c7 FROM (SELECT t4.c3 AS c4 FROM t4) AS t5) AS t6)) AS t7(c5, n)",
     "SELECT t3.c5 AS c5 FROM ((SELECT t1.c1 AS c2 FROM t1) EXCEPT ALL (SELECT t2.c3 AS c4 "
     "FROM t2)) AS t3(c5)"},
    {"SELECT c FROM t INTERSECT SELECT w FROM u",
     "SELECT DISTINCT nanvl((t3.c5 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c5 FROM "
     "((SELECT nanvl((t1.c1 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c2 FROM t1) "
     "INTERSECT (SELECT nanvl((t2.c3 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c4 FROM "
     "t2)) AS t3(c5)",
     "SELECT DISTINCT t3.c5 AS c5 FROM ((SELECT t1.c1 AS c2 FROM t1) INTERSECT (SELECT t2.c3 "
     "AS c4 FROM t2)) AS t3(c5)"},
    {"SELECT unnest(l) AS x, a FROM t",
     "SELECT t2.c3 AS c4, t2.c2 AS c5 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, unnest(t1.c1) AS "
     "c3 FROM t1) AS t2",
     "SELECT t2.c3 AS c4, t2.c2 AS c5 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, explode(t1.c1) AS "
     "c3 FROM t1) AS t2"},
    {"SELECT unnest(l), unnest([a]) FROM t",
     "SELECT get_field(t2.c9, 'g0') AS c7, get_field(t2.c9, 'g1') AS c8 FROM (SELECT t1.c1 AS "
     "c1, t1.c2 AS c2, unnest(gbx_k1(t1.c1, t1.c2)) AS c9 FROM t1) AS t2\n"
     "gbx_k1(list<int32>, int32) list<struct<\"g0\": int32, \"g1\": int32>> = (SELECT "
     "list(struct_pack(g0 := x.f0, g1 := x.f1)) FROM (SELECT unnest(\"a0\") AS f0, "
     "unnest(list_value(\"a1\")) AS f1) AS x)",
     "SELECT t2.c9.g0 AS c7, t2.c9.g1 AS c8 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, "
     "explode(gbx_k1(t1.c1, t1.c2)) AS c9 FROM t1) AS t2\n"
     "gbx_k1(list<int32>, int32) list<struct<\"g0\": int32, \"g1\": int32>> = (SELECT "
     "list(struct_pack(g0 := x.f0, g1 := x.f1)) FROM (SELECT unnest(\"a0\") AS f0, "
     "unnest(list_value(\"a1\")) AS f1) AS x)"},
    {"SELECT a FROM t USING SAMPLE 10% (bernoulli)",
     "SELECT t1.c1 AS c2 FROM t1 WHERE (random() * 100 < 10)",
     "SELECT t1.c1 AS c2 FROM t1 WHERE (rand() * 100 < 10)"},
    {"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n "
     "FROM r",
     "WITH cte2(c3) AS (WITH RECURSIVE cte1(c3) AS ((SELECT CAST(1 AS INT) AS c2) UNION ALL "
     "(SELECT CAST(CAST(t1.c3 AS BIGINT) + CAST(CAST(1 AS INT) AS BIGINT) AS INT) AS c5 FROM "
     "cte1 AS t1 WHERE (t1.c3 < CAST(5 AS INT)))) SELECT t2.c3 AS c3 FROM cte1 AS t2) SELECT "
     "t3.c3 AS c7 FROM cte2 AS t3",
     "WITH cte2(c3) AS (WITH RECURSIVE cte1(c3) AS ((SELECT CAST(1 AS INT) AS c2) UNION ALL "
     "(SELECT (t1.c3 + CAST(1 AS INT)) AS c5 FROM cte1 AS t1 WHERE (t1.c3 < CAST(5 AS INT)))) "
     "SELECT t2.c3 AS c3 FROM cte1 AS t2) SELECT t3.c3 AS c7 FROM cte2 AS t3"},
    {"WITH x AS (SELECT a FROM t LIMIT 3) SELECT p.a FROM x p, x q",
     "SELECT t2.c2 AS c5 FROM cte1 AS t2 CROSS JOIN cte1 AS t3\n"
     "cte1: SELECT t1.c1 AS c2 FROM t1 LIMIT 3",
     "SELECT t2.c2 AS c5 FROM cte1 AS t2 CROSS JOIN cte1 AS t3\n"
     "cte1: SELECT t1.c1 AS c2 FROM t1 LIMIT 3"},
    {"WITH x AS (SELECT a FROM t) SELECT p.a FROM x p, x q",
     "WITH cte1(c2) AS (SELECT t1.c1 AS c2 FROM t1) SELECT t2.c2 AS c5 FROM cte1 AS t2 CROSS "
     "JOIN cte1 AS t3",
     "WITH cte1(c2) AS (SELECT t1.c1 AS c2 FROM t1) SELECT t2.c2 AS c5 FROM cte1 AS t2 CROSS "
     "JOIN cte1 AS t3"},
    {"PIVOT u ON v IN ('x', 'y') USING sum(k)",
     "SELECT t3.c4 AS c10, t3.c5 AS c11, t3.c6 AS c12 FROM (SELECT t2.c13 AS c4, sum(t2.c14) "
     "FILTER (WHERE t2.c15) AS c5, sum(t2.c14) FILTER (WHERE t2.c16) AS c6 FROM (SELECT t1.c1 "
     "AS c1, t1.c2 AS c2, t1.c3 AS c3, nanvl((t1.c1 + CAST(0 AS DOUBLE)), CAST('NaN' AS "
     "DOUBLE)) AS c13, CAST(t1.c3 AS BIGINT) AS c14, (t1.c2 IS NOT DISTINCT FROM 'x') AS c15, "
     "(t1.c2 IS NOT DISTINCT FROM 'y') AS c16 FROM t1) AS t2 GROUP BY t2.c13) AS t3",
     "SELECT t3.c4 AS c10, t3.c5 AS c11, t3.c6 AS c12 FROM (SELECT t2.c13 AS c4, sum(t2.c14) "
     "FILTER (WHERE t2.c15) AS c5, sum(t2.c14) FILTER (WHERE t2.c16) AS c6 FROM (SELECT t1.c1 "
     "AS c1, t1.c2 AS c2, t1.c3 AS c3, t1.c1 AS c13, CAST(t1.c3 AS BIGINT) AS c14, (t1.c2 IS "
     "NOT DISTINCT FROM 'x') AS c15, (t1.c2 IS NOT DISTINCT FROM 'y') AS c16 FROM t1) AS t2 "
     "GROUP BY t2.c13) AS t3"},
};

static const host_case windows[] = {
    {"SELECT a, row_number() OVER (), rank() OVER (PARTITION BY b ORDER BY c DESC), lag(a) "
     "OVER (ORDER BY a) FROM t",
     "SELECT get_field(t4.c15, 'g0') AS c11, get_field(t4.c15, 'g3') AS c12, get_field(t4.c15, "
     "'g4') AS c13, get_field(t4.c15, 'g5') AS c14 FROM (SELECT unnest(t3.c15) AS c15 FROM "
     "(SELECT gbx_k1(t2.c15) AS c15 FROM (SELECT array_agg(named_struct('f0', t1.c1, 'f1', "
     "t1.c2, 'f2', t1.c3)) AS c15 FROM t1) AS t2) AS t3) AS t4\n"
     "gbx_k1(list<struct<\"f0\": int32, \"f1\": utf8, \"f2\": float64>>) list<struct<\"g0\": "
     "int32, \"g1\": utf8, \"g2\": float64, \"g3\": int64, \"g4\": int64, \"g5\": int32>> = "
     "(SELECT list(s) FROM (SELECT struct_pack(g0 := u.f0, g1 := u.f1, g2 := u.f2, g3 := "
     "row_number() OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), g4 := rank() OVER "
     "(PARTITION BY u.f1 ORDER BY u.f2 DESC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND "
     "CURRENT ROW), g5 := lag(u.f0, CAST('1' AS BIGINT), CAST(NULL AS INTEGER)) OVER (ORDER BY "
     "u.f0 ASC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS s FROM "
     "(SELECT unnest(\"a0\") AS u)))",
     "SELECT t4.c15.g0 AS c11, t4.c15.g3 AS c12, t4.c15.g4 AS c13, t4.c15.g5 AS c14 FROM "
     "(SELECT explode(t3.c15) AS c15 FROM (SELECT gbx_k1(t2.c15) AS c15 FROM (SELECT "
     "collect_list(named_struct('f0', t1.c1, 'f1', t1.c2, 'f2', t1.c3)) AS c15 FROM t1) AS t2) "
     "AS t3) AS t4\n"
     "gbx_k1(list<struct<\"f0\": int32, \"f1\": utf8, \"f2\": float64>>) list<struct<\"g0\": "
     "int32, \"g1\": utf8, \"g2\": float64, \"g3\": int64, \"g4\": int64, \"g5\": int32>> = "
     "(SELECT list(s) FROM (SELECT struct_pack(g0 := u.f0, g1 := u.f1, g2 := u.f2, g3 := "
     "row_number() OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), g4 := rank() OVER "
     "(PARTITION BY u.f1 ORDER BY u.f2 DESC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND "
     "CURRENT ROW), g5 := lag(u.f0, CAST('1' AS BIGINT), CAST(NULL AS INTEGER)) OVER (ORDER BY "
     "u.f0 ASC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS s FROM "
     "(SELECT unnest(\"a0\") AS u)))"},
    {"SELECT sum(i) OVER (ORDER BY a ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), max(b) OVER "
     "(PARTITION BY a) FROM t",
     "SELECT CAST(sum(t2.c11) OVER (ORDER BY t2.c10 ASC NULLS LAST ROWS BETWEEN 2 PRECEDING "
     "AND CURRENT ROW) AS BIGINT) AS c8, max(t2.c12) OVER (PARTITION BY t2.c10 ROWS BETWEEN "
     "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS c9 FROM (SELECT t1.c1 AS c1, t1.c2 AS "
     "c2, t1.c3 AS c3, t1.c2 AS c10, CAST(t1.c1 AS DECIMAL(19,0)) AS c11, t1.c3 AS c12 FROM "
     "t1) AS t2",
     "SELECT CAST(sum(t2.c11) OVER (ORDER BY t2.c10 ASC NULLS LAST ROWS BETWEEN 2 PRECEDING "
     "AND CURRENT ROW) AS BIGINT) AS c8, max(t2.c12) OVER (PARTITION BY t2.c10 ROWS BETWEEN "
     "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS c9 FROM (SELECT t1.c1 AS c1, t1.c2 AS "
     "c2, t1.c3 AS c3, t1.c2 AS c10, CAST(t1.c1 AS DECIMAL(19,0)) AS c11, t1.c3 AS c12 FROM "
     "t1) AS t2"},
    {"SELECT max(c) OVER (PARTITION BY a), min(c) OVER (ORDER BY c) FROM t",
     "SELECT max(t2.c10) OVER (PARTITION BY t2.c9 ROWS BETWEEN UNBOUNDED PRECEDING AND "
     "UNBOUNDED FOLLOWING) AS c7, min(t2.c10) OVER (ORDER BY t2.c10 ASC NULLS LAST RANGE "
     "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS c8 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, "
     "t1.c2 AS c9, nanvl((t1.c1 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE)) AS c10 FROM t1) AS "
     "t2",
     "SELECT max(t1.c1) OVER (PARTITION BY t1.c2 ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED "
     "FOLLOWING) AS c7, min(t1.c1) OVER (ORDER BY t1.c1 ASC NULLS LAST RANGE BETWEEN UNBOUNDED "
     "PRECEDING AND CURRENT ROW) AS c8 FROM t1"},
    {"SELECT sum(a) OVER (ORDER BY a RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
     "SELECT get_field(t4.c5, 'g1') AS c4 FROM (SELECT unnest(t3.c5) AS c5 FROM (SELECT "
     "gbx_k1(t2.c5) AS c5 FROM (SELECT array_agg(named_struct('f0', t1.c1)) AS c5 FROM t1) AS "
     "t2) AS t3) AS t4\n"
     "gbx_k1(list<struct<\"f0\": int32>>) list<struct<\"g0\": int32, \"g1\": int64>> = (SELECT "
     "list(s) FROM (SELECT struct_pack(g0 := u.f0, g1 := CAST(sum(u.f0) OVER (ORDER BY u.f0 "
     "ASC NULLS LAST RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS BIGINT)) AS s FROM (SELECT "
     "unnest(\"a0\") AS u)))",
     "SELECT t4.c5.g1 AS c4 FROM (SELECT explode(t3.c5) AS c5 FROM (SELECT gbx_k1(t2.c5) AS c5 "
     "FROM (SELECT collect_list(named_struct('f0', t1.c1)) AS c5 FROM t1) AS t2) AS t3) AS t4\n"
     "gbx_k1(list<struct<\"f0\": int32>>) list<struct<\"g0\": int32, \"g1\": int64>> = (SELECT "
     "list(s) FROM (SELECT struct_pack(g0 := u.f0, g1 := CAST(sum(u.f0) OVER (ORDER BY u.f0 "
     "ASC NULLS LAST RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS BIGINT)) AS s FROM (SELECT "
     "unnest(\"a0\") AS u)))"},
    {"SELECT a FROM t QUALIFY row_number() OVER (PARTITION BY b ORDER BY a) = 1",
     "SELECT t2.c2 AS c4 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, CAST(row_number() OVER "
     "(PARTITION BY t1.c1 ORDER BY t1.c2 ASC NULLS LAST) AS BIGINT) AS c3 FROM t1) AS t2 WHERE "
     "(t2.c3 = CAST(CAST(1 AS INT) AS BIGINT))",
     "SELECT t2.c2 AS c4 FROM (SELECT t1.c1 AS c1, t1.c2 AS c2, CAST(row_number() OVER "
     "(PARTITION BY t1.c1 ORDER BY t1.c2 ASC NULLS LAST) AS BIGINT) AS c3 FROM t1) AS t2 WHERE "
     "(t2.c3 = CAST(CAST(1 AS INT) AS BIGINT))"},
};

/* clang-format on */

static int tables_open(void **state)
{
    static duck d;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t (a INTEGER, b VARCHAR, c DOUBLE, d DATE, i BIGINT, e "
                  "DECIMAL(15,2), l INTEGER[])");
    duck_exec(&d, "CREATE TABLE u (k INTEGER, v VARCHAR, w DOUBLE)");
    *state = &d;
    return 0;
}

static int tables_close(void **state)
{
    duck_close(*state);
    return 0;
}

static void put_lines(gbx__buf *out, const gbx__host_sql *sql)
{
    gbx__buf_str(out, sql->text);
    for (uint32_t i = 0; i < sql->n_tables; i++) {
        const gbx__host_table *table = &sql->tables[i];
        if (table->scan == NULL)
            gbx__buf_printf(out, "\n%.*s: %.*s", GBX_STR_ARG(table->name),
                            GBX_STR_ARG(table->text));
    }
    for (uint32_t i = 0; i < sql->n_kernels; i++) {
        const gbx__host_kernel *kernel = &sql->kernels[i];
        gbx__buf_printf(out, "\n%.*s(", GBX_STR_ARG(kernel->name));
        for (uint32_t k = 0; k < kernel->n_args; k++) {
            gbx__buf_puts(out, k > 0 ? ", " : "");
            gbx__type_print(out, kernel->args[k]);
        }
        gbx__buf_puts(out, ") ");
        gbx__type_print(out, kernel->type);
        gbx__buf_printf(out, " = %.*s", GBX_STR_ARG(kernel->duckdb));
    }
}

static gbx_status host_print(duck *d, const char *query, gbx__dialect_id dialect, gbx__buf *out,
                             gbx_error *err)
{
    const gbx__print_options options = {.dialect = dialect};
    gbx__host_sql sql = {0};
    gbx_plan *plan = sql_plan(d, query);
    gbx_plan *better = NULL;
    assert_int_equal(gbx__optimise(plan, UINT32_MAX, &better, err), GBX_OK);
    const gbx_status status = gbx__sql_print_host(better, &options, &sql, err);
    if (status == GBX_OK) put_lines(out, &sql);
    if (status == GBX_OK) gbx__host_sql_done(&sql);
    gbx__plan_unref(better);
    gbx__plan_unref(plan);
    return status;
}

static void check_text(duck *d, const char *query, gbx__dialect_id dialect, const char *expected)
{
    gbx_error err = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf out = {0};
    if (host_print(d, query, dialect, &out, &err) != GBX_OK) fail_msg("%s: %s", query, err.message);
    assert_string_equal(out.data, expected);
}

static void check_cases(void **state, const host_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_text(*state, cases[i].sql, GBX_DIALECT_DATAFUSION, cases[i].datafusion);
        check_text(*state, cases[i].sql, GBX_DIALECT_SPARK, cases[i].spark);
    }
}

#define CASES(name)                                                                                \
    static void name##_are_printed(void **state)                                                   \
    {                                                                                              \
        check_cases(state, name, sizeof(name) / sizeof(name[0]));                                  \
    }
CASES(leaves)
CASES(expressions)
CASES(aggregates)
CASES(joins)
CASES(orders)
CASES(windows)

static void check_refused(void **state, const char *query, const char *message)
{
    gbx_error err = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf out = {0};
    assert_int_equal(host_print(*state, query, GBX_DIALECT_SPARK, &out, &err), GBX_UNSUPPORTED);
    assert_string_equal(err.message, message);
}

static void what_cant_be_said_is_refused_by_name(void **state)
{
    check_refused(state, "SELECT random() FROM t",
                  "a function that differs from row to row on Spark");
    check_refused(state,
                  "WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n + 1 FROM r WHERE n < 5) FROM r",
                  "a recursion of this kind on Spark");
    check_refused(state,
                  "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT x.n + 1 FROM r x, r y) FROM r",
                  "a recursion that reads itself twice on Spark");
    check_refused(state,
                  "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + (SELECT 1 + r.n) FROM r "
                  "WHERE n < 5) FROM r",
                  "a recursion that reads itself twice on Spark");
    check_refused(state, "SELECT a, k FROM t POSITIONAL JOIN u", "a join by position on Spark");
    check_refused(state, "SELECT INTERVAL 1 DAY * a FROM t", "a value of type interval on Spark");
    check_refused(state, "SELECT MAP {'x': a} AS m, count(*) FROM t GROUP BY m",
                  "groups by a map on Spark");
}

/* They are searched by halves. */
static void check_sorted(gbx__natives rows)
{
    for (size_t i = 1; i < rows.n; i++)
        assert_true(strcmp(rows.rows[i - 1].name, rows.rows[i].name) <= 0);
}

static void rows_of_dialects_are_sorted(void **state)
{
    (void)state;
    const gbx__dialect *dialects[] = {&gbx__dialect_datafusion, &gbx__dialect_spark};
    for (size_t i = 0; i < 2; i++) {
        check_sorted(dialects[i]->words->calls);
        check_sorted(dialects[i]->words->aggs);
        check_sorted(dialects[i]->words->windows);
    }
}

static void rows_of_dialects_name_functions(void **state)
{
    (void)state;
    const gbx__dialect *dialects[] = {&gbx__dialect_datafusion, &gbx__dialect_spark};
    for (size_t i = 0; i < 2; i++) {
        const gbx__host_words *words = dialects[i]->words;
        for (size_t k = 0; k < words->calls.n; k++)
            assert_non_null(
                gbx__function_find(GBX_FN_SCALAR, gbx__str_of(words->calls.rows[k].name)));
        for (size_t k = 0; k < words->aggs.n; k++)
            assert_non_null(
                gbx__function_find(GBX_FN_AGGREGATE, gbx__str_of(words->aggs.rows[k].name)));
        for (size_t k = 0; k < words->windows.n; k++) {
            const gbx__str name = gbx__str_of(words->windows.rows[k].name);
            assert_true(gbx__function_find(GBX_FN_WINDOW, name) != NULL ||
                        gbx__function_find(GBX_FN_AGGREGATE, name) != NULL);
            assert_non_null(strstr(words->windows.rows[k].text, "$o"));
        }
    }
}

static void dialects_have_names(void **state)
{
    (void)state;
    assert_int_equal(gbx__dialect_find(GBX_STR("spark")), GBX_DIALECT_SPARK);
    assert_int_equal(gbx__dialect_find(GBX_STR("datafusion")), GBX_DIALECT_DATAFUSION);
    assert_int_equal(gbx__dialect_find(GBX_STR("fortran")), GBX_DIALECTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_are_printed),
        cmocka_unit_test(expressions_are_printed),
        cmocka_unit_test(aggregates_are_printed),
        cmocka_unit_test(joins_are_printed),
        cmocka_unit_test(orders_are_printed),
        cmocka_unit_test(windows_are_printed),
        cmocka_unit_test(what_cant_be_said_is_refused_by_name),
        cmocka_unit_test(rows_of_dialects_are_sorted),
        cmocka_unit_test(rows_of_dialects_name_functions),
        cmocka_unit_test(dialects_have_names),
    };
    return cmocka_run_group_tests(tests, tables_open, tables_close);
}
