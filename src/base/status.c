#include "gearbox/status.h"

typedef struct status_row {
    const char *name;
    const char *meaning;
    int exit_code;
} status_row;

static const status_row status_rows[] = {
#define STATUS_ROW(name, number, exit, text, clause) [number] = {text, clause, exit},
    GBX_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static const status_row *status_find(gbx_status status)
{
    static const status_row unknown = {"unknown", "a code that this version does not know", 5};
    const size_t index = (size_t)status;
    return index < sizeof(status_rows) / sizeof(status_rows[0]) ? &status_rows[index] : &unknown;
}

const char *gbx_status_name(gbx_status status)
{
    return status_find(status)->name;
}

const char *gbx_status_meaning(gbx_status status)
{
    return status_find(status)->meaning;
}

int gbx_status_exit_code(gbx_status status)
{
    return status_find(status)->exit_code;
}
