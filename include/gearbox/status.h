/**
 * @file status.h
 * What a call answers: one code from one list, and a caller-owned detail.
 *
 * Every function that can fail returns a gbx_status and takes a `gbx_error *err` as its last
 * argument. The code is for programs to branch on; the message is one line for people. The detail
 * lives in the caller's struct: reporting never allocates, nothing has to be freed, NULL is fine.
 *
 * Ownership, for the whole library: pointers in are borrowed for the call; `out` pointers are the
 * caller's; returned `const` pointers live as long as the object they came from. On failure the
 * outputs are untouched and nothing was taken. Every free, unref and close accepts NULL.
 *
 * Thread safety: plain values; share them as you would an int.
 */
#ifndef GBX_STATUS_H
#define GBX_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GBX_API __attribute__((visibility("default")))
#define GBX_MUST_USE __attribute__((warn_unused_result))
#else
#define GBX_API
#define GBX_MUST_USE
#endif

/**
 * The one list: X(name, number, exit code of the command line, name as text, meaning).
 * Numbers never change; new codes are added at the end.
 */
#define GBX_STATUS_LIST(X)                                                                         \
    X(OK, 0, 0, "ok", "done")                                                                      \
    X(NOMEM, 1, 6, "out-of-memory", "the memory limit, or the machine's memory, was reached")      \
    X(INVALID, 2, 3, "invalid", "an input or a plan is not valid")                                 \
    X(MISUSE, 3, 2, "misuse", "the call or the command line is wrong")                             \
    X(NOT_FOUND, 4, 4, "not-found", "a file, table, column, function or engine does not exist")    \
    X(EXISTS, 5, 8, "exists", "the thing to be made is already there")                             \
    X(UNSUPPORTED, 6, 3, "unsupported", "valid, but not something the plan or engine can hold")    \
    X(PARSE, 7, 3, "parse", "a text does not follow its grammar")                                  \
    X(BIND, 8, 3, "bind", "a name or a type in a query does not fit")                              \
    X(IO, 9, 3, "io", "the operating system refused to read or write")                             \
    X(CORRUPT, 10, 3, "corrupt", "the bytes of an input are damaged")                              \
    X(CONFLICT, 11, 8, "conflict", "another writer was faster")                                    \
    X(CANCELLED, 12, 7, "cancelled", "the caller asked to stop")                                   \
    X(TIMEOUT, 13, 7, "timeout", "the time limit was reached")                                     \
    X(ENGINE, 14, 5, "engine", "an engine failed for a reason of its own")                         \
    X(INTERNAL, 15, 5, "internal", "a promise inside Gearbox does not hold: please report it")     \
    X(DENIED, 16, 3, "denied", "the session's access policy forbids it")

typedef enum gbx_status {
#define GBX_STATUS_ENUM(name, number, exit_code, text, meaning) GBX_##name = number,
    GBX_STATUS_LIST(GBX_STATUS_ENUM)
#undef GBX_STATUS_ENUM
} gbx_status;

/** Bytes of gbx_error.message, the terminating NUL included. */
#define GBX_ERROR_MESSAGE_SIZE 476

/**
 * Detail of a failure. Filled only when a call fails; a caller need not clear it before.
 */
typedef struct gbx_error {
    gbx_status status;   /**< the code that the call returned */
    int32_t native_code; /**< errno or the engine's own code, 0 when there is none */
    int32_t line;        /**< 1-based line in the query or file, 0 when unknown */
    int32_t column;      /**< 1-based column, counted in UTF-8 characters, 0 when unknown */
    int64_t offset;      /**< 0-based byte offset in the query, -1 when unknown */
    int64_t reserved;
    char message[GBX_ERROR_MESSAGE_SIZE]; /**< one line of UTF-8: what is wrong, where, a way out */
} gbx_error;

/** The short name of a status ("not-found"); "unknown" for a number outside the list. */
GBX_API const char *gbx_status_name(gbx_status status);

/** What a status means, as one clause without a full stop. */
GBX_API const char *gbx_status_meaning(gbx_status status);

/** The exit code that the command line gives for a status. */
GBX_API int gbx_status_exit_code(gbx_status status);

#ifdef __cplusplus
}
#endif
#endif
