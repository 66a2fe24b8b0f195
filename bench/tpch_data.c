#include "tpch_data.h"

#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const tpch_tables[TPCH_TABLES] = {"region", "nation",   "supplier", "customer",
                                              "part",   "partsupp", "orders",   "lineitem"};

/* n(i, salt, k): 0 to k - 1; pick(i, salt, list): one of the list. */
static const char *const macros[] = {
    "CREATE TEMP MACRO n(i, salt, k) AS (hash(i * 1000 + salt) % k)::BIGINT",
    "CREATE TEMP MACRO pick(i, salt, list) AS list[1 + n(i, salt, len(list))]",
    "CREATE TEMP MACRO money(i, salt, k) AS (n(i, salt, k * 100) / 100)::DECIMAL(15,2)",
    "CREATE TEMP MACRO words(i, salt) AS concat_ws(' ', "
    "pick(i, salt, ['quickly', 'special', 'furiously', 'pending', 'even']), "
    "pick(i, salt + 1, ['packages', 'deposits', 'requests', 'accounts']), "
    "pick(i, salt + 2, ['sleep', 'Customer', 'nag', 'wake']), "
    "pick(i, salt + 3, ['Complaints', 'requests', 'ideas', 'pinto beans']))",
    "CREATE TEMP MACRO phone(i, nation) AS "
    "printf('%d-%03d-%03d-%04d', 10 + nation, n(i, 91, 1000), n(i, 92, 1000), n(i, 93, 10000))",
};

#define PICK(salt, list) "pick(i, " #salt ", [" list "])"

