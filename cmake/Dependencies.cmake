# Third-party code. tools/setup.sh has fetched it into .deps/ (pinned by checksum) or installed it
# from Debian. Everything here is compiled without warnings and included as SYSTEM.

set(GEARBOX_DEPS_DIR "${PROJECT_SOURCE_DIR}/.deps" CACHE PATH "What tools/setup.sh has unpacked")
foreach(_part duckdb/include/duckdb.h nanoarrow/nanoarrow/nanoarrow.h yyjson/yyjson.c)
  if(NOT EXISTS "${GEARBOX_DEPS_DIR}/${_part}")
    message(FATAL_ERROR "${GEARBOX_DEPS_DIR}/${_part} is missing: run tools/setup.sh first")
  endif()
endforeach()

# DuckDB: headers only. The library is opened by dlopen when first needed, never linked.
add_library(gbx_dep_duckdb INTERFACE)
target_include_directories(gbx_dep_duckdb SYSTEM INTERFACE "${GEARBOX_DEPS_DIR}/duckdb/include")
set(GEARBOX_DUCKDB_LIBRARY "${GEARBOX_DEPS_DIR}/duckdb/lib/libduckdb.so" CACHE FILEPATH
  "Where the engine library is looked for at last: when it is neither named by GEARBOX_DUCKDB_LIBRARY in the environment nor found beside the program or below the install prefix")

# nanoarrow 0.9.0 with the flatcc run time that its IPC part needs. nanoarrow_config.h puts its
# symbols into a namespace of ours, so that a program with its own nanoarrow can link ours.
file(GLOB _nanoarrow_sources
  "${GEARBOX_DEPS_DIR}/nanoarrow/nanoarrow/common/*.c"
  "${GEARBOX_DEPS_DIR}/nanoarrow/nanoarrow/ipc/*.c")
# nanoarrow 0.9.0 decodes a dictionary's message with a decoder of its own, which it does not tell how
# the message is compressed, nor its version (unions differ): such files could not be read.
set(_decoder "${GEARBOX_DEPS_DIR}/nanoarrow/nanoarrow/ipc/decoder.c")
set(_decoder_fixed "${PROJECT_BINARY_DIR}/generated/nanoarrow_decoder.c")
set(_place "  dictionary->decoder.message_type = NANOARROW_IPC_MESSAGE_TYPE_RECORD_BATCH;\n")
set(_fix [[
  dictionary->decoder.metadata_version = decoder->metadata_version;
  dictionary->decoder.codec = NANOARROW_IPC_COMPRESSION_TYPE_NONE;
  if (ns(RecordBatch_compression_is_present(record_batch))) {
    const int codec = ns(BodyCompression_codec(ns(RecordBatch_compression(record_batch))));
    dictionary->decoder.codec = codec == ns(CompressionType_LZ4_FRAME)
                                    ? NANOARROW_IPC_COMPRESSION_TYPE_LZ4_FRAME
                                    : NANOARROW_IPC_COMPRESSION_TYPE_ZSTD;
  }
]])
# It also believes a compressed buffer whatever size it says it had, and asks for terabytes.
set(_size_place "  // Prepare the source and destination\n  src.data.as_uint8 += sizeof(int64_t);\n")
set(_size_fix [[
  // No codec makes more than 128 KB of four bytes: a larger size is made up.
  if (uncompressed_size / 32768 > src.size_bytes) {
    ArrowErrorSet(error, "Decompressed buffer size can't be %" PRId64 " bytes", uncompressed_size);
    return EINVAL;
  }
]])
file(READ "${_decoder}" _text)
string(REPLACE "${_place}" "${_place}${_fix}" _fixed_one "${_text}")
string(REPLACE "${_size_place}" "${_size_fix}${_size_place}" _fixed "${_fixed_one}")
if(_fixed_one STREQUAL _text OR _fixed STREQUAL _fixed_one)
  message(FATAL_ERROR "cmake/Dependencies.cmake: the fix of nanoarrow's decoder has no place any more")
endif()
file(CONFIGURE OUTPUT "${_decoder_fixed}" CONTENT "${_fixed}" @ONLY)
list(REMOVE_ITEM _nanoarrow_sources "${_decoder}")
list(APPEND _nanoarrow_sources "${_decoder_fixed}")
add_library(gbx_dep_nanoarrow OBJECT ${_nanoarrow_sources}
  "${GEARBOX_DEPS_DIR}/nanoarrow/flatcc/src/runtime/builder.c"
  "${GEARBOX_DEPS_DIR}/nanoarrow/flatcc/src/runtime/emitter.c"
  "${GEARBOX_DEPS_DIR}/nanoarrow/flatcc/src/runtime/refmap.c"
  "${GEARBOX_DEPS_DIR}/nanoarrow/flatcc/src/runtime/verifier.c")
target_compile_options(gbx_dep_nanoarrow PRIVATE -w)
target_compile_definitions(gbx_dep_nanoarrow PRIVATE NANOARROW_IPC_WITH_LZ4 NANOARROW_IPC_WITH_ZSTD)
target_include_directories(gbx_dep_nanoarrow SYSTEM PRIVATE
  "${GEARBOX_DEPS_DIR}/nanoarrow" "${GEARBOX_DEPS_DIR}/nanoarrow/flatcc/include")

add_library(gbx_dep_yyjson OBJECT "${GEARBOX_DEPS_DIR}/yyjson/yyjson.c")
target_compile_options(gbx_dep_yyjson PRIVATE -w)

# The headers of both: <nanoarrow/nanoarrow.h>, <nanoarrow/nanoarrow_ipc.h>, <yyjson.h>.
add_library(gbx_dep_headers INTERFACE)
target_include_directories(gbx_dep_headers SYSTEM INTERFACE
  "${GEARBOX_DEPS_DIR}/nanoarrow" "${GEARBOX_DEPS_DIR}/yyjson")

# Debian's libraries, by plain name: what libgearbox.a needs is then short enough for gearbox.pc.
set(GEARBOX_LINK_LIBRARIES sqlite3 z zstd lz4 m)
find_path(_sqlite_header sqlite3.h REQUIRED NO_CACHE)
find_path(_zlib_header zlib.h REQUIRED NO_CACHE)
find_path(_lz4_header lz4frame.h REQUIRED NO_CACHE)
find_path(_zstd_header zstd.h REQUIRED NO_CACHE)
