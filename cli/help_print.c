#include "help.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

/* roff: a dash is \-, a line that begins with a dot or quote would be a request. */
static void man_text(const char *text)
{
    bool at_start = true;
    for (; *text != '\0'; text++) {
        if (at_start && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
        if (*text == '-') {
            fputs("\\-", stdout);
        } else if (*text == '\\') {
            fputs("\\e", stdout);
        } else {
            fputc(*text, stdout);
        }
        at_start = *text == '\n';
    }
}

static void man_option(const option *o)
{
    fputs(".TP\n", stdout);
    if (o->letter) printf("\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", stdout);
    man_text(o->name);
    fputs("\\fR", stdout);
    if (o->value) printf(" \\fI%s\\fR", o->value);
    fputc('\n', stdout);
    man_text(o->help);
    if (o->variable) printf(" (environment: %s)", o->variable);
    fputc('\n', stdout);
}

static void man_command(const command *cmd)
{
    printf(".TH GEARBOX\\-%s 1 \"\" \"gearbox %s\" \"\"\n.SH NAME\ngearbox\\-%s \\- ", cmd->name,
           gbx_version(), cmd->name);
    man_text(cmd->summary);
    printf("\n.SH SYNOPSIS\n\\fBgearbox %s\\fR ", cmd->name);
    man_text(cmd->arguments);
    fputs("\n.SH OPTIONS\n", stdout);
    for (const option *const *o = cmd->options; *o; o++) man_option(*o);
    fputs(".SH EXAMPLES\n.nf\n", stdout);
    man_text(cmd->detail);
    fputs(".fi\n.SH SEE ALSO\n\\fBgearbox\\fR(1)\n", stdout);
}

static void man_overview(void)
{
    printf(".TH GEARBOX 1 \"\" \"gearbox %s\" \"\"\n.SH NAME\n"
           "gearbox \\- run one data job on whichever engine suits it\n"
           ".SH SYNOPSIS\n\\fBgearbox\\fR \\fICOMMAND\\fR [OPTIONS]\n.SH COMMANDS\n",
           gbx_version());
    for (const command *c = commands; c->name; c++) {
        printf(".TP\n\\fBgearbox\\-%s\\fR(1)\n", c->name);
        man_text(c->summary);
        fputc('\n', stdout);
    }
    fputs(".SH EXIT STATUS\n0 done, 1 the answer is no, 2 wrong usage, 3 bad input or plan, "
          "4 not found, 5 engine failed, 6 out of memory, 7 timed out or cancelled, 8 conflict.\n"
          ".SH FILES\n.TP\n\\fI./gearbox.toml\\fR, "
          "\\fI$XDG_CONFIG_HOME/gearbox/config.toml\\fR (\\fI~/.config\\fR)\n"
          "Settings for what no option and no variable gives, the first file first: [defaults] has "
          "options without their dashes, such as memory = \"4GB\"; [engines.NAME] an engine's "
          "own. \\fBGEARBOX_CONFIG\\fR names a file in place of both.\n",
          stdout);
}

static void bash_words(const command *cmd)
{
    printf("    %s) words='", cmd->name);
    for (const option *const *o = cmd->options; *o; o++) printf("--%s ", (*o)->name);
    fputs("' ;;\n", stdout);
}

/* What may follow an option, where that is a list. */
static void bash_choices(const command *cmd)
{
    for (const option *const *o = cmd->options; *o; o++) {
        if ((*o)->choices) printf("    --%s) words='%s' ;;\n", (*o)->name, (*o)->choices);
    }
}

static void bash_completion(void)
{
    fputs("# shellcheck shell=bash disable=SC2207\n"
          "# Made by: gearbox help --print bash\n"
          "_gearbox() {\n"
          "  local words='' before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
          "  local word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "    words='",
          stdout);
    for (const command *c = commands; c->name; c++) printf("%s ", c->name);
    fputs("--help --version'\n"
          "  else\n"
          "    case \"${COMP_WORDS[1]}\" in\n",
          stdout);
    for (const command *c = commands; c->name; c++) bash_words(c);
    fputs("    esac\n"
          "  fi\n"
          "  case \"$before\" in\n",
          stdout);
    for (const command *c = commands; c->name; c++) bash_choices(c);
    fputs("  esac\n"
          "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "}\n"
          "complete -o default -F _gearbox gearbox\n",
          stdout);
}

/* In single quotes for zsh: what would end or open a part is left out. */
static void zsh_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
        } else if (strchr("[]:", *text)) {
            printf("\\%c", *text);
        } else {
            fputc(*text, stdout);
        }
    }
}

static void zsh_command(const command *cmd)
{
    printf("    %s)\n      _arguments \\\n", cmd->name);
    for (const option *const *o = cmd->options; *o; o++) {
        printf("        '--%s[", (*o)->name);
        zsh_text((*o)->help);
        fputc(']', stdout);
        if ((*o)->choices) {
            printf(":%s:(%s)", (*o)->value, (*o)->choices);
        } else if ((*o)->value) {
            printf(":%s:_files", (*o)->value);
        }
        fputs("' \\\n", stdout);
    }
    fputs("        '*:argument:_files' ;;\n", stdout);
}

static void zsh_completion(void)
{
    fputs("#compdef gearbox\n# Made by: gearbox help --print zsh\n"
          "if (( CURRENT == 2 )); then\n"
          "  compadd ",
          stdout);
    for (const command *c = commands; c->name; c++) printf("%s ", c->name);
    fputs("--help --version\nelse\n  local cmd=$words[2]\n  shift words; (( CURRENT-- ))\n"
          "  case $cmd in\n",
          stdout);
    for (const command *c = commands; c->name; c++) zsh_command(c);
    fputs("  esac\nfi\n", stdout);
}

static void fish_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') fputc('\\', stdout);
        fputc(*text, stdout);
    }
}

static void fish_option(const command *cmd, const option *o)
{
    printf("complete -c gearbox -n '__fish_seen_subcommand_from %s' -l %s", cmd->name, o->name);
    if (o->letter) printf(" -s %c", o->letter);
    if (o->choices) printf(" -x -a '%s'", o->choices);
    if (o->value && !o->choices) fputs(" -r", stdout);
    fputs(" -d '", stdout);
    fish_text(o->help);
    fputs("'\n", stdout);
}

static void fish_completion(void)
{
    fputs("# Made by: gearbox help --print fish\n", stdout);
    for (const command *c = commands; c->name; c++) {
        printf("complete -c gearbox -n __fish_use_subcommand -a %s -d '", c->name);
        fish_text(c->summary);
        fputs("'\n", stdout);
        for (const option *const *o = c->options; *o; o++) fish_option(c, *o);
    }
}

int help_print(const char *what, const command *cmd)
{
    if (strcmp(what, "man") == 0 && cmd) {
        man_command(cmd);
    } else if (strcmp(what, "man") == 0) {
        man_overview();
    } else if (strcmp(what, "bash") == 0) {
        bash_completion();
    } else if (strcmp(what, "zsh") == 0) {
        zsh_completion();
    } else if (strcmp(what, "fish") == 0) {
        fish_completion();
    } else {
        return report_usage("--print %.60s: expected man, bash, zsh or fish", what);
    }
    return stdout_done();
}
