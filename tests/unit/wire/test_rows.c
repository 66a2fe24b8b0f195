/*
 * Rows out, then in again: what comes is what went, whatever the pieces.
 */
#include "arrow/arrow.h"
#include "base/alloc.h"
#include "support/rows.h"
#include "wire/frame.h"
#include "wire/rows_in.h"
#include "wire/rows_out.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- the way there and back ------------------------------------------------------------------ */

static void pieces_join(const gbx__pieces *pieces, gbx__buf *out)
{
    for (size_t i = 0; i < pieces->list.len; i++)
        gbx__buf_append(out, pieces->list.items[i].iov_base, pieces->list.items[i].iov_len);
    assert_false(out->failed);
    assert_int_equal(out->len, pieces->len);
}

static void to_frames(const rows *r, const int64_t (*slices)[2], size_t n, gbx__buf *out)
{
    gbx__rows_out *rows_out = NULL;
    gbx__pieces pieces = {0};
    gbx_error err = {0};
    assert_int_equal(gbx__rows_out_new(&r->schema, &rows_out, &err), GBX_OK);
    assert_int_equal(gbx__rows_out_schema(rows_out, 0, &pieces, &err), GBX_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(gbx__rows_out_add(rows_out, &r->batch, slices[i][0], slices[i][1], &err),
                         GBX_OK);
    if (gbx__rows_out_flush(rows_out, 0, &pieces, &err) != GBX_OK) fail_msg("%s", err.message);
    pieces_join(&pieces, out);
    gbx__pieces_done(&pieces);
    gbx__rows_out_free(rows_out);
}

/* The batch of the last message; the schema goes to `out` too. */
static void from_frames(const gbx__buf *bytes, rows *out)
{
    gbx__rows_in *in = gbx__rows_in_new();
    gbx_error err = {0};
    assert_non_null(in);
    *out = (rows){0};
    for (size_t at = 0; at < bytes->len;) {
        const unsigned char *head = (const unsigned char *)bytes->data + at;
        const size_t len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
        assert_int_equal(head[4], GBX_FRAME_KIND_ROWS);
        char *payload = gbx__alloc_dup(bytes->data + at + GBX_FRAME_HEAD, len);
        gbx__arrow_array_done(&out->batch);
        if (gbx__rows_in_take(in, payload, len, &out->batch, &err) != GBX_OK)
            fail_msg("%s", err.message);
        at += GBX_FRAME_HEAD + len;
    }
    assert_int_equal(gbx__arrow_schema_copy(gbx__rows_in_schema(in), &out->schema, &err), GBX_OK);
    gbx__rows_in_free(in); /* the batch keeps what it needs */
}

static char *json_of(const rows *r)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    return strdup(rows_write(r, &options));
}

/* The lines [from, from + n) of a text. */
static void put_lines(gbx__buf *out, const char *text, int64_t from, int64_t n)
{
    for (int64_t i = 0; i < from + n; i++) {
        const size_t len = strcspn(text, "\n") + 1;
        if (i >= from) gbx__buf_append(out, text, len);
        text += len;
    }
}

static void check_slices(const rows *r, const int64_t (*slices)[2], size_t n)
{
    gbx__buf frames = {0};
    gbx__buf expected = {0};
    rows back;
    to_frames(r, slices, n, &frames);
    from_frames(&frames, &back);
    char *all = json_of(r);
    char *found = json_of(&back);
    gbx__buf_puts(&expected, "");
    for (size_t i = 0; i < n; i++) put_lines(&expected, all, slices[i][0], slices[i][1]);
    assert_string_equal(found, expected.data ? expected.data : "");
    free(all);
    free(found);
    rows_done(&back);
    gbx__buf_done(&frames);
    gbx__buf_done(&expected);
}

