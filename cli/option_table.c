#include "option_table.h"

/* A row reads best as one thought a line. */
/* clang-format off */
static const option opt_engine = {
    .name = "engine", .letter = 'e', .value = "NAME", .variable = "GEARBOX_ENGINE",
    .help = "the engine that runs it, or auto", .set = set_engine};
static const option opt_engines = {
    .name = "engines", .value = "NAMES",
    .help = "engines to compare, the first is the reference, such as duckdb,polars (all)",
    .set = set_engines};
static const option opt_tolerance = {
    .name = "tolerance", .value = "X",
    .help = "how far floats may differ, relative (1e-9)", .may_be_number = true,
    .set = set_tolerance};
static const option opt_memory = {
    .name = "memory", .value = "SIZE", .variable = "GEARBOX_MEMORY",
    .help = "limit of the memory of everything together, such as 4GB", .may_be_number = true,
    .set = set_memory};
static const option opt_threads = {
    .name = "threads", .value = "N", .variable = "GEARBOX_THREADS",
    .help = "how many threads to use", .may_be_number = true, .set = set_threads};
static const option opt_timeout = {
    .name = "timeout", .value = "TIME", .variable = "GEARBOX_TIMEOUT",
    .help = "end the query after this time, such as 30s", .may_be_number = true,
    .set = set_timeout};
static const option opt_engine_option = {
    .name = "engine-option", .value = "KEY=VALUE",
    .help = "an option of the engine itself, or ENGINE:KEY=VALUE; may come more than once",
    .set = set_engine_option};
static const option opt_param = {
    .name = "param", .value = "NAME=VALUE",
    .help = "the value of $NAME in the query; may come more than once", .set = set_param};
static const option opt_table = {
    .name = "table", .value = "NAME=PATH",
    .help = "a name for a file, glob or folder; may come more than once", .set = set_table};
static const option opt_format = {
    .name = "format", .value = "FORMAT", .variable = "GEARBOX_FORMAT",
    .choices = "table csv json jsonl arrow parquet",
    .help = "table, csv, json, jsonl, arrow or parquet (table on a terminal, else csv)",
    .set = set_format};
static const option opt_output = {
    .name = "output", .letter = 'o', .value = "PATH",
    .help = "write to a file, its format by its ending; - is stdout", .set = set_output};
static const option opt_file = {
    .name = "file", .letter = 'f', .value = "FILE",
    .help = "read the query from a file", .set = set_file};
static const option opt_no_opaque = {
    .name = "no-opaque", .help = "refuse what the plan can't hold", .set = set_no_opaque};
static const option opt_no_cache = {
    .name = "no-cache", .help = "compute, do not take a stored result", .set = set_accepted};
static const option opt_no_fallback = {
    .name = "no-fallback", .help = "fail when the chosen engine fails", .set = set_accepted};
static const option opt_verify = {
    .name = "verify", .value = "FRACTION", .variable = "GEARBOX_VERIFY",
    .help = "run this share of jobs on a second engine too, and warn where they differ",
    .may_be_number = true, .set = set_verify};
static const option opt_stats = {
    .name = "stats", .value = "PATH",
    .help = "write the run's figures to a file, as JSON", .set = set_stats};
static const option opt_sql = {
    .name = "sql", .help = "only the SQL that the engine gets", .set = set_sql_only};
static const option opt_quiet = {
    .name = "quiet", .letter = 'q', .help = "no notes and no progress bar", .set = set_quiet};
static const option opt_json = {
    .name = "json", .help = "JSON for machines, failures too", .set = set_json};
static const option opt_help = {
    .name = "help", .letter = 'h', .help = "show this", .set = set_help};
static const option opt_print = {
    .name = "print", .value = "WHAT", .choices = "man bash zsh fish",
    .help = "a manual page or a shell's completions, made from the tables", .set = set_print};

/* clang-format on */

const option *const sql_options[] = {&opt_file,
                                     &opt_table,
                                     &opt_param,
                                     &opt_format,
                                     &opt_output,
                                     &opt_engine,
                                     &opt_engine_option,
                                     &opt_memory,
                                     &opt_threads,
                                     &opt_timeout,
                                     &opt_stats,
                                     &opt_json,
                                     &opt_quiet,
                                     &opt_no_opaque,
                                     &opt_no_cache,
                                     &opt_no_fallback,
                                     &opt_verify,
                                     &opt_help,
                                     NULL};

const option *const explain_options[] = {
    &opt_file,      &opt_table,   &opt_param, &opt_engine, &opt_engine_option,
    &opt_memory,    &opt_threads, &opt_sql,   &opt_json,   &opt_quiet,
    &opt_no_opaque, &opt_help,    NULL};

const option *const verify_options[] = {&opt_engines,   &opt_engine_option,
                                        &opt_file,      &opt_table,
                                        &opt_param,     &opt_memory,
                                        &opt_threads,   &opt_timeout,
                                        &opt_tolerance, &opt_no_opaque,
                                        &opt_json,      &opt_quiet,
                                        &opt_help,      NULL};

const option *const engines_options[] = {&opt_json, &opt_quiet, &opt_help, NULL};

const option *const help_options[] = {&opt_print, &opt_json, &opt_quiet, &opt_help, NULL};

const option *const file_options[] = {&opt_engine,   &opt_engines,     &opt_format,    &opt_memory,
                                      &opt_no_cache, &opt_no_fallback, &opt_no_opaque, &opt_quiet,
                                      &opt_threads,  &opt_timeout,     &opt_tolerance, &opt_verify,
                                      NULL};
