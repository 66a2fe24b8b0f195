/*
 * Which texts are too much for a parser: each limit, met and passed by one.
 */
#include "sql/text_limits.h"

#include "base/alloc.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* before, n times what repeats, after */
typedef struct form {
    const char *before, *repeat, *after;
    size_t limit;     /* of repetitions that fit */
    const char *what; /* in the excess */
} form;

static char *form_text(const form *f, size_t n)
{
    gbx__buf text = {0};
    gbx__buf_puts(&text, f->before);
    for (size_t i = 0; i < n; i++) gbx__buf_puts(&text, f->repeat);
    gbx__buf_puts(&text, f->after);
    assert_false(text.failed);
    return gbx__buf_take(&text);
}

static bool form_fits(const form *f, size_t n, gbx__text_excess *excess)
{
    char *text = form_text(f, n);
    const bool fits = gbx__text_fits(gbx__str_of(text), excess);
    gbx__alloc_free(text);
    return fits;
}

static void test_limits(void **state)
{
    static const form forms[] = {
        {"SELECT 1", " + 1", "", (GBX_LIMIT_TOKENS - 2) / 2, "words, values and signs"},
        {"SELECT ", "(", "1", GBX_LIMIT_DEPTH, "parentheses"},
        {"SELECT ", "CASE WHEN ", "1", GBX_LIMIT_DEPTH, "parentheses"},
        {"SELECT ", "[", "1", GBX_LIMIT_LIST_DEPTH, "lists and structs"},
        {"SELECT ", "{'a': ", "1", GBX_LIMIT_LIST_DEPTH, "lists and structs"},
        {"SELECT ", "f([1], LAMBDA x: ", "1", GBX_LIMIT_LAMBDA_DEPTH, "lambdas"},
        {"FROM a", " JOIN b", "", GBX_LIMIT_JOINS, "joins"},
        {"FROM a", ", b", "", GBX_LIMIT_JOINS, "joins"},
        {"FROM a", " LEFT JOIN (b CROSS JOIN c) ON true", "", GBX_LIMIT_JOINS / 2, "joins"},
        {"FROM (a", ", b", ")", GBX_LIMIT_JOINS, "joins"},
        {"FROM a WHERE x IN (SELECT 1 FROM b", " JOIN c", ")", GBX_LIMIT_JOINS, "joins"},
        {"FROM a", " CROSS JOIN LATERAL b(x)", "", GBX_LIMIT_LATERALS, "LATERAL"},
        {"SELECT 1", " + (SELECT 1)", "", GBX_LIMIT_SUBQUERIES, "subqueries"},
        {"SELECT 1", " + (FROM t)", "", GBX_LIMIT_SUBQUERIES, "subqueries"},
        {"SELECT 1", " UNION SELECT 1", "", GBX_LIMIT_UNIONS, "UNIONs"},
        {"(SELECT 1)", " UNION ALL (SELECT 1)", "", GBX_LIMIT_UNIONS, "UNIONs"},
        {"SELECT 1", " EXCEPT SELECT 1", "", GBX_LIMIT_EXCEPTS, "EXCEPTs"},
        {"SELECT 1", " INTERSECT SELECT 1", "", GBX_LIMIT_EXCEPTS, "EXCEPTs"},
        {"FROM t GROUP BY 1", ", 1", "", GBX_LIMIT_KEYS - 1, "keys"},
        {"FROM t ORDER BY 1", ", 1", "", GBX_LIMIT_KEYS - 1, "keys"},
        {"SELECT a", ".b", "", GBX_LIMIT_DOTS, "dots"},
        {"SELECT ", "x", " FROM t", GBX_LIMIT_NAME_BYTES, "bytes in one name"},
        {"SELECT \"", "x", "\" FROM t", GBX_LIMIT_NAME_BYTES - 2, "bytes in one name"},
        {"SELECT ", "1", " FROM t", GBX_LIMIT_NUMBER_BYTES, "digits"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const form *f = &forms[i];
        gbx__text_excess excess = {0};
        if (!form_fits(f, f->limit, &excess))
            fail_msg("%s%s at %zu: %s", f->before, f->repeat, excess.offset, excess.what);
        if (form_fits(f, f->limit + 1, &excess)) fail_msg("%s%s fits", f->before, f->repeat);
        if (!strstr(excess.what, f->what)) fail_msg("%s: %s", f->repeat, excess.what);
        assert_true(excess.limit > 0 && strlen(excess.advice) > 0);
    }
}

/* Much of what looks like it, and is not. */
static void test_what_fits(void **state)
{
    static const form forms[] = {
        {"SELECT '", "(", "'", 1000000, NULL},
        {"SELECT $$", "[", "$$", 1000000, NULL},
        {"SELECT 1 /* ", "((", " */", 1000000, NULL},
        {"SELECT 1 -- ", "CASE ", "", 1000000, NULL},
        {"SELECT 1", "\n", "", 1000000, NULL},
        {"SELECT 1", ", (1)", "", 4000, NULL},
        {"SELECT 1", ", CASE WHEN a THEN b END", "", 2500, NULL},
        {"SELECT a", ", a IS DISTINCT FROM b", "", 3000, NULL},
        {"SELECT a", ", t.a", " FROM t", 4000, NULL},
        {"SELECT a", ", a AS \"from\", b AS case", " FROM t", 2000, NULL},
        {"SELECT 1", ", * EXCEPT (a)", " FROM t", 3000, NULL},
        {"SELECT 1", ", f(lambda x: x)", "", 2000, NULL},
        {"SELECT 1", ", sum(a) OVER (ORDER BY b, c)", " FROM t", 1000, NULL},
        {"FROM a JOIN b ON a.x IN (1", ", 1", ")", 9000, NULL},
        {"FROM (PIVOT t ON a IN (1", ", 1", ") USING sum(c))", 9000, NULL},
        {"FROM f(1", ", 1", ")", 9000, NULL},
        {"FROM a JOIN b WHERE x IN (1", ", 1", ")", 9000, NULL},
        {"SELECT ((", "'", "", 101, NULL}, /* no end: the parser's to say */
        {"SELECT 1", ")", "", 1000, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        gbx__text_excess excess = {0};
        if (!form_fits(&forms[i], forms[i].limit, &excess))
            fail_msg("%s%s: %s", forms[i].before, forms[i].repeat, excess.what);
    }
}

static void test_place(void **state)
{
    gbx__text_excess excess = {0};
    const form f = {"SELECT\n  1, ", "[", "1", 0, NULL};
    (void)state;
    assert_false(form_fits(&f, 10000, &excess));
    assert_int_equal(excess.offset, 12 + GBX_LIMIT_LIST_DEPTH);
    assert_int_equal(excess.limit, GBX_LIMIT_LIST_DEPTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_what_fits),
        cmocka_unit_test(test_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
