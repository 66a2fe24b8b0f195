#include "base/near.h"

#define NEAR_NAME_MAX 255

static char near_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t gbx__near_distance(gbx__str a, gbx__str b)
{
    size_t row[NEAR_NAME_MAX + 1];
    if (a.len > NEAR_NAME_MAX || b.len > NEAR_NAME_MAX) return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++) row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            const bool same = near_lower(a.ptr[i - 1]) == near_lower(b.ptr[j - 1]);
            const size_t changed = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.len];
}

size_t gbx__near_limit(gbx__str typed)
{
    return typed.len / 3 < 1 ? 1 : typed.len / 3;
}

const char *gbx__near(gbx__str typed, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t best_distance = gbx__near_limit(typed) + 1;
    for (size_t i = 0; i < n; i++) {
        const size_t distance = gbx__near_distance(typed, gbx__str_of(names[i]));
        if (distance >= best_distance) continue;
        best = names[i];
        best_distance = distance;
    }
    return best;
}
