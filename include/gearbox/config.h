/**
 * @file config.h
 * Settings from a file, as the program `gearbox` takes them. The library reads none by itself.
 *
 * @code{.toml}
 *   [defaults]                        # the command line's options, without their dashes
 *   memory = "4GB"
 *   threads = 4
 *   quiet = true
 *
 *   [engines.spark]                   # options of an engine, by its own names
 *   "spark.executor.memory" = "2g"    # in quotes or not:
 *   spark.executor.cores = 2          # the option is "spark.executor.cores"
 * @endcode
 *
 * The form is TOML 1.0 without dates and times. What is wrong in a file is told with line and
 * column in the gbx_error; no message holds a value.
 *
 * Thread safety: a gbx_config never changes; any thread may read it.
 */
#ifndef GBX_CONFIG_H
#define GBX_CONFIG_H

#include "gearbox/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gbx_config gbx_config;

/** How a value stands in the file. */
typedef enum gbx_setting_kind {
    GBX_SETTING_TEXT,
    GBX_SETTING_INTEGER,
    GBX_SETTING_NUMBER,
    GBX_SETTING_SWITCH /**< true or false */
} gbx_setting_kind;

/** Texts live as long as the gbx_config. */
typedef struct gbx_setting {
    size_t struct_size;
    const char *engine; /**< of its table [engines.NAME]; NULL: of [defaults] */
    const char *name;
    const char *value; /**< as text: "4GB", "4", "0.5", "true" */
    gbx_setting_kind kind;
    int32_t line;   /**< where the name stands, 1-based */
    int32_t column; /**< in characters */
} gbx_setting;

#define GBX_SETTING_INIT                                                                           \
    {                                                                                              \
        sizeof(gbx_setting), 0, 0, 0, GBX_SETTING_TEXT, 0, 0                                       \
    }

/**
 * Read a file. Names of [defaults] are not looked at: which there are is the caller's to say.
 * @return GBX_OK; GBX_NOT_FOUND without a file of that name; GBX_PARSE for what is not TOML;
 *         GBX_INVALID for a table or an engine that there is not, a list or table in the place of a
 *         value, a file of more than 1 MiB; GBX_IO; GBX_NOMEM
 */
GBX_API GBX_MUST_USE gbx_status gbx_config_read(const char *path, gbx_config **out, gbx_error *err);
GBX_API void gbx_config_free(gbx_config *config);

/** The settings in the order of the file; those of one engine may stand in several tables. */
GBX_API size_t gbx_config_count(const gbx_config *config);
/**
 * @param[in,out] out  begins as GBX_SETTING_INIT
 * @return GBX_OK; GBX_NOT_FOUND past the last one; GBX_MISUSE
 */
GBX_API GBX_MUST_USE gbx_status gbx_config_get(const gbx_config *config, size_t index,
                                               gbx_setting *out, gbx_error *err);

#ifdef __cplusplus
}
#endif
#endif
