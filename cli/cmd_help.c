#include "help.h"
#include "report.h"

#include <stddef.h>

int cmd_help(const command *self, settings *s)
{
    (void)self;
    if (s->n_args > 1) return report_usage("one command or status at a time: gearbox help CODE");
    const char *topic = s->n_args == 1 ? s->args[0] : NULL;
    const command *cmd = topic ? command_find(topic) : NULL;
    if (topic && s->print && !cmd) return report_usage("'%.60s' is not a command", topic);
    if (s->print) return help_print(s->print, cmd);
    if (!topic) return help_overview();
    return cmd ? help_command(cmd) : help_code(topic, s->json);
}
