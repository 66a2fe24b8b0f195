# How everything is compiled: the language, warnings, sanitizers, hardening.

option(GEARBOX_WERROR "Warnings are errors" OFF)
option(GEARBOX_HARDEN "Hardening flags of a release build" OFF)
option(GEARBOX_FUZZ "Build fuzz targets with libFuzzer (clang)" OFF)
option(GEARBOX_COVERAGE "Count executed lines (gcc)" OFF)
set(GEARBOX_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_definitions(_GNU_SOURCE)
# __FILE__ says src/base/arena.c, wherever the tree lies.
add_compile_options("-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
add_link_options(LINKER:--as-needed)

# Linked by our own code only; third-party code is compiled with -w.
add_library(gbx_warnings INTERFACE)
target_compile_options(gbx_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wwrite-strings -Wcast-qual -Wundef -Wvla -Wformat=2 -Wnull-dereference -Wdouble-promotion
  $<$<BOOL:${GEARBOX_WERROR}>:-Werror>)

if(GEARBOX_SANITIZE)
  add_compile_options(-fsanitize=${GEARBOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GEARBOX_SANITIZE})
endif()
if(GEARBOX_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(GEARBOX_COVERAGE)
  add_compile_options(--coverage -fprofile-abs-path)
  add_link_options(--coverage)
endif()
if(GEARBOX_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection)
  add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection)
  endif()
endif()
