#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the reader stands, and what holds for the cases that follow. */
typedef struct reader {
    suite *suite;
    const char *path;
    int line_number;
    char *stem, *subject, *shape;
    suite_case *query;  /* whose lines are being read */
    bool is_in_rows;    /* behind its "---" */
    suite_table *table; /* the same, in a file of tables */
} reader;

static void fail(const reader *r, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", r->path, r->line_number, what);
    exit(2);
}

static char *copy(const char *text, size_t len)
{
    char *out = strndup(text, len);
    if (!out) abort();
    return out;
}

static char *trimmed(const char *text, size_t len)
{
    while (len > 0 && text[0] == ' ') text++, len--;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n')) len--;
    return copy(text, len);
}

static void append_line(char **text, const char *line)
{
    const size_t had = *text ? strlen(*text) : 0, len = strlen(line);
    char *out = realloc(*text, had + len + 2);
    if (!out) abort();
    memcpy(out + had, line, len);
    memcpy(out + had + len, "\n", 2);
    *text = out;
}

static void replace(char **text, char *with)
{
    free(*text);
    *text = with;
}

static const char *after(const char *line, const char *prefix)
{
    const size_t len = strlen(prefix);
    return strncmp(line, prefix, len) == 0 ? line + len : NULL;
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " ")] == '\0';
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *stem_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    return copy(base, strcspn(base, "."));
}

typedef void line_fn(reader *r, const char *line);

static void read_lines(suite *s, const char *path, line_fn *each, line_fn *end)
{
    reader r = {.suite = s, .path = path};
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(2);
    }
    r.stem = stem_of(path);
    char *line = NULL;
    size_t room = 0;
    for (ssize_t len; (len = getline(&line, &room, file)) >= 0;) {
        if (len > 0 && line[len - 1] == '\n') line[len - 1] = '\0';
        r.line_number++;
        each(&r, line);
    }
    end(&r, "");
    free(line);
    free(r.stem);
    free(r.subject);
    free(r.shape);
    fclose(file);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void table_line(reader *r, const char *line)
{
    const char *head = after(line, "== table ");
    if (line[0] == '#') return;
    if (!head) {
        if (r->table) append_line(&r->table->sql, line);
        if (!r->table && !is_blank(line)) fail(r, "a line before the first \"== table\"");
        return;
    }
    suite *s = r->suite;
    s->tables = reallocarray(s->tables, s->n_tables + 1, sizeof(*s->tables));
    if (!s->tables) abort();
    r->table = &s->tables[s->n_tables++];
    const size_t len = strcspn(head, " ");
    *r->table = (suite_table){.name = copy(head, len)};
    r->table->formats = trimmed(head + len, strlen(head + len));
    if (r->table->formats[0] == '\0') replace(&r->table->formats, copy("parquet", 7));
}

static void table_end(reader *r, const char *line)
{
    (void)line;
    for (size_t i = 0; i < r->suite->n_tables; i++) {
        if (!r->suite->tables[i].sql) fail(r, "a table without its query");
    }
}

void suite_read_tables(suite *s, const char *path)
{
    read_lines(s, path, table_line, table_end);
}

/* ---- cases ----------------------------------------------------------------------------------- */

static suite_case *case_add(reader *r, const char *name, size_t len)
{
    suite *s = r->suite;
    if (!r->subject) fail(r, "a case before the first \"== subject\"");
    s->cases = reallocarray(s->cases, s->n_cases + 1, sizeof(*s->cases));
    if (!s->cases) abort();
    suite_case *c = &s->cases[s->n_cases++];
    *c = (suite_case){.must_fail = name[0] == '!', .subject = copy(r->subject, strlen(r->subject))};
    char *plain = trimmed(name + c->must_fail, len - c->must_fail);
    if (plain[0] == '\0') fail(r, "a case without a name");
    if (asprintf(&c->id, "%s/%s/%s", r->stem, r->subject, plain) < 0) abort();
    free(plain);
    for (size_t i = 0; i + 1 < s->n_cases; i++) {
        if (strcmp(s->cases[i].id, c->id) == 0) fail(r, "a second case of this name");
    }
    return c;
}

static void query_end(reader *r, const char *line)
{
    (void)line;
    if (r->query && !r->query->text) fail(r, "a query without its text");
    r->query = NULL;
    r->is_in_rows = false;
}

static void directive(reader *r, const char *line)
{
    const char *rest;
    if ((rest = after(line, "@instead "))) {
        if (r->suite->n_cases == 0) fail(r, "@instead before the first case");
        replace(&r->suite->cases[r->suite->n_cases - 1].instead, copy(rest, strlen(rest)));
    } else if ((rest = after(line, "@shape "))) {
        if (!strstr(rest, "{}")) fail(r, "a shape needs {} where its expressions go");
        replace(&r->shape, copy(rest, strlen(rest)));
        query_end(r, line);
    } else {
        fail(r, "no such directive: there are @shape and @instead");
    }
}

