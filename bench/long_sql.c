/*
 * Texts that are long or deep, through `gearbox sql`: CPU time, largest resident set, and whether
 * there was an answer or one clear line. The limits are in docs/errors.md.
 *
 *   bench_long_sql [--bytes 1000000] [--deep 10000] [--max-mb 110] [--json FILE]
 *
 * Ends with 1 when a text ended otherwise than with 0 or 3, or took more memory than --max-mb.
 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

/* before, then pieces until the text is long enough, then after; a %ld in `piece` counts. */
typedef struct kind {
    const char *name, *before, *piece, *between, *after;
} kind;

static const kind long_kinds[] = {
    {"IN list", "SELECT count(*) FROM range(9) t(x) WHERE x IN (", "%ld", ", ", ")"},
    {"VALUES, one column", "SELECT count(*) FROM (VALUES ", "(%ld)", ", ", ") t"},
    {"VALUES, three columns", "FROM (VALUES ", "(%ld, 'row', %ld.5)", ", ", ") t"},
    {"string", "SELECT length('", "x", "", "')"},
    {"comment", "SELECT 1 /* ", "x", "", " */"},
    {"white space", "SELECT 1", "\n", "", ""},
    {"name", "SELECT ", "x", "", ""},
    {"number", "SELECT ", "1", "", ""},
    {"VALUES of expressions", "FROM (VALUES ", "(%ld + 1)", ", ", ") t"},
    {"AND", "FROM range(9) t(x) WHERE ", "x <> %ld", " AND ", ""},
    {"OR", "FROM range(9) t(x) WHERE ", "x = %ld", " OR ", ""},
    {"SELECT list", "SELECT ", "x + %ld", ", ", " FROM range(9) t(x)"},
    {"sum", "SELECT ", "1", "+", ""},
    {"UNION ALL", "", "SELECT %ld AS x", " UNION ALL ", ""},
    {"CASE", "SELECT CASE 7 ", "WHEN %ld THEN 1", " ", " END"},
    {"GROUP BY", "SELECT 1 FROM range(9) t(x) GROUP BY ", "x + %ld", ", ", ""},
    {"ORDER BY", "FROM range(9) t(x) ORDER BY ", "x + %ld", ", ", ""},
    {"arguments", "SELECT greatest(", "%ld", ", ", ")"},
    {"list", "SELECT [", "%ld", ", ", "]"},
    {"CTEs", "WITH ", "c%ld AS (SELECT 1)", ", ", " SELECT 1"},
    {"joins", "SELECT 1 FROM ", "range(1) t%ld(x)", " JOIN ", ""},
    {"statements", "", "SELECT 1;", "", ""},
    {"commas", "SELECT ", ",", "", ""},
};

/* before, then `open` n times, `middle`, `close` n times. */
typedef struct nest {
    const char *name, *before, *open, *middle, *close;
} nest;

static const nest nests[] = {
    {"parentheses", "SELECT ", "(", "1", ")"},
    {"parentheses without end", "SELECT ", "(", "", ""},
    {"tables in parentheses", "FROM ", "(", "range(1)", ")"},
    {"subqueries", "SELECT ", "(SELECT ", "1", ")"},
    {"subqueries in FROM", "FROM ", "(FROM ", "range(1)", ")"},
    {"calls", "SELECT ", "abs(", "1", ")"},
    {"CASE", "SELECT ", "CASE WHEN true THEN ", "1", " END"},
    {"lists", "SELECT ", "[", "1", "]"},
    {"structs", "SELECT ", "{'a': ", "1", "}"},
    {"lambdas", "SELECT ", "list_transform([1], lambda x: ", "x", ")"},
    {"NOT", "SELECT ", "NOT ", "true", ""},
    {"casts", "SELECT 1", "", "", "::int"},
    {"dots", "SELECT x", "", "", ".x"},
    {"comments", "SELECT 1 ", "/*", "", "*/"},
};

typedef struct long_sql {
    const char *program;
    const char *path;
    double max_mb;
    bench_json json;
    int n_failed;
} long_sql;

