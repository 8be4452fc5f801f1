# Writes OUTPUT, a CTest include file with one test per suite that PROGRAM (GoogleTest) lists under FILTER.
# For each NAME|VARIABLE=VALUE in PASSES the same suites are added once more, run with that environment variable.
# Run as: cmake -DPROGRAM=... -DOUTPUT=... -DPREFIX=... -DFILTER=... -DPASSES=... -DTIMEOUT=... -DENVIRONMENT=...
#               -P discover_suites.cmake

cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${CMAKE_COMMAND} -E env ${ENVIRONMENT} ${PROGRAM} --gtest_list_tests --gtest_filter=${FILTER}
  OUTPUT_VARIABLE listing RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --gtest_list_tests failed (${status}):\n${listing}")
endif()

set(result "")
function(add_suite name suite environment)
  string(APPEND result
    "add_test([=[${name}]=] \"${PROGRAM}\" \"--gtest_filter=${suite}.*\" --gtest_brief=1)\n"
    "set_tests_properties([=[${name}]=] PROPERTIES TIMEOUT ${TIMEOUT} ENVIRONMENT [=[${environment}]=])\n")
  set(result "${result}" PARENT_SCOPE)
endfunction()

# A suite line starts in column 0 and ends in a dot (perhaps with a comment); case lines are indented.
get_filename_component(program_name ${PROGRAM} NAME)
string(REGEX REPLACE "^mini_tests_?" "" variant ${program_name})
if(variant STREQUAL "switch")
  string(APPEND PREFIX "switch.")
endif()
string(REGEX MATCHALL "(^|\n)[A-Za-z][A-Za-z0-9_/]*\\." suites "${listing}")
foreach(suite IN LISTS suites)
  string(REGEX REPLACE "[\n.]" "" suite "${suite}")
  add_suite("${PREFIX}${suite}" "${suite}" "${ENVIRONMENT}")
  foreach(pass IN LISTS PASSES)
    string(REGEX MATCH "^([^|]*)[|](.*)$" matched "${pass}")
    add_suite("${PREFIX}${CMAKE_MATCH_1}.${suite}" "${suite}" "${ENVIRONMENT};${CMAKE_MATCH_2}")
  endforeach()
endforeach()
file(WRITE ${OUTPUT} "${result}")
