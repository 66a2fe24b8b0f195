# Writes the C source of the shim that lets the engine of DuckDB's Python wheel load without Python.
#
# Input: `nm -D --undefined-only` of the engine. The wheel's file is a whole DuckDB with the C API, and
# beside it a Python binding, whose references to CPython must resolve when the file is loaded. None of
# them is used through the C API: data gets a placeholder, a function says its name and aborts. Inside
# a real Python process Python's own symbols come first in the search and win.
BEGIN {
    print "#include <stdio.h>"
    print "#include <stdlib.h>"
    print "#define X __attribute__((visibility(\"default\")))"
    print "#define DATA(name) X void *name[128] = {(void *)1};"
    print "#define FUNC(name) X void name(void) \\"
    print "    { fputs(\"libduckdb: unexpected call of \" #name \"\\n\", stderr); abort(); }"
    print "X int gearbox_duckdb_shim = 1;"
}
$1 == "U" && $2 ~ /^_?Py/ {
    sub(/@.*/, "", $2)
    if ($2 ~ /(_Type|Struct|_WeakrefRefType|PyWeakref_RefType)$/ || $2 ~ /^PyExc_/)
        print "DATA(" $2 ")"
    else
        print "FUNC(" $2 ")"
}
