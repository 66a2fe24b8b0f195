/*
 * The smallest user of an installed Gearbox.
 */
#include <gearbox/status.h>
#include <gearbox/version.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    printf("gearbox %s, status %s\n", GBX_VERSION_STRING, gbx_status_name(GBX_OK));
    return strcmp(gbx_status_name(GBX_OK), "ok") == 0 ? 0 : 1;
}
