#!/usr/bin/env python3
"""How the files of this folder with dictionaries, unions and zones were made, with pyarrow 26.

    dictionaries.py FOLDER
"""
import os
import sys

import pyarrow as pa
from pyarrow import ipc


def write(name, batches, stream=False, **options):
    make = ipc.new_stream if stream else ipc.new_file
    path = os.path.join(sys.argv[1], name)
    with make(path, batches[0].schema, options=ipc.IpcWriteOptions(**options)) as out:
        for batch in batches:
            out.write_batch(batch)


def coded(indices, values):
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(values))


def one(**columns):
    return pa.record_batch({name: column for name, column in columns.items()})


words = coded([0, 1, None, 0, 2], ['x', 'yy', 'z'])
numbers = coded([2, 1, 0, None, 0], [10, 20, 30])
write('dictionary_zstd.arrow', [one(word=words, number=numbers)], compression='zstd')
write('dictionary_list.arrow', [one(words=pa.ListArray.from_arrays([0, 2, 3, 5], words))])
write('dictionary_replaced.arrows', [one(word=coded([0, 1], ['a', 'b'])), one(word=coded([0, 1, 0], ['c', 'd']))],
      stream=True)
write('dictionary_delta.arrows', [one(word=coded([0, 1], ['a', 'b'])), one(word=coded([2, 0], ['a', 'b', 'c']))],
      stream=True, emit_dictionary_deltas=True)
pieces = [pa.array([1, 2, 3]), pa.array(['a', 'b', 'c'])]
union = pa.UnionArray.from_sparse(pa.array([0, 1, 0], pa.int8()), pieces)
write('union_v4.arrow', [one(u=union)], metadata_version=ipc.MetadataVersion.V4)
dense = pa.UnionArray.from_dense(pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pieces[0][:1], pieces[1][:1]])
write('union_dense.arrow', [one(u=dense)])
write('zoned_ns.arrow', [one(t=pa.array([0, 1], pa.timestamp('ns', 'Europe/Berlin')))])
