#include "help.h"

#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int stdout_done(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return EXIT_DONE;
    if (errno == EPIPE) return EXIT_DONE;
    gbx_error err;
    fail_errno(&err, "write", "stdout");
    return report_error(&err);
}

int help_version(void)
{
    printf("gearbox %s\n", gbx_version());
    return stdout_done();
}

int help_examples(void)
{
    fputs("gearbox runs one data job on whichever engine suits it. Five to begin with:\n\n"
          "  gearbox sql \"SELECT carrier, count(*) FROM 'flights.csv' GROUP BY carrier\"\n"
          "  gearbox sql \"SELECT * FROM 'logs/*.parquet' WHERE status = 500\" -o errors.csv\n"
          "  gearbox explain \"SELECT count(*) FROM 'flights.csv'\"\n"
          "  gearbox engines\n"
          "  gearbox help not-found\n\n"
          "All commands: gearbox --help\n",
          stdout);
    return stdout_done();
}

int help_overview(void)
{
    fputs("Usage: gearbox COMMAND [OPTIONS] …\n\nCommands:\n", stdout);
    for (const command *c = commands; c->name; c++) printf("  %-10s %s\n", c->name, c->summary);
    fputs(
        "\nOptions:\n"
        "  -h, --help     show this; gearbox COMMAND --help shows a command's own\n"
        "  -V, --version  show the version\n\n"
        "Settings, the first counts:\n"
        "  option, GEARBOX_… in the environment, ./gearbox.toml, ~/.config/gearbox/config.toml\n\n"
        "Exit codes:\n"
        "  0 done   1 the answer is no   2 wrong usage   3 bad input or plan   4 not found\n"
        "  5 engine failed   6 out of memory   7 timed out or cancelled   8 conflict\n",
        stdout);
    return stdout_done();
}

/* "-e, --engine NAME", padded so that the helps stand below each other. */
static void help_option(const option *o)
{
    char left[64];
    const char *value = o->value ? o->value : "";
    const char *space = o->value ? " " : "";
    if (o->letter) {
        snprintf(left, sizeof(left), "-%c, --%s%s%s", o->letter, o->name, space, value);
    } else {
        snprintf(left, sizeof(left), "    --%s%s%s", o->name, space, value);
    }
    printf("  %-29s %s", left, o->help);
    if (o->variable) printf(" [%s]", o->variable);
    fputc('\n', stdout);
}

int help_command(const command *cmd)
{
    printf("gearbox %s: %s\n\nUsage: gearbox %s %s\n\nOptions:\n", cmd->name, cmd->summary,
           cmd->name, cmd->arguments);
    for (const option *const *o = cmd->options; *o; o++) help_option(*o);
    if (cmd->detail) printf("\nExamples:\n%s", cmd->detail);
    return stdout_done();
}