static const char
    *const
        selects[TPCH_TABLES] =
            {
                "SELECT i AS r_regionkey, ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'][i "
                "+ 1] AS "
                "r_name, words(i, 1) AS r_comment FROM range(5) t(i)",

                "SELECT i AS n_nationkey, ['ALGERIA', 'ARGENTINA', 'BRAZIL', 'CANADA', 'EGYPT', "
                "'ETHIOPIA', "
                "'FRANCE', 'GERMANY', 'INDIA', 'INDONESIA', 'IRAN', 'IRAQ', 'JAPAN', 'JORDAN', "
                "'KENYA', "
                "'MOROCCO', 'MOZAMBIQUE', 'PERU', 'CHINA', 'ROMANIA', 'SAUDI ARABIA', 'VIETNAM', "
                "'RUSSIA', "
                "'UNITED KINGDOM', 'UNITED STATES'][i + 1] AS n_name, [0, 1, 1, 1, 4, 0, 3, 3, 2, "
                "2, 4, 4, 2, "
                "4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1][i + 1]::BIGINT AS n_regionkey, words(i, 1) AS "
                "n_comment "
                "FROM range(25) t(i)",

                "SELECT i AS s_suppkey, printf('Supplier#%09d', i) AS s_name, 'No. ' || n(i, 2, "
                "999) AS "
                "s_address, i % 25 AS s_nationkey, phone(i, i % 25) AS s_phone, money(i, 3, 9999) "
                "- 999.99 AS "
                "s_acctbal, words(i, 4) AS s_comment FROM range(1, 101) t(i)",

                "SELECT i AS c_custkey, printf('Customer#%09d', i) AS c_name, 'No. ' || n(i, 5, "
                "999) AS "
                "c_address, n(i, 6, 25) AS c_nationkey, phone(i, n(i, 6, 25)) AS c_phone, "
                "money(i, 7, 9999) - 999.99 AS c_acctbal, " PICK(8,
                                                                 "'AUTOMOBILE', 'BUILDING', "
                                                                 "'FURNITURE', 'HOUSEHOLD', "
                                                                 "'MACHINERY'") " AS c_mktsegment, "
                                                                                "words(i, 9) AS "
                                                                                "c_comment FROM "
                                                                                "range(1, 501) "
                                                                                "t(i)",

                "SELECT i AS p_partkey, concat_ws(' ', " PICK(10, "'forest', 'green', 'lace', "
                                                                  "'puff'") ", " PICK(11, "'green',"
                                                                                          " 'linen'"
                                                                                          ", "
                                                                                          "'snow'") ") AS p_name, 'Manufacturer#' || 1 + n(i, 12, 5) AS p_mfgr, 'Brand#' || " PICK(
                    13,
                    "12, 23, 34, 45") " AS p_brand, concat_ws(' ', " PICK(14,
                                                                          "'ECONOMY', 'MEDIUM', "
                                                                          "'PROMO'") ", " PICK(15,
                                                                                               "'AN"
                                                                                               "ODI"
                                                                                               "ZED"
                                                                                               "', "
                                                                                               "'PO"
                                                                                               "LIS"
                                                                                               "HED"
                                                                                               "'") ", " PICK(16,
                                                                                                              "'BRASS', 'STEEL', 'TIN'") ") AS p_type, " PICK(17,
                                                                                                                                                              "3, 4, 9, 14, 15, 19, 23, 36, 45, 49") "::INTEGER AS p_size, " PICK(18,
                                                                                                                                                                                                                                  "'SM CASE', 'SM BOX', 'MED BAG', 'MED BOX', 'LG CASE', 'LG PKG'") " AS p_container, "
                                                                                                                                                                                                                                                                                                    "900 + money(i, 19, 1000) AS p_retailprice, words(i, 20) AS p_comment FROM range(1, 401) t(i)",

                "SELECT 1 + i % 400 AS ps_partkey, 1 + (i % 400 * 7 + i // 400 * 23) % 100 AS "
                "ps_suppkey, "
                "1 + n(i, 21, 9999)::INTEGER AS ps_availqty, 1 + money(i, 22, 1000) AS "
                "ps_supplycost, "
                "words(i, 23) AS ps_comment FROM range(1600) t(i)",

                "SELECT i AS o_orderkey, 1 + n(i, 24, 330) AS o_custkey, " PICK(
                    25, "'F', 'O', 'P'") " AS o_orderstatus, money(i, 26, 400000) AS o_totalprice, "
                                         "DATE '1992-01-01' + n(i, 27, 2400)::INTEGER AS "
                                         "o_orderdate, " PICK(
                                             28,
                                             "'1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', "
                                             "'5-LOW'") " AS o_orderpriority, printf('Clerk#%09d', "
                                                        "n(i, 29, 50)) AS o_clerk, 0::INTEGER AS "
                                                        "o_shippriority, words(i, 30) AS o_comment "
                                                        "FROM range(1, 3001) t(i)",

                /* four suppliers have a part, as in partsupp */
                "SELECT 1 + i // 4 AS l_orderkey, 1 + n(i, 31, 400) AS l_partkey, "
                "1 + (n(i, 31, 400) * 7 + n(i, 32, 4) * 23) % 100 AS l_suppkey, 1 + (i % "
                "4)::INTEGER AS "
                "l_linenumber, if(i // 4 % 50 = 0, 80 + n(i, 33, 9), 1 + n(i, 33, "
                "50))::DECIMAL(15,2) AS "
                "l_quantity, 900 + money(i, 34, 90000) AS l_extendedprice, (n(i, 35, 11) / "
                "100)::DECIMAL(15,2) "
                "AS l_discount, (n(i, 36, 9) / 100)::DECIMAL(15,2) AS l_tax, " PICK(
                    37, "'A', 'N', 'R'") " AS l_returnflag, " PICK(38,
                                                                   "'F', 'O'") " AS l_linestatus, "
                                                                               "day + n(i, 40, "
                                                                               "60)::INTEGER AS "
                                                                               "l_shipdate, day + "
                                                                               "30 + n(i, 41, "
                                                                               "40)::INTEGER AS "
                                                                               "l_commitdate, "
                                                                               "day + n(i, 40, "
                                                                               "60)::INTEGER + 1 + "
                                                                               "n(i, 42, "
                                                                               "30)::INTEGER AS "
                                                                               "l_receiptdate,"
                                                                               " " PICK(43, "'DELIV"
                                                                                            "ER IN "
                                                                                            "PERSON"
                                                                                            "', "
                                                                                            "'COLLE"
                                                                                            "CT "
                                                                                            "COD'") " AS l_shipinstruct, " PICK(
                                                                                   44, "'AIR', "
                                                                                       "'AIR REG', "
                                                                                       "'MAIL', "
                                                                                       "'SHIP', "
                                                                                       "'RAIL'") " "
                                                                                                 "A"
                                                                                                 "S"
                                                                                                 " "
                                                                                                 "l"
                                                                                                 "_"
                                                                                                 "s"
                                                                                                 "h"
                                                                                                 "i"
                                                                                                 "p"
                                                                                                 "m"
                                                                                                 "o"
                                                                                                 "d"
                                                                                                 "e"
                                                                                                 ","
                                                                                                 " "
                                                                                                 "w"
                                                                                                 "o"
                                                                                                 "r"
                                                                                                 "d"
                                                                                                 "s"
                                                                                                 "("
                                                                                                 "i"
                                                                                                 ","
                                                                                                 " "
                                                                                                 "4"
                                                                                                 "5"
                                                                                                 ")"
                                                                                                 " "
                                                                                                 "A"
                                                                                                 "S"
                                                                                                 " "
                                                                                                 "l"
                                                                                                 "_"
                                                                                                 "c"
                                                                                                 "o"
                                                                                                 "m"
                                                                                                 "m"
                                                                                                 "e"
                                                                                                 "n"
                                                                                                 "t"
                                                                                                 " "
                                                                                                 "F"
                                                                                                 "R"
                                                                                                 "O"
                                                                                                 "M"
                                                                                                 " "
                                                                                                 "("
                                                                                                 "S"
                                                                                                 "E"
                                                                                                 "L"
                                                                                                 "E"
                                                                                                 "C"
                                                                                                 "T"
                                                                                                 " "
                                                                                                 "i"
                                                                                                 ","
                                                                                                 " "
                                                                                                 "D"
                                                                                                 "A"
                                                                                                 "T"
                                                                                                 "E"
                                                                                                 " "
                                                                                                 "'"
                                                                                                 "1"
                                                                                                 "9"
                                                                                                 "9"
                                                                                                 "2"
                                                                                                 "-"
                                                                                                 "0"
                                                                                                 "1"
                                                                                                 "-"
                                                                                                 "0"
                                                                                                 "1"
                                                                                                 "'"
                                                                                                 " "
                                                                                                 "+"
                                                                                                 " "
                                                                                                 "n"
                                                                                                 "("
                                                                                                 "1"
                                                                                                 " "
                                                                                                 "+"
                                                                                                 " "
                                                                                                 "i"
                                                                                                 " "
                                                                                                 "/"
                                                                                                 "/"
                                                                                                 " "
                                                                                                 "4"
                                                                                                 ","
                                                                                                 " "
                                                                                                 "2"
                                                                                                 "7"
                                                                                                 ","
                                                                                                 " "
                                                                                                 "2"
                                                                                                 "4"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 ")"
                                                                                                 ":"
                                                                                                 ":"
                                                                                                 "I"
                                                                                                 "N"
                                                                                                 "T"
                                                                                                 "E"
                                                                                                 "G"
                                                                                                 "E"
                                                                                                 "R"
                                                                                                 " "
                                                                                                 "A"
                                                                                                 "S"
                                                                                                 " "
                                                                                                 "d"
                                                                                                 "a"
                                                                                                 "y"
                                                                                                 " "
                                                                                                 "F"
                                                                                                 "R"
                                                                                                 "O"
                                                                                                 "M"
                                                                                                 " "
                                                                                                 "r"
                                                                                                 "a"
                                                                                                 "n"
                                                                                                 "g"
                                                                                                 "e"
                                                                                                 "("
                                                                                                 "1"
                                                                                                 "2"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 ")"
                                                                                                 " "
                                                                                                 "t"
                                                                                                 "("
                                                                                                 "i"
                                                                                                 ")"
                                                                                                 ")",
};

