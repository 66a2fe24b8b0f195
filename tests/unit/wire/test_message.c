#include "wire/message.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_status read_one(const char *text, gbx__wire_message *out, gbx_error *err)
{
    return gbx__wire_message_read(text, strlen(text), out, err);
}

static gbx__wire_message good(const char *text)
{
    gbx__wire_message message;
    gbx_error err = {0};
    if (read_one(text, &message, &err) != GBX_OK) fail_msg("%s: %s", text, err.message);
    return message;
}

static void all_types_are_read(void **state)
{
    (void)state;
    gbx__wire_message m =
        good("{\"type\":\"hello\",\"protocol\":1,\"token\":\"t\",\"engine\":\"e\","
             "\"versions\":{\"a\":\"1\"},\"capabilities\":{},\"new\":[1]}");
    assert_int_equal(m.type, GBX_WIRE_HELLO);
    assert_int_equal(m.job, GBX_WIRE_NO_JOB);
    assert_true(gbx__str_is(m.hello.token, "t"));
    assert_true(gbx__str_is(m.hello.engine, "e"));
    gbx__wire_message_done(&m);

    m = good("{\"type\":\"ready\"}");
    assert_int_equal(m.type, GBX_WIRE_READY);
    gbx__wire_message_done(&m);

    m = good("{\"type\":\"prepared\",\"job\":3,\"shown\":\"a plan\"}");
    assert_int_equal(m.job, 3);
    assert_true(gbx__str_is(m.prepared.shown, "a plan"));
    gbx__wire_message_done(&m);

    m = good("{\"type\":\"pull\",\"job\":3,\"stream\":2,\"n\":4}");
    assert_int_equal(m.pull.stream, 2);
    assert_int_equal(m.pull.n, 4);
    gbx__wire_message_done(&m);

    m = good("{\"type\":\"heartbeat\"}");
    assert_int_equal(m.heartbeat.rss_bytes, 0);
    gbx__wire_message_done(&m);

    m = good("{\"type\":\"progress\",\"job\":0,\"fraction\":7}");
    assert_true(m.progress.fraction == 1.0);
    gbx__wire_message_done(&m);

    m = good("{\"type\":\"done\",\"job\":1,\"rows\":10,\"cpu_s\":0.5,\"peak_rss_bytes\":null}");
    assert_int_equal(m.done.rows, 10);
    assert_true(m.done.cpu_s == 0.5);
    gbx__wire_message_done(&m);
}

static void another_version_needs_nothing_else(void **state)
{
    (void)state;
    gbx__wire_message m = good("{\"type\":\"hello\",\"protocol\":2}");
    assert_int_equal(m.hello.protocol, 2);
    gbx__wire_message_done(&m);
}

