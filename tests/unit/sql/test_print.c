/*
 * Plans as DuckDB's SQL, operator by operator: how it is written, and that it gives the same rows.
 */
#include "plan/plan.h"
#include "support/plan_samples.h"
#include "support/sql.h"
#include "support/torture.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NO_POS GBX_NO_POS

typedef struct print_case {
    const char *sql;
    const char *printed;
} print_case;

/* clang-format off */
static const print_case leaves[] = {
    {"SELECT a FROM t",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT 42 AS x",
     "SELECT 42 AS \"x\""},
    {"SELECT x, y FROM (VALUES (1, 'one'), (2, NULL)) v(x, y)",
     "SELECT t1.c1 AS \"x\", t1.c2 AS \"y\" FROM (VALUES (1, CAST('one' AS VARCHAR)), (2, "
     "CAST(NULL AS VARCHAR))) AS t1(c1, c2)"},
    {"SELECT a FROM t WHERE false",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1 WHERE FALSE"},
    {"SELECT i FROM range(1, 10, 3) r(i)",
     "SELECT t1.f0 AS \"i\" FROM range(CAST('1' AS BIGINT), CAST('10' AS BIGINT), CAST('3' AS "
     "BIGINT)) AS t1(f0)"},
    {"SELECT a, g FROM t, generate_series(1, a) s(g)",
     "WITH cte1(c2) AS (SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1), cte2(c4) AS "
     "(SELECT t2.c2 AS c4 FROM cte1 AS t2 GROUP BY t2.c2) SELECT t3.c2 AS \"a\", t6.c10 AS \"g\" "
     "FROM cte1 AS t3 JOIN (SELECT t5.f0 AS c10, t4.c4 AS c9 FROM cte2 AS t4 CROSS JOIN LATERAL "
     "generate_series(1, t4.c4) AS t5(f0)) AS t6 ON (t3.c2 IS NOT DISTINCT FROM t6.c9)"},
    {"SELECT count(*) FROM t",
     "SELECT count(*) AS \"count_star()\" FROM \"memory\".\"main\".\"t\" AS t1"},
};

static const print_case blocks[] = {
    {"SELECT a, b FROM t WHERE c > 1 AND b IS NOT NULL",
     "SELECT t1.\"a\" AS \"a\", t1.\"b\" AS \"b\" FROM \"memory\".\"main\".\"t\" AS t1 WHERE "
     "(t1.\"c\" > CAST(1 AS DOUBLE)) AND (t1.\"b\" IS NOT NULL)"},
    {"SELECT a + 1 AS x, b AS y FROM t WHERE a > 0 ORDER BY a DESC NULLS FIRST, b LIMIT 5 OFFSET "
     "2",
     "SELECT t2.c3 AS \"x\", t2.c4 AS \"y\" FROM (SELECT (t1.\"a\" + 1) AS c3, t1.\"b\" AS c4, "
     "t1.\"a\" AS c5 FROM \"memory\".\"main\".\"t\" AS t1 WHERE (t1.\"a\" > 0)) AS t2 ORDER BY "
     "t2.c5 DESC NULLS FIRST, t2.c4 ASC NULLS LAST LIMIT 5 OFFSET 2"},
    {"SELECT x FROM (SELECT a + 1 AS x FROM t) WHERE x > 2",
     "SELECT t2.c2 AS \"x\" FROM (SELECT (t1.\"a\" + 1) AS c2 FROM \"memory\".\"main\".\"t\" AS "
     "t1) AS t2 WHERE (t2.c2 > 2)"},
    {"SELECT a AS p, a AS q FROM t",
     "SELECT t1.\"a\" AS \"p\", t1.\"a\" AS \"q\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT x AS p, x AS q FROM (SELECT random() AS x FROM t)",
     "SELECT t2.c2 AS \"p\", t2.c2 AS \"q\" FROM (SELECT random() AS c2 FROM "
     "\"memory\".\"main\".\"t\" AS t1) AS t2"},
    {"SELECT x + x FROM (SELECT a * 2 AS x FROM t)",
     "SELECT (t2.c2 + t2.c2) AS \"(x + x)\" FROM (SELECT (t1.\"a\" * 2) AS c2 FROM "
     "\"memory\".\"main\".\"t\" AS t1) AS t2"},
    {"SELECT a FROM (SELECT a FROM t LIMIT 10) WHERE a > 1",
     "SELECT t2.c2 AS \"a\" FROM (SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1 "
     "LIMIT 10) AS t2 WHERE (t2.c2 > 1)"},
    {"SELECT a FROM (SELECT a FROM t ORDER BY b LIMIT 10) ORDER BY a",
     "SELECT t2.c6 AS \"a\" FROM (SELECT t1.\"a\" AS c6 FROM \"memory\".\"main\".\"t\" AS t1 "
     "ORDER BY t1.\"b\" ASC NULLS LAST LIMIT 10) AS t2 ORDER BY t2.c6 ASC NULLS LAST"},
    {"SELECT a FROM t LIMIT 10%",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1 LIMIT (10) %"},
    {"SELECT a FROM t LIMIT (SELECT max(k) FROM u) OFFSET 1",
     "SELECT t4.c5 AS \"a\" FROM (SELECT t1.\"a\" AS c5, t3.c4 AS c6, row_number() OVER () AS c0 "
     "FROM \"memory\".\"main\".\"t\" AS t1 CROSS JOIN (SELECT max(t2.\"k\") AS c4 FROM "
     "\"memory\".\"main\".\"u\" AS t2) AS t3) AS t4 WHERE (CAST(t4.c6 AS BIGINT) IS NULL OR "
     "t4.c0 - COALESCE(CAST('1' AS BIGINT), 0) <= CAST(t4.c6 AS BIGINT)) AND t4.c0 > "
     "COALESCE(CAST('1' AS BIGINT), 0)"},
    {"SELECT 1 AS x FROM t GROUP BY 'k'",
     "SELECT 1 AS \"x\" FROM (SELECT t1.rowid AS c1, CAST('k' AS VARCHAR) AS c2 FROM "
     "\"memory\".\"main\".\"t\" AS t1) AS t2 GROUP BY t2.c2"},
};

static const print_case aggregates[] = {
    {"SELECT b, sum(a) AS s, count(*) AS n FROM t GROUP BY b",
     "SELECT t1.\"b\" AS \"b\", CAST(sum(t1.\"a\") AS BIGINT) AS \"s\", count(*) AS \"n\" FROM "
     "\"memory\".\"main\".\"t\" AS t1 GROUP BY t1.\"b\""},
    {"SELECT b, sum(a) AS s FROM t GROUP BY b HAVING sum(a) > 5 ORDER BY s DESC",
     "SELECT t1.\"b\" AS \"b\", CAST(sum(t1.\"a\") AS BIGINT) AS \"s\" FROM "
     "\"memory\".\"main\".\"t\" AS t1 GROUP BY t1.\"b\" HAVING (CAST(CAST(sum(t1.\"a\") AS "
     "BIGINT) AS HUGEINT) > CAST(5 AS HUGEINT)) ORDER BY CAST(CAST(sum(t1.\"a\") AS BIGINT) AS "
     "HUGEINT) DESC NULLS LAST"},
    {"SELECT upper(b) AS u, max(a) FROM t GROUP BY upper(b)",
     "SELECT t2.c3 AS \"u\", max(t2.c2) AS \"max(a)\" FROM (SELECT t1.\"b\" AS c1, t1.\"a\" AS "
     "c2, upper(t1.\"b\") AS c3 FROM \"memory\".\"main\".\"t\" AS t1) AS t2 GROUP BY t2.c3"},
    {"SELECT sum(a) FILTER (c > 1) AS s, count(DISTINCT b) AS n, string_agg(b, '-' ORDER BY a "
     "DESC) AS l, avg(a) AS v FROM t",
     "SELECT CAST(sum(t1.\"a\") FILTER (WHERE (t1.\"c\" > CAST(1 AS DOUBLE))) AS BIGINT) AS "
     "\"s\", count(DISTINCT t1.\"b\") AS \"n\", string_agg(t1.\"b\", CAST('-' AS VARCHAR) ORDER "
     "BY t1.\"a\" DESC NULLS LAST) AS \"l\", avg(t1.\"a\") AS \"v\" FROM "
     "\"memory\".\"main\".\"t\" AS t1"},
    {"SELECT sum(a) + count(*) AS x FROM t",
     "SELECT (CAST(CAST(sum(t1.\"a\") AS BIGINT) AS HUGEINT) + CAST(count(*) AS HUGEINT)) AS "
     "\"x\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT a, b, grouping(a) AS g, count(*) AS n FROM t GROUP BY GROUPING SETS ((a, b), (a), "
     "())",
     "SELECT t1.\"a\" AS \"a\", t1.\"b\" AS \"b\", GROUPING(t1.\"a\") AS \"g\", count(*) AS "
     "\"n\" FROM \"memory\".\"main\".\"t\" AS t1 GROUP BY GROUPING SETS ((t1.\"a\", t1.\"b\"), "
     "(t1.\"a\"), ())"},
    {"SELECT s + 1 FROM (SELECT b, sum(a) AS s FROM t GROUP BY b) WHERE s > 1",
     "SELECT (CAST(CAST(sum(t1.\"a\") AS BIGINT) AS HUGEINT) + CAST(1 AS HUGEINT)) AS \"(s + "
     "1)\" FROM \"memory\".\"main\".\"t\" AS t1 GROUP BY t1.\"b\" HAVING "
     "(CAST(CAST(sum(t1.\"a\") AS BIGINT) AS HUGEINT) > CAST(1 AS HUGEINT))"},
    {"SELECT DISTINCT b FROM t",
     "SELECT DISTINCT t1.\"b\" AS \"b\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT DISTINCT ON (b) a, b FROM t ORDER BY b, c DESC",
     "SELECT t2.c4 AS \"a\", t2.c5 AS \"b\" FROM (SELECT DISTINCT ON (t1.\"b\") t1.\"a\" AS c4, "
     "t1.\"b\" AS c5, t1.\"c\" AS c6 FROM \"memory\".\"main\".\"t\" AS t1 ORDER BY t1.\"b\" ASC "
     "NULLS LAST, t1.\"c\" DESC NULLS LAST) AS t2 ORDER BY t2.c5 ASC NULLS LAST, t2.c6 DESC "
     "NULLS LAST"},
    {"SELECT count(*) FROM (SELECT DISTINCT b FROM t)",
     "SELECT count(*) AS \"count_star()\" FROM (SELECT DISTINCT t1.\"b\" AS c2 FROM "
     "\"memory\".\"main\".\"t\" AS t1) AS t2"},
    {"SELECT b, sum(random()) AS s FROM t GROUP BY b HAVING s > 0.5",
     "SELECT t2.c2 AS \"b\", t2.c3 AS \"s\" FROM (SELECT t1.\"b\" AS c2, sum(random()) AS c3 "
     "FROM \"memory\".\"main\".\"t\" AS t1 GROUP BY t1.\"b\") AS t2 WHERE (t2.c3 > CAST(0.5 AS "
     "DOUBLE))"},
};

static const print_case joins[] = {
    {"SELECT a, v FROM t JOIN u ON a = k",
     "SELECT t1.\"a\" AS \"a\", t2.\"v\" AS \"v\" FROM \"memory\".\"main\".\"t\" AS t1 JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"a\" = t2.\"k\")"},
    {"SELECT a, v FROM t LEFT JOIN u ON a = k AND c > 1",
     "SELECT t1.\"a\" AS \"a\", t2.\"v\" AS \"v\" FROM \"memory\".\"main\".\"t\" AS t1 LEFT JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"a\" = t2.\"k\") AND (t1.\"c\" > CAST(1 AS DOUBLE))"},
    {"SELECT a, v FROM t RIGHT JOIN u ON a < k",
     "SELECT t2.\"a\" AS \"a\", t1.\"v\" AS \"v\" FROM \"memory\".\"main\".\"u\" AS t1 LEFT JOIN "
     "\"memory\".\"main\".\"t\" AS t2 ON (t1.\"k\" > t2.\"a\")"},
    {"SELECT a, v FROM t FULL JOIN u ON a = k",
     "SELECT t1.\"a\" AS \"a\", t2.\"v\" AS \"v\" FROM \"memory\".\"main\".\"t\" AS t1 FULL JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"a\" = t2.\"k\")"},
    {"SELECT a, k FROM t, u",
     "SELECT t1.\"a\" AS \"a\", t2.\"k\" AS \"k\" FROM \"memory\".\"main\".\"t\" AS t1 CROSS "
     "JOIN \"memory\".\"main\".\"u\" AS t2"},
    {"SELECT a FROM t SEMI JOIN u ON a = k",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1 SEMI JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"a\" = t2.\"k\")"},
    {"SELECT a FROM t ANTI JOIN u ON a = k",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1 ANTI JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"a\" = t2.\"k\")"},
    {"SELECT a, w FROM t ASOF JOIN u ON b = v AND c >= w",
     "SELECT t1.\"a\" AS \"a\", t2.\"w\" AS \"w\" FROM \"memory\".\"main\".\"t\" AS t1 ASOF JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"b\" = t2.\"v\") AND (t1.\"c\" >= t2.\"w\")"},
    {"SELECT a, k FROM t POSITIONAL JOIN u",
     "SELECT t1.\"a\" AS \"a\", t2.\"k\" AS \"k\" FROM \"memory\".\"main\".\"t\" AS t1 "
     "POSITIONAL JOIN \"memory\".\"main\".\"u\" AS t2"},
    {"SELECT a FROM t WHERE a IN (SELECT k FROM u)",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1 SEMI JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"a\" = t2.\"k\")"},
    {"SELECT a FROM t WHERE a NOT IN (SELECT k FROM u WHERE w > 1)",
     "SELECT t4.c1 AS \"a\" FROM (SELECT t1.\"a\" AS c1, (t1.\"a\" IN (SELECT t3.c4 FROM (SELECT "
     "t2.\"k\" AS c4 FROM \"memory\".\"main\".\"u\" AS t2 WHERE (t2.\"w\" > CAST(1 AS DOUBLE))) "
     "AS t3)) AS c5 FROM \"memory\".\"main\".\"t\" AS t1) AS t4 WHERE (NOT t4.c5)"},
    {"SELECT a, a IN (SELECT k FROM u) AS m FROM t",
     "SELECT t1.\"a\" AS \"a\", (t1.\"a\" IN (SELECT t2.\"k\" FROM \"memory\".\"main\".\"u\" AS "
     "t2)) AS \"m\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT (a, b) IN (SELECT k, v FROM u) AS m FROM t",
     "SELECT ((t1.\"a\", t1.\"b\") IN (SELECT t2.\"k\", t2.\"v\" FROM \"memory\".\"main\".\"u\" "
     "AS t2)) AS \"m\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE k = a AND w > c)",
     "SELECT t7.c22 AS \"a\" FROM (WITH cte1(c3, c4) AS (SELECT t1.\"a\" AS c3, t1.\"c\" AS c4 "
     "FROM \"memory\".\"main\".\"t\" AS t1), cte2(c7, c8) AS (SELECT t2.c4 AS c7, t2.c3 AS c8 "
     "FROM cte1 AS t2 GROUP BY t2.c4, t2.c3) SELECT t3.c3 AS c22, t3.c4 AS c23, EXISTS (SELECT 1 "
     "FROM (SELECT 1 AS c15, t5.c7 AS c16, t5.c8 AS c17 FROM \"memory\".\"main\".\"u\" AS t4 "
     "CROSS JOIN cte2 AS t5 WHERE (t4.\"k\" = t5.c8) AND (t4.\"w\" > t5.c7)) AS t6 WHERE (t3.c4 "
     "IS NOT DISTINCT FROM t6.c16) AND (t3.c3 IS NOT DISTINCT FROM t6.c17)) AS c24 FROM cte1 AS "
     "t3) AS t7 WHERE t7.c24"},
    {"SELECT a FROM t WHERE a > ANY (SELECT k FROM u)",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1 CROSS JOIN (SELECT "
     "min(t2.\"k\") AS c4, count(*) AS c5, count(t2.\"k\") AS c6 FROM \"memory\".\"main\".\"u\" "
     "AS t2) AS t3 WHERE CASE WHEN (t3.c5 IS NULL) THEN FALSE ELSE CASE WHEN (t3.c5 = CAST('0' "
     "AS BIGINT)) THEN FALSE ELSE CASE WHEN (t1.\"a\" IS NULL) THEN CAST(NULL AS BOOLEAN) ELSE "
     "CASE WHEN (t1.\"a\" > t3.c4) THEN TRUE ELSE CASE WHEN (t3.c5 > t3.c6) THEN CAST(NULL AS "
     "BOOLEAN) ELSE FALSE END END END END END"},
    {"SELECT a, (SELECT w FROM u WHERE k = a) AS s FROM t",
     "SELECT t1.\"a\" AS \"a\", (SELECT t3.c4 FROM (SELECT t2.\"w\" AS c4, t2.\"k\" AS c5 FROM "
     "\"memory\".\"main\".\"u\" AS t2 WHERE (t2.\"k\" IS NOT NULL)) AS t3 WHERE (t1.\"a\" IS NOT "
     "DISTINCT FROM t3.c5)) AS \"s\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT a, (SELECT max(w) FROM u WHERE k = a) AS s FROM t",
     "SELECT t1.\"a\" AS \"a\", t3.c6 AS \"s\" FROM \"memory\".\"main\".\"t\" AS t1 LEFT JOIN "
     "(SELECT max(t2.\"w\") AS c6, t2.\"k\" AS c7 FROM \"memory\".\"main\".\"u\" AS t2 WHERE "
     "(t2.\"k\" IS NOT NULL) GROUP BY t2.\"k\") AS t3 ON (t1.\"a\" IS NOT DISTINCT FROM t3.c7)"},
    {"SELECT x.a FROM (SELECT a FROM t WHERE a > 1) x JOIN (SELECT k FROM u LIMIT 3) y ON a = k",
     "SELECT t2.c2 AS \"a\" FROM (SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1 "
     "WHERE (t1.\"a\" > 1)) AS t2 JOIN (SELECT t3.\"k\" AS c4 FROM \"memory\".\"main\".\"u\" AS "
     "t3 LIMIT 3) AS t4 ON (t2.c2 = t4.c4)"},
    {"SELECT t.a FROM t JOIN u ON a = k JOIN n ON x = a",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1 JOIN "
     "\"memory\".\"main\".\"u\" AS t2 ON (t1.\"a\" = t2.\"k\") JOIN \"memory\".\"main\".\"n\" AS "
     "t3 ON (t1.\"a\" = CAST(t3.\"x\" AS INTEGER))"},
};

static const print_case sets[] = {
    {"SELECT a FROM t UNION ALL SELECT k FROM u",
     "SELECT t3.c5 AS \"a\" FROM ((SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1) "
     "UNION ALL (SELECT t2.\"k\" AS c4 FROM \"memory\".\"main\".\"u\" AS t2)) AS t3(c5)"},
    {"SELECT a FROM t UNION SELECT k FROM u",
     "SELECT DISTINCT t3.c5 AS \"a\" FROM ((SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" "
     "AS t1) UNION ALL (SELECT t2.\"k\" AS c4 FROM \"memory\".\"main\".\"u\" AS t2)) AS t3(c5)"},
    {"SELECT a FROM t EXCEPT SELECT k FROM u",
     "SELECT DISTINCT t3.c5 AS \"a\" FROM ((SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" "
     "AS t1) EXCEPT (SELECT t2.\"k\" AS c4 FROM \"memory\".\"main\".\"u\" AS t2)) AS t3(c5)"},
    {"SELECT a FROM t INTERSECT ALL SELECT k FROM u",
     "SELECT t3.c5 AS \"a\" FROM ((SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1) "
     "INTERSECT ALL (SELECT t2.\"k\" AS c4 FROM \"memory\".\"main\".\"u\" AS t2)) AS t3(c5)"},
    {"(SELECT a FROM t ORDER BY c LIMIT 1) UNION ALL SELECT k FROM u ORDER BY 1",
     "SELECT t3.c8 AS \"a\" FROM ((SELECT t1.\"a\" AS c5 FROM \"memory\".\"main\".\"t\" AS t1 "
     "ORDER BY t1.\"c\" ASC NULLS LAST LIMIT 1) UNION ALL (SELECT t2.\"k\" AS c7 FROM "
     "\"memory\".\"main\".\"u\" AS t2)) AS t3(c8) ORDER BY t3.c8 ASC NULLS LAST"},
    {"SELECT b FROM t UNION ALL SELECT v FROM u UNION ALL SELECT 'x'",
     "SELECT t3.c7 AS \"b\" FROM ((SELECT t1.\"b\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1) "
     "UNION ALL (SELECT t2.\"v\" AS c4 FROM \"memory\".\"main\".\"u\" AS t2) UNION ALL (SELECT "
     "CAST('x' AS VARCHAR) AS c6)) AS t3(c7)"},
};

static const print_case windows[] = {
    {"SELECT a, row_number() OVER (PARTITION BY b ORDER BY c DESC) AS r FROM t",
     "SELECT t1.\"a\" AS \"a\", row_number() OVER (PARTITION BY t1.\"b\" ORDER BY t1.\"c\" DESC "
     "NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS \"r\" FROM "
     "\"memory\".\"main\".\"t\" AS t1"},
    {"SELECT sum(a) OVER (ORDER BY c ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS s "
     "FROM t",
     "SELECT CAST(sum(t1.\"a\") OVER (ORDER BY t1.\"c\" ASC NULLS LAST ROWS BETWEEN CAST(2 AS "
     "BIGINT) PRECEDING AND CURRENT ROW EXCLUDE TIES) AS BIGINT) AS \"s\" FROM "
     "\"memory\".\"main\".\"t\" AS t1"},
    {"SELECT lag(a, 2, 0) OVER (ORDER BY d) AS l, last_value(a IGNORE NULLS) OVER (PARTITION BY "
     "b) AS z FROM t",
     "SELECT lag(t1.\"a\", CAST(2 AS BIGINT), 0) OVER (ORDER BY t1.\"d\" ASC NULLS LAST RANGE "
     "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS \"l\", last_value(t1.\"a\" IGNORE NULLS) "
     "OVER (PARTITION BY t1.\"b\" RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS \"z\" "
     "FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT avg(c) OVER (ORDER BY d RANGE BETWEEN INTERVAL 3 DAY PRECEDING AND UNBOUNDED "
     "FOLLOWING) AS s FROM t",
     "SELECT avg(t1.\"c\") OVER (ORDER BY CAST(t1.\"d\" AS TIMESTAMP) ASC NULLS LAST RANGE "
     "BETWEEN (to_months(0) + to_days(3) + to_microseconds(0)) PRECEDING AND UNBOUNDED "
     "FOLLOWING) AS \"s\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT a FROM t QUALIFY rank() OVER (ORDER BY c) <= 2",
     "SELECT t2.c2 AS \"a\" FROM (SELECT t1.\"c\" AS c1, t1.\"a\" AS c2, rank() OVER (ORDER BY "
     "t1.\"c\" ASC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS c3 FROM "
     "\"memory\".\"main\".\"t\" AS t1) AS t2 WHERE (t2.c3 <= CAST(2 AS BIGINT))"},
    {"SELECT count(DISTINCT b) FILTER (a > 1) OVER (ORDER BY c GROUPS BETWEEN CURRENT ROW AND 1 "
     "FOLLOWING) AS n FROM t",
     "SELECT count(DISTINCT t1.\"b\") FILTER (WHERE (t1.\"a\" > 1)) OVER (ORDER BY t1.\"c\" ASC "
     "NULLS LAST GROUPS BETWEEN CURRENT ROW AND CAST(1 AS BIGINT) FOLLOWING) AS \"n\" FROM "
     "\"memory\".\"main\".\"t\" AS t1"},
    {"SELECT x, unnest(l) AS u FROM n",
     "SELECT t2.c1 AS \"x\", t2.c3 AS \"u\" FROM (SELECT t1.\"x\" AS c1, t1.\"l\" AS c2, "
     "unnest(t1.\"l\") AS c3 FROM \"memory\".\"main\".\"n\" AS t1) AS t2"},
    {"SELECT unnest([1, 2, 3]) AS i",
     "SELECT t1.c2 AS \"i\" FROM (SELECT CAST(NULL AS INTEGER) AS c1, unnest(list_value(1, 2, 3)) "
     "AS c2) AS t1"},
};

static const print_case ctes[] = {
    {"WITH q AS (SELECT a, b FROM t) SELECT x.a FROM q x, q y",
     "WITH cte1(c3, c4) AS (SELECT t1.\"a\" AS c3, t1.\"b\" AS c4 FROM \"memory\".\"main\".\"t\" "
     "AS t1) SELECT t2.c3 AS \"a\" FROM cte1 AS t2 CROSS JOIN cte1 AS t3"},
    {"WITH q AS MATERIALIZED (SELECT a FROM t) SELECT a FROM q",
     "WITH cte1(c2) AS MATERIALIZED (SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1) "
     "SELECT t2.c2 AS \"a\" FROM cte1 AS t2"},
    {"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n "
     "FROM r",
     "WITH cte2(c3) AS (WITH RECURSIVE cte1(c3) AS ((SELECT 1 AS c2) UNION ALL (SELECT (t1.c3 + "
     "1) AS c5 FROM cte1 AS t1 WHERE (t1.c3 < 5))) SELECT t2.c3 AS c3 FROM cte1 AS t2) SELECT "
     "t3.c3 AS \"n\" FROM cte2 AS t3"},
    {"WITH p AS (SELECT a FROM t), q AS (SELECT a FROM p WHERE a > 1) SELECT a FROM q",
     "WITH cte1(c2) AS (SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1), cte2(c4) AS "
     "(SELECT t2.c2 AS c4 FROM cte1 AS t2 WHERE (t2.c2 > 1)) SELECT t3.c4 AS \"a\" FROM cte2 AS "
     "t3"},
    {"SELECT z FROM t, LATERAL (VALUES (a), (a + 1)) v(z)",
     "WITH cte1(c2) AS (SELECT t1.\"a\" AS c2 FROM \"memory\".\"main\".\"t\" AS t1), cte2(c4) AS "
     "(SELECT t2.c2 AS c4 FROM cte1 AS t2 GROUP BY t2.c2) SELECT t8.c15 AS \"z\" FROM cte1 AS t3 "
     "JOIN (WITH cte3(c6) AS (SELECT t4.c4 AS c6 FROM cte2 AS t4) SELECT t7.c13 AS c15, t7.c14 "
     "AS c16 FROM ((SELECT t5.c6 AS c8, t5.c6 AS c9 FROM cte3 AS t5) UNION ALL (SELECT (t6.c6 + "
     "1) AS c11, t6.c6 AS c12 FROM cte3 AS t6)) AS t7(c13, c14)) AS t8 ON (t3.c2 IS NOT DISTINCT "
     "FROM t8.c16)"},
};

static const print_case samples[] = {
    {"SELECT a FROM t USING SAMPLE bernoulli(10%) REPEATABLE (7)",
     "SELECT t2.c1 AS \"a\" FROM (SELECT t1.\"a\" AS c1 FROM \"memory\".\"main\".\"t\" AS t1 "
     "USING SAMPLE bernoulli(10 PERCENT) REPEATABLE (7)) AS t2"},
    {"SELECT a FROM t USING SAMPLE 5 ROWS",
     "SELECT t2.c1 AS \"a\" FROM (SELECT t1.\"a\" AS c1 FROM \"memory\".\"main\".\"t\" AS t1 "
     "USING SAMPLE reservoir(5 ROWS)) AS t2"},
    {"SELECT a FROM t TABLESAMPLE system(20%)",
     "SELECT t2.c1 AS \"a\" FROM (SELECT t1.\"a\" AS c1 FROM \"memory\".\"main\".\"t\" AS t1 "
     "USING SAMPLE system(20 PERCENT)) AS t2"},
};

static const print_case expressions[] = {
    {"SELECT CAST(a AS BIGINT) AS i, TRY_CAST(b AS DATE) AS d, CAST(a AS DECIMAL(12,3)) AS e, "
     "b::ENUM('x', 'y') AS f FROM t",
     "SELECT CAST(t1.\"a\" AS BIGINT) AS \"i\", TRY_CAST(t1.\"b\" AS DATE) AS \"d\", "
     "CAST(t1.\"a\" AS DECIMAL(12,3)) AS \"e\", CAST(t1.\"b\" AS ENUM('x', 'y')) AS \"f\" FROM "
     "\"memory\".\"main\".\"t\" AS t1"},
    {"SELECT CAST(a AS DECIMAL(4,1)) + CAST(a AS DECIMAL(4,1)) AS s FROM t",
     "SELECT CAST((CAST(CAST(t1.\"a\" AS DECIMAL(4,1)) AS DECIMAL(5,1)) + CAST(CAST(t1.\"a\" AS "
     "DECIMAL(4,1)) AS DECIMAL(5,1))) AS DECIMAL(5,1)) AS \"s\" FROM "
     "\"memory\".\"main\".\"t\" AS t1"},
    {"SELECT CASE WHEN a > 1 THEN 'x' WHEN a IS NULL THEN b ELSE 'z' END AS k, CASE a WHEN 1 "
     "THEN 2 END AS l FROM t",
     "SELECT CASE WHEN (t1.\"a\" > 1) THEN CAST('x' AS VARCHAR) WHEN (t1.\"a\" IS NULL) THEN "
     "t1.\"b\" ELSE CAST('z' AS VARCHAR) END AS \"k\", CASE WHEN (t1.\"a\" = 1) THEN 2 ELSE "
     "CAST(NULL AS INTEGER) END AS \"l\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT a + 1, a - 1, a * 2, a / 2, a // 2, a % 2, -a, a ** 2, a & 1, a | 1, a << 1, ~a "
     "FROM t",
     "SELECT (t1.\"a\" + 1) AS \"(a + 1)\", (t1.\"a\" - 1) AS \"(a - 1)\", (t1.\"a\" * 2) AS "
     "\"(a * 2)\", (CAST(t1.\"a\" AS DOUBLE) / CAST(2 AS DOUBLE)) AS \"(a / 2)\", (t1.\"a\" // "
     "2) AS \"(a // 2)\", (t1.\"a\" % 2) AS \"(a % 2)\", (-t1.\"a\") AS \"(-(a))\", "
     "(CAST(t1.\"a\" AS DOUBLE) ** CAST(2 AS DOUBLE)) AS \"(a ** 2)\", (t1.\"a\" & 1) AS \"(a & "
     "1)\", (t1.\"a\" | 1) AS \"(a | 1)\", (t1.\"a\" << 1) AS \"(a << 1)\", (~t1.\"a\") AS "
     "\"(~(a))\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT b || 'x', b LIKE 'a%', b NOT LIKE 'a%', b ILIKE 'a%', b LIKE 'a$%' ESCAPE '$', b "
     "SIMILAR TO 'a.*', b ^@ 'a' FROM t",
     "SELECT (t1.\"b\" || 'x') AS \"(b || 'x')\", (t1.\"b\" ~~ 'a%') AS \"(b ~~ 'a%')\", "
     "(t1.\"b\" !~~ 'a%') AS \"(b !~~ 'a%')\", (t1.\"b\" ~~* 'a%') AS \"(b ~~* 'a%')\", "
     "like_escape(t1.\"b\", CAST('a$%' AS VARCHAR), CAST('$' AS VARCHAR)) AS \"like_escape(b, "
     "'a$%', '$')\", regexp_full_match(t1.\"b\", CAST('a.*' AS VARCHAR)) AS "
     "\"regexp_full_match(b, 'a.*')\", (t1.\"b\" ^@ 'a') AS \"(b ^@ 'a')\" FROM "
     "\"memory\".\"main\".\"t\" AS t1"},
    {"SELECT NOT (a = 1 OR c < 2), a <> 1, a IS DISTINCT FROM 1, a IS NOT DISTINCT FROM NULL, a "
     "BETWEEN 1 AND 2, a IN (1, 2), a NOT IN (1, 2), coalesce(b, 'y'), nullif(a, 1), TRY(1 / a) "
     "FROM t",
     "SELECT (NOT ((t1.\"a\" = 1) OR (t1.\"c\" < CAST(2 AS DOUBLE)))) AS \"(NOT ((a = 1) OR (c < "
     "2)))\", (t1.\"a\" <> 1) AS \"(a != 1)\", (t1.\"a\" IS DISTINCT FROM 1) AS \"(a IS DISTINCT "
     "FROM 1)\", (t1.\"a\" IS NOT DISTINCT FROM CAST(NULL AS INTEGER)) AS \"(a IS NOT DISTINCT "
     "FROM NULL)\", ((t1.\"a\" >= 1) AND (t1.\"a\" <= 2)) AS \"(a BETWEEN 1 AND 2)\", (t1.\"a\" "
     "IN (1, 2)) AS \"(a IN (1, 2))\", (NOT (t1.\"a\" IN (1, 2))) AS \"(NOT (a IN (1, 2)))\", "
     "COALESCE(t1.\"b\", CAST('y' AS VARCHAR)) AS \"COALESCE(b, 'y')\", CASE WHEN (t1.\"a\" = 1) "
     "THEN CAST(NULL AS INTEGER) ELSE t1.\"a\" END AS \"\"\"nullif\"\"(a, 1)\", TRY((CAST(1 AS "
     "DOUBLE) / CAST(t1.\"a\" AS DOUBLE))) AS \"TRY((1 / a))\" FROM \"memory\".\"main\".\"t\" AS "
     "t1"},
    {"SELECT list_transform(l, lambda e, i: e + i + x) AS t, list_reduce(l, lambda p, q: p + q) "
     "AS r, list_filter(l, lambda e: e > x) AS f FROM n",
     "SELECT list_transform(t1.\"l\", lambda x3, x4: ((CAST(x3 AS BIGINT) + x4) + CAST(t1.\"x\" "
     "AS BIGINT))) AS \"t\", list_reduce(t1.\"l\", lambda x5, x6: (x5 + x6)) AS \"r\", "
     "list_filter(t1.\"l\", lambda x7: (x7 > CAST(t1.\"x\" AS INTEGER))) AS \"f\" FROM "
     "\"memory\".\"main\".\"n\" AS t1"},
    {"SELECT {'p': x, 'q': 'z'} AS s, s.p, row(x, 1) AS r, [x, 2] AS l, l[1], l[1:2], m['k'], "
     "MAP {'a': 1} AS m, struct_insert(s, z := 1) AS i FROM n",
     "SELECT struct_pack(\"p\" := t1.\"x\", \"q\" := CAST('z' AS VARCHAR)) AS \"s\", "
     "struct_extract(t1.\"s\", CAST('p' AS VARCHAR)) AS \"p\", \"row\"(t1.\"x\", 1) AS \"r\", "
     "list_value(t1.\"x\", CAST(2 AS TINYINT)) AS \"l\", array_extract(t1.\"l\", CAST(1 AS "
     "BIGINT)) AS \"l[1]\", array_slice(t1.\"l\", CAST(1 AS BIGINT), CAST(2 AS BIGINT)) AS "
     "\"l[1:2]\", map_extract_value(t1.\"m\", CAST('k' AS VARCHAR)) AS \"m['k']\", "
     "\"map\"(list_value(CAST('a' AS VARCHAR)), list_value(1)) AS \"m\", struct_insert(t1.\"s\", "
     "\"z\" := 1) AS \"i\" FROM \"memory\".\"main\".\"n\" AS t1"},
    {"SELECT upper(b), substring(b, 1, 2), extract(year FROM d), date_trunc('month', d), d + "
     "INTERVAL 1 MONTH, strftime(d, '%Y'), now() IS NULL, \"left\"(b, 1) FROM t",
     "SELECT upper(t1.\"b\") AS \"upper(b)\", \"substring\"(t1.\"b\", CAST(1 AS BIGINT), CAST(2 "
     "AS BIGINT)) AS \"\"\"substring\"\"(b, 1, 2)\", year(t1.\"d\") AS \"date_part('YEAR', d)\", "
     "date_trunc(CAST('month' AS VARCHAR), t1.\"d\") AS \"date_trunc('month', d)\", (t1.\"d\" + "
     "(to_months(1) + to_days(0) + to_microseconds(0))) AS \"(d + to_months(CAST(trunc(CAST(1 AS "
     "DOUBLE)) AS INTEGER)))\", strftime(t1.\"d\", CAST('%Y' AS VARCHAR)) AS \"strftime(d, "
     "'%Y')\", (now() IS NULL) AS \"(now() IS NULL)\", \"left\"(t1.\"b\", CAST(1 AS BIGINT)) AS "
     "\"\"\"left\"\"(b, 1)\" FROM \"memory\".\"main\".\"t\" AS t1"},
};

static const print_case constants[] = {
    {"SELECT TRUE AS b, 1::TINYINT AS t, 255::UTINYINT AS u, 1::BIGINT AS i, "
     "170141183460469231731687303715884105727::HUGEINT AS h, 1.25 AS d, 1e300 AS f, 0.1::FLOAT "
     "AS g, 'NaN'::DOUBLE AS n, '-inf'::DOUBLE AS m",
     "SELECT TRUE AS \"b\", CAST(1 AS TINYINT) AS \"t\", CAST(255 AS UTINYINT) AS \"u\", CAST(1 "
     "AS BIGINT) AS \"i\", CAST('170141183460469231731687303715884105727' AS HUGEINT) AS \"h\", "
     "1.25 AS \"d\", CAST('1.0000000000000001e+300' AS DOUBLE) AS \"f\", CAST(0.1 AS FLOAT) AS "
     "\"g\", CAST('NaN' AS DOUBLE) AS \"n\", CAST('-inf' AS DOUBLE) AS \"m\""},
    {"SELECT 'it''s' AS s, '' AS e, 'ü' AS l, '\\x00\\xFF'::BLOB AS x, NULL AS n, NULL::INTEGER "
     "AS o, '101'::BIT AS t, '{\"a\": 1}'::JSON AS j",
     "SELECT CAST('it''s' AS VARCHAR) AS \"s\", CAST('' AS VARCHAR) AS \"e\", CAST('ü' AS "
     "VARCHAR) AS \"l\", CAST('\\x00\\xFF' AS BLOB) AS \"x\", NULL AS \"n\", CAST(NULL AS "
     "INTEGER) AS \"o\", CAST('101' AS BIT) AS \"t\", CAST('{\"a\": 1}' AS JSON) AS \"j\""},
    {"SELECT DATE '2020-02-29' AS d, TIME '12:34:56.789' AS t, TIMESTAMP '2020-02-29 "
     "12:34:56.789' AS s, TIMESTAMPTZ '2020-02-29 12:34:56+02' AS z, INTERVAL '1 year 2 days 3 "
     "seconds' AS i, TIMESTAMP_NS '2020-02-29 12:34:56.123456789' AS n, TIMETZ '12:34:56+02' AS p",
     "SELECT CAST('2020-02-29' AS DATE) AS \"d\", CAST('12:34:56.789' AS TIME) AS \"t\", "
     "CAST('2020-02-29 12:34:56.789' AS TIMESTAMP) AS \"s\", CAST('2020-02-29 12:34:56+02' AS "
     "TIMESTAMP WITH TIME ZONE) AS \"z\", CAST('1 year 2 days 3 seconds' AS INTERVAL) AS \"i\", "
     "CAST('2020-02-29 12:34:56.123456789' AS TIMESTAMP_NS) AS \"n\", CAST('12:34:56+02' AS TIME "
     "WITH TIME ZONE) AS \"p\""},
    {"SELECT [1, NULL, 3] AS l, []::INTEGER[] AS e, {'a': 1, 'b': 'x'} AS s, MAP {'k': [1]} AS "
     "m, array_value(1, 2) AS a, '00000000-0000-0000-0000-000000000001'::UUID AS u, "
     "'x'::ENUM('x', 'y') AS n",
     "SELECT list_value(1, CAST(NULL AS INTEGER), 3) AS \"l\", CAST(list_value() AS INTEGER[]) "
     "AS \"e\", struct_pack(\"a\" := 1, \"b\" := CAST('x' AS VARCHAR)) AS \"s\", "
     "\"map\"(list_value(CAST('k' AS VARCHAR)), list_value(list_value(1))) AS \"m\", "
     "array_value(1, 2) AS \"a\", CAST('00000000-0000-0000-0000-000000000001' AS UUID) AS \"u\", "
     "CAST('x' AS ENUM('x', 'y')) AS \"n\""},
};

static const print_case names[] = {
    {"SELECT a AS \"A b\", b AS \"it\"\"s\", a AS \"A b\", c AS \"select\" FROM t",
     "SELECT t1.\"a\" AS \"A b\", t1.\"b\" AS \"it\"\"s\", t1.\"a\" AS \"A b\", t1.\"c\" AS "
     "\"select\" FROM \"memory\".\"main\".\"t\" AS t1"},
    {"SELECT \"x y\".a FROM t AS \"x y\"",
     "SELECT t1.\"a\" AS \"a\" FROM \"memory\".\"main\".\"t\" AS t1"},
};
/* clang-format on */

static int tables_open(void **state)
{
    static duck d;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t (a INTEGER, b VARCHAR, c DOUBLE, d DATE)");
    duck_exec(&d, "CREATE TABLE u (k INTEGER, v VARCHAR, w DOUBLE)");
    duck_exec(&d, "CREATE TABLE n (x TINYINT, l INTEGER[], s STRUCT(p INTEGER, q VARCHAR), "
                  "m MAP(VARCHAR, INTEGER), e DECIMAL(10,2))");
    duck_exec(&d, "INSERT INTO t VALUES (1, 'x', 1.5, '2020-01-01'), (2, 'y', 2.5, '2020-01-02'), "
                  "(NULL, NULL, NULL, NULL)");
    duck_exec(&d, "INSERT INTO u VALUES (1, 'x', 1.5), (3, 'z', 0.5)");
    duck_exec(&d, "INSERT INTO n VALUES (1, [1, 2], {'p': 1, 'q': 'x'}, MAP {'k': 7}, 1.25)");
    *state = &d;
    return 0;
}

static int tables_close(void **state)
{
    duck_close(*state);
    return 0;
}

static bool is_steady(const char *sql)
{
    return !strstr(sql, "random()") && !strstr(sql, "SAMPLE");
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines of `text` in their own order, in `out`. */
static void sort_lines(const char *text, char *out)
{
    static char copy[8192];
    const char *lines[512];
    size_t n = 0;
    strcpy(copy, text);
    for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n")) lines[n++] = line;
    qsort(lines, n, sizeof(lines[0]), compare_lines);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) strcat(strcat(out, lines[i]), "\n");
}

static void check_same_rows(const char *a, const char *b)
{
    static char sorted[2][8192];
    sort_lines(a, sorted[0]);
    sort_lines(b, sorted[1]);
    assert_string_equal(sorted[0], sorted[1]);
}

static void check_all(duck *d, const print_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gbx_plan *plan = sql_plan(d, cases[i].sql);
        const char *text = sql_text(plan);
        assert_string_equal(text, cases[i].printed);
        const char *rows = duck_rows(d, text);
        if (is_steady(cases[i].sql)) check_same_rows(rows, duck_rows(d, cases[i].sql));
        gbx__plan_unref(plan);
    }
}

static void test_leaves(void **state)
{
    check_all(*state, leaves, sizeof(leaves) / sizeof(leaves[0]));
}

static void test_blocks(void **state)
{
    check_all(*state, blocks, sizeof(blocks) / sizeof(blocks[0]));
}

static void test_aggregates(void **state)
{
    check_all(*state, aggregates, sizeof(aggregates) / sizeof(aggregates[0]));
}

static void test_joins(void **state)
{
    check_all(*state, joins, sizeof(joins) / sizeof(joins[0]));
}

static void test_sets(void **state)
{
    check_all(*state, sets, sizeof(sets) / sizeof(sets[0]));
}

static void test_windows(void **state)
{
    check_all(*state, windows, sizeof(windows) / sizeof(windows[0]));
}

static void test_ctes(void **state)
{
    check_all(*state, ctes, sizeof(ctes) / sizeof(ctes[0]));
}

static void test_samples(void **state)
{
    check_all(*state, samples, sizeof(samples) / sizeof(samples[0]));
}

static void test_expressions(void **state)
{
    check_all(*state, expressions, sizeof(expressions) / sizeof(expressions[0]));
}

static void test_constants(void **state)
{
    check_all(*state, constants, sizeof(constants) / sizeof(constants[0]));
}

static void test_names(void **state)
{
    check_all(*state, names, sizeof(names) / sizeof(names[0]));
}

/* ---- what SQL does not bring about ----------------------------------------------------------- */

static gbx_status print_built(const gbx__node *(*build)(gbx__plan_builder *b), gbx__buf *out,
                              gbx_error *err)
{
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
    gbx_plan *plan = NULL;
    gbx_status status = plan_sample_finish(build, &plan, err);
    if (status == GBX_OK) status = gbx__sql_print(plan, &options, out, err);
    gbx__plan_unref(plan);
    return status;
}

static void check_built(const gbx__node *(*build)(gbx__plan_builder *b), const char *want)
{
    gbx__buf out = {0};
    gbx_error err = {0};
    if (print_built(build, &out, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_string_equal(out.data, want);
    gbx__buf_done(&out);
}

static const gbx__node *numbers(gbx__plan_builder *b, uint32_t n_rows)
{
    const gbx__field cols[] = {{GBX_STR("n"), sample_int64()}};
    const gbx__expr *rows[2][1] = {{sample_int(b, 1)}, {sample_int(b, 2)}};
    const gbx__expr *const *const list[] = {rows[0], rows[1]};
    return gbx__node_values(b, 1, cols, n_rows, list, NO_POS);
}

static const gbx__node *top(gbx__plan_builder *b)
{
    const gbx__node *input = numbers(b, 2);
    const gbx__sort_key key = {.expr = sample_col(b, input, 0), .descending = true};
    return gbx__node_topn(b, input, 1, &key, sample_int(b, 1), sample_int(b, 1), NO_POS);
}

static const gbx__node *no_limit(gbx__plan_builder *b)
{
    const gbx__expr *null = gbx__expr_null(&b->arena, sample_int64(), NO_POS);
    return gbx__node_limit(b, numbers(b, 2), null, null, false, NO_POS);
}

static const gbx__node *no_rows(gbx__plan_builder *b)
{
    return numbers(b, 0);
}

static const gbx__node *no_columns(gbx__plan_builder *b)
{
    return gbx__node_project(b, numbers(b, 2), 0, NULL, NULL, NO_POS);
}

static const gbx__node *three_arms(gbx__plan_builder *b)
{
    const gbx__node *arms[] = {numbers(b, 2), numbers(b, 1), numbers(b, 1)};
    return gbx__node_setop(b, GBX_SETOP_EXCEPT, false, 3, arms, NO_POS);
}

static const gbx__node *sink(gbx__plan_builder *b)
{
    return gbx__node_sink(b, numbers(b, 2), GBX_STR("parquet"), GBX_STR("it's.parquet"));
}

static const gbx__node *mark_without_equality(gbx__plan_builder *b)
{
    const gbx__node *l = numbers(b, 2);
    const gbx__node *r = numbers(b, 1);
    const gbx__expr *on = sample_call(b, "is_not_distinct_from", sample_bool(), 2,
                                      sample_col(b, l, 0), sample_col(b, r, 0));
    return gbx__node_join(b, GBX_JOIN_MARK, false, l, r, 1, &on, NO_POS);
}

#define TWO "(VALUES (CAST('1' AS BIGINT)), (CAST('2' AS BIGINT))) AS "
#define ONE "(VALUES (CAST('1' AS BIGINT))) AS "

static void test_built_plans(void **state)
{
    (void)state;
    check_built(top, "SELECT t1.c1 AS \"n\" FROM " TWO "t1(c1) ORDER BY t1.c1 DESC NULLS LAST "
                     "LIMIT 1 OFFSET 1");
    check_built(no_limit, "SELECT t1.c1 AS \"n\" FROM " TWO "t1(c1) LIMIT CAST(NULL AS BIGINT) "
                          "OFFSET CAST(NULL AS BIGINT)");
    check_built(no_rows, "SELECT t1.c1 AS \"n\" FROM (SELECT CAST(NULL AS BIGINT) AS c1 WHERE "
                         "FALSE) AS t1");
    check_built(no_columns, "SELECT 1 AS c0 FROM " TWO "t1(c1)");
    check_built(three_arms, "SELECT t4.c4 AS \"n\" FROM ((SELECT t1.c1 AS c1 FROM " TWO
                            "t1(c1)) EXCEPT (SELECT t2.c2 AS c2 FROM " ONE
                            "t2(c2)) EXCEPT (SELECT t3.c3 AS c3 FROM " ONE "t3(c3))) AS t4(c4)");
    check_built(sink, "COPY (SELECT t1.c1 AS \"n\" FROM " TWO
                      "t1(c1)) TO 'it''s.parquet' (FORMAT parquet)");
    check_built(mark_without_equality,
                "SELECT t1.c1 AS \"n\", EXISTS (SELECT 1 FROM " ONE
                "t2(c2) WHERE (t1.c1 IS NOT DISTINCT FROM t2.c2)) AS c3 FROM " TWO "t1(c1)");
}

static void test_what_has_no_words(void **state)
{
    (void)state;
    size_t n_printed = 0;
    for (size_t i = 0; i < plan_sample_count; i++) {
        const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
        gbx__buf out = {0};
        gbx_plan *plan = NULL;
        gbx_error err = {0};
        gbx__buf_puts(&out, "before ");
        assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
        const gbx_status status = gbx__sql_print(plan, &options, &out, &err);
        if (status == GBX_OK) {
            n_printed++;
        } else { /* nothing half-printed is left */
            assert_int_equal(status, GBX_UNSUPPORTED);
            assert_string_equal(out.data, "before ");
            assert_string_not_equal(err.message, "");
        }
        gbx__plan_unref(plan);
        gbx__buf_done(&out);
    }
    assert_true(n_printed >= 4);
}

static void test_no_such_dialect(void **state)
{
    (void)state;
    const gbx__print_options options = {.dialect = GBX_DIALECTS};
    gbx__buf out = {0};
    gbx_plan *plan = NULL;
    gbx_error err = {0};
    assert_int_equal(plan_sample_finish(top, &plan, &err), GBX_OK);
    assert_int_equal(gbx__sql_print(plan, &options, &out, &err), GBX_INVALID);
    gbx__plan_unref(plan);
    gbx__buf_done(&out);
}

typedef struct printing {
    gbx_plan *plan;
} printing;

static gbx_status print_once(void *ctx, gbx_error *err)
{
    const printing *p = ctx;
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
    gbx__buf out = {0};
    const gbx_status status = gbx__sql_print(p->plan, &options, &out, err);
    gbx__buf_done(&out);
    return status;
}

static void test_memory_runs_out(void **state)
{
    static const char sql[] =
        "WITH q AS (SELECT a, count(*) AS n FROM t GROUP BY ROLLUP (a)) SELECT x, sum(n) OVER "
        "(ORDER BY x ROWS 1 PRECEDING) AS s, x IN (SELECT k FROM u) AS m, (SELECT v FROM u WHERE "
        "k = x) AS v, list_transform([x], lambda e: e + 1) AS l FROM (SELECT DISTINCT ON (a) a AS "
        "x, n "
        "FROM q UNION ALL SELECT 1, 2) WHERE x IS NOT NULL ORDER BY x LIMIT 3";
    printing p = {.plan = sql_plan(*state, sql)};
    assert_true(torture_run(GBX_FAULT_ALLOC, print_once, &p) > 5);
    gbx__plan_unref(p.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_aggregates),
        cmocka_unit_test(test_joins),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_ctes),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_built_plans),
        cmocka_unit_test(test_what_has_no_words),
        cmocka_unit_test(test_no_such_dialect),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, tables_open, tables_close);
}