static void run(duckdb_connection connection, const char *sql)
{
    duckdb_result result;
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        bench_fail("%s\n%s", duckdb_result_error(&result), sql);
    duckdb_destroy_result(&result);
}

static void copy(duckdb_connection connection, const char *select, const char *path,
                 const char *format)
{
    const size_t size = strlen(select) + strlen(path) + 128;
    char *sql = malloc(size);
    if (!sql) bench_fail("out of memory");
    snprintf(sql, size, "COPY (%s) TO '%s' (%s)", select, path, format);
    run(connection, sql);
    free(sql);
}

static const char *file_of(const char *folder, const char *table, const char *ending)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.%s", table, ending);
    return bench_path(folder, name);
}

void tpch_data_make(duckdb_connection connection, const char *folder)
{
    mkdir(folder, 0700);
    for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) run(connection, macros[i]);
    for (size_t i = 0; i < TPCH_TABLES; i++)
        copy(connection, selects[i], file_of(folder, tpch_tables[i], "parquet"), "FORMAT parquet");
}

void tpch_data_make_csv(duckdb_connection connection, const char *parquet, const char *csv)
{
    mkdir(csv, 0700);
    for (size_t i = 0; i < TPCH_TABLES; i++) {
        const char *path = file_of(csv, tpch_tables[i], "csv");
        if (bench_file_mb(path) > 0) continue;
        char select[BENCH_PATH_SIZE + 64];
        const char *partial = file_of(csv, tpch_tables[i], "partial");
        snprintf(select, sizeof(select), "SELECT * FROM '%s'",
                 file_of(parquet, tpch_tables[i], "parquet"));
        copy(connection, select, partial, "FORMAT csv, HEADER");
        if (rename(partial, path) != 0) bench_fail("cannot make '%s'", path);
    }
}

char *tpch_data_columns(duckdb_connection connection, const char *path)
{
    char sql[BENCH_PATH_SIZE + 256];
    duckdb_result result;
    snprintf(sql, sizeof(sql),
             "SELECT '{' || string_agg(printf('''%%s'': ''%%s''', column_name, column_type), ', ') "
             "|| '}' FROM (DESCRIBE SELECT * FROM '%s')",
             path);
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        bench_fail("%s", duckdb_result_error(&result));
    char *text = duckdb_value_varchar(&result, 0, 0);
    char *copied = text ? strdup(text) : NULL;
    duckdb_free(text);
    duckdb_destroy_result(&result);
    if (!copied) bench_fail("'%s' has no columns", path);
    return copied;
}
