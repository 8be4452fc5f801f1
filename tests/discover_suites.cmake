# Writes OUTPUT, a CTest include file with one test per suite that PROGRAM (GoogleTest) lists under FILTER.
# For each NAME=ARGUMENTS in PASSES the same suites are added once more, with MINI_TEST_ARGS set to ARGUMENTS.
# Run as: cmake -DPROGRAM=... -DOUTPUT=... -DPREFIX=... -DFILTER=... -DPASSES=... -DTIMEOUT=... -P discover_suites.cmake

cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${PROGRAM} --gtest_list_tests --gtest_filter=${FILTER}
  OUTPUT_VARIABLE listing RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --gtest_list_tests failed (${status}):\n${listing}")
endif()

# A suite line starts in column 0 and ends in a dot (perhaps with a comment); case lines are indented.
string(REGEX MATCHALL "(^|\n)[A-Za-z][A-Za-z0-9_/]*\\." suites "${listing}")
set(result "")
foreach(suite IN LISTS suites)
  string(REGEX REPLACE "[\n.]" "" suite "${suite}")
  string(APPEND result "add_test([=[${PREFIX}${suite}]=] \"${PROGRAM}\" \"--gtest_filter=${suite}.*\" --gtest_brief=1)\n"
    "set_tests_properties([=[${PREFIX}${suite}]=] PROPERTIES TIMEOUT ${TIMEOUT})\n")
  foreach(pass IN LISTS PASSES)
    string(REGEX MATCH "^([^=]*)=(.*)$" matched "${pass}")
    set(name "${PREFIX}${CMAKE_MATCH_1}.${suite}")
    string(APPEND result "add_test([=[${name}]=] \"${PROGRAM}\" \"--gtest_filter=${suite}.*\" --gtest_brief=1)\n"
      "set_tests_properties([=[${name}]=] PROPERTIES TIMEOUT ${TIMEOUT} ENVIRONMENT \"MINI_TEST_ARGS=${CMAKE_MATCH_2}\")\n")
  endforeach()
endforeach()
file(WRITE ${OUTPUT} "${result}")
