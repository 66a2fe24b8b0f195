/*
 * Texts in and out: a query's text, a small file, JSON and terminal escapes.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "gearbox/gearbox.h"

#include <stdio.h>

/* A whole file, or stdin for NULL, NUL-terminated; freed with free(). INVALID past 64 MiB, PARSE
 * when the text holds a NUL byte (with its place), CANCELLED when a signal came. */
gbx_status text_read(const char *path, char **out, gbx_error *err);

/* A file that appears whole or not at all; what is there and no regular file is written to. */
gbx_status text_write(const char *path, const char *text, gbx_error *err);

/* "text", quoted and escaped. */
void text_json(FILE *out, const char *text);
/* Without control bytes: they would move the cursor. */
void text_printable(FILE *out, const char *text, size_t len);

#endif
