// SPDX-License-Identifier: MIT
// Fair mode: who gets the GIL when several threads want it.
//
// Choice. An interactive waiter goes before CPU-bound ones while the budget lasts; otherwise first come, first served. A
// CPU-bound thread that was interrupted in the middle of its slice comes back first and finishes the slice.
//
// Budget. Time that interactive threads hold the GIL while a CPU-bound one waits is taken from the budget, as is the
// time that the CPU-bound one needs to wake up again; time that CPU-bound threads hold it refills the budget by half as
// much again. When it is used up, interactive threads wait like everybody. So CPU-bound threads keep 40 % or more.
//
// Slices. One helper OS thread, the ticker, asks the holder to give way when its slice is over. It sleeps without a
// deadline when nobody has waited for a while. A waiter that arrives first starts the holder's slice.
//
// Hand-over. The releaser makes the chosen thread the holder and wakes it alone. A thread that expects the GIL back
// within microseconds (it was overtaken by an interactive one) spins shortly before it sleeps. A CPU-bound thread that was
// made the holder but has not woken up yet loses it again to an interactive thread that is there already.
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <system_error>

#include "runtime/gil_impl.h"
#include "runtime/interpreter.h"

namespace mini {
namespace {

constexpr int kOvertakenSpins = 500;
constexpr int kIdleTicks = 20;   // without a waiter, before the ticker goes to sleep

}  // namespace

// With the mutex; `waiting` is already raised.
void Gil::Impl::fair_enqueue(GilThread& s, int64_t now) {
  if (interactive.is_empty() && cpu_bound.is_empty()) {
    contended_since = now;
    slice_start.store(now, std::memory_order_relaxed);
  }
  s.place = GilThread::Place::Queued;
  s.waiting_since = now;
  if (s.is_interactive.load(std::memory_order_relaxed)) interactive.push_back(&s);
  else if (s.slice_used > 0) cpu_bound.push_front(&s);
  else cpu_bound.push_back(&s);

  if (ticker_sleeps) {
    ticker_sleeps = false;
    ticker_word.fetch_add(1);
    clock->wake(ticker_word);
  } else if (!ticker_runs) {
    // With every signal blocked, so that handlers run on threads of the script only.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_t started;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    auto body = [](void* impl) -> void* {
      static_cast<Impl*>(impl)->ticker_main();
      return nullptr;
    };
    ticker_runs = pthread_create(&started, &attributes, body, this) == 0;
    if (ticker_runs) ticker = started;
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
}

// With the mutex and `waiting` raised for `s`. True: `s` is the holder.
bool Gil::Impl::fair_steal(GilThread& s, int64_t now) {
  Thread* current = holder.load();
  bool may_overtake = current && !interpreter.sched_hook && s.is_interactive.load(std::memory_order_relaxed) &&
                      budget_ns.load(std::memory_order_relaxed) > 0;
  if (!may_overtake) return false;
  GilThread& c = gil_thread(*current);
  if (c.is_interactive.load(std::memory_order_relaxed)) return false;
  if (!(c.word.fetch_and(~kGranted, std::memory_order_acq_rel) & kGranted)) return false;
  budget_ns.store(budget_ns.load(std::memory_order_relaxed) - (now - c.granted_at), std::memory_order_relaxed);
  c.place = GilThread::Place::Queued;
  cpu_bound.push_front(&c);   // `waiting` now counts it instead of `s`
  s.granted_at = s.waiting_since = now;
  slice_start.store(now, std::memory_order_relaxed);
  holder.store(s.thread);
  return true;
}

// With the mutex. The holder cannot disappear meanwhile: detach needs the mutex.
void Gil::Impl::fair_request(GilThread& s) {
  Thread* current = holder.load();
  if (!current || current == s.thread) return;
  bool may_overtake = s.is_interactive.load(std::memory_order_relaxed) &&
                      !gil_thread(*current).is_interactive.load(std::memory_order_relaxed) &&
                      budget_ns.load(std::memory_order_relaxed) > 0;
  // Without a ticker nobody would end the slice: then every waiter asks at once.
  if (may_overtake || !ticker_runs) current->attention.fetch_or(kWantGil);
}

// With the mutex; somebody waits. Takes the chosen thread out of its queue.
GilThread* Gil::Impl::fair_choose() {
  if (SchedHook* hook = interpreter.sched_hook) {
    size_t index = hook->choose_waiter(interactive.count + cpu_bound.count);
    return index < interactive.count ? interactive.remove(index) : cpu_bound.remove(index - interactive.count);
  }
  bool prefers_interactive = cpu_bound.is_empty() || budget_ns.load(std::memory_order_relaxed) > 0;
  if (!interactive.is_empty() && prefers_interactive) return interactive.remove(0);
  return cpu_bound.is_empty() ? interactive.remove(0) : cpu_bound.remove(0);
}

// With the mutex. The caller makes `s` the holder and wakes it afterwards.
void Gil::Impl::fair_grant(GilThread& s, int64_t now) {
  s.place = GilThread::Place::Elsewhere;
  s.granted_at = now;
  slice_start.store(now - s.slice_used, std::memory_order_relaxed);
  waiting.fetch_sub(1);
}

// By the holder, with the mutex, as it gives the GIL up and before its class changes.
void Gil::Impl::fair_charge(GilThread& s, int64_t now) {
  int64_t elapsed = now - std::max(s.granted_at, contended_since);
  if (elapsed <= 0) return;
  int64_t budget = budget_ns.load(std::memory_order_relaxed);
  if (!s.is_interactive.load(std::memory_order_relaxed)) budget += elapsed + elapsed / 2;
  else if (!cpu_bound.is_empty()) budget -= elapsed;
  budget_ns.store(std::min(budget, 2 * interval_ns.load(std::memory_order_relaxed)), std::memory_order_relaxed);
}

// Right after `s` got the GIL by a hand-over.
void Gil::Impl::fair_resumed(GilThread& s) {
  if (s.granted_at == 0) return;
  ++s.stats.waits;
  int64_t now = clock->monotonic_ns();
  auto waited = static_cast<uint64_t>(now - s.waiting_since);
  s.stats.wait_ns += waited;
  s.stats.wait_times.add(static_cast<int64_t>(waited));
  s.stats.longest_wait_ns = std::max(s.stats.longest_wait_ns, waited);
  if (s.is_interactive.load(std::memory_order_relaxed)) return;
  // Waking up was no time to compute: the slice and the budget start to count now.
  budget_ns.store(budget_ns.load(std::memory_order_relaxed) - (now - s.granted_at), std::memory_order_relaxed);
  s.granted_at = now;
  slice_start.store(now - s.slice_used, std::memory_order_relaxed);
}

void Gil::Impl::fair_yield(GilThread& s, bool is_forced) {
  GilThread* chosen;
  bool is_overtaken = false;
  {
    std::lock_guard guard(mutex);
    if (interactive.is_empty() && cpu_bound.is_empty()) return;
    int64_t now = clock->monotonic_ns();
    int64_t used = now - slice_start.load(std::memory_order_relaxed);
    bool is_over = is_forced || !ticker_runs || used >= interval_ns.load(std::memory_order_relaxed);
    bool is_cpu_bound = !s.is_interactive.load(std::memory_order_relaxed);
    if (!is_over) {
      is_overtaken = is_cpu_bound && !interactive.is_empty() && budget_ns.load(std::memory_order_relaxed) > 0;
      if (!is_overtaken) return;
    }
    fair_charge(s, now);
    s.slice_used = is_overtaken ? std::max<int64_t>(used, 1) : 0;
    s.is_interactive.store(false, std::memory_order_relaxed);
    ++s.stats.forced_switches;
    chosen = fair_choose();
    waiting.fetch_add(1);
    // The queues are not empty for an instant only because `chosen` was just taken out: contention goes on.
    int64_t since = contended_since;
    fair_enqueue(s, now);
    contended_since = since;
    fair_grant(*chosen, now);
    holder.store(chosen->thread);
  }
  wake(*chosen);
  wait_for_grant(s, is_overtaken ? kOvertakenSpins : 0);
  fair_resumed(s);
}

void Gil::Impl::ticker_main() {
  int idle_ticks = 0;
  std::unique_lock guard(mutex);
  while (!ticker_ends) {
    int64_t interval = interval_ns.load(std::memory_order_relaxed);
    int64_t now = clock->monotonic_ns();
    int64_t deadline = now + interval;
    bool is_contended = !closer && (!interactive.is_empty() || !cpu_bound.is_empty());
    if (is_contended) {
      idle_ticks = 0;
      int64_t slice_end = slice_start.load(std::memory_order_relaxed) + interval;
      if (now < slice_end) deadline = slice_end;
      else if (Thread* current = holder.load()) current->attention.fetch_or(kWantGil);
    } else if (++idle_ticks > kIdleTicks) {
      idle_ticks = 0;
      ticker_sleeps = true;
      deadline = kNever;
    }
    uint32_t word = ticker_word.load();
    guard.unlock();
    clock->wait(ticker_word, word, deadline);
    guard.lock();
    ticker_sleeps = false;
  }
}

}  // namespace mini
