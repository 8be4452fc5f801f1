// SPDX-License-Identifier: MIT
// A test fixture with an interpreter whose clock jumps to the next deadline when its only thread waits: nothing here sleeps.
#pragma once

#include "runtime/calls.h"
#include "runtime/clock.h"
#include "runtime/gil_impl.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/type.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {

class JumpingClock final : public Clock {
 public:
  int64_t monotonic_ns() override { return now_; }
  int64_t wall_ns() override { return now_; }
  void wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) override {
    if (word.load() != expected) return;
    ++waits;
    if (deadline_ns != kNever && deadline_ns > now_) now_ = deadline_ns;
  }
  void wake(std::atomic<uint32_t>&) override {}
  void advance(int64_t ns) { now_ += ns; }

  int waits = 0;

 private:
  int64_t now_ = 1'000'000'000;
};

class WithLoop : public WithInterpreter {
 protected:
  // The GIL keeps a clock of its own from when the interpreter was made.
  WithLoop() {
    t.interpreter->clock = &clock_;
    static_cast<GilThread*>(t.gil_state)->gil->clock = &clock_;
  }
  ~WithLoop() override {
    t.interpreter->clock = &system_clock();
    static_cast<GilThread*>(t.gil_state)->gil->clock = &system_clock();
  }

  // Runs a script that appends to the list `log`; gives repr(log), or the traceback.
  std::string run(std::string_view script) {
    std::string text = "import asyncio\nlog = []\n" + std::string(script);
    Module* module = make_module(t, intern(t, "__main__"));
    dict_set(t, module->namespace_, intern(t, "__builtins__"), Value::of_object(t.interpreter->builtins));
    Value result = compile(t, text, "<test>", CompileMode::File);
    if (!result.is_raised()) result = run_code(t, as<Code>(result), module->namespace_, module->namespace_);
    if (result.is_raised()) return format_exception(t, take_exception(t));
    return shown(dict_get(module->namespace_, intern(t, "log")));
  }

  JumpingClock clock_;
};

}  // namespace mini
