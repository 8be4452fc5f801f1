// SPDX-License-Identifier: MIT
// Generators through the resume doors: states, the three outcomes, chains of `yield from` and `await`.
#include "runtime/objects/generator.h"

#include <cstring>
#include <vector>

#include "runtime/frame.h"
#include "tests/unit/interp/with_programs.h"

namespace mini {
namespace {

class VmGenerators : public WithPrograms {
 protected:
  Generator* make(std::string_view expression) {
    Value v = eval(expression);
    if (v.is_raised()) ADD_FAILURE() << shown(v);
    dict_set(t, interpreter_.main_globals, intern(t, "kept"), v);
    return as<Generator>(v);
  }
  std::string shown_outcome(Resumption r) {
    switch (r.outcome) {
      case Outcome::Returned: return "returned " + shown(r.value);
      case Outcome::Yielded: return "yielded " + shown(r.value);
      case Outcome::Raised: return "raised " + shown(Value::raised());
    }
    return "";
  }
  std::string sent(Generator* g, Value v = Value::none()) { return shown_outcome(resume(t, g, v)); }
  std::string thrown(Generator* g, ErrorType type) {
    (void)raise_text(t, type, "thrown");
    return shown_outcome(resume_raising(t, g, take_exception(t)));
  }
};

TEST_F(VmGenerators, GoesThroughItsStates) {
  run("def g():\n  x = yield 1\n  y = yield x\n  return y");
  Generator* g = make("g()");
  EXPECT_EQ(g->state, GeneratorState::Created);
  EXPECT_EQ(sent(g), "yielded 1");
  EXPECT_EQ(g->state, GeneratorState::Suspended);
  EXPECT_EQ(sent(g, Value::of_int(5)), "yielded 5");
  EXPECT_EQ(sent(g, Value::of_int(6)), "returned 6");
  EXPECT_EQ(g->state, GeneratorState::Closed);
  EXPECT_EQ(g->frame, nullptr);
  EXPECT_EQ(sent(g), "returned None");
}

TEST_F(VmGenerators, ARaiseClosesIt) {
  run("def g():\n  yield 1\n  raise KeyError('k')");
  Generator* g = make("g()");
  EXPECT_EQ(sent(g), "yielded 1");
  EXPECT_EQ(sent(g), "raised KeyError: 'k'");
  EXPECT_EQ(g->state, GeneratorState::Closed);
  EXPECT_EQ(t.frame, nullptr);
}

TEST_F(VmGenerators, WhatCannotBeSent) {
  run("def g():\n  yield 1\nasync def c(): return 1\ndef self_resuming():\n  yield next(kept)");
  EXPECT_EQ(sent(make("g()"), Value::of_int(1)), "raised TypeError: can't send non-None value to a just-started generator");
  EXPECT_EQ(sent(make("self_resuming()")), "raised ValueError: generator already executing");
  Generator* coroutine = make("c()");
  EXPECT_EQ(sent(coroutine), "returned 1");
  EXPECT_EQ(sent(coroutine), "raised RuntimeError: cannot reuse already awaited coroutine");
}

TEST_F(VmGenerators, ThrowRaisesAtTheYield) {
  run(R"(
def g():
    while True:
        try: yield 'waiting'
        except ValueError as e: yield 'caught ' + str(e)
)");
  Generator* g = make("g()");
  EXPECT_EQ(sent(g), "yielded 'waiting'");
  EXPECT_EQ(thrown(g, ErrorType::ValueError), "yielded 'caught thrown'");
  EXPECT_EQ(sent(g), "yielded 'waiting'");
  EXPECT_EQ(thrown(g, ErrorType::KeyError), "raised KeyError: 'thrown'");
  EXPECT_EQ(g->state, GeneratorState::Closed);
  Generator* fresh = make("g()");
  EXPECT_EQ(thrown(fresh, ErrorType::ValueError), "raised ValueError: thrown");
  EXPECT_EQ(fresh->state, GeneratorState::Closed);
}

TEST_F(VmGenerators, CloseRunsFinally) {
  run("log = []\ndef g():\n  try: yield 1\n  finally: log.append('closed')\ndef stubborn():\n  while True:\n    try: yield 1\n    except GeneratorExit: pass");
  Generator* g = make("g()");
  (void)sent(g);
  EXPECT_EQ(shown(generator_close(t, g)), "None");
  EXPECT_EQ(shown(generator_close(t, g)), "None");
  EXPECT_EQ(result("log"), "['closed']");
  Generator* stubborn = make("stubborn()");
  (void)sent(stubborn);
  EXPECT_EQ(shown(generator_close(t, stubborn)), "RuntimeError: generator ignored GeneratorExit");
  EXPECT_EQ(shown(generator_close(t, make("g()"))), "None");
}

TEST_F(VmGenerators, AStopIterationInsideIsARuntimeError) {
  run("def g():\n  yield 1\n  raise StopIteration(2)");
  Generator* g = make("g()");
  (void)sent(g);
  EXPECT_EQ(sent(g), "raised RuntimeError: generator raised StopIteration");
}

// --- Chains ---

const char* const kChains = R"(
def leaf():
    got = 0
    while True:
        try: got = yield got
        except ValueError as e: got = 'caught'
        if got == 'end': return 'leaf'
def chain(depth):
    if depth == 0: return (yield from leaf())
    return (yield from chain(depth - 1)) + '<'
)";

class VmGeneratorChains : public VmGenerators {
 protected:
  VmGeneratorChains() { t.recursion_limit = 5000; }
  // Every generator of a suspended chain, the innermost first.
  std::vector<Generator*> members(Generator* root) {
    std::vector<Generator*> all;
    for (Generator* g = root->innermost;; g = g->frame->previous->generator) {
      all.push_back(g);
      if (g == root) return all;
    }
  }
  static std::string bytes_of(Generator* g) {
    size_t size = sizeof(Generator) + sizeof(Frame) + g->code->register_count * sizeof(Value);
    return std::string(reinterpret_cast<const char*>(g), size);
  }
  // How many generators of a chain, frames and registers included, one more resumption writes to.
  size_t written_by_a_resumption(int depth) {
    Generator* root = make("chain(" + std::to_string(depth) + ")");
    EXPECT_EQ(sent(root), "yielded 0");
    EXPECT_EQ(sent(root, Value::of_int(1)), "yielded 1");
    std::vector<Generator*> chain = members(root);
    EXPECT_EQ(chain.size(), static_cast<size_t>(depth) + 2);
    std::vector<std::string> before;
    for (Generator* g : chain) before.push_back(bytes_of(g));
    EXPECT_EQ(sent(root, Value::of_int(2)), "yielded 2");
    size_t written = 0;
    for (size_t i = 0; i < chain.size(); ++i) written += before[i] != bytes_of(chain[i]);
    return written;
  }
};

TEST_F(VmGeneratorChains, TheRootKnowsTheInnermost) {
  run(kChains);
  Generator* root = make("chain(3)");
  EXPECT_EQ(sent(root), "yielded 0");
  std::vector<Generator*> chain = members(root);
  ASSERT_EQ(chain.size(), 5u);
  EXPECT_EQ(to_utf8(chain[0]->code->name), "leaf");
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    EXPECT_TRUE(chain[i]->is_delegate);
    EXPECT_EQ(chain[i]->root, root);
  }
  EXPECT_FALSE(root->is_delegate);
  EXPECT_EQ(t.frame, nullptr);
}

