#include "command.h"
#include "config.h"
#include "help.h"
#include "interrupt.h"
#include "option_table.h"
#include "options.h"
#include "report.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const command commands[] = {
    {.name = "sql",
     .summary = "run a query over files and print its rows",
     .arguments = "[OPTIONS] QUERY | - | -f FILE",
     .detail = "  gearbox sql \"SELECT carrier, count(*) FROM 'flights.csv' GROUP BY carrier\"\n"
               "  gearbox sql \"FROM 'logs/*.parquet' WHERE day = \\$d\" --param d=2013-01-01\n"
               "  gearbox sql \"FROM sales\" --table sales=2013/ -o sales.parquet\n"
               "  gearbox sql -f report.sql --memory 2GB --timeout 30s --stats stats.json\n",
     .options = sql_options,
     .takes_files = true,
     .run = cmd_sql},
    {.name = "explain",
     .summary = "show the plan, what is known of its inputs, the engine and why",
     .arguments = "[OPTIONS] QUERY | - | -f FILE",
     .detail = "  gearbox explain \"SELECT count(*) FROM 'flights.csv'\"\n"
               "  gearbox explain --json -f report.sql\n",
     .options = explain_options,
     .takes_files = true,
     .run = cmd_explain},
    {.name = "verify",
     .summary = "run a query on several engines and compare their rows",
     .arguments = "[OPTIONS] QUERY | - | -f FILE",
     .detail = "  gearbox verify \"SELECT carrier, avg(dep_delay) FROM 'flights.csv' GROUP BY 1\"\n"
               "  gearbox verify -f report.sql --engines duckdb,polars,pandas\n"
               "The exit status is 1 where they differ.\n",
     .options = verify_options,
     .takes_files = true,
     .run = cmd_verify},
    {.name = "engines",
     .summary = "list the engines: what is here, what for, how to get the others",
     .arguments = "[OPTIONS] [install NAME… | remove NAME… | doctor [NAME…]]",
     .detail = "  gearbox engines --json\n"
               "  gearbox engines install polars pandas\n"
               "  gearbox engines doctor\n"
               "Each gets an environment of its own below $GEARBOX_ENGINES_DIR, else\n"
               "$XDG_DATA_HOME/gearbox/engines; doctor exits with 1 where one is broken.\n",
     .options = engines_options,
     .run = cmd_engines},
    {.name = "help",
     .summary = "explain a command, or a status or exit code with its fix",
     .arguments = "[COMMAND | CODE]",
     .detail = "  gearbox help sql\n"
               "  gearbox help not-found\n",
     .options = help_options,
     .run = cmd_help},
    {.name = NULL}};

const command *command_find(const char *name)
{
    for (const command *c = commands; c->name; c++) {
        if (strcmp(c->name, name) == 0) return c;
    }
    return NULL;
}

static int unknown_command(const char *typed)
{
    const char *names[16] = {NULL};
    for (size_t i = 0; commands[i].name && i + 1 < sizeof(names) / sizeof(names[0]); i++) {
        names[i] = commands[i].name;
    }
    if (strcspn(typed, " \t\n") < strlen(typed)) {
        return report_usage("a query needs its command: gearbox sql '%.60s'", typed);
    }
    const char *near = nearest_name(typed, names);
    if (near) return report_usage("unknown command '%.60s', did you mean %s?", typed, near);
    return report_usage("unknown command '%.60s', see gearbox help", typed);
}

/* Failures of the command line itself are told in the asked form too. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) return true;
    }
    return false;
}

static int run_command(const command *cmd, int argc, char **argv)
{
    settings s = {0};
    int code = options_read(cmd, argc, argv, &s);
    if (code == EXIT_DONE) {
        report_init(s.json, s.quiet);
        if (s.ignored_file) config_note_ignored(s.ignored_file);
        code = s.help ? help_command(cmd) : cmd->run(cmd, &s);
    }
    settings_done(&s);
    return code;
}

static int dispatch(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    if (argc < 2) return help_examples();
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) return help_version();
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) return help_overview();
    const command *cmd = command_find(first);
    if (!cmd) return unknown_command(first);
    return run_command(cmd, argc - 2, argv + 2);
}

int main(int argc, char **argv)
{
    terminal_guard();
    interrupt_install();
    report_init(asks_for_json(argc, argv), false);
    const int code = dispatch(argc, argv);
#ifdef NDEBUG
    fflush(NULL);
    quick_exit(code); /* what job_close has left is for the system */
#endif
    return code;
}
