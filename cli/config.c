#include "config.h"

#include "option_table.h"
#include "options.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCAL_FILE "gearbox.toml"
#define MAX_NAMES 64
#define MAX_LIST 512

/* ---- one setting ----------------------------------------------------------------------------- */

static int fail_at(const char *path, const gbx_setting *setting, const char *what,
                   const char *expected)
{
    gbx_error err;
    fail(&err, GBX_INVALID, "%.200s: %s", what, expected);
    err.line = setting->line;
    err.column = setting->column;
    return report_query_error(&err, path, NULL);
}

static int unknown_setting(const char *path, const gbx_setting *setting)
{
    const char *names[MAX_NAMES] = {NULL};
    char list[MAX_LIST] = "";
    char what[MAX_LIST];
    size_t len = 0;
    for (size_t i = 0; file_options[i] && i + 1 < MAX_NAMES; i++) {
        names[i] = file_options[i]->name;
        len += (size_t)snprintf(list + len, len < MAX_LIST ? MAX_LIST - len : 0, "%s%s",
                                i > 0 ? ", " : "choose one of ", names[i]);
        if (len >= MAX_LIST) break;
    }
    const char *near = nearest_name(setting->name, names);
    snprintf(what, sizeof(what), "there is no setting '%.60s'", setting->name);
    if (near) snprintf(list, sizeof(list), "did you mean %s?", near);
    return fail_at(path, setting, what, list);
}

static const option *option_of(const option *const *options, const char *name)
{
    for (; *options; options++) {
        if (strcmp((*options)->name, name) == 0) return *options;
    }
    return NULL;
}

/* NULL, or what should stand there instead. */
static const char *wrong_type(const option *opt, gbx_setting_kind kind)
{
    const bool is_number = kind == GBX_SETTING_INTEGER || kind == GBX_SETTING_NUMBER;
    if (!opt->value) return kind == GBX_SETTING_SWITCH ? NULL : "expected true or false";
    if (kind == GBX_SETTING_TEXT || (is_number && opt->may_be_number)) return NULL;
    return opt->may_be_number ? "expected a number or a text" : "expected a text, in quotes";
}

/* Settings of another command's options are checked too: a file is right or wrong for all. */
static int apply_default(const command *cmd, const char *path, const gbx_setting *setting,
                         settings *s)
{
    const option *opt = option_of(file_options, setting->name);
    if (!opt) return unknown_setting(path, setting);
    settings other = {0};
    settings *target = option_of(cmd->options, opt->name) ? s : &other;
    const char *expected = wrong_type(opt, setting->kind);
    if (!expected) expected = opt->set(target, setting->value);
    return expected ? fail_at(path, setting, opt->name, expected) : EXIT_DONE;
}

static int apply(const command *cmd, const char *path, const gbx_config *config, settings *s)
{
    s->source = SOURCE_FILE;
    for (size_t i = 0; i < gbx_config_count(config); i++) {
        gbx_error err;
        gbx_setting setting = GBX_SETTING_INIT;
        if (gbx_config_get(config, i, &setting, &err) != GBX_OK) return report_error(&err);
        if (!setting.engine) {
            const int code = apply_default(cmd, path, &setting, s);
            if (code != EXIT_DONE) return code;
            continue;
        }
        const char *expected =
            settings_add_engine_option(s, setting.engine, setting.name, setting.value);
        if (expected) return fail_at(path, &setting, setting.name, expected);
    }
    return EXIT_DONE;
}

/* ---- the files ------------------------------------------------------------------------------- */

/* One that need not be there is passed over too where a folder of its path may not be entered. */
static int read_file(const command *cmd, const char *path, bool must_be_there, gbx_config **slot,
                     settings *s)
{
    gbx_error err;
    struct stat info;
    if (!must_be_there && stat(path, &info) != 0) return EXIT_DONE;
    if (gbx_config_read(path, slot, &err) == GBX_OK) return apply(cmd, path, *slot, s);
    return report_query_error(&err, path, NULL);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value != '\0' ? value : NULL;
}

/* Folders that are not whole paths say nothing, as the XDG specification has it. */
static int read_of_user(const command *cmd, settings *s)
{
    const char *folder = variable("XDG_CONFIG_HOME");
    const char *home = variable("HOME");
    const bool is_xdg = folder && *folder == '/';
    if (!is_xdg && (!home || *home != '/')) return EXIT_DONE;
    char *path = NULL;
    if (asprintf(&path, "%s%s/gearbox/config.toml", is_xdg ? folder : home,
                 is_xdg ? "" : "/.config") < 0) {
        return report_usage("out of memory");
    }
    const int code = read_file(cmd, path, false, &s->configs[0], s);
    free(path);
    return code;
}

static int read_of_folder(const command *cmd, settings *s)
{
    struct stat info;
    if (stat(LOCAL_FILE, &info) == 0 && info.st_uid != 0 && info.st_uid != geteuid()) {
        s->ignored_file = LOCAL_FILE;
        return EXIT_DONE;
    }
    return read_file(cmd, LOCAL_FILE, false, &s->configs[1], s);
}

void config_note_ignored(const char *path)
{
    report_note("%s here belongs to another user and was not read: GEARBOX_CONFIG=./%s reads it",
                path, path);
}

int config_read_files(const command *cmd, settings *s)
{
    const char *named = variable("GEARBOX_CONFIG");
    if (named) return read_file(cmd, named, true, &s->configs[0], s);
    const int code = read_of_user(cmd, s);
    return code == EXIT_DONE ? read_of_folder(cmd, s) : code;
}
