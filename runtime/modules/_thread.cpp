// SPDX-License-Identifier: MIT
// _thread: starting OS threads, joining them, locks. threading (runtime/lib/threading.mini) is written on top of it.
//
// A started thread has a ThreadHandle, which outlives it: join parks on the handle. The Thread is made by the starter under the GIL, so
// that a failure raises there, and is unmade by the thread itself as the last thing that it does.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <unordered_map>

#include "runtime/calls.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"
#include "runtime/signals.h"
#include "runtime/spin.h"
#include "runtime/thread_report.h"

namespace mini {
namespace {

constexpr size_t kDefaultStack = 8 << 20;
constexpr size_t kLeastStack = 256 << 10;

struct ThreadHandle : Object {
  Thread* thread;          // null once it ended
  uint64_t ident;
  uint64_t native_id;      // 0 until it runs
  Value function;          // what it runs; Empty once it began
  Tuple* arguments;
  Dict* keywords;
  size_t stack_bytes;
  CodePlace started_at;    // the script's call that started it
  WaitList joiners;
};

extern const Layout thread_handle_layout;

ThreadHandle* handle_of(Value v) { return as<ThreadHandle>(v); }

size_t& stack_size_setting(Thread& t) { return reinterpret_cast<size_t&>(t.interpreter->module_state["_thread.stack_size"]); }

void report_uncaught(Thread& t, Value function) {
  Value exception = take_exception(t);
  if (is_instance_of_error(t, exception, ErrorType::SystemExit)) return;
  Str* shown = to_repr(t, function);
  if (!shown) (void)take_exception(t);
  (void)raise_value(t, exception);
  report_unraisable(t, "Exception ignored in thread started by: " + (shown ? to_utf8(shown) : std::string("?")));
}

Value call_with(Thread& t, Value function, Tuple* arguments, Dict* keywords) {
  if (!keywords || keywords->count == 0) return call(t, function, arguments->items, arguments->length);
  ValueList all(t);
  for (size_t i = 0; i < arguments->length; ++i) all.push(arguments->items[i]);
  List* names = make_list(t);
  for (DictCursor c(keywords); c.next();) {
    list_push(t, names, c.entry->key);
    all.push(c.entry->value);
  }
  return call(t, function, all.data(), arguments->length, make_tuple(t, names));
}

[[gnu::noinline]] void run_thread(Thread& t) {
  auto* handle = as<ThreadHandle>(t.thread_handle);
  handle->native_id = t.native_thread_id;
  Value function = handle->function;
  Tuple* arguments = handle->arguments;
  Dict* keywords = handle->keywords;
  handle->function = Value::empty();
  handle->arguments = nullptr;
  handle->keywords = nullptr;
  if (call_with(t, function, arguments, keywords).is_raised()) report_uncaught(t, function);
}

[[gnu::noinline]] void end_thread(Thread& t) {
  auto* handle = as<ThreadHandle>(t.thread_handle);
  handle->thread = nullptr;
  wake_all(handle->joiners);
  settle_before_end(t);
  t.unlink();
}

// From the thread's first moment to its last.
void live(Thread& t) {
  Gil& gil = *t.interpreter->gil;
  t.bind_to_os_thread(as<ThreadHandle>(t.thread_handle)->stack_bytes);
  gil.take(t);
  run_thread(t);
  end_thread(t);
  gil.give(t, true);
  delete &t;
}

// OS threads whose script thread has ended wait here for another one: making an OS thread costs more than most short threads do.
// They belong to the process and keep nothing of an interpreter.
struct SpareThread {
  std::atomic<uint32_t> has_job{0};
  Thread* job = nullptr;
  size_t stack_bytes;
  Spinner spinner;
  SpareThread* next = nullptr;
};

constexpr size_t kMostSpare = 16;
constexpr int64_t kSpareLife = 500'000'000;

struct SpareThreads {
  std::mutex mutex;
  SpareThread* first = nullptr;
  size_t count = 0;

  // False when there is none with such a stack.
  bool give(Thread& t, size_t stack_bytes) {
    SpareThread* found;
    {
      std::lock_guard guard(mutex);
      SpareThread** link = &first;
      while (*link && (*link)->stack_bytes != stack_bytes) link = &(*link)->next;
      found = *link;
      if (!found) return false;
      *link = found->next;
      --count;
    }
    found->job = &t;
    found->has_job.store(1);
    system_clock().wake(found->has_job);
    return true;
  }

