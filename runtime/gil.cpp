// SPDX-License-Identifier: MIT
// The GIL: fast paths, parking, statistics. Who gets it when several threads want it: gil_fair.cpp, gil_classic.cpp.
#include "runtime/gil.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "runtime/assert.h"
#include "runtime/gil_impl.h"
#include "runtime/interpreter.h"

namespace mini {
namespace {

// Publishes the caller's whole frame: this one lies below it.
[[gnu::noinline]] void publish_stack(Thread& t, SpilledRegisters& registers) {
  t.spilled_registers = &registers;
  t.native_stack_top = static_cast<const char*>(__builtin_frame_address(0));
}

void unpublish_stack(Thread& t) {
  t.native_stack_top = nullptr;
  t.spilled_registers = nullptr;
  t.blocked = BlockReason::None;
}

}  // namespace

const char* block_reason_name(BlockReason reason) {
  switch (reason) {
    case BlockReason::None: return "runs";
    case BlockReason::Sleep: return "sleep";
    case BlockReason::FileIo: return "file";
    case BlockReason::SocketIo: return "socket";
    case BlockReason::Poll: return "poll";
    case BlockReason::Lock: return "lock";
    case BlockReason::Join: return "join";
    case BlockReason::Wait: return "wait";
    case BlockReason::Process: return "process";
    case BlockReason::Native: return "native work";
  }
  MINI_UNREACHABLE();
}

void GilQueue::push_back(GilThread* s) {
  s->next = nullptr;
  (last ? last->next : first) = s;
  last = s;
  ++count;
}

void GilQueue::push_front(GilThread* s) {
  s->next = first;
  first = s;
  if (!last) last = s;
  ++count;
}

GilThread* GilQueue::remove(size_t index) {
  GilThread* before = nullptr;
  GilThread* s = first;
  for (; index > 0; --index) { before = s; s = s->next; }
  (before ? before->next : first) = s->next;
  if (last == s) last = before;
  s->next = nullptr;
  --count;
  return s;
}

Gil::Impl::Impl(Interpreter& i)
    : interpreter(i), clock(i.clock ? i.clock : &system_clock()), mode(i.options.gil_mode),
      interval_ns(static_cast<int64_t>(i.options.switch_interval * 1e9)) {
  budget_ns = 2 * interval_ns;
}

Gil::Impl::~Impl() {
  {
    std::lock_guard guard(mutex);
    ticker_ends = true;
  }
  ticker_word.fetch_add(1);
  clock->wake(ticker_word);
  if (ticker_runs) pthread_join(ticker, nullptr);
}

void GilHistogram::add(int64_t ns) {
  auto microseconds = static_cast<uint64_t>(std::max<int64_t>(ns, 0)) / 1000;
  ++counts[std::min<size_t>(static_cast<size_t>(std::bit_width(microseconds)), kGilBuckets - 1)];
}

void GilHistogram::add(const GilHistogram& other) {
  for (size_t i = 0; i < kGilBuckets; ++i) counts[i] += other.counts[i];
}

void GilStats::add(const GilStats& other) {
  takes += other.takes;
  waits += other.waits;
  forced_switches += other.forced_switches;
  voluntary_switches += other.voluntary_switches;
  wait_ns += other.wait_ns;
  hold_ns += other.hold_ns;
  longest_wait_ns = std::max(longest_wait_ns, other.longest_wait_ns);
  wait_times.add(other.wait_times);
  hold_times.add(other.hold_times);
}

void Gil::Impl::note_taken(GilThread& s) {
  ++s.stats.takes;
  if (is_measuring.load(std::memory_order_relaxed)) s.taken_at = clock->monotonic_ns();
}

void Gil::Impl::note_given(GilThread& s) {
  if (!is_measuring.load(std::memory_order_relaxed) || s.taken_at == 0) return;
  int64_t held = clock->monotonic_ns() - s.taken_at;
  s.stats.hold_ns += static_cast<uint64_t>(held);
  s.stats.hold_times.add(held);
  s.taken_at = 0;
}

void Gil::Impl::wake(GilThread& s) {
  uint32_t before = s.word.fetch_or(kGranted, std::memory_order_acq_rel);
  if (before & kSleeping) clock->wake(s.word);
}

void Gil::Impl::wait_for_grant(GilThread& s, int spins) {
  if (can_spin()) {
    for (; spins > 0 && !(s.word.load(std::memory_order_acquire) & kGranted); --spins) relax_processor();
  }
  for (;;) {
    uint32_t word = s.word.load(std::memory_order_acquire);
    if (word & kGranted) {
      // Taking the bit is what makes the GIL ours: until then an interactive thread may take it back (fair_steal).
      if (s.word.fetch_and(~(kGranted | kSleeping), std::memory_order_acq_rel) & kGranted) return;
      continue;
    }
    if (!(word & kSleeping)) {
      if (!s.word.compare_exchange_weak(word, word | kSleeping)) continue;
      word |= kSleeping;
    }
    clock->wait(s.word, word, kNever);
  }
}

void Gil::Impl::block_for_ever() {
  for (;;) pause();
}

void Gil::Impl::take_slow(GilThread& s) {
  if (mode == GilMode::Classic) return classic_take(s);
  {
    std::unique_lock guard(mutex);
    if (closer && closer != s.thread) {
      guard.unlock();
      block_for_ever();
    }
    waiting.fetch_add(1);
    Thread* nobody = nullptr;
    if (holder.compare_exchange_strong(nobody, s.thread)) {
      waiting.fetch_sub(1);
      s.granted_at = 0;
      return;
    }
    int64_t now = clock->monotonic_ns();
    if (fair_steal(s, now)) return;
    fair_enqueue(s, now);
    fair_request(s);
  }
  // The holder answers at its next attention check, which is usually a matter of nanoseconds.
  wait_for_grant(s, s.is_interactive.load(std::memory_order_relaxed) ? 100 : 0);
  fair_resumed(s);
}

void Gil::Impl::give_slow(GilThread& s, bool is_voluntary) {
  if (mode == GilMode::Classic) {
    // A parked thread sleeps on the word that a forced switch waits on, so it does not wait for the switch.
    bool is_asked = s.thread->attention.load(std::memory_order_relaxed) & kWantGil;
    return classic_give(s, is_asked && s.place != GilThread::Place::Parked);
  }
  GilThread* chosen;
  {
    std::lock_guard guard(mutex);
    if (closer) { holder.store(nullptr); return; }
    if (holder.load(std::memory_order_relaxed) == s.thread) {
      if (interactive.is_empty() && cpu_bound.is_empty()) {
        holder.store(nullptr);
        if (is_voluntary) s.is_interactive.store(true, std::memory_order_relaxed);
        return;
      }
      int64_t now = clock->monotonic_ns();
      fair_charge(s, now);
      s.slice_used = 0;
      ++s.stats.voluntary_switches;
      if (is_voluntary) s.is_interactive.store(true, std::memory_order_relaxed);
      chosen = fair_choose();
      fair_grant(*chosen, now);
      holder.store(chosen->thread);
    } else {
      // The fast path stored null, and a waiter came in between: it is served here unless somebody already did.
      if (interactive.is_empty() && cpu_bound.is_empty()) return;
      Thread* nobody = nullptr;
      GilThread* candidate = interactive.is_empty() ? cpu_bound.first : interactive.first;
      if (!holder.compare_exchange_strong(nobody, candidate->thread)) return;
      chosen = interactive.is_empty() ? cpu_bound.remove(0) : interactive.remove(0);
      fair_grant(*chosen, clock->monotonic_ns());
    }
  }
  wake(*chosen);
}

Gil::Gil(Interpreter& interpreter) : impl_(std::make_unique<Impl>(interpreter)) {}

Gil::~Gil() {
  // Daemon threads may still sleep in here, or come back from a system call to be blocked for ever: they keep the inside.
  bool is_used;
  {
    std::lock_guard guard(impl_->mutex);
    is_used = impl_->attached != nullptr;
  }
  if (is_used) impl_.release();
}

void Gil::attach(Thread& t) {
  auto* s = new GilThread;
  s->gil = impl_.get();
  s->thread = &t;
  t.gil_state = s;
  Interpreter& i = impl_->interpreter;
  if (i.sched_hook || i.options.switch_every) t.attention.fetch_or(kEveryCheck);
  std::lock_guard guard(impl_->mutex);
  if (!impl_->attached && i.clock) impl_->clock = i.clock;
  s->next_attached = impl_->attached;
  impl_->attached = s;
}

void Gil::detach(Thread& t) {
  GilThread* s = &gil_thread(t);
  Impl& g = *s->gil;
  {
    std::lock_guard guard(g.mutex);
    GilThread** link = &g.attached;
    while (*link != s) link = &(*link)->next_attached;
    *link = s->next_attached;
    g.past.add(s->stats);
  }
  t.gil_state = nullptr;
  delete s;
}

void Gil::Impl::take(Thread& t) {
  GilThread& s = gil_thread(t);
  Thread* nobody = nullptr;
  bool may_be_free = waiting.load(std::memory_order_relaxed) == 0 && mode == GilMode::Fair;
  if (may_be_free && holder.compare_exchange_strong(nobody, &t)) s.granted_at = 0;
  else take_slow(s);
  note_taken(s);
  unpublish_stack(t);
}

void Gil::Impl::give(Thread& t, bool is_voluntary) {
  GilThread& s = gil_thread(t);
  MINI_ASSERT(holder.load() == &t, "only the holder gives the GIL up");
  note_given(s);
  if (waiting.load(std::memory_order_relaxed) != 0) return give_slow(s, is_voluntary);
  if (is_voluntary) s.is_interactive.store(true, std::memory_order_relaxed);
  holder.store(nullptr);
  if (MINI_UNLIKELY(waiting.load() != 0)) give_slow(s, is_voluntary);
}

void Gil::take(Thread& t) { gil_thread(t).gil->take(t); }
void Gil::give(Thread& t, bool is_voluntary) { gil_thread(t).gil->give(t, is_voluntary); }

void Gil::yield_to_waiter(Thread& t, bool is_forced) {
  GilThread& s = gil_thread(t);
  Impl& g = *s.gil;
  bool is_asked = t.attention.load(std::memory_order_relaxed) & kWantGil;
  if (g.mode == GilMode::Fair && is_asked) t.attention.fetch_and(~kWantGil);
  if (g.waiting.load() == 0 || g.closer) return;
  SpilledRegisters registers;
  spill_registers(registers);
  publish_stack(t, registers);
  g.note_given(s);
  if (g.mode == GilMode::Fair) {
    g.fair_yield(s, is_forced);
  } else {
    ++s.stats.forced_switches;
    g.classic_give(s, true);
    g.classic_take(s);
  }
  g.note_taken(s);
  unpublish_stack(t);
}

ParkEnd Gil::park(Thread& t, int64_t deadline_ns, bool keeps_class) {
  GilThread& s = gil_thread(t);
  Impl& g = *s.gil;
  SpilledRegisters registers;
  spill_registers(registers);
  publish_stack(t, registers);
  s.place = GilThread::Place::Parked;
  give(t, !keeps_class);

  ParkEnd end = ParkEnd::Unparked;
  s.park_spinner.wait([&s] { return s.word.load(std::memory_order_acquire) != 0; });
  for (;;) {
    uint32_t word = s.word.load(std::memory_order_acquire);
    if (word & kGranted) break;
    if (word & kPoked) { end = ParkEnd::Poked; break; }
    if (deadline_ns != kNever && g.clock->monotonic_ns() >= deadline_ns) { end = ParkEnd::DeadlinePassed; break; }
    if (!(word & kSleeping)) {
      if (!s.word.compare_exchange_weak(word, word | kSleeping)) continue;
      word |= kSleeping;
    }
    g.clock->wait(s.word, word, deadline_ns);
  }

  if (end != ParkEnd::Unparked) {
    std::unique_lock guard(g.mutex);
    if (s.place == GilThread::Place::Parked) {
      s.place = GilThread::Place::Elsewhere;
      s.word.fetch_and(~(kPoked | kSleeping));
      guard.unlock();
      take(t);
      return end;
    }
    // Unparked at the same moment: in the queue already, or granted.
  }
  if (g.mode == GilMode::Fair) {
    g.wait_for_grant(s, 0);
    g.fair_resumed(s);
    g.note_taken(s);
    unpublish_stack(t);
  } else {
    s.word.fetch_and(~(kGranted | kSleeping));
    take(t);
  }
  return ParkEnd::Unparked;
}

void Gil::unpark(Thread& target) {
  GilThread& s = gil_thread(target);
  Impl& g = *s.gil;
  {
    std::lock_guard guard(g.mutex);
    if (s.place != GilThread::Place::Parked) return;
    if (g.mode == GilMode::Fair) {
      g.waiting.fetch_add(1);
      g.fair_enqueue(s, g.clock->monotonic_ns());
      g.fair_request(s);
      return;
    }
    s.place = GilThread::Place::Elsewhere;
  }
  g.wake(s);
}

void Gil::poke(Thread& target) {
  GilThread& s = gil_thread(target);
  s.word.fetch_or(kPoked);
  s.gil->clock->wake(s.word);
}

void Gil::set_switch_interval(double seconds) { impl_->interval_ns = std::max<int64_t>(1, static_cast<int64_t>(seconds * 1e9)); }
double Gil::switch_interval() const { return static_cast<double>(impl_->interval_ns) / 1e9; }
void Gil::set_mode(GilMode mode) { impl_->mode = mode; }
GilMode Gil::mode() const { return impl_->mode; }
Thread* Gil::holder() const { return impl_->holder.load(); }
void Gil::start_measuring() { impl_->is_measuring = true; }

size_t Gil::waiting_count() const {
  std::lock_guard guard(impl_->mutex);
  return impl_->interactive.count + impl_->cpu_bound.count + impl_->classic_queue.count;
}

GilStats Gil::stats() const {
  std::lock_guard guard(impl_->mutex);
  GilStats sum = impl_->past;
  for (GilThread* s = impl_->attached; s; s = s->next_attached) sum.add(s->stats);
  return sum;
}

std::vector<GilThreadStats> Gil::thread_stats() const {
  std::lock_guard guard(impl_->mutex);
  std::vector<GilThreadStats> all;
  for (GilThread* s = impl_->attached; s; s = s->next_attached) {
    all.push_back({s->thread->id, s->stats, s->is_interactive.load(), s->place == GilThread::Place::Queued});
  }
  std::reverse(all.begin(), all.end());
  return all;
}

void Gil::after_fork() {
  new (&impl_->mutex) std::mutex;   // the helper may have held it
  impl_->ticker_runs = impl_->ticker_sleeps = false;
}

void Gil::close(Thread& closer) {
  std::lock_guard guard(impl_->mutex);
  if (impl_->closer) return;
  impl_->closer = &closer;
  impl_->waiting.fetch_add(1);   // no fast path any more
}

void ReleaseGil::begin(BlockReason reason) {
  thread_.blocked = reason;
  thread_.spilled_registers = &registers_;
  thread_.native_stack_top = static_cast<const char*>(__builtin_frame_address(0));
  gil_thread(thread_).gil->give(thread_, true);
}

ReleaseGil::~ReleaseGil() {
  int saved_errno = errno;
  gil_thread(thread_).gil->take(thread_);
  if (MINI_UNLIKELY(thread_.attention.load(std::memory_order_relaxed) & kLoopBlocked)) thread_.note_slow_place();
  errno = saved_errno;
}

}  // namespace mini
