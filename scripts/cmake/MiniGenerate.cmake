# Generates C++ into ${build}/generated: the scanner (re2c), the parser (lemon), the library modules written in Mini.
#
# Gives: MINI_GENERATED_DIR and MINI_GENERATED_SOURCES. Warnings are silenced for the generated files only.

set(MINI_GENERATED_DIR ${CMAKE_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${MINI_GENERATED_DIR})
set(MINI_GENERATED_SOURCES "")

# Reports which optional inputs exist; the configure step runs again when that changes.
file(GLOB MINI_GENERATOR_INPUTS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/interp/lexer.re ${CMAKE_SOURCE_DIR}/interp/grammar.y)

if(EXISTS ${CMAKE_SOURCE_DIR}/interp/lexer.re)
  set(lexer_output ${MINI_GENERATED_DIR}/lexer.cpp)
  add_custom_command(OUTPUT ${lexer_output}
    COMMAND ${MINI_RE2C} --no-generation-date -o ${lexer_output} ${CMAKE_SOURCE_DIR}/interp/lexer.re
    DEPENDS ${CMAKE_SOURCE_DIR}/interp/lexer.re
    COMMENT "re2c interp/lexer.re" VERBATIM)
  list(APPEND MINI_GENERATED_SOURCES ${lexer_output})
endif()

if(EXISTS ${CMAKE_SOURCE_DIR}/interp/grammar.y)
  set(grammar_output ${MINI_GENERATED_DIR}/grammar.c)
  add_custom_command(OUTPUT ${grammar_output} ${MINI_GENERATED_DIR}/grammar.h
    COMMAND ${MINI_LEMON} -q -d${MINI_GENERATED_DIR} ${CMAKE_SOURCE_DIR}/interp/grammar.y
    DEPENDS ${CMAKE_SOURCE_DIR}/interp/grammar.y
    COMMENT "lemon interp/grammar.y" VERBATIM)
  set_source_files_properties(${grammar_output} PROPERTIES LANGUAGE CXX)
  list(APPEND MINI_GENERATED_SOURCES ${grammar_output})
endif()

file(GLOB_RECURSE library_modules CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/runtime/lib/*.mini)
set(embedded_output ${MINI_GENERATED_DIR}/embedded_lib.cpp)
set(embed_script ${CMAKE_SOURCE_DIR}/scripts/cmake/embed_lib.cmake)
add_custom_command(OUTPUT ${embedded_output}
  COMMAND ${CMAKE_COMMAND} -DLIB_DIR=${CMAKE_SOURCE_DIR}/runtime/lib -DOUTPUT=${embedded_output} -P ${embed_script}
  DEPENDS ${library_modules} ${embed_script}
  COMMENT "Embedding runtime/lib/*.mini" VERBATIM)
list(APPEND MINI_GENERATED_SOURCES ${embedded_output})

set_source_files_properties(${MINI_GENERATED_SOURCES} PROPERTIES COMPILE_OPTIONS "-w")