static void check_rows(const rows *r)
{
    const int64_t n = r->batch.length;
    const int64_t whole[][2] = {{0, n}};
    const int64_t twice[][2] = {{0, n}, {0, n}};
    const int64_t halves[][2] = {{0, n / 2}, {n / 2, n - n / 2}};
    const int64_t end[][2] = {{n - 1, 1}};
    const int64_t mixed[][2] = {{1, n - 1}, {0, 0}, {n / 2, 1}, {0, n}, {1, n - 2}};
    const int64_t none[][2] = {{0, 0}};
    check_slices(r, whole, 1);
    check_slices(r, twice, 2);
    check_slices(r, halves, 2);
    check_slices(r, end, 1);
    check_slices(r, mixed, 5);
    check_slices(r, none, 1);
}

/* ---- types ----------------------------------------------------------------------------------- */

static void types_come_back(void **state)
{
    static const char *const cases[][2] = {
        {"a=i;b=l;c=g;d=s", "[[1,2,3.5,4],[null,5,6.5,7],[8,9,null,10],[11,12,13.5,null]]"},
        {"a=b;b=b", "[[true,null],[false,true],[null,false],[true,true],[true,null]]"},
        {"a=u;b=z;c=U",
         "[[\"x\",\"61\",\"\"],[null,\"\",\"yy\"],[\"zzz\",null,null],[\"\",\"00\",\"e\"]]"},
        {"a=d:15,2;b=tdD;c=tsu:;d=w:3", "[[\"1.50\",1,2,\"010203\"],[null,null,null,null],"
                                        "[\"-0.01\",-1,3,\"ffffff\"]]"},
        {"a=+l(item=i)", "[[[1,null,3]],[null],[[]],[[4]],[[5,6]]]"},
        {"a=+l(item=+l(item=u))", "[[[[\"a\"],null]],[[]],[[[\"b\",\"c\"],[]]],[null]]"},
        {"a=+w:2(item=l)", "[[[1,2]],[[3,4]],[null],[[5,null]]]"},
        {"a=+s(x=i;y=u)", "[[[1,\"a\"]],[[null,\"b\"]],[null],[[4,null]]]"},
        {"a=+s(x=+s(y=+l(item=b)))", "[[[[[true]]]],[[[null]]],[[null]],[null]]"},
        {"a=+m(entries=+s(key=u;value=i))",
         "[[[[\"k\",1],[\"l\",null]]],[[]],[null],[[[\"m\",3]]]]"},
        {"a=+us:0,1(i=i;t=u)", "[[[0,1]],[[1,\"x\"]],[[1,null]],[[0,2]]]"},
        {"a=n;b=i", "[[null,1],[null,2],[null,3]]"},
        {"a=tin", "[[[1,2,3000]],[null],[[0,0,0]]]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rows r;
        rows_make(&r, cases[i][0], cases[i][1]);
        check_rows(&r);
        rows_done(&r);
    }
}

static void many_rows_come_back(void **state)
{
    gbx__buf text = {0};
    rows r;
    (void)state;
    gbx__buf_putc(&text, '[');
    for (int i = 0; i < 300; i++)
        gbx__buf_printf(&text, "%s[%s,%d,\"%d\",%s]", i > 0 ? "," : "", i % 7 ? "true" : "null", i,
                        i * i, i % 3 ? "[1,2]" : "null");
    gbx__buf_putc(&text, ']');
    rows_make(&r, "a=b;b=l;c=u;d=+l(item=s)", text.data);
    for (int64_t from = 0; from < 20; from++) {
        const int64_t slices[][2] = {{from, 250}, {299 - from, from}, {from / 2, 33}};
        check_slices(&r, slices, 3);
    }
    gbx__buf_done(&text);
    rows_done(&r);
}

static void offsets_of_arrays_are_kept(void **state)
{
    const int64_t whole[][2] = {{0, 2}};
    gbx__buf frames = {0};
    rows r;
    rows back;
    (void)state;
    rows_make(&r, "a=i;b=u;c=+s(x=i)",
              "[[1,\"a\",[1]],[2,\"b\",[2]],[3,null,[3]],[4,\"d\",[null]],[5,\"e\",[5]]]");
    r.batch.children[0]->offset = 2;
    r.batch.children[0]->length = 3;
    r.batch.children[2]->offset = 1;
    r.batch.children[2]->length = 4;
    r.batch.offset = 1;
    r.batch.length = 2;
    to_frames(&r, whole, 1, &frames);
    from_frames(&frames, &back);
    char *found = json_of(&back);
    assert_string_equal(found, "{\"a\":4,\"b\":\"b\",\"c\":{\"x\":3}}\n"
                               "{\"a\":5,\"b\":null,\"c\":{\"x\":null}}\n");
    free(found);
    rows_done(&back);
    rows_done(&r);
    gbx__buf_done(&frames);
}

/* ---- dictionaries ---------------------------------------------------------------------------- */

static void dictionaries_go_once(void **state)
{
    gbx__rows_out *out = NULL;
    gbx__pieces pieces = {0};
    gbx__buf frames = {0};
    gbx_error err = {0};
    rows r;
    rows back;
    (void)state;
    rows_make(&r, "a=C{u};b=i;c=S{u}", "[[0,1,1],[null,2,0],[2,3,null]]");
    rows_set_dictionary(&r, 0, "[\"x\",\"y\",\"z\"]");
    rows_set_dictionary(&r, 2, "[\"p\",\"q\"]");
    assert_int_equal(gbx__rows_out_new(&r.schema, &out, &err), GBX_OK);
    assert_false(gbx__rows_out_may_join(out));
    assert_int_equal(gbx__rows_out_schema(out, 0, &pieces, &err), GBX_OK);
    size_t lens[3] = {0};
    for (int i = 0; i < 3; i++) {
        const size_t before = frames.len;
        assert_int_equal(gbx__rows_out_add(out, &r.batch, 0, 3, &err), GBX_OK);
        assert_int_equal(gbx__rows_out_flush(out, 0, &pieces, &err), GBX_OK);
        pieces.len += before;
        for (size_t p = 0; p < pieces.list.len; p++)
            gbx__buf_append(&frames, pieces.list.items[p].iov_base, pieces.list.items[p].iov_len);
        assert_int_equal(frames.len, pieces.len);
        lens[i] = frames.len - before;
        pieces.list.len = 0;
        pieces.len = 0;
    }
    assert_true(lens[0] > lens[1]);
    assert_int_equal(lens[1], lens[2]);
    from_frames(&frames, &back);
    char *found = json_of(&back);
    assert_string_equal(found,
                        "{\"a\":\"x\",\"b\":1,\"c\":\"q\"}\n{\"a\":null,\"b\":2,\"c\":\"p\"}\n"
                        "{\"a\":\"z\",\"b\":3,\"c\":null}\n");
    free(found);
    rows_done(&back);
    rows_done(&r);
    gbx__pieces_done(&pieces);
    gbx__buf_done(&frames);
    gbx__rows_out_free(out);
}

static void what_cannot_be_sent_is_refused(void **state)
{
    static const char *const columns[] = {"a=vu", "a=+ud:0(i=i)"};
    (void)state;
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        gbx__rows_out *out = NULL;
        gbx_error err;
        rows r;
        rows_make(&r, columns[i], "[]");
        assert_int_equal(gbx__rows_out_new(&r.schema, &out, &err), GBX_UNSUPPORTED);
        assert_null(out);
        rows_done(&r);
    }
}

