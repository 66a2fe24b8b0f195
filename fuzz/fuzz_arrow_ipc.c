/*
 * An Arrow IPC file from a stranger: refused as damaged, or read to its end.
 */
#include "arrow/arrow.h"
#include "arrow/ipc_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drain(struct ArrowArrayStream *stream)
{
    gbx_error err = {0};
    for (;;) {
        struct ArrowArray array = {0};
        if (gbx__arrow_stream_next(stream, &array, &err) != GBX_OK || !array.release) break;
        gbx__arrow_array_done(&array);
    }
    gbx__arrow_stream_done(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[64];
    gbx_error err = {0};
    gbx__ipc_summary summary;
    struct ArrowArrayStream stream;
    if (!path[0]) snprintf(path, sizeof(path), "/tmp/gearbox-fuzz-%d.arrow", (int)getpid());
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
    gbx__ipc_summarise_file(path, &summary, &err);
    if (gbx__ipc_open_file(path, &stream, &err) == GBX_OK) drain(&stream);
    remove(path);
    return 0;
}
