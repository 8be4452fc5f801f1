// SPDX-License-Identifier: MIT
// The inside of the GIL, shared by gil.cpp (the fast paths and parking), gil_fair.cpp and gil_classic.cpp (what happens
// when several threads want it).
//
// `holder` changes without the mutex in two cases only: null -> t by a thread that saw nobody waiting, and t -> null by the
// holder that saw nobody waiting. A thread that wants to wait raises `waiting` first and looks at `holder` again; a
// holder that stored null looks at `waiting` again. Both are sequentially consistent, so one of the two sees the other.
// Everything else here is guarded by `mutex`, or belongs to the holder where it says so.
#pragma once

#include <pthread.h>

#include <mutex>

#include "runtime/gil.h"
#include "runtime/spin.h"

namespace mini {

// Bits of GilThread::word, the word that its OS thread sleeps on.
enum GilWord : uint32_t {
  kGranted = 1,    // fair: the GIL is yours; classic: look again
  kSleeping = 2,   // in the system: setting kGranted must be followed by a wake
  kPoked = 4,      // end a park
};

// One thread's part.
struct GilThread {
  Gil::Impl* gil;
  Thread* thread;
  std::atomic<uint32_t> word{0};
  std::atomic<bool> is_interactive{true};
  enum class Place : uint8_t { Elsewhere, Queued, Parked } place = Place::Elsewhere;
  GilThread* next = nullptr;            // in its queue
  int64_t waiting_since = 0;
  int64_t granted_at = 0;               // 0: taken without waiting
  int64_t slice_used = 0;               // of the slice that an interactive thread interrupted
  int64_t taken_at = 0;                 // for hold times, when measured
  Spinner park_spinner;
  bool wants_switch = false;            // classic: waits until another thread has taken the GIL
  GilStats stats{};                     // written by the holder
  GilThread* next_attached = nullptr;
};

// First in, first out.
struct GilQueue {
  GilThread* first = nullptr;
  GilThread* last = nullptr;
  size_t count = 0;
  bool is_empty() const { return first == nullptr; }
  void push_back(GilThread* s);
  void push_front(GilThread* s);
  GilThread* remove(size_t index);      // counted from the front
};

struct Gil::Impl {
  explicit Impl(Interpreter& i);
  ~Impl();

  Interpreter& interpreter;
  Clock* clock;
  GilMode mode = GilMode::Fair;
  std::atomic<Thread*> holder{nullptr};
  std::atomic<uint32_t> waiting{0};     // threads in the queues; never 0 once closed
  std::atomic<int64_t> interval_ns{5'000'000};
  std::atomic<bool> is_measuring{false};
  std::mutex mutex;
  std::atomic<Thread*> closer{nullptr};
  GilThread* attached = nullptr;
  GilStats past{};                      // of threads that ended

  void take(Thread& t);
  void give(Thread& t, bool is_voluntary);
  void take_slow(GilThread& s);
  void give_slow(GilThread& s, bool is_voluntary);
  void note_taken(GilThread& s);
  void note_given(GilThread& s);
  void wait_for_grant(GilThread& s, int spins);
  void wake(GilThread& s);              // sets kGranted; without the mutex
  [[noreturn]] void block_for_ever();

  // Fair mode. Interactive and CPU-bound waiters stand in queues of their own.
  GilQueue interactive, cpu_bound;
  std::atomic<int64_t> slice_start{0};
  std::atomic<int64_t> budget_ns{0};    // what interactive threads may still take from CPU-bound ones; written by the holder
  int64_t contended_since = 0;
  pthread_t ticker;                     // asks the holder to give way when its slice is over; started on first contention
  std::atomic<uint32_t> ticker_word{0};
  bool ticker_runs = false, ticker_sleeps = false, ticker_ends = false;

  void fair_enqueue(GilThread& s, int64_t now);
  bool fair_steal(GilThread& s, int64_t now);
  void fair_request(GilThread& s);      // asks the holder to give way to `s`, if `s` may overtake it
  GilThread* fair_choose();
  void fair_grant(GilThread& s, int64_t now);
  void fair_charge(GilThread& s, int64_t now);
  void fair_yield(GilThread& s, bool is_forced);
  void fair_resumed(GilThread& s);
  void ticker_main();

  // Classic mode.
  GilQueue classic_queue;
  Thread* last_holder = nullptr;
  uint64_t switch_number = 0;
  void classic_take(GilThread& s);
  void classic_give(GilThread& s, bool is_dropping);
};

inline GilThread& gil_thread(const Thread& t) { return *static_cast<GilThread*>(t.gil_state); }

}  // namespace mini