static void a_batch_that_does_not_fit_is_refused(void **state)
{
    gbx__rows_out *out = NULL;
    gbx_error err;
    rows r;
    rows other;
    (void)state;
    rows_make(&r, "a=i", "[[1],[2]]");
    rows_make(&other, "a=+l(item=i)", "[[[1]]]");
    assert_int_equal(gbx__rows_out_new(&r.schema, &out, &err), GBX_OK);
    assert_int_equal(gbx__rows_out_add(out, &r.batch, 1, 2, &err), GBX_INVALID);
    assert_int_equal(gbx__rows_out_add(out, &r.batch, -1, 1, &err), GBX_INVALID);
    assert_int_equal(gbx__rows_out_add(out, &other.batch, 0, 1, &err), GBX_INVALID);
    gbx__rows_out_free(out);
    rows_done(&other);
    rows_done(&r);
}

/* ---- from strangers -------------------------------------------------------------------------- */

static gbx_status take_bytes(gbx__rows_in *in, const char *bytes, size_t len,
                             struct ArrowArray *out, gbx_error *err)
{
    return gbx__rows_in_take(in, gbx__alloc_dup(bytes, len), len, out, err);
}

/* Every byte of a message changed, one at a time: refused, or rows that can be read. */
static void changed_bytes_do_no_harm(void **state)
{
    const int64_t whole[][2] = {{0, 4}};
    gbx__buf frames = {0};
    rows r;
    (void)state;
    rows_make(&r, "a=u;b=+l(item=i);c=C{u}",
              "[[\"abc\",[1,2],0],[null,null,1],[\"\",[3],null],[\"z\",[],0]]");
    rows_set_dictionary(&r, 2, "[\"one\",\"two\"]");
    to_frames(&r, whole, 1, &frames);
    int n_refused = 0;
    for (size_t at = 0; at < frames.len; at++) {
        char *bytes = gbx__alloc_dup(frames.data, frames.len);
        gbx__rows_in *in = gbx__rows_in_new();
        gbx_error err;
        gbx_status status = GBX_OK;
        bytes[at] = (char)(bytes[at] ^ (at % 2 ? 0x80 : 0x01));
        for (size_t from = 0; from < frames.len && status == GBX_OK;) {
            const unsigned char *head = (const unsigned char *)frames.data + from;
            const size_t len = (size_t)head[0] | (size_t)head[1] << 8;
            rows back = {0};
            status = take_bytes(in, bytes + from + 8, len, &back.batch, &err);
            if (status == GBX_OK && back.batch.release) {
                assert_int_equal(
                    gbx__arrow_schema_copy(gbx__rows_in_schema(in), &back.schema, &err), GBX_OK);
                free(json_of(&back));
            }
            rows_done(&back);
            from += 8 + len;
        }
        n_refused += status != GBX_OK;
        gbx__rows_in_free(in);
        gbx__alloc_free(bytes);
    }
    assert_true(n_refused > 200);
    rows_done(&r);
    gbx__buf_done(&frames);
}

