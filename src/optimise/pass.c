#include "optimise/pass_priv.h"

#include "base/error.h"

static void *pass_alloc(gbx__pass *p, gbx__arena *arena, size_t count, size_t size)
{
    void *room = p->b.failed ? NULL : gbx__arena_array(arena, count + 1, size);
    return room ? room : gbx__plan_fail(&p->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

void *gbx__pass_array(gbx__pass *p, size_t count, size_t size)
{
    return pass_alloc(p, &p->b.arena, count, size);
}

void *gbx__pass_scratch(gbx__pass *p, size_t count, size_t size)
{
    return pass_alloc(p, &p->scratch, count, size);
}

static bool pass_list(const gbx__node *node, void *ctx)
{
    gbx__pass *p = ctx;
    p->nodes[p->n++] = node;
    return true;
}

gbx_status gbx__pass_begin(gbx__pass *p, gbx_plan *plan, gbx_error *err)
{
    *p = (gbx__pass){.plan = plan};
    gbx__plan_builder_init(&p->b);
    gbx__arena_init(&p->scratch);
    gbx__plan_builder_share(&p->b, plan);
    p->nodes = gbx__pass_scratch(p, plan->next_node, sizeof(*p->nodes));
    p->made = gbx__pass_scratch(p, plan->next_node, sizeof(*p->made));
    p->slots = gbx__pass_scratch(p, plan->next_col, sizeof(*p->slots));
    if (!p->b.failed && gbx__plan_walk(plan->root, pass_list, p)) return GBX_OK;
    gbx__arena_done(&p->scratch);
    gbx__plan_builder_done(&p->b);
    return GBX_FAIL_NOMEM(err);
}

/* A pass that meets a limit (of depth, of ids) leaves the plan as it was: it can do without. */
gbx_status gbx__pass_end(gbx__pass *p, gbx_plan **out, gbx_error *err)
{
    const gbx__node *root = gbx__pass_made(p, p->plan->root);
    gbx_status status = GBX_OK;
    if (p->b.failed == GBX_INVALID || (root == p->plan->root && !p->b.failed)) {
        *out = gbx__plan_ref(p->plan);
    } else {
        status = gbx__plan_finish(&p->b, root, p->plan->text, out, err);
    }
    gbx__arena_done(&p->scratch);
    gbx__plan_builder_done(&p->b);
    return status;
}

void gbx__pass_set(gbx__pass *p, const gbx__node *node, const gbx__node *made)
{
    p->made[node->id] = made;
}

const gbx__node *gbx__pass_made(const gbx__pass *p, const gbx__node *node)
{
    return p->b.failed ? NULL : p->made[node->id];
}

const gbx__node *gbx__pass_again(gbx__pass *p, const gbx__node *node)
{
    const gbx__node **inputs = gbx__pass_scratch(p, node->n_inputs, sizeof(*inputs));
    for (uint32_t i = 0; inputs && i < node->n_inputs; i++) {
        inputs[i] = gbx__pass_made(p, node->inputs[i]);
    }
    return inputs ? gbx__node_with_inputs(&p->b, node, inputs) : NULL;
}

void gbx__pass_look(gbx__pass *p)
{
    p->stamp++;
}

void gbx__pass_see(gbx__pass *p, const gbx__node *input)
{
    for (uint32_t i = 0; input && i < input->n_cols; i++) {
        const gbx__col_id id = input->cols[i].id;
        if (id >= p->plan->next_col) continue; /* made by this pass: nobody knows it */
        p->slots[id] = (gbx__pass_slot){.stamp = p->stamp, .position = i, .input = input};
    }
}

const gbx__pass_slot *gbx__pass_find(const gbx__pass *p, gbx__col_id id)
{
    const bool is_seen = id < p->plan->next_col && p->slots[id].stamp == p->stamp;
    return is_seen ? &p->slots[id] : NULL;
}
