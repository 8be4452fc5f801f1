// SPDX-License-Identifier: MIT
#include "interp/stats_report.h"

#include <fmt/core.h>

#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"

namespace mini {
namespace {

double milliseconds(uint64_t ns) { return static_cast<double>(ns) / 1e6; }

std::string heap_report(const HeapStats& s, uint64_t run_ns) {
  double share = run_ns ? 100.0 * static_cast<double>(s.pause_total_ns) / static_cast<double>(run_ns) : 0;
  return fmt::format(
      "heap   objects made          {:12}\n"
      "       collections           {:12} of new objects, {} of all\n"
      "       longest pause         {:12.3f} ms\n"
      "       time in collections   {:12.3f} ms  ({:.1f} % of the run)\n"
      "       live after the last   {:12} objects, {} KB, and {} KB that they own outside\n",
      s.allocations, s.small_collections, s.collections, milliseconds(s.pause_max_ns), milliseconds(s.pause_total_ns), share, s.objects_live,
      s.bytes_live / 1024, s.bytes_outside / 1024);
}

std::string gil_report(const GilStats& s, GilMode mode) {
  return fmt::format(
      "gil    mode                  {:>12}\n"
      "       times taken           {:12}\n"
      "       waits                 {:12}\n"
      "       time waited           {:12.3f} ms, longest {:.3f} ms\n"
      "       time held             {:12.3f} ms\n"
      "       switches              {:12} forced, {} given\n",
      mode == GilMode::Classic ? "classic" : "fair", s.takes, s.waits, milliseconds(s.wait_ns), milliseconds(s.longest_wait_ns),
      milliseconds(s.hold_ns), s.forced_switches, s.voluntary_switches);
}

}  // namespace

std::string stats_report(Interpreter& interpreter, uint64_t run_ns) {
  return heap_report(interpreter.heap->stats(), run_ns) + gil_report(interpreter.gil->stats(), interpreter.options.gil_mode);
}

}  // namespace mini