TEST_F(VmGeneratorChains, AResumptionTouchesTheTwoEndsOnlyAtAnyDepth) {
  run(kChains);
  size_t shallow = written_by_a_resumption(3);
  EXPECT_LE(shallow, 2u);
  EXPECT_EQ(written_by_a_resumption(30), shallow);
  EXPECT_EQ(written_by_a_resumption(1000), shallow);
}

TEST_F(VmGeneratorChains, ReturnsGoUpThroughEveryLink) {
  run(kChains);
  Generator* root = make("chain(4)");
  (void)sent(root);
  EXPECT_EQ(sent(root, str_value(make_str(t, "end"))), "returned 'leaf<<<<'");
  EXPECT_EQ(root->state, GeneratorState::Closed);
}

TEST_F(VmGeneratorChains, ThrowReachesTheInnermost) {
  run(kChains);
  Generator* root = make("chain(4)");
  (void)sent(root);
  EXPECT_EQ(thrown(root, ErrorType::ValueError), "yielded 'caught'");
  EXPECT_EQ(members(root).size(), 6u);
  EXPECT_EQ(thrown(root, ErrorType::KeyError), "raised KeyError: 'thrown'");
  EXPECT_EQ(root->state, GeneratorState::Closed);
}

TEST_F(VmGeneratorChains, AMiddleOneMayBeResumedByItself) {
  run("def inner():\n  for i in range(9): yield i\ndef outer(g):\n  yield from g\nmiddle = inner()");
  Generator* root = make("outer(middle)");
  EXPECT_EQ(sent(root), "yielded 0");
  EXPECT_EQ(result("next(middle)"), "1");
  EXPECT_EQ(sent(root), "yielded 2");
  EXPECT_EQ(result("middle.close()"), "None");
  EXPECT_EQ(sent(root), "returned None");
}

TEST_F(VmGeneratorChains, AwaitingCoroutinesIsTheSameChain) {
  run(R"(
import types
@types.coroutine
def pause(v): return (yield v)
async def down(n): return await pause(n) if n == 0 else 1 + await down(n - 1)
)");
  Generator* root = make("down(200)");
  EXPECT_EQ(sent(root), "yielded 0");
  EXPECT_EQ(members(root).size(), 202u);
  EXPECT_EQ(sent(root, Value::of_int(5)), "returned 205");
}

TEST_F(VmGeneratorChains, CollectingASuspendedChainKeepsEveryLink) {
  run(kChains);
  Generator* root = make("chain(50)");
  (void)sent(root);
  t.heap->collect();
  run("[(i, i) for i in range(10000)]");
  t.heap->collect();
  EXPECT_EQ(sent(root, str_value(make_str(t, "end"))).substr(0, 17), "returned 'leaf<<<");
}

}  // namespace
}  // namespace mini