  bool offer(SpareThread& self) {
    std::lock_guard guard(mutex);
    if (count >= kMostSpare) return false;
    self.has_job = 0;
    self.next = first;
    first = &self;
    ++count;
    return true;
  }

  // False when it was taken from the list meanwhile: a job is there or is coming.
  bool withdraw(SpareThread& self) {
    std::lock_guard guard(mutex);
    for (SpareThread** link = &first; *link; link = &(*link)->next) {
      if (*link != &self) continue;
      *link = self.next;
      --count;
      return true;
    }
    return false;
  }

  // The next script thread for this OS thread; null when none came for a while.
  Thread* next_job(SpareThread& self) {
    if (!offer(self)) return nullptr;
    if (self.spinner.wait([&] { return self.has_job.load(std::memory_order_acquire) != 0; })) return self.job;
    Clock& clock = system_clock();
    int64_t deadline = clock.monotonic_ns() + kSpareLife;
    while (!self.has_job.load()) {
      if (clock.monotonic_ns() >= deadline && withdraw(self)) return nullptr;
      clock.wait(self.has_job, 0, deadline);
    }
    return self.job;
  }
};

SpareThreads& spare_threads() {
  // For ever: spare threads look at it until the process ends. A copy of the process has none of them.
  static SpareThreads& one = [] () -> SpareThreads& {
    pthread_atfork(nullptr, nullptr, [] { new (&spare_threads()) SpareThreads; });
    return *new SpareThreads;
  }();
  return one;
}

void* thread_main(void* started) {
  // Signals are the main thread's. One that arrives before this line is passed on by the handler all the same.
  sigset_t all;
  sigfillset(&all);
  sigdelset(&all, kNudgeSignal);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  auto first = static_cast<Thread*>(started);
  SpareThread self{.stack_bytes = as<ThreadHandle>(first->thread_handle)->stack_bytes};
  for (Thread* job = first; job; job = spare_threads().next_job(self)) live(*job);
  return nullptr;
}

// Starts an OS thread that calls function(*arguments, **keywords). A ThreadHandle, or Raised.
Value start(Thread& t, Value function, Tuple* arguments, Dict* keywords, bool is_daemon, Value thread_object) {
  Interpreter& i = *t.interpreter;
  if (i.is_closing) return raise(t, ErrorType::RuntimeError, "can't create new thread at interpreter shutdown");
  auto* handle = t.heap->make<ThreadHandle>(native_type(t, thread_handle_layout)->root_shape);
  size_t set_size = stack_size_setting(t);
  handle->thread = nullptr;
  handle->ident = handle->native_id = 0;
  handle->function = function;
  handle->arguments = arguments;
  handle->keywords = keywords;
  handle->stack_bytes = set_size ? set_size : kDefaultStack;
  handle->joiners = {};
  const Frame* starter = script_frame(t);
  handle->started_at = starter ? CodePlace{starter->code, starter->ip} : CodePlace{};

  auto* made = new Thread(i);
  if (!made->is_valid()) {
    delete made;
    return raise(t, ErrorType::RuntimeError, "can't start new thread");
  }
  made->thread_handle = Value::of_object(handle);
  made->thread_object = thread_object;
  made->is_daemon = is_daemon;
  handle->thread = made;
  handle->ident = made->id;

  if (spare_threads().give(*made, handle->stack_bytes)) return Value::of_object(handle);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, handle->stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t os_thread;
  int error = pthread_create(&os_thread, &attributes, thread_main, made);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    handle->thread = nullptr;
    delete made;
    return raise(t, ErrorType::RuntimeError, "can't start new thread");
  }
  return Value::of_object(handle);
}

// --- ThreadHandle ---

// False when the time is over.
Value handle_join(Thread& t, Value* args, size_t) {
  ThreadHandle* handle = handle_of(args[0]);
  int64_t deadline;
  if (!wait_deadline(t, args[1], deadline)) return Value::raised();
  while (handle->thread) {
    Object* joined = handle->thread->thread_object.is_object() ? handle->thread->thread_object.object : nullptr;
    if (deadline == 0) return Value::of_bool(false);
    ParkOutcome outcome = park(t, handle->joiners, {BlockReason::Join, joined}, deadline);
    if (outcome == ParkOutcome::Raised) return Value::raised();
    if (outcome == ParkOutcome::TimedOut) return Value::of_bool(handle->thread == nullptr);
  }
  return Value::of_bool(true);
}

Value handle_is_done(Thread&, Value* args, size_t) { return Value::of_bool(handle_of(args[0])->thread == nullptr); }
Value handle_ident(Thread&, Value self) { return Value::of_int(static_cast<int64_t>(handle_of(self)->ident)); }

// The system's number of a thread is known once it runs: give it the chance.
Value handle_native_id(Thread& t, Value self) {
  ThreadHandle* handle = handle_of(self);
  while (handle->native_id == 0 && handle->thread) TRY(sleep_until(t, t.interpreter->clock->monotonic_ns() + 100'000));
  return Value::of_int(static_cast<int64_t>(handle->native_id));
}

// "x.py:9 in main", or None.
Value handle_started_at(Thread& t, Value self) {
  std::string place = place_text(*t.interpreter, handle_of(self)->started_at);
  return place.empty() ? Value::none() : str_value(make_str(t, place));
}

void handle_trace(Object* o, Marker& marker) {
  auto* handle = static_cast<ThreadHandle*>(o);
  marker.mark(handle->function);
  marker.mark_pointer(handle->arguments);
  marker.mark_pointer(handle->keywords);
}

constexpr NativeRow handle_methods[] = {
    {"join", handle_join, "(self, timeout=None, /)", "Waits for the end of the thread; False when it did not come in time."},
    {"is_done", handle_is_done, "(self)", "Has the thread ended?"},
};
constexpr AttributeRow handle_attributes[] = {
    {"started_at", handle_started_at, nullptr, "The line of the script that started it, or None."},
    {"ident", handle_ident, nullptr, "Number of the thread in this interpreter."},
    {"native_id", handle_native_id, nullptr, "Number of the thread in the system."},
};

const Layout thread_handle_layout = {
    .name = "_ThreadHandle", .module = "_thread", .kind = Kind::Native, .size = sizeof(ThreadHandle), .flags = kNoInstantiation,
    .base = nullptr, .trace = handle_trace, .finalize = nullptr, .ops = {},
    .methods = handle_methods, .method_count = std::size(handle_methods),
    .attributes = handle_attributes, .attribute_count = std::size(handle_attributes), .help = "A started thread."};

// --- _thread._local ---

// One dict for each thread that touched the object. Dicts of dead threads go when a new thread comes.
struct Local : Object {
  std::unordered_map<uint64_t, Dict*>* dicts;
  Tuple* arguments;        // for __init__ in each thread
  Dict* keywords;
};

void local_trace(Object* o, Marker& marker) {
  auto* local = static_cast<Local*>(o);
  if (local->dicts) {
    for (auto& [id, dict] : *local->dicts) marker.mark_pointer(dict);
  }
  marker.mark_pointer(local->arguments);
  marker.mark_pointer(local->keywords);
}

void local_finalize(Object* o, Heap&) { delete static_cast<Local*>(o)->dicts; }

// The calling thread's dict; null after raising (a script's __init__ may).
Dict* local_dict(Thread& t, Value self) {
  auto* local = as<Local>(self);
  auto found = local->dicts->find(t.id);
  if (found != local->dicts->end()) return found->second;
  std::erase_if(*local->dicts, [&](auto& entry) {
    for (Thread* other = t.interpreter->threads; other; other = other->next_thread) {
      if (other->id == entry.first) return false;
    }
    return true;
  });
  Dict* dict = make_dict(t);
  (*local->dicts)[t.id] = dict;
  if (!local->arguments) return dict;
  Value init = get_attribute(t, self, names(t).init);
  if (!init.is_raised()) init = call_with(t, init, local->arguments, local->keywords);
  if (!init.is_raised()) return dict;
  local->dicts->erase(t.id);
  return nullptr;
}

// args: cls, kwargs, then the positional arguments.
Value local_new(Thread& t, Value* args, size_t argc) {
  auto* type = as<Type>(args[0]);
  auto* keywords = as<Dict>(args[1]);
  Value init = type_lookup(type, names(t).init);
  bool has_init = type != native_type(t, *type->layout) && is_kind(init, Kind::Function);
  if ((argc > 2 || keywords->count) && !has_init) return raise(t, ErrorType::TypeError, "Initialization arguments are not supported");
  auto* local = static_cast<Local*>(allocate_object(t, type));
  note_finalizer(local);
  local->dicts = nullptr;
  local->arguments = nullptr;
  local->keywords = nullptr;
  local->dicts = new std::unordered_map<uint64_t, Dict*>;
  (*local->dicts)[t.id] = make_dict(t);
  if (has_init) {
    local->arguments = make_tuple(t, args + 2, argc - 2);
    local->keywords = keywords;
  }
  return Value::of_object(local);
}

Value local_get_attribute(Thread& t, Value self, Str* name) {
  Dict* dict = local_dict(t, self);
  if (!dict) return Value::raised();
  if (name == names(t).dict) return Value::of_object(dict);
  Value in_class = type_lookup(type_of(self.object), name);
  bool is_data_descriptor = in_class.is_object() && type_of(in_class.object)->ops.descriptor_set;
  if (!is_data_descriptor) {
    Value own = dict_get(dict, name);
    if (!own.is_empty()) return own;
  }
  return generic_get_attribute(t, self, name);
}

Value local_set_attribute(Thread& t, Value self, Str* name, Value v) {
  Dict* dict = local_dict(t, self);
  if (!dict) return Value::raised();
  if (name == names(t).dict) {
    return raise(t, ErrorType::AttributeError, "'{}' object attribute '__dict__' is read-only", type_name(t, self));
  }
  Value in_class = type_lookup(type_of(self.object), name);
  if (in_class.is_object() && type_of(in_class.object)->ops.descriptor_set) return generic_set_attribute(t, self, name, v);
  if (!v.is_empty()) {
    dict_set(t, dict, name, v);
    return Value::none();
  }
  if (!dict_delete(t, dict, name)) {
    return raise(t, ErrorType::AttributeError, "'{}' object has no attribute '{}'", type_name(t, self), to_utf8(name));
  }
  return Value::none();
}

constexpr NativeRow local_methods[] = {
    {"__new__", local_new, "(cls, *args, **kwargs)", "", Binding::Static},
};
const Layout local_layout = {
    .name = "_local", .module = "_thread", .kind = Kind::Native, .size = sizeof(Local), .flags = kSubclassable, .base = nullptr,
    .trace = local_trace, .finalize = local_finalize,
    .ops = {.get_attribute = local_get_attribute, .set_attribute = local_set_attribute},
    .methods = local_methods, .method_count = std::size(local_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "Attributes that every thread has for itself."};

// --- Functions ---

Value thread_start_new_thread(Thread& t, Value* args, size_t) {
  Value callable = TRY(get_attribute_or_empty(t, args[0], names(t).call));
  if (callable.is_empty()) return raise(t, ErrorType::TypeError, "first arg must be callable");
  if (!is_kind(args[1], Kind::Tuple)) return raise(t, ErrorType::TypeError, "2nd arg must be a tuple");
  if (!args[2].is_empty() && !is_kind(args[2], Kind::Dict)) return raise(t, ErrorType::TypeError, "optional 3rd arg must be a dictionary");
  Dict* keywords = args[2].is_empty() ? nullptr : as<Dict>(args[2]);
  Value handle = TRY(start(t, args[0], as<Tuple>(args[1]), keywords, true, Value::empty()));
  return handle_ident(t, handle);
}

// For threading: function(), the Thread object, daemon.
Value thread_start_thread(Thread& t, Value* args, size_t) {
  return start(t, args[0], t.interpreter->empty_tuple, nullptr, TRY(truth(t, args[2])).is_true(), args[1]);
}

Value thread_get_ident(Thread& t, Value*, size_t) { return Value::of_int(static_cast<int64_t>(t.id)); }
Value thread_get_native_id(Thread& t, Value*, size_t) { return Value::of_int(static_cast<int64_t>(t.native_thread_id)); }
Value thread_allocate_lock(Thread& t, Value*, size_t) { return Value::of_object(make_lock(t)); }
Value thread_exit(Thread& t, Value*, size_t) { return raise_no_arguments(t, ErrorType::SystemExit); }

Value thread_current(Thread& t, Value*, size_t) { return t.thread_object.is_empty() ? Value::none() : t.thread_object; }

Value thread_set_current(Thread& t, Value* args, size_t) {
  t.thread_object = args[0];
  return Value::none();
}

// The Thread objects of all running threads, oldest first.
Value thread_all(Thread& t, Value*, size_t) {
  List* all = make_list(t);
  for (Thread* other = t.interpreter->threads; other; other = other->next_thread) {
    if (!other->thread_object.is_empty()) list_push(t, all, other->thread_object);
  }
  std::reverse(all->items, all->items + all->length);
  return Value::of_object(all);
}

Value thread_count(Thread& t, Value*, size_t) {
  int64_t count = 0;
  for (Thread* other = t.interpreter->threads; other; other = other->next_thread) count += !other->is_main;
  return Value::of_int(count);
}

Value thread_stack_size(Thread& t, Value* args, size_t) {
  size_t& setting = stack_size_setting(t);
  auto old = static_cast<int64_t>(setting);
  int64_t wanted = 0;   // no argument asks for the default, like 0
  if (!args[0].is_empty() && !to_index(t, args[0], wanted)) return Value::raised();
  if (wanted < 0) return raise(t, ErrorType::ValueError, "size must be 0 or a positive value");
  if (wanted != 0 && wanted < 32768) return raise(t, ErrorType::ValueError, "size not valid: {} bytes", wanted);
  // Small sizes are accepted, as in CPython, but a thread of ours gets at least what its natives need.
  setting = wanted == 0 ? 0 : std::max(static_cast<size_t>(wanted + 4095) & ~size_t{4095}, kLeastStack);
  return Value::of_int(old);
}

Value thread_interrupt_main(Thread& t, Value* args, size_t) {
  int64_t number = SIGINT;
  if (!args[0].is_empty() && !to_index(t, args[0], number)) return Value::raised();
  if (number < 1 || number >= kSignalCount) return raise(t, ErrorType::ValueError, "signal number out of range");
  Value handler = signal_handler(t, static_cast<int>(number));
  bool is_ignored = handler.is_int() || (handler.is_empty() && number != SIGINT);
  if (!is_ignored) note_signal(static_cast<int>(number));
  return Value::none();
}

// For debuggers and tests: raises in another thread at its next attention check.
Value thread_raise_in(Thread& t, Value* args, size_t) {
  int64_t id;
  if (!to_index(t, args[0], id)) return Value::raised();
  for (Thread* other = t.interpreter->threads; other; other = other->next_thread) {
    if (static_cast<int64_t>(other->id) != id) continue;
    other->async_exception = args[1];
    other->attention.fetch_or(kAsyncException);
    Gil::poke(*other);
    return Value::of_bool(true);
  }
  return Value::of_bool(false);
}

constexpr NativeRow thread_functions[] = {
    {"start_new_thread", thread_start_new_thread, "(function, args, kwargs={}, /)", "Calls a function in a new thread."},
    {"start_new", thread_start_new_thread, "(function, args, kwargs={}, /)", "As start_new_thread."},
    {"_start_thread", thread_start_thread, "(function, thread, is_daemon, /)", "Starts a thread and gives its handle."},
    {"get_ident", thread_get_ident, "()", "Number of this thread in its interpreter."},
    {"get_native_id", thread_get_native_id, "()", "Number of this thread in the system."},
    {"allocate_lock", thread_allocate_lock, "()", "A new lock."},
    {"allocate", thread_allocate_lock, "()", "As allocate_lock."},
    {"exit", thread_exit, "()", "Ends this thread: raises SystemExit."},
    {"exit_thread", thread_exit, "()", "As exit."},
    {"_current", thread_current, "()", "The Thread object of this thread, or None."},
    {"_set_current", thread_set_current, "(thread, /)", "Sets it."},
    {"_all", thread_all, "()", "The Thread objects of all threads."},
    {"_count", thread_count, "()", "Number of threads besides the main one."},
    {"stack_size", thread_stack_size, "(size=0, /)", "Native stack of new threads in bytes; sets it when given."},
    {"interrupt_main", thread_interrupt_main, "(signum=2, /)", "As if a signal had arrived."},
    {"_raise_in", thread_raise_in, "(ident, exception, /)", "Raises in another thread."},
};

Value thread_setup(Thread& t, Module* m) {
  module_set(t, m, "LockType", Value::of_object(native_type(t, lock_layout)));
  module_set(t, m, "error", Value::of_object(error_type(t, ErrorType::RuntimeError)));
  module_set(t, m, "TIMEOUT_MAX", Value::of_float(9223372036.0));
  for (const Layout* layout : {&recursive_lock_layout, &condition_layout, &event_layout, &semaphore_layout, &bounded_semaphore_layout,
                               &local_layout}) {
    module_add_type(t, m, *layout);
  }
  return Value::none();
}

}  // namespace

extern const NativeModule _thread_module;
const NativeModule _thread_module = {"_thread", thread_functions, std::size(thread_functions), thread_setup,
                                     "Threads and locks, the native part of threading."};

}  // namespace mini
