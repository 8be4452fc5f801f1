// SPDX-License-Identifier: MIT
// A queue between the interpreters of a family. Its items are messages of the wire format, so it holds no script value and
// has a mutex of its own; who waits parks in its own interpreter and is poked.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/objects/shared_bytes.h"

namespace mini {

struct Thread;

struct QueueItem {
  std::string message;
  SharedBuffers buffers;
};

struct SharedQueue {
  int64_t id = 0;
  int64_t max_size = 0;          // 0: no bound
  std::mutex mutex;
  std::deque<QueueItem> items;
  std::vector<Thread*> waiting;  // for an item, or for room

  bool is_full() const { return max_size > 0 && items.size() >= static_cast<size_t>(max_size); }
};

enum class QueueOutcome : uint8_t { Done, TimedOut, Raised };
// `deadline_ns` as for park: 0 does not wait, kNever waits for ever.
QueueOutcome queue_put(Thread& t, SharedQueue& queue, QueueItem item, int64_t deadline_ns);
QueueOutcome queue_get(Thread& t, SharedQueue& queue, QueueItem& item, int64_t deadline_ns);

}  // namespace mini
