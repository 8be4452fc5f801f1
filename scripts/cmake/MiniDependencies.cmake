# Finds what Mini is built with. What is missing and needed stops the configure step with the Debian package to install;
# what is optional and missing only leaves its module out (importing it is then a clear ImportError).
#
# Gives: the targets mini_dependencies (for the library) and mini_tool_dependencies (for the program `mini`), and the
# programs MINI_RE2C and MINI_LEMON.

function(mini_need what found package)
  if(NOT ${found})
    message(FATAL_ERROR "Mini needs ${what}, which was not found. On Debian: apt-get install ${package}\n"
                        "(scripts/demo and scripts/check install everything that is missing.)")
  endif()
endfunction()

find_program(MINI_RE2C re2c)
mini_need("the scanner generator re2c" MINI_RE2C re2c)
find_program(MINI_LEMON lemon)
mini_need("the parser generator lemon" MINI_LEMON lemon)

# Small libraries are linked statically where their archives are installed: loading a shared one at every start takes longer
# than everything that Mini itself does until the first instruction.
option(MINI_STATIC_LIBRARIES "Link small libraries and the C++ runtime statically" ON)
function(mini_find_library variable name)
  if(MINI_STATIC_LIBRARIES)
    find_library(${variable} NAMES lib${name}.a lib${name}_a.a ${name})
  else()
    find_library(${variable} ${name})
  endif()
endfunction()

find_package(Threads REQUIRED)
find_path(UTF8PROC_INCLUDE utf8proc.h)
mini_find_library(UTF8PROC_LIBRARY utf8proc)
mini_need("utf8proc" UTF8PROC_LIBRARY libutf8proc-dev)
find_path(GMP_INCLUDE gmp.h)
mini_find_library(GMP_LIBRARY gmp)
mini_need("GMP" GMP_LIBRARY libgmp-dev)
find_path(FMT_INCLUDE fmt/format-inl.h)
mini_need("fmt" FMT_INCLUDE libfmt-dev)
find_path(CLI11_INCLUDE CLI/CLI.hpp)
mini_need("CLI11" CLI11_INCLUDE libcli11-dev)
find_path(LIBEDIT_INCLUDE histedit.h)
mini_find_library(LIBEDIT_LIBRARY edit)
mini_need("libedit" LIBEDIT_LIBRARY libedit-dev)

# fmt and CLI11 are third-party headers: their warnings are not ours.
add_library(mini_dependencies INTERFACE)
target_include_directories(mini_dependencies SYSTEM INTERFACE ${FMT_INCLUDE} ${UTF8PROC_INCLUDE} ${GMP_INCLUDE})
target_link_libraries(mini_dependencies INTERFACE
  ${UTF8PROC_LIBRARY} ${GMP_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS})

add_library(mini_tool_dependencies INTERFACE)
target_include_directories(mini_tool_dependencies SYSTEM INTERFACE ${CLI11_INCLUDE} ${LIBEDIT_INCLUDE})
target_link_libraries(mini_tool_dependencies INTERFACE ${LIBEDIT_LIBRARY})
if(LIBEDIT_LIBRARY MATCHES "\\.a$")
  foreach(part bsd md tinfo)   # what the archive itself needs
    mini_find_library(LIBEDIT_NEEDS_${part} ${part})
    mini_need("lib${part}, a part of libedit" LIBEDIT_NEEDS_${part} libedit-dev)
    target_link_libraries(mini_tool_dependencies INTERFACE ${LIBEDIT_NEEDS_${part}})
  endforeach()
endif()

# Optional libraries: each gives the define MINI_WITH_<NAME>=1 when all its pkg-config modules are found and wanted.
# STATIC: linked statically where MINI_STATIC_LIBRARIES asks for it. HEADERS: not linked at all but loaded on first use, since
# loading it would cost every start of the program time.
find_package(PkgConfig QUIET)
set(MINI_OPTIONAL_FOUND "")
function(mini_optional name)
  cmake_parse_arguments(PARSE_ARGV 1 want "STATIC;HEADERS" "" "")
  set(modules ${want_UNPARSED_ARGUMENTS})
  option(MINI_WITH_${name} "Use ${modules} when it is installed" ON)
  if(MINI_WITH_${name} AND PkgConfig_FOUND)
    pkg_check_modules(MINI_${name} QUIET IMPORTED_TARGET ${modules})
    if(MINI_${name}_FOUND)
      set(libraries PkgConfig::MINI_${name})
      if(MINI_STATIC_LIBRARIES AND want_STATIC)
        set(libraries "")
        foreach(library ${MINI_${name}_LIBRARIES})
          mini_find_library(MINI_${name}_${library} ${library})
          list(APPEND libraries ${MINI_${name}_${library}})
        endforeach()
      endif()
      if(want_HEADERS)
        target_include_directories(mini_dependencies SYSTEM INTERFACE ${MINI_${name}_INCLUDE_DIRS})
      else()
        target_link_libraries(mini_dependencies INTERFACE ${libraries})
      endif()
      target_compile_definitions(mini_dependencies INTERFACE MINI_WITH_${name}=1)
      set(MINI_OPTIONAL_FOUND "${MINI_OPTIONAL_FOUND} ${modules}" PARENT_SCOPE)
    endif()
  endif()
endfunction()
mini_optional(PCRE2 STATIC libpcre2-8 libpcre2-32)
mini_optional(OPENSSL HEADERS libcrypto)
mini_optional(ZLIB STATIC zlib)
mini_optional(CURL libcurl)
mini_optional(LIBUV STATIC libuv)
message(STATUS "Optional libraries found:${MINI_OPTIONAL_FOUND}")
