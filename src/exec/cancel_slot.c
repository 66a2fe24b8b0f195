#include "base/alloc.h"
#include "exec/exec_priv.h"

gbx__cancel_slot *gbx__cancel_slot_take(gbx__cancel_slots *slots)
{
    for (gbx__cancel_slot *slot = atomic_load(&slots->head); slot; slot = slot->next) {
        bool is_free = false;
        if (atomic_compare_exchange_strong(&slot->is_taken, &is_free, true)) {
            /* Not init: a handler may look at it right now. */
            atomic_store(&slot->token.requested, false);
            atomic_store(&slot->token.deadline_mono_ns, 0);
            return slot;
        }
    }
    gbx__cancel_slot *slot = gbx__alloc_zero(sizeof(*slot));
    if (!slot) return NULL;
    gbx__cancel_init(&slot->token);
    atomic_init(&slot->is_taken, true);
    slot->next = atomic_load(&slots->head);
    while (!atomic_compare_exchange_weak(&slots->head, &slot->next, slot)) continue;
    return slot;
}

void gbx__cancel_slot_give(gbx__cancel_slot *slot)
{
    if (slot) atomic_store(&slot->is_taken, false);
}

void gbx__cancel_slots_request(gbx__cancel_slots *slots)
{
    for (gbx__cancel_slot *slot = atomic_load(&slots->head); slot; slot = slot->next) {
        if (atomic_load(&slot->is_taken)) gbx__cancel_request(&slot->token);
    }
}

void gbx__cancel_slots_done(gbx__cancel_slots *slots)
{
    gbx__cancel_slot *slot = atomic_load(&slots->head);
    while (slot) {
        gbx__cancel_slot *next = slot->next;
        gbx__alloc_free(slot);
        slot = next;
    }
}
