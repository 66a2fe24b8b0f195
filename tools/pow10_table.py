#!/usr/bin/env python3
"""Prints src/base/pow10_priv.h: powers of ten as 128-bit fractions, for shortest float text.

    pow10_table.py > src/base/pow10_priv.h

Entry k is 10**k scaled by a power of two into [2**127, 2**128), rounded up.
"""
MIN, MAX = -292, 324


def entry(k):
    if k >= 0:
        shift = (10 ** k).bit_length() - 128
        value = 10 ** k << -shift if shift <= 0 else -(-(10 ** k) >> shift)
    else:
        ten = 10 ** -k
        shift = ten.bit_length() + 127
        if (1 << shift) // ten >= 1 << 128:
            shift -= 1
        value = -(-(1 << shift) // ten)
    assert value.bit_length() == 128
    return f'{{0x{value >> 64:016x}, 0x{value & (1 << 64) - 1:016x}}}'


entries = [entry(k) for k in range(MIN, MAX + 1)]
print('/* Made by tools/pow10_table.py: do not edit. */')
print('#ifndef GBX_BASE_POW10_PRIV_H\n#define GBX_BASE_POW10_PRIV_H\n\n#include <stdint.h>\n')
print(f'#define POW10_MIN ({MIN})\n')
print('/* 10^(POW10_MIN + i) = {high, low} * 2^e, with the top bit of high set; rounded up. */')
print('static const struct pow10_entry {\n    uint64_t high;\n    uint64_t low;\n} pow10_table[] = {')
for i in range(0, len(entries), 2):
    print('    ' + ', '.join(entries[i:i + 2]) + ',')
print('};\n\n#endif')