static void expression_line(reader *r, const char *line)
{
    const char *bar = strstr(line, " | ");
    if (!bar) fail(r, "neither a case \"name | expression\" nor a part of a query \":: name\"");
    if (!r->shape) fail(r, "an expression before the first @shape");
    suite_case *c = case_add(r, line, (size_t)(bar - line));
    c->shape = copy(r->shape, strlen(r->shape));
    c->text = trimmed(bar + 3, strlen(bar + 3));
}

static void case_line(reader *r, const char *line)
{
    const char *rest;
    if (line[0] == '#') return;
    if (line[0] == '@') {
        directive(r, line);
    } else if ((rest = after(line, "== "))) {
        query_end(r, line);
        replace(&r->subject, trimmed(rest, strlen(rest)));
    } else if ((rest = after(line, ":: "))) {
        query_end(r, line);
        r->query = case_add(r, rest, strlen(rest));
    } else if (r->query && is_blank(line)) {
        query_end(r, line);
    } else if (r->query && strcmp(line, "---") == 0) {
        r->is_in_rows = true;
        r->query->rows = copy("", 0);
    } else if (r->query) {
        append_line(r->is_in_rows ? &r->query->rows : &r->query->text, line);
    } else if (!is_blank(line)) {
        expression_line(r, line);
    }
}

void suite_read_cases(suite *s, const char *path)
{
    read_lines(s, path, case_line, query_end);
}

void suite_done(suite *s)
{
    for (size_t i = 0; i < s->n_tables; i++) {
        free(s->tables[i].name);
        free(s->tables[i].formats);
        free(s->tables[i].sql);
    }
    for (size_t i = 0; i < s->n_cases; i++) {
        const suite_case *c = &s->cases[i];
        char *const texts[] = {c->id, c->subject, c->shape, c->text, c->instead, c->rows};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) free(texts[k]);
    }
    free(s->tables);
    free(s->cases);
    *s = (suite){0};
}

/* ---- what a case says ------------------------------------------------------------------------ */

static const char *text_of(const suite_case *c, bool for_engine)
{
    return for_engine && c->instead ? c->instead : c->text;
}

char *suite_query(const suite_case *const *cases, size_t n, bool for_engine)
{
    const char *shape = cases[0]->shape;
    if (!shape) {
        const char *text = text_of(cases[0], for_engine);
        return copy(text, strlen(text));
    }
    char *out = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&out, &len);
    if (!to) abort();
    const char *hole = strstr(shape, "{}");
    fprintf(to, "%.*s", (int)(hole - shape), shape);
    for (size_t i = 0; i < n; i++) {
        fprintf(to, "%s%s AS e%zu", i > 0 ? ", " : "", text_of(cases[i], for_engine), i);
    }
    fputs(hole + 2, to);
    fclose(to);
    return out;
}

/* Parts of operators that the plan's JSON has no "op" for, as the host protocol names them. */
static const struct {
    const char *name, *json;
} parts[] = {
    {"aggregate.sets", "\"sets\":"},
    {"aggregate.distinct", "\"distinct\":true"},
    {"aggregate.filter", "\"filter\":"},
    {"aggregate.order", "\"order\":"},
    {"aggregate.state", "\"state\":true"},
    {"distinct.on", "\"op\":\"distinct\",\"on\":"},
    {"limit.percent", "\"percent\":true"},
    {"values.correlated", "\"op\":\"values\""},
    {"table_fn.lateral", "\"op\":\"table_fn\""},
    {"join.asof", "\"asof\":true"},
};

static bool operator_is_in(const char *name, const char *json)
{
    static const char *const kinds[][2] = {
        {"join.", "join"}, {"setop.", "setop"}, {"sample.", "method"}, {"scan.", "format"}};
    char want[128];
    snprintf(want, sizeof(want), "\"op\":\"%s\"", name);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i].name, name) == 0) return strstr(json, parts[i].json) != NULL;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *rest = after(name, kinds[i][0]);
        if (rest) snprintf(want, sizeof(want), "\"%s\":\"%s\"", kinds[i][1], rest);
    }
    return strstr(json, want) != NULL;
}

bool suite_subject_is_in(const char *subject, const char *plan_json)
{
    char want[256];
    const char *name = strchr(subject, ' ');
    if (!name || after(subject, "rule ")) return true;
    name++;
    if (after(subject, "operator ")) return operator_is_in(name, plan_json);
    if (after(subject, "type ")) {
        snprintf(want, sizeof(want), "\"type\":\"%s", name);
    } else {
        snprintf(want, sizeof(want), "\"fn\":\"%s\"", name);
    }
    return strstr(plan_json, want) != NULL;
}
