#include "wire/frame.h"

#include "base/alloc.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Gives the bytes `step` at a time; the number of frames that came, or -1 for a failure. */
static int feed(const char *bytes, size_t len, size_t step, gbx__frame_in *last, gbx_error *err)
{
    gbx__frame_reader reader = {0};
    int n = 0;
    for (size_t at = 0;;) {
        void *room = NULL;
        size_t wanted = 0;
        if (gbx__frame_reader_want(&reader, &room, &wanted, err) != GBX_OK) {
            gbx__frame_reader_done(&reader);
            return -1;
        }
        if (wanted == 0) {
            if (n++ > 0) gbx__alloc_free(last->payload);
            *last = gbx__frame_reader_take(&reader);
            assert_true(gbx__frame_reader_is_empty(&reader));
            continue;
        }
        if (at == len) break;
        size_t got = step < wanted ? step : wanted;
        if (got > len - at) got = len - at;
        memcpy(room, bytes + at, got);
        gbx__frame_reader_got(&reader, got);
        at += got;
    }
    gbx__frame_reader_done(&reader);
    return n;
}

static void frames_come_in_any_pieces(void **state)
{
    static const char bytes[] = "\x05\0\0\0\x01\0\0\0hello"
                                "\0\0\0\0\x03\0\x07\x01"
                                "\x03\0\0\0\x02\0\0\0abc";
    (void)state;
    for (size_t step = 1; step < sizeof(bytes); step++) {
        gbx__frame_in last = {0};
        gbx_error err;
        assert_int_equal(feed(bytes, sizeof(bytes) - 1, step, &last, &err), 3);
        assert_int_equal(last.kind, GBX_FRAME_KIND_ROWS);
        assert_int_equal(last.len, 3);
        assert_string_equal(last.payload, "abc");
        gbx__alloc_free(last.payload);
        assert_int_equal(feed(bytes, 21, step, &last, &err), 2);
        assert_int_equal(last.kind, GBX_FRAME_KIND_END);
        assert_int_equal(last.stream, 263);
        assert_null(last.payload);
        assert_int_equal(feed(bytes, 20, step, &last, &err), 1); /* cut */
        assert_string_equal(last.payload, "hello");
        gbx__alloc_free(last.payload);
    }
}

static void heads_read_back(void **state)
{
    unsigned char head[GBX_FRAME_HEAD];
    gbx__frame_in last = {0};
    gbx_error err;
    (void)state;
    gbx__frame_head(head, GBX_FRAME_KIND_END, 513, 0);
    assert_int_equal(feed((const char *)head, sizeof(head), 8, &last, &err), 1);
    assert_int_equal(last.stream, 513);
    gbx__frame_head(head, GBX_FRAME_KIND_ROWS, 1, 0x01020304);
    assert_memory_equal(head, "\x04\x03\x02\x01\x02\0\x01\0", 8);
}

static void what_is_no_frame_is_refused(void **state)
{
    static const char *const heads[] = {
        "\x01\0\0\0\0\0\0\0",     /* no kind */
        "\x01\0\0\0\x04\0\0\0",   /* no such kind */
        "\x01\0\0\0\x01\x01\0\0", /* not 0 */
        "\x01\0\0\0\x01\0\x01\0", /* a control message of a stream */
        "\x01\0\0\x04\x01\0\0\0", /* more than 64 MiB */
        "\x01\0\0\x10\x02\0\0\0", /* more than 256 MiB */
        "\x01\0\0\0\x03\0\0\0",   /* an end with a payload */
        "HTTP/1.1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        gbx__frame_in last = {0};
        gbx_error err;
        assert_int_equal(feed(heads[i], 8, 8, &last, &err), -1);
        assert_int_equal(err.status, GBX_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_in_any_pieces),
        cmocka_unit_test(heads_read_back),
        cmocka_unit_test(what_is_no_frame_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
