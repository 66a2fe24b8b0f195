#include "options.h"

#include "config.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAME 64
#define MAX_OPTIONS 64

/* Edits (insert, drop, change, swap neighbours) between two short names. */
static size_t edit_distance(const char *a, const char *b)
{
    const size_t n = strlen(a);
    const size_t m = strlen(b);
    if (n >= MAX_NAME || m >= MAX_NAME) return MAX_NAME;
    size_t rows[3][MAX_NAME];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= m; j++) above[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swap && before[j - 2] + 1 < best) best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[m];
}

const char *nearest_name(const char *typed, const char *const *names)
{
    const size_t len = strlen(typed);
    const char *best = NULL;
    size_t best_distance = len <= 4 ? 2 : 3; /* from here on it is another word */
    for (; *names; names++) {
        const bool is_start = len >= 3 && strncmp(typed, *names, len) == 0;
        const size_t distance = is_start ? 1 : edit_distance(typed, *names);
        if (distance < best_distance) {
            best_distance = distance;
            best = *names;
        }
    }
    return best;
}

static int unknown_option(const command *cmd, const char *typed, size_t len)
{
    char name[MAX_NAME] = "";
    const char *names[MAX_OPTIONS] = {NULL};
    for (size_t i = 0; cmd->options[i] && i + 1 < MAX_OPTIONS; i++) {
        names[i] = cmd->options[i]->name;
    }
    if (len < sizeof(name)) memcpy(name, typed, len);
    const char *near = *name ? nearest_name(name, names) : NULL;
    const int shown = len < 80 ? (int)len : 80;
    if (near) {
        return report_usage("unknown option --%.*s, did you mean --%s?", shown, typed, near);
    }
    return report_usage("unknown option --%.*s, see gearbox help %s", shown, typed, cmd->name);
}

static const option *option_by_name(const command *cmd, const char *name, size_t len)
{
    for (const option *const *o = cmd->options; *o; o++) {
        if (strlen((*o)->name) == len && strncmp((*o)->name, name, len) == 0) return *o;
    }
    return NULL;
}

static const option *option_by_letter(const command *cmd, char letter)
{
    for (const option *const *o = cmd->options; *o; o++) {
        if ((*o)->letter == letter) return *o;
    }
    return NULL;
}

/* A word of the command line: its option, and the value that is joined to it. */
typedef struct word {
    const option *opt;
    const char *joined; /* NULL: none */
} word;

static int read_long(const command *cmd, const char *text, word *out)
{
    const size_t len = strcspn(text, "=");
    out->opt = option_by_name(cmd, text, len);
    out->joined = text[len] == '=' ? text + len + 1 : NULL;
    if (!out->opt) return unknown_option(cmd, text, len);
    if (out->joined && !out->opt->value) {
        return report_usage("--%s takes no value", out->opt->name);
    }
    return EXIT_DONE;
}

static int read_short(const command *cmd, const char *text, word *out)
{
    out->opt = option_by_letter(cmd, text[0]);
    out->joined = text[1] != '\0' ? text + 1 : NULL;
    if (!out->opt) {
        return report_usage("unknown option -%.40s, see gearbox help %s", text, cmd->name);
    }
    if (out->joined && !out->opt->value) return report_usage("-%c takes no value", text[0]);
    return EXIT_DONE;
}

static int set_value(const option *opt, const char *value, settings *s)
{
    const char *expected = opt->set(s, value);
    if (!expected) return EXIT_DONE;
    /* what stands behind = is nobody's to tell */
    size_t shown = strlen(value) < 200 ? strlen(value) : 200;
    const char *equals = strchr(opt->value ? opt->value : "", '=') ? strchr(value, '=') : NULL;
    if (equals && (size_t)(equals - value) < shown) shown = (size_t)(equals - value) + 1;
    return report_usage("--%s %.*s: %s", opt->name, (int)shown, value, expected);
}

static int read_environment(const command *cmd, settings *s)
{
    s->source = SOURCE_ENVIRONMENT;
    for (const option *const *o = cmd->options; *o; o++) {
        const char *value = (*o)->variable ? getenv((*o)->variable) : NULL;
        if (!value || *value == '\0') continue;
        const char *expected = (*o)->set(s, value);
        if (expected) {
            return report_usage("%s=%.200s in the environment: %s", (*o)->variable, value,
                                expected);
        }
    }
    return EXIT_DONE;
}

/* An option's name holds no white space: "-- a comment" is the start of a query. */
static bool is_option(const char *text)
{
    if (text[0] != '-' || text[1] == '\0') return false;
    const size_t name = strcspn(text, "=");
    return strcspn(text, " \t\r\n") >= name;
}

int options_read(const command *cmd, int argc, char **argv, settings *s)
{
    s->args = calloc((size_t)argc + 1, sizeof(*s->args));
    if (!s->args) return report_usage("there is no memory left");
    bool options_ended = false;
    int code = cmd->takes_files ? config_read_files(cmd, s) : EXIT_DONE;
    if (code == EXIT_DONE) code = read_environment(cmd, s);
    s->source = SOURCE_COMMAND_LINE;
    for (int i = 0; i < argc && code == EXIT_DONE; i++) {
        const char *text = argv[i];
        if (options_ended || !is_option(text)) {
            s->args[s->n_args++] = text;
            continue;
        }
        if (strcmp(text, "--") == 0) {
            options_ended = true;
            continue;
        }
        word w = {NULL, NULL};
        const bool is_long = text[1] == '-';
        code = is_long ? read_long(cmd, text + 2, &w) : read_short(cmd, text + 1, &w);
        if (code != EXIT_DONE) break;
        const char *value = w.joined;
        if (w.opt->value && !value) {
            if (i + 1 == argc) {
                return report_usage("--%s needs a value: --%s %s", w.opt->name, w.opt->name,
                                    w.opt->value);
            }
            value = argv[++i];
        }
        code = set_value(w.opt, value, s);
    }
    return code;
}