/* The bytes that it wrote. */
static long put_piece(FILE *file, const char *piece, long n)
{
    long bytes = 0;
    for (const char *hole; (hole = strstr(piece, "%ld")) != NULL; piece = hole + 3) {
        bytes += (long)fwrite(piece, 1, (size_t)(hole - piece), file);
        bytes += fprintf(file, "%ld", n);
    }
    return bytes + fprintf(file, "%s", piece);
}

static FILE *open_text(const long_sql *b)
{
    FILE *file = fopen(b->path, "w");
    if (!file) bench_fail("cannot write '%s'", b->path);
    return file;
}

/* Runs the text that was written. */
static void measure(long_sql *b, FILE *text, const char *how, const char *name)
{
    if (fclose(text) != 0) bench_fail("cannot write '%s'", b->path);
    const char *const argv[] = {b->program, "sql", "--quiet", "-f", b->path, NULL};
    const bench_child child = bench_run(argv, NULL, NULL);
    const bool is_fine =
        (child.exit_code == 0 || child.exit_code == 3) && child.rss_mb <= b->max_mb;
    b->n_failed += !is_fine;
    printf("%-6s %-26s %8.3f %8.1f  %s%s\n", how, name, child.cpu_ms / 1e3, child.rss_mb,
           child.exit_code == 0 ? "answered" : "refused", is_fine ? "" : "  NOT WITHIN BOUNDS");
    fflush(stdout);
    bench_json_begin(&b->json, NULL, '{');
    bench_json_text(&b->json, "how", how);
    bench_json_text(&b->json, "kind", name);
    bench_json_number(&b->json, "cpu_ms", child.cpu_ms);
    bench_json_number(&b->json, "rss_mb", child.rss_mb);
    bench_json_number(&b->json, "exit_code", child.exit_code);
    bench_json_end(&b->json, '}');
}

static void run_long(long_sql *b, const kind *k, long bytes)
{
    FILE *file = open_text(b);
    fputs(k->before, file);
    for (long i = 0; bytes > 0; i++) {
        if (i > 0) bytes -= put_piece(file, k->between, i);
        bytes -= put_piece(file, k->piece, i);
    }
    fputs(k->after, file);
    measure(b, file, "long", k->name);
}

static void run_deep(long_sql *b, const nest *n, long levels)
{
    FILE *file = open_text(b);
    fputs(n->before, file);
    for (long i = 0; i < levels; i++) fputs(n->open, file);
    fputs(n->middle, file);
    for (long i = 0; i < levels; i++) fputs(n->close, file);
    measure(b, file, "deep", n->name);
}

int main(int argc, char **argv)
{
    long_sql b = {0};
    const char *json = bench_option(&argc, argv, "json");
    const long bytes = bench_option_number(&argc, argv, "bytes", 1000000);
    const long deep = bench_option_number(&argc, argv, "deep", 10000);
    b.max_mb = (double)bench_option_number(&argc, argv, "max-mb", 110);
    if (argc > 1) bench_fail("what is '%s'?", argv[1]);
    b.program = bench_or_else(getenv("GEARBOX_PROGRAM"), "");
    if (!*b.program) b.program = bench_program_beside("../gearbox");
    b.path = bench_keep(bench_path(bench_temp_dir(), "long.sql"));
    if (freopen("/dev/null", "w", stderr) == NULL) bench_fail("no /dev/null");
    bench_json_open(&b.json, json, "long_sql");
    bench_json_begin(&b.json, "texts", '[');
    printf("%-33s %8s %8s\n", "whole processes", "CPU s", "RSS MB");
    for (size_t i = 0; i < sizeof(long_kinds) / sizeof(long_kinds[0]); i++)
        run_long(&b, &long_kinds[i], bytes);
    for (size_t i = 0; i < sizeof(nests) / sizeof(nests[0]); i++) run_deep(&b, &nests[i], deep);
    bench_json_end(&b.json, ']');
    bench_json_close(&b.json);
    return b.n_failed > 0;
}
