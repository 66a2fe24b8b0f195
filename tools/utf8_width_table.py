#!/usr/bin/env python3
"""Writes src/base/utf8_width_priv.h from Python's Unicode data: tools/utf8_width_table.py > FILE."""

import sys
import unicodedata

NARROW_FORMAT = {0xAD}  # the soft hyphen takes a column where it is shown


def is_zero(c):
    if 0x1160 <= c <= 0x11FF or 0xD7B0 <= c <= 0xD7FF:  # jamo that join the one before
        return True
    return unicodedata.category(chr(c)) in ("Mn", "Me", "Cf") and c not in NARROW_FORMAT


def is_double(c):
    return unicodedata.east_asian_width(chr(c)) in ("W", "F") and not is_zero(c)


def ranges(test):
    first = None
    for c in range(0x300, 0x110001):
        inside = c < 0x110000 and test(c)
        if inside and first is None:
            first = c
        if not inside and first is not None:
            yield first, c - 1
            first = None


def table(name, test):
    print(f"\n/* clang-format off */\nstatic const utf8_range {name}[] = {{")
    line = "   "
    for first, last in ranges(test):
        item = f" {{0x{first:04X}, 0x{last:04X}}},"
        if len(line) + len(item) > 100:
            print(line)
            line = "   "
        line += item
    print(line)
    print("};\n/* clang-format on */")


def main():
    print(f"""/*
 * Columns of a terminal, Unicode {unicodedata.unidata_version}. Made by tools/utf8_width_table.py; change that.
 */
#ifndef GBX_BASE_UTF8_WIDTH_PRIV_H
#define GBX_BASE_UTF8_WIDTH_PRIV_H

#include <stdint.h>

typedef struct utf8_range {{
    uint32_t first, last; /* both inside */
}} utf8_range;""")
    table("utf8_zero_width", is_zero)
    table("utf8_double_width", is_double)
    print("\n#endif")


if __name__ == "__main__":
    sys.exit(main())
