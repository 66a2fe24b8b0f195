#include "gearbox/version.h"
#include "base/alloc.h"
#include "base/size.h"
#include "gearbox/frame.h"
#include "gearbox/session.h"

const char *gbx_version(void)
{
    return GBX_VERSION_STRING;
}

gbx_status gbx_parse_bytes(const char *text, int64_t *out_bytes, gbx_error *err)
{
    if (!text || !out_bytes) return GBX_FAIL(err, GBX_MISUSE, "gbx_parse_bytes: NULL");
    return gbx__parse_bytes(gbx__str_of(text), out_bytes, err);
}

gbx_status gbx_parse_duration_ms(const char *text, int64_t *out_ms, gbx_error *err)
{
    if (!text || !out_ms) return GBX_FAIL(err, GBX_MISUSE, "gbx_parse_duration_ms: NULL");
    return gbx__parse_duration_ms(gbx__str_of(text), out_ms, err);
}

void gbx_text_free(char *text)
{
    gbx__alloc_free(text);
}
