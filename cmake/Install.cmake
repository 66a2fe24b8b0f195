# make install: the program, both libraries, the headers, gearbox.pc, a CMake package, the engine
# library in its own folder, and the licences of what is inside.

include(CMakePackageConfigHelpers)
option(GEARBOX_INSTALL_ENGINE "Install the DuckDB library into <libdir>/gearbox" ON)

set_target_properties(gearbox_shared PROPERTIES EXPORT_NAME gearbox)
set_target_properties(gearbox_static PROPERTIES EXPORT_NAME static)
install(TARGETS gearbox_shared gearbox_static EXPORT gearbox
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET gearbox_cli)
  install(TARGETS gearbox_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/gearbox DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES "${PROJECT_BINARY_DIR}/generated/gearbox/version.h"
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/gearbox)

# find_package(gearbox) gives gearbox::gearbox (shared) and gearbox::static.
set(_package ${CMAKE_INSTALL_LIBDIR}/cmake/gearbox)
install(EXPORT gearbox NAMESPACE gearbox:: FILE gearbox-targets.cmake DESTINATION ${_package})
configure_package_config_file(cmake/gearbox-config.cmake.in
  "${PROJECT_BINARY_DIR}/generated/gearbox-config.cmake" INSTALL_DESTINATION ${_package})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/gearbox-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/generated/gearbox-config.cmake"
  "${PROJECT_BINARY_DIR}/generated/gearbox-config-version.cmake"
  DESTINATION ${_package})

# gearbox.pc finds its prefix from where it lies, so an installed tree may be moved.
file(RELATIVE_PATH _to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" GEARBOX_PC_PREFIX "\${pcfiledir}/${_to_prefix}")
list(TRANSFORM GEARBOX_LINK_LIBRARIES PREPEND "-l" OUTPUT_VARIABLE GEARBOX_PC_LIBS)
list(JOIN GEARBOX_PC_LIBS " " GEARBOX_PC_LIBS)
configure_file(cmake/gearbox.pc.in "${PROJECT_BINARY_DIR}/generated/gearbox.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/generated/gearbox.pc"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(GEARBOX_INSTALL_ENGINE)
  install(DIRECTORY "${GEARBOX_DEPS_DIR}/duckdb/lib/" DESTINATION ${CMAKE_INSTALL_LIBDIR}/gearbox
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  install(FILES "${GEARBOX_DEPS_DIR}/duckdb/LICENSE"
    DESTINATION ${CMAKE_INSTALL_DOCDIR}/licenses RENAME duckdb)
endif()
install(DIRECTORY hosts/python DESTINATION ${CMAKE_INSTALL_LIBDIR}/gearbox/hosts
  FILES_MATCHING PATTERN "*.py" PATTERN "*.json" PATTERN "locks/*.txt"
  PATTERN tests EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}/licenses RENAME nanoarrow)  # Apache-2.0 too
install(FILES "${GEARBOX_DEPS_DIR}/nanoarrow/flatcc/LICENSE"
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/licenses RENAME flatcc)
install(FILES "${GEARBOX_DEPS_DIR}/yyjson/LICENSE"
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/licenses RENAME yyjson)

# Manual pages: man/*.<section>.scd where scdoc is here, and ready-made man/*.<section>.
find_program(SCDOC scdoc)
file(GLOB _pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/man/*.scd" "${PROJECT_SOURCE_DIR}/man/*.[1-8]")
set(_made)
foreach(_page IN LISTS _pages)
  get_filename_component(_name "${_page}" NAME)
  if(_name MATCHES "\\.scd$")
    if(NOT SCDOC)
      continue()
    endif()
    string(REGEX REPLACE "\\.scd$" "" _name "${_name}")
    set(_out "${PROJECT_BINARY_DIR}/man/${_name}")
    add_custom_command(OUTPUT "${_out}" DEPENDS "${_page}" VERBATIM
      COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/man"
      COMMAND sh -c "\"$0\" <\"$1\" >\"$2\"" "${SCDOC}" "${_page}" "${_out}")
    list(APPEND _made "${_out}")
    set(_page "${_out}")
  endif()
  string(REGEX MATCH "[1-8]$" _section "${_name}")
  install(FILES "${_page}" DESTINATION ${CMAKE_INSTALL_MANDIR}/man${_section})
endforeach()
if(_made)
  add_custom_target(man ALL DEPENDS ${_made})
endif()

# Completions, each where its shell looks: completions/gearbox.bash, _gearbox (zsh), gearbox.fish.
set(_completions "${PROJECT_SOURCE_DIR}/completions")
if(EXISTS "${_completions}/gearbox.bash")
  install(FILES "${_completions}/gearbox.bash"
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME gearbox)
endif()
if(EXISTS "${_completions}/_gearbox")
  install(FILES "${_completions}/_gearbox" DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endif()
if(EXISTS "${_completions}/gearbox.fish")
  install(FILES "${_completions}/gearbox.fish"
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