static void cut_messages_are_refused(void **state)
{
    const int64_t whole[][2] = {{0, 2}};
    gbx__buf frames = {0};
    rows r;
    (void)state;
    rows_make(&r, "a=i", "[[1],[2]]");
    to_frames(&r, whole, 1, &frames);
    const size_t len = (unsigned char)frames.data[0] | (size_t)(unsigned char)frames.data[1] << 8;
    for (size_t n = 0; n < len; n++) {
        gbx__rows_in *in = gbx__rows_in_new();
        struct ArrowArray array = {0};
        gbx_error err;
        assert_int_equal(take_bytes(in, frames.data + 8, n, &array, &err), GBX_CORRUPT);
        gbx__rows_in_free(in);
    }
    gbx__rows_in *in = gbx__rows_in_new();
    struct ArrowArray array = {0};
    gbx_error err;
    assert_int_equal(take_bytes(in, frames.data + 16 + len, frames.len - len - 16, &array, &err),
                     GBX_CORRUPT); /* rows without a schema */
    gbx__rows_in_free(in);
    gbx__buf_done(&frames);
    rows_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_come_back),
        cmocka_unit_test(many_rows_come_back),
        cmocka_unit_test(offsets_of_arrays_are_kept),
        cmocka_unit_test(dictionaries_go_once),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(a_batch_that_does_not_fit_is_refused),
        cmocka_unit_test(changed_bytes_do_no_harm),
        cmocka_unit_test(cut_messages_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
