#include "text.h"

#include "interrupt.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_QUERY_BYTES ((size_t)64 << 20)

/* Reads to the end; *text grows as needed. */
static gbx_status read_all(int fd, const char *name, char **text, size_t *len, gbx_error *err)
{
    size_t capacity = 0;
    for (;;) {
        if (*len + 1 >= capacity) {
            capacity = capacity ? capacity * 2 : 4096;
            char *grown = realloc(*text, capacity);
            if (!grown) return fail(err, GBX_NOMEM, "out of memory");
            *text = grown;
        }
        const ssize_t n = read(fd, *text + *len, capacity - *len - 1);
        if (interrupt_seen()) return fail(err, GBX_CANCELLED, "cancelled");
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(err, "read", name);
        if (n == 0) break;
        *len += (size_t)n;
        if (*len > MAX_QUERY_BYTES) {
            return fail(err, GBX_INVALID, "'%s' is longer than a query may be (64 MiB)", name);
        }
    }
    (*text)[*len] = '\0';
    return GBX_OK;
}

/* A NUL would silently end the query. */
static gbx_status refuse_nul(const char *text, size_t len, gbx_error *err)
{
    const size_t offset = strlen(text);
    if (offset == len) return GBX_OK;
    fail(err, GBX_PARSE, "a NUL byte, which no query can hold: remove it");
    err->offset = (int64_t)offset;
    err->line = err->column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            err->line++;
            err->column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            err->column++;
        }
    }
    return GBX_PARSE;
}

gbx_status text_read(const char *path, char **out, gbx_error *err)
{
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : 0;
    if (fd < 0) return fail_errno(err, "read", path);
    char *text = NULL;
    size_t len = 0;
    gbx_status status = read_all(fd, path ? path : "stdin", &text, &len, err);
    if (path) close(fd);
    if (status == GBX_OK) status = refuse_nul(text, len, err);
    if (status == GBX_OK) {
        *out = text;
    } else {
        free(text);
    }
    return status;
}

static gbx_status write_all(int fd, const char *path, const char *text, gbx_error *err)
{
    size_t left = strlen(text);
    while (left > 0) {
        const ssize_t n = write(fd, text, left);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(err, "write", path);
        text += n;
        left -= (size_t)n;
    }
    return GBX_OK;
}

static gbx_status write_straight(const char *path, const char *text, gbx_error *err)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return fail_errno(err, "write", path);
    const gbx_status status = write_all(fd, path, text, err);
    close(fd);
    return status;
}

/* mkstemp's mode is 0600; a new file should get what the umask leaves. */
static mode_t mode_of_new_file(void)
{
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* The open descriptor that a path stands for (/dev/stdout, /dev/fd/3), or -1. Behind such a name
 * may be a plain file, which is to be continued, and never to be replaced. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
    for (size_t i = 0; i < 2; i++) {
        const size_t len = strlen(folders[i]);
        char *end = NULL;
        if (strncmp(path, folders[i], len) != 0) continue;
        const long fd = strtol(path + len, &end, 10);
        if (end > path + len && *end == '\0' && fd >= 0 && fd <= INT_MAX) return (int)fd;
    }
    return -1;
}

static gbx_status write_beside(const char *path, const char *text, gbx_error *err)
{
    char *temp = NULL;
    if (asprintf(&temp, "%s.XXXXXX", path) < 0) return fail(err, GBX_NOMEM, "out of memory");
    const int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0) {
        fail_errno(err, "write", path);
        free(temp);
        return err->status;
    }
    gbx_status status = write_all(fd, path, text, err);
    if (status == GBX_OK && fchmod(fd, mode_of_new_file()) != 0) {
        status = fail_errno(err, "write", path);
    }
    if (close(fd) != 0 && status == GBX_OK) status = fail_errno(err, "write", path);
    if (status == GBX_OK && rename(temp, path) != 0) status = fail_errno(err, "write", path);
    if (status != GBX_OK) unlink(temp);
    free(temp);
    return status;
}

gbx_status text_write(const char *path, const char *text, gbx_error *err)
{
    struct stat info;
    const int fd = descriptor_of(path);
    if (fd >= 0) {
        fflush(NULL); /* what was printed before comes before */
        return write_all(fd, path, text, err);
    }
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) return write_straight(path, text, err);
    char *target = realpath(path, NULL); /* a link stays, its file is replaced */
    const gbx_status status = write_beside(target ? target : path, text, err);
    free(target);
    return status;
}

void text_json(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *p = text; *p != '\0'; p++) {
        const unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7F) {
            fprintf(out, "\\u%04x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

void text_printable(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        const bool is_c1 = c == 0xC2 && i + 1 < len && (unsigned char)text[i + 1] < 0xA0;
        if (is_c1) i++;
        fputc(is_c1 || c == 0x7F || (c < 0x20 && c != '\t') ? ' ' : c, out);
    }
}
