// SPDX-License-Identifier: MIT
#include "interp/stats_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "interp/vm_counts.h"
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

// The largest of `rows`, with their share of `total`.
std::string largest(std::vector<std::pair<uint64_t, std::string>> rows, uint64_t total, size_t most) {
  std::erase_if(rows, [](const auto& row) { return row.first == 0; });
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  if (rows.size() > most) rows.resize(most);
  std::string out;
  for (const auto& [count, name] : rows)
    out += fmt::format("       {:<32}{:12}  {:5.1f} %\n", name, count, 100.0 * static_cast<double>(count) / static_cast<double>(total));
  return out;
}

constexpr size_t kMostRows = 12;

std::string types_report(Heap& heap) {
  std::vector<std::pair<uint64_t, std::string>> rows;
  uint64_t total = 0;
  for (const auto& [name, count] : heap.made_by_type()) {
    rows.emplace_back(count, name);
    total += count;
  }
  return "objects made, by type\n" + largest(std::move(rows), total, kMostRows);
}

bool is_call(Op op) {
  return op == Op::CALL || op == Op::CALL_METHOD || op == Op::CALL_KEYWORDS || op == Op::CALL_METHOD_KEYWORDS || op == Op::CALL_STAR || op == Op::CALL_SUPER;
}

std::string vm_report(const VmCounts& counts) {
  std::vector<std::pair<uint64_t, std::string>> rows, pairs;
  uint64_t total = 0, calls = 0;
  for (int i = 0; i < kOpCount; ++i) {
    auto op = static_cast<Op>(i);
    const char* name = op_info(op).name;
    uint64_t count = counts.instructions[i];
    total += count;
    if (is_call(op)) calls += count;
    rows.emplace_back(count, name);
    for (int k = 0; k < kOpCount; ++k)
      if (counts.pairs[i][k]) pairs.emplace_back(counts.pairs[i][k], fmt::format("{} {}", name, op_info(static_cast<Op>(k)).name));
  }
  std::string out = fmt::format("vm     instructions          {:12}\n       calls                 {:12}\n", total, calls);
  out += "instructions\n" + largest(std::move(rows), total, kMostRows) + "pairs of instructions\n" + largest(std::move(pairs), total, kMostRows);
  out += "inline caches                               hits        misses\n";
  for (Op op : {Op::LOAD_GLOBAL, Op::STORE_GLOBAL, Op::GET_ATTR, Op::SET_ATTR, Op::LOAD_METHOD}) {
    uint64_t count = counts.instructions[static_cast<int>(op)], misses = counts.misses[static_cast<int>(op)];
    if (count) out += fmt::format("       {:<29}{:12}  {:12}\n", op_info(op).name, count - misses, misses);
  }
  return out;
}

}  // namespace

std::string stats_report(Interpreter& interpreter, uint64_t run_ns) {
  std::string out = heap_report(interpreter.heap->stats(), run_ns) + gil_report(interpreter.gil->stats(), interpreter.options.gil_mode);
  if (interpreter.vm_counts) out += vm_report(*interpreter.vm_counts);
  return out + types_report(*interpreter.heap);
}

}  // namespace mini
