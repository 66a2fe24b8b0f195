/**
 * @file compare.h
 * One question on several engines: do they agree?
 *
 *   frames (of sessions with different engines) ─→ gbx_frames_compare ─→ gbx_comparison
 *        ├─ gbx_comparison_outcome      of each: its verdict, rows, time
 *        └─ gbx_comparison_differences  of each: the rows that differ, as a frame
 *
 * Rows are compared as multisets, by value and type: NULL equals NULL, NaN equals NaN, floats
 * within a relative tolerance; order counts where the plan orders, up to ties and up to its first
 * floating or hidden key. The first frame is the reference.
 *
 * Results are kept in files in the reference session's temp_dir until gbx_comparison_free, and
 * compared by the embedded engine within the reference session's memory limit.
 *
 * Ownership: a comparison needs none of its frames any more; its difference frames need it.
 * Thread safety: one thread at a time.
 */
#ifndef GBX_COMPARE_H
#define GBX_COMPARE_H

#include "gearbox/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gbx_comparison gbx_comparison;

/** Zero means the default. */
typedef struct gbx_compare_options {
    size_t struct_size;
    double tolerance;         /**< relative, of floats; 0: 1e-9 */
    int64_t timeout_ms;       /**< of each engine; 0: none */
    const gbx_params *params; /**< values of $names that were not given with the text */
} gbx_compare_options;

#define GBX_COMPARE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(gbx_compare_options), 0, 0, 0                                                       \
    }

typedef enum gbx_verdict {
    GBX_VERDICT_EQUAL,      /**< the reference's rows; or both fail for the same reason */
    GBX_VERDICT_DIFFERENT,  /**< other rows, other types, or one of the two fails */
    GBX_VERDICT_LOOSE,      /**< other rows, as the question allows: LIMIT without an order … */
    GBX_VERDICT_UNSUPPORTED /**< the engine is not here, or says that it can't */
} gbx_verdict;

typedef struct gbx_outcome {
    size_t struct_size;
    const char *engine;
    gbx_verdict verdict;
    gbx_status status;   /**< of the run */
    const char *message; /**< why it failed or differs, one line; NULL: nothing to say */
    int64_t rows;
    int64_t differing; /**< rows on either side without an equal one on the other */
    double wall_s;
    double cpu_s;
} gbx_outcome;

#define GBX_OUTCOME_INIT                                                                           \
    {                                                                                              \
        sizeof(gbx_outcome), 0, GBX_VERDICT_EQUAL, GBX_OK, 0, 0, 0, 0, 0                           \
    }

/** "equal", "different", "loose", "unsupported". */
GBX_API const char *gbx_verdict_name(gbx_verdict verdict);

/**
 * Run every frame to its end, one after the other, and compare each with the first. That an engine
 * fails is its outcome, not a failure of the call.
 * @param[in] n  at least 2
 * @return GBX_OK; GBX_CANCELLED, GBX_TIMEOUT when a run was ended; GBX_NOMEM, GBX_IO … when the
 *         comparison itself fails; GBX_MISUSE
 */
GBX_API GBX_MUST_USE gbx_status gbx_frames_compare(size_t n, const gbx_frame *const *frames,
                                                   const gbx_compare_options *options,
                                                   gbx_comparison **out, gbx_error *err);

/** @param[in,out] out  begins as GBX_OUTCOME_INIT; its texts live as long as the comparison */
GBX_API void gbx_comparison_outcome(const gbx_comparison *comparison, size_t index,
                                    gbx_outcome *out);
/** Is every outcome EQUAL, LOOSE or UNSUPPORTED? */
GBX_API bool gbx_comparison_agrees(const gbx_comparison *comparison);
/** "exact", "ordered up to ties" or "loose: why". */
GBX_API const char *gbx_comparison_determinism(const gbx_comparison *comparison);

/**
 * The rows of frame `index` and of the reference that have no equal on the other side, pairs beside
 * each other: a column "engine", then the question's columns. GBX_NOT_FOUND when there are none.
 */
GBX_API GBX_MUST_USE gbx_status gbx_comparison_differences(const gbx_comparison *comparison,
                                                           size_t index, gbx_frame **out,
                                                           gbx_error *err);
GBX_API void gbx_comparison_free(gbx_comparison *comparison);

#ifdef __cplusplus
}
#endif
#endif
