/*
 * The texts of a frame's steps from a stranger. The first byte says which step; whatever the text
 * is, it stays inside its clause: a filter and a sort keep the columns, and nothing but the step
 * itself sorts, limits or unites rows.
 */
#include "support/fuzz.h"

#include "exec/exec_priv.h"
#include "gearbox/gearbox.h"

#include <string.h>

static const char csv[] = "a,b,c,d\n1,x,1.5,2013-01-01\n2,y,2.5,2013-01-02\n";

static gbx_session *session;
static gbx_frame *frame;

static void session_done(void)
{
    gbx_frame_free(frame);
    gbx_session_close(session);
}

static void session_make(void)
{
    gbx_error err;
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    gbx_policy policy = GBX_POLICY_INIT;
    const char *readable[] = {fuzz_dir()};
    fuzz_write("t.csv", (const uint8_t *)csv, sizeof(csv) - 1);
    options.threads = 1;
    options.memory_bytes = INT64_C(600000000);
    must(gbx_session_open(&options, &session, &err) == GBX_OK);
    policy.readable = readable;
    policy.n_readable = 1;
    must(gbx_session_restrict(session, &policy, &err) == GBX_OK);
    must(gbx_scan(session, "t.csv", &frame, &err) == GBX_OK);
    must(atexit(session_done) == 0);
}

/* What stands at the top, below projections. */
static gbx__node_kind top_of(const gbx_frame *f)
{
    const gbx__node *node = f->body->plan->root;
    while (node->kind == GBX_NODE_PROJECT && node->n_inputs == 1) node = node->inputs[0];
    return node->kind;
}

static bool same_columns(const gbx_frame *a, const gbx_frame *b)
{
    const gbx__node *x = a->body->plan->root;
    const gbx__node *y = b->body->plan->root;
    if (x->n_cols != y->n_cols) return false;
    for (uint32_t i = 0; i < x->n_cols; i++) {
        if (!gbx__str_equal(x->cols[i].name, y->cols[i].name)) return false;
        if (!gbx__type_equal(x->cols[i].type, y->cols[i].type)) return false;
    }
    return true;
}

static bool is_of_another_clause(gbx__node_kind kind)
{
    return kind == GBX_NODE_LIMIT || kind == GBX_NODE_TOPN || kind == GBX_NODE_SETOP ||
           kind == GBX_NODE_SINK;
}

static void check(char step, const gbx_frame *out)
{
    const gbx__node_kind top = top_of(out);
    must(!is_of_another_clause(top));
    if (step != 's' && step != 'd') must(top != GBX_NODE_SORT);
    if (step == 'f' || step == 's' || step == 'd') must(same_columns(frame, out));
    if (step == 'w' || step == 'p') {
        must(out->body->plan->root->n_cols >= frame->body->plan->root->n_cols);
    }
    fuzz_use_plan(out->body->plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx_frame *out = NULL;
    gbx_status status = GBX_OK;
    if (!session) session_make();
    if (size < 1 || size > 4096) return 0;
    char *text = malloc(size);
    must(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0]) {
    case 'f': status = gbx_frame_filter(frame, text, &out, &err); break;
    case 'c': status = gbx_frame_select(frame, text, &out, &err); break;
    case 'p': status = gbx_frame_with_columns(frame, text, &out, &err); break;
    case 'g': status = gbx_frame_group_by(frame, text, "count(*) AS n", &out, &err); break;
    case 'a': status = gbx_frame_group_by(frame, "a", text, &out, &err); break;
    case 's': status = gbx_frame_sort(frame, text, &out, &err); break;
    case 'd': status = gbx_frame_distinct(frame, text, &out, &err); break;
    case 'w': status = gbx_frame_window(frame, text, &out, &err); break;
    case 'j': status = gbx_frame_join(frame, frame, GBX_JOIN_KIND_LEFT, text, &out, &err); break;
    case 'u': status = gbx_frame_unpivot(frame, text, "k", "v", &out, &err); break;
    case 'v': status = gbx_frame_pivot(frame, "b", text, "sum(a)", "d", &out, &err); break;
    default: break;
    }
    if (status != GBX_OK) {
        must_tell(status, &err);
        must(err.line == 0 || (err.offset >= 0 && (size_t)err.offset < size));
    } else if (out && out->body->plan) {
        check((char)data[0], out);
    }
    gbx_frame_free(out);
    free(text);
    return 0;
}