static void codes_become_statuses(void **state)
{
    static const struct {
        const char *code;
        gbx_status status;
    } cases[] = {
        {"unsupported", GBX_UNSUPPORTED},
        {"invalid", GBX_INVALID},
        {"not_found", GBX_NOT_FOUND},
        {"corrupt", GBX_CORRUPT},
        {"io", GBX_IO},
        {"out_of_memory", GBX_NOMEM},
        {"cancelled", GBX_CANCELLED},
        {"engine", GBX_ENGINE},
        {"protocol", GBX_ENGINE},
        {"ok", GBX_ENGINE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx__buf text = {0};
        gbx__buf_printf(&text, "{\"type\":\"failed\",\"code\":\"%s\",\"message\":\"no\"}",
                        cases[i].code);
        gbx__wire_message m = good(text.data);
        assert_int_equal(m.failed.status, cases[i].status);
        assert_int_equal(m.job, GBX_WIRE_NO_JOB);
        gbx__wire_message_done(&m);
        gbx__buf_done(&text);
    }
}

static void what_is_no_message_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"", "a message that is no JSON"},
        {"{", "a message that is no JSON"},
        {"[]", "a message of no known type: ''"},
        {"{}", "a message of no known type: ''"},
        {"{\"type\":\"prepare\"}", "a message of no known type: 'prepare'"},
        {"{\"type\":\"hello\"}", "the message 'hello' has no proper 'protocol'"},
        {"{\"type\":\"hello\",\"protocol\":1}", "the message 'hello' has no proper 'token'"},
        {"{\"type\":\"prepared\"}", "the message 'prepared' has no proper 'job'"},
        {"{\"type\":\"prepared\",\"job\":-1}", "the message 'prepared' has no proper 'job'"},
        {"{\"type\":\"prepared\",\"job\":18446744073709551615}",
         "the message 'prepared' has no proper 'job'"},
        {"{\"type\":\"pull\",\"job\":1,\"stream\":0,\"n\":1}",
         "the message 'pull' has no proper 'stream'"},
        {"{\"type\":\"pull\",\"job\":1,\"stream\":70000,\"n\":1}",
         "the message 'pull' has no proper 'stream'"},
        {"{\"type\":\"pull\",\"job\":1,\"stream\":1,\"n\":0}",
         "the message 'pull' has no proper 'n'"},
        {"{\"type\":\"pull\",\"job\":1,\"stream\":1,\"n\":1.5}",
         "the message 'pull' has no proper 'n'"},
        {"{\"type\":\"progress\",\"job\":1,\"fraction\":-1}",
         "the message 'progress' has no proper 'fraction'"},
        {"{\"type\":\"done\",\"job\":1,\"rows\":1}", "the message 'done' has no proper 'cpu_s'"},
        {"{\"type\":\"failed\",\"code\":\"io\"}", "the message 'failed' has no proper 'message'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx__wire_message message;
        gbx_error err;
        assert_int_equal(read_one(cases[i][0], &message, &err), GBX_CORRUPT);
        assert_string_equal(err.message, cases[i][1]);
    }
}

static void what_gearbox_says_is_json(void **state)
{
    static const char *const dirs[] = {"/a b", "/\"q\""};
    static const gbx__wire_option options[] = {{"a.b", "1"}, {"\"c\"", "\n"}};
    gbx__wire_configure configure = {.memory_bytes = 1000, .threads = 2, .spill_dir = "/tmp/x"};
    gbx__buf out = {0};
    (void)state;
    gbx__wire_put_configure(&out, &configure);
    assert_string_equal(out.data,
                        "{\"type\":\"configure\",\"memory_bytes\":1000,\"threads\":2,\"spill_dir\":"
                        "\"/tmp/x\",\"allowed_dirs\":null,\"allow_calls\":false,\"options\":{}}");
    gbx__buf_clear(&out);
    configure = (gbx__wire_configure){.allowed_dirs = dirs,
                                      .n_allowed_dirs = 2,
                                      .allow_calls = true,
                                      .options = options,
                                      .n_options = 2};
    gbx__wire_put_configure(&out, &configure);
    assert_string_equal(
        out.data, "{\"type\":\"configure\",\"memory_bytes\":0,\"threads\":0,\"spill_dir\":null,"
                  "\"allowed_dirs\":[\"/a b\",\"/\\\"q\\\"\"],\"allow_calls\":true,"
                  "\"options\":{\"a.b\":\"1\",\"\\\"c\\\"\":\"\\n\"}}");
    gbx__buf_clear(&out);
    gbx__wire_put_job(&out, "run", 7);
    gbx__wire_put_goodbye(&out);
    assert_string_equal(out.data, "{\"type\":\"run\",\"job\":7}{\"type\":\"goodbye\"}");
    gbx__buf_clear(&out);
    gbx__wire_put_start(&out, "/run/s", "6f", "polars");
    assert_string_equal(
        out.data,
        "{\"protocol\":1,\"socket\":\"/run/s\",\"token\":\"6f\",\"engine\":\"polars\"}\n");
    gbx__buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types_are_read),
        cmocka_unit_test(another_version_needs_nothing_else),
        cmocka_unit_test(codes_become_statuses),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(what_gearbox_says_is_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
