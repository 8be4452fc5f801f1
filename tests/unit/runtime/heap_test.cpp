// SPDX-License-Identifier: MIT
// Allocation, marking, roots, sweeping. Native stacks are scanned conservatively, so a test never claims that one certain object died:
// it makes many and allows a few stale words to keep some.
#include "runtime/heap.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "runtime/objects/sequence.h"
#include "tests/concurrency/script_threads.h"
#include "tests/unit/interp/with_programs.h"

namespace mini {
namespace {

constexpr int kStale = 4;   // objects that words left over on the native stack may keep

class Heaps : public WithPrograms {
 protected:
  using WithPrograms::WithPrograms;
  Heap& heap() { return *t.heap; }
  size_t tuple_bytes(size_t length) { return sizeof(Tuple) + length * sizeof(Value); }
};

// --- Cells ---

TEST_F(Heaps, EveryAddressInsideAnObjectFindsIt) {
  // Steps of 16 bytes, then four to a doubling, then malloc'd: around each border.
  for (size_t length : {0, 1, 2, 13, 29, 30, 31, 37, 38, 61, 62, 254, 255, 509, 510, 511, 2000, 100000}) {
    Tuple* tuple = make_tuple(t, length);
    heap().collect();   // large objects are sorted by address then
    auto first = reinterpret_cast<const char*>(tuple);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 16, 0u);
    EXPECT_EQ(heap().find_object(first), tuple) << length;
    EXPECT_EQ(heap().find_object(first + tuple_bytes(length) / 2), tuple) << length;
    EXPECT_EQ(heap().find_object(first + tuple_bytes(length) - 1), tuple) << length;
    EXPECT_NE(heap().find_object(first - 1), tuple) << length;
  }
}

TEST_F(Heaps, WordsThatPointNowhereFindNothing) {
  int on_stack = 0;
  EXPECT_EQ(heap().find_object(nullptr), nullptr);
  EXPECT_EQ(heap().find_object(&on_stack), nullptr);
  EXPECT_EQ(heap().find_object(reinterpret_cast<void*>(UINTPTR_MAX)), nullptr);
  Tuple* tuple = make_tuple(t, 3);
  auto block = reinterpret_cast<uintptr_t>(tuple) & ~uintptr_t{64 * 1024 - 1};
  EXPECT_EQ(heap().find_object(reinterpret_cast<void*>(block)), nullptr) << "a block's own header";
}

TEST_F(Heaps, ObjectsOfOneSizeDoNotOverlap) {
  std::vector<uintptr_t> starts;
  ValueList kept(t);
  for (int i = 0; i < 5000; ++i) {
    Tuple* tuple = make_tuple(t, 5);
    kept.push(Value::of_object(tuple));
    starts.push_back(reinterpret_cast<uintptr_t>(tuple));
  }
  std::sort(starts.begin(), starts.end());
  for (size_t i = 1; i < starts.size(); ++i) ASSERT_GE(starts[i] - starts[i - 1], tuple_bytes(5));
}

// Complemented, so that the list itself keeps nothing alive.
[[gnu::noinline]] std::vector<uintptr_t> allocate_and_forget(Thread& t, size_t count) {
  std::vector<uintptr_t> places;
  for (size_t i = 0; i < count; ++i) places.push_back(~reinterpret_cast<uintptr_t>(make_tuple(t, 7)));
  return places;
}

TEST_F(Heaps, CellsOfTheDeadAreUsedAgain) {
  std::vector<uintptr_t> before = allocate_and_forget(t, 3000);
  heap().collect();
  std::vector<uintptr_t> after = allocate_and_forget(t, 3000);
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  std::vector<uintptr_t> common;
  std::set_intersection(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(common));
  EXPECT_GT(common.size(), 2000u);
}

TEST_F(Heaps, StatisticsCountWhatLives) {
  heap().collect();
  uint64_t objects = heap().stats().objects_live, bytes = heap().stats().bytes_live;
  run("keep = [(i, i) for i in range(10000)]");
  heap().collect();
  EXPECT_GE(heap().stats().objects_live, objects + 10000);
  EXPECT_GE(heap().stats().bytes_live, bytes + 10000 * tuple_bytes(2));
  run("del keep");
  heap().collect();
  EXPECT_LT(heap().stats().objects_live, objects + 100);
}

// --- Generations ---

// Under stress each allocation collects what is young, so this is one small collection and more.
void collect_young(Thread& t) {
  t.heap->set_stress(true);
  allocate_and_forget(t, 3);
  t.heap->set_stress(false);
}

// A global that lived through a collection. What a native stack happens to name besides is remembered as a whole: not this one.
List* old_list(Heap& heap, Value global) {
  heap.collect();
  auto list = as<List>(global);
  EXPECT_NE(list->mark, 0);
  list->flags &= static_cast<uint8_t>(~kRemembered);
  return list;
}

TEST_F(Heaps, WhatAnOldListIsGivenLivesOn) {
  run("old = []");
  List* list = old_list(heap(), global("old"));
  list_push(t, list, str_value(make_str(t, "young")));
  EXPECT_TRUE(list->flags & kGrown);
  EXPECT_EQ(list->young_from, 0u);
  collect_young(t);
  allocate_and_forget(t, 3000);
  EXPECT_EQ(shown(Value::of_object(list)), "['young']");
}

// Of a list that grows only what is new is looked at, from the place on where items may have changed.
TEST_F(Heaps, OnlyTheGrowthOfAnOldListIsLookedAt) {
  run("old = ['some', 'thing', 'old']");
  List* list = old_list(heap(), global("old"));
  list_push(t, list, str_value(make_str(t, "young")));
  list_push(t, list, str_value(make_str(t, "younger")));
  EXPECT_EQ(list->young_from, 3u);
  run("old.pop(), old.pop(), old.pop()");
  list_push(t, list, str_value(make_str(t, "youngest")));
  EXPECT_EQ(list->young_from, 2u);
  run("del old[0]");
  EXPECT_EQ(list->young_from, 0u);
  EXPECT_FALSE(list->flags & kRemembered);
  collect_young(t);
  EXPECT_FALSE(list->flags & kGrown);
  allocate_and_forget(t, 3000);
  EXPECT_EQ(shown(Value::of_object(list)), "['thing', 'youngest']");
}

// A block without finalizers in which nothing lives is swept without a look at its cells, and used again.
TEST_F(Heaps, BlocksOfTheDeadAreUsedAgain) {
  allocate_and_forget(t, 40'000);
  heap().collect();
  uint64_t live = heap().stats().objects_live;
  std::set<void*> blocks;
  for (size_t i = 0; i < 200'000; ++i) blocks.insert(Block::of(make_tuple(t, 5)));
  EXPECT_LT(blocks.size(), 60u);
  heap().collect();
  EXPECT_LE(heap().stats().objects_live, live + kStale);
}

TEST_F(Heaps, LargeBuffersThatWereGivenBackAreTakenAgain) {
  constexpr size_t kBytes = size_t{3} << 20;
  BufferPool pool;
  auto first = static_cast<char*>(pool.take(kBytes));
  first[0] = 'a';
  pool.give(first, kBytes);
  EXPECT_EQ(pool.take(kBytes), first);
  auto larger = static_cast<char*>(pool.resize(first, kBytes, 3 * kBytes));
  EXPECT_EQ(larger[0], 'a');
  larger[3 * kBytes - 1] = 'z';
  auto small = static_cast<char*>(pool.resize(larger, 3 * kBytes, 100));
  EXPECT_EQ(small[0], 'a');
  pool.give(small, 100);
  auto smaller = static_cast<char*>(pool.take(kBytes));   // what waits is three times as large, and stays so
  EXPECT_NE(smaller, larger);
  pool.give(smaller, kBytes);
}

TEST_F(Heaps, SmallCollectionsLeaveTheOldAlone) {
  run("old = (object(), object())");
  heap().collect();
  run("del old");
  uint64_t small = heap().stats().small_collections, whole = heap().stats().collections;
  allocate_and_forget(t, 40'000);
  EXPECT_GT(heap().stats().small_collections, small);
  EXPECT_EQ(heap().stats().collections, whole);
}

// A block that is full of what lives, and whose last room goes to what dies, is swept like any other.
TEST_F(Heaps, SmallCollectionsLeaveNoDeadBehind) {
  ValueList living(t);
  living.resize(3000);
  for (size_t round = 0; round < 20; ++round) {
    for (size_t i = 0; i < 150; ++i) living[round * 150 + i] = Value::of_object(make_tuple(t, 7));
    collect_young(t);
    allocate_and_forget(t, 900);   // to the end of the block and beyond
    collect_young(t);
    int young = 0;
    heap().for_each_object([&](Object* o) { young += o->kind == Kind::Tuple && o->mark == 0; });
    EXPECT_LE(young, 3 + kStale);
  }
}

[[gnu::noinline]] void write_unnoted(Thread& t, List* lists) {
  for (uint64_t i = 0; i < lists->length; ++i) as<List>(lists->items[i])->items[0] = Value::of_object(make_tuple(t, 3));
}

TEST_F(Heaps, AWriteThatNobodyNotedEndsTheRunUnderStress) {
  run("old = [[None] for i in range(50)]");
  heap().collect();
  EXPECT_DEATH(
      {
        write_unnoted(t, as<List>(global("old")));
        collect_young(t);
      },
      "an old 'list' object refers to a young 'tuple' object");
}

// --- Roots ---

TEST_F(Heaps, ALocalOfANativeIsARoot) {
  Value text = Value::of_object(make_str(t, "only this local knows me"));
  for (int i = 0; i < 3; ++i) {
    heap().collect();
    allocate_and_forget(t, 100);
  }
  EXPECT_EQ(shown(text), "'only this local knows me'");
}

TEST_F(Heaps, AnInteriorPointerIsARoot) {
  Value* volatile items = make_tuple(t, {str_value(make_str(t, "inside")), Value::of_int(2)})->items;
  heap().collect();
  allocate_and_forget(t, 100);
  EXPECT_EQ(shown(items[0]), "'inside'");
}

TEST_F(Heaps, ValueListsAreRootsWhereverTheirMemoryIs) {
  ValueList values(t);
  for (int i = 0; i < 1000; ++i) values.push(str_value(make_str(t, "text " + std::to_string(i))));
  heap().collect();
  allocate_and_forget(t, 3000);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(to_utf8(as<Str>(values[static_cast<size_t>(i)])), "text " + std::to_string(i));
}

TEST_F(Heaps, TheStackOfAThreadOutsideIsScanned) {
  bool is_outside = false, has_collected = false;
  std::string seen;
  ScriptThreads threads(interpreter_);
  threads.start([&](Thread& other) {
    Value text = Value::of_object(make_str(other, "on the other stack"));
    is_outside = true;
    while (!has_collected) {
      ReleaseGil released(other, BlockReason::Native);
      std::this_thread::yield();
    }
    seen = to_utf8(as<Str>(text));
  });
  threads.start([&](Thread& other) {
    while (!is_outside) { ReleaseGil released(other, BlockReason::Native); }
    other.heap->collect();
    allocate_and_forget(other, 3000);
    has_collected = true;
  });
  threads.join();
  EXPECT_EQ(seen, "on the other stack");
}

TEST_F(Heaps, FurtherRootsAreAsked) {
  Object* hidden = nullptr;
  heap().add_root([&](Marker& marker) { marker.mark(hidden); });
  auto text = std::make_unique<Value>(str_value(make_str(t, "known to a root function")));
  hidden = text->object;
  heap().collect();
  allocate_and_forget(t, 3000);
  EXPECT_EQ(shown(*text), "'known to a root function'");
}

// --- Marking ---

// Each makes something that holds `x` and nothing else that does.
const char* const kHolders = R"(
import asyncio, collections, contextvars, functools, itertools, weakref, types
class Token: pass
class Box:
    def __init__(self, x): self.x = x
    def method(self): return self
class Slotted:
    __slots__ = ('x',)
class Ints(list): pass
def closure(x): return lambda: x
def default(x):
    def f(a=x, *, b=0): return a
    return f
def keyword_default(x):
    def f(*, a=x): return a
    return f
def annotated(x):
    def f(): pass
    f.note = x
    return f
def started(g):
    next(g)
    return g
def gen(x):
    yield 1
    yield x
def delegating(x): yield from gen(x)
async def coroutine(x): return x
async def async_gen(x): yield x
def slotted(x):
    s = Slotted()
    s.x = x
    return s
def many(x):
    b = Box(0)
    for i in range(200): setattr(b, 'a%d' % i, i)
    b.last = x
    return b
def dict_mode(x):
    b = Box(x)
    b.__dict__
    return b
def sub(x):
    s = Ints()
    s.name = x
    return s
def caught(x):
    try: raise KeyError(x)
    except KeyError as e: return e
def chained(x):
    e = ValueError()
    e.__cause__ = KeyError(x)
    return e
def class_with(x): return type('Made', (), {'x': x})
def cached(x):
    f = functools.lru_cache(lambda a: a)
    f(x)
    return f
def context(x):
    c = contextvars.copy_context()
    c.run(variable.set, x)
    return c
variable = contextvars.ContextVar('variable')
def future(x):
    loop = asyncio.new_event_loop()
    f = loop.create_future()
    f.set_result(x)
    loop.close()
    return f
def module(x):
    m = types.ModuleType('m')
    m.x = x
    return m
def teed(x):
    a, b = itertools.tee([x])
    next(a)
    return b
holders = dict(
    list=lambda x: [x], tuple=lambda x: (x,), nested=lambda x: [[[(x,)]]], dict_value=lambda x: {1: x}, dict_key=lambda x: {x: 1},
    set=lambda x: {x}, frozenset=lambda x: frozenset((x,)), instance=Box, slotted=slotted, many=many, dict_mode=dict_mode, sub=sub,
    closure=closure, default=default, keyword_default=keyword_default, annotated=annotated, bound=lambda x: Box(x).method,
    generator=lambda x: gen(x), suspended=lambda x: started(gen(x)), delegating=lambda x: started(delegating(x)), coroutine=coroutine,
    async_gen=async_gen, list_iter=lambda x: iter([x]), dict_items=lambda x: iter({1: x}.items()), values=lambda x: {1: x}.values(),
    map=lambda x: map(str, [x]), zip=lambda x: zip([x]), filter=lambda x: filter(None, [x]), enumerate=lambda x: enumerate([x]),
    reversed=lambda x: reversed([x]), chain=lambda x: itertools.chain([x]), product=lambda x: itertools.product([x]), tee=teed,
    repeat=itertools.repeat, cycle=lambda x: itertools.cycle([x]), partial=lambda x: functools.partial(print, x),
    deque=lambda x: collections.deque([x]), ordered=lambda x: collections.OrderedDict(a=x),
    default_dict=lambda x: collections.defaultdict(lambda: x), property=lambda x: property(closure(x)), static=lambda x: staticmethod(closure(x)),
    klass=lambda x: classmethod(closure(x)), slice=lambda x: slice(x), error=caught, cause=chained, type=class_with, cache=cached,
    context=context, future=future, module=module, namespace=lambda x: types.SimpleNamespace(x=x), proxy=lambda x: types.MappingProxyType({1: x}),
    iterator=lambda x: iter(lambda: x, 0), starmap=lambda x: itertools.starmap(print, [(x,)]), islice=lambda x: itertools.islice([x], 1))
def hold(make):
    x = Token()
    return make(x), weakref.ref(x)
)";

TEST_F(Heaps, EveryKindOfObjectKeepsWhatItHolds) {
  run(kHolders);
  run("held = {name: [hold(make) for _ in range(30)] for name, make in holders.items()}");
  heap().collect();
  allocate_and_forget(t, 10000);
  heap().collect();
  EXPECT_EQ(result("[name for name, pairs in held.items() if any(ref() is None for holder, ref in pairs)]"), "[]");
  // And lets it go when it dies itself.
  run("refs = {name: [ref for holder, ref in pairs] for name, pairs in held.items()}\ndel held");
  heap().collect();
  heap().run_pending(t);
  heap().collect();
  run("limit = " + std::to_string(kStale));
  EXPECT_EQ(result("[name for name, all in refs.items() if sum(ref() is not None for ref in all) > limit]"), "[]");
}

TEST_F(Heaps, CyclesDie) {
  run(R"(
import weakref
class Node: pass
def cycle():
    a, b = Node(), Node()
    a.other, b.other = b, a
    return weakref.ref(a)
refs = [cycle() for _ in range(100)]
)");
  heap().collect();
  EXPECT_EQ(result("sum(r() is not None for r in refs) <= " + std::to_string(kStale)), "True");
}

TEST_F(Heaps, ALongChainIsMarkedWithoutNativeRecursion) {
  run("x = None\nfor _ in range(1000000): x = (x,)");
  heap().collect();
  run("n = 0\nwhile x: x = x[0]; n += 1");
  EXPECT_EQ(result("n"), "1000000");
}

// --- When and how much ---

TEST_F(Heaps, NothingIsCollectedBeforeOneMebibyte) {
  heap().collect();
  uint64_t before = heap().stats().small_collections;
  run("for i in range(50): [i] * 1000");   // 16 KB each
  EXPECT_EQ(heap().stats().small_collections, before);
  run("for i in range(1000): [i] * 1000");
  EXPECT_GT(heap().stats().small_collections, before);
}

TEST_F(Heaps, DisablingNests) {
  heap().disable();
  heap().disable();
  heap().enable();
  uint64_t before = heap().stats().collections;
  heap().collect();
  EXPECT_EQ(heap().stats().collections, before);
  heap().enable();
  heap().collect();
  EXPECT_EQ(heap().stats().collections, before + 1);
}

TEST_F(Heaps, AbsurdSizesAreMemoryErrors) {
  EXPECT_FALSE(heap().can_allocate(SIZE_MAX / 2));
  EXPECT_EQ(result("'x' * (1 << 60)"), "MemoryError: ");
  EXPECT_EQ(result("[0] * (1 << 58)"), "MemoryError: ");
  EXPECT_EQ(result("bytearray(1 << 60)"), "MemoryError: ");
}

size_t resident_bytes() {
  size_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST_F(Heaps, FreeMemoryGoesBackToTheSystem) {
  constexpr size_t kMebibyte = 1 << 20;
  size_t before = resident_bytes();
  run("keep = [(i, i, i, i) for i in range(1000000)]");   // 96 bytes each
  size_t full = resident_bytes();
  EXPECT_GT(full, before + 80 * kMebibyte);
  run("del keep");
  heap().collect();
  EXPECT_LT(resident_bytes(), full - 50 * kMebibyte);
  run("keep = [(i, i) for i in range(100000)]");   // what was given back can be used again
  EXPECT_EQ(result("keep[99999]"), "(99999, 99999)");
}

class StressedHeaps : public Heaps {
 protected:
  static Options stressed() {
    Options options;
    options.gc_stress = true;
    return options;
  }
  StressedHeaps() : Heaps(stressed()) {}
};

TEST_F(StressedHeaps, EveryAllocationCollects) {
  auto collections = [&] { return heap().stats().collections + heap().stats().small_collections; };
  uint64_t before = collections(), allocations = heap().stats().allocations;
  make_tuple(t, 1);
  make_str(t, "a text that is new");
  EXPECT_EQ(collections() - before, heap().stats().allocations - allocations);
  EXPECT_GE(collections() - before, 2u);
}

TEST_F(StressedHeaps, ProgramsComputeTheSame) {
  run(R"(
class Point:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, other): return Point(self.x + other.x, self.y + other.y)
def points(n):
    for i in range(n): yield Point(i, str(i))
def total(n):
    result = Point(0, '')
    for p in points(n): result = result + p
    return result.x, result.y
)");
  EXPECT_EQ(result("total(12)"), "(66, '01234567891011')");
  EXPECT_EQ(result("sorted({str(i): [i] for i in range(9)}.items(), key=lambda kv: -kv[1][0])[0]"), "('8', [8])");
}

// --- Weak references and __del__ ---

TEST_F(Heaps, WeakReferencesAreClearedBeforeTheirCallbacksRun) {
  run(R"(
import weakref
class C: pass
log = []
keep = C()
def watch():
    return [weakref.ref(C(), lambda r: log.append(r() is None)) for _ in range(50)]
refs = watch()
kept = weakref.ref(keep, lambda r: log.append('never'))
)");
  heap().collect();
  EXPECT_TRUE(heap().has_pending());
  heap().run_pending(t);
  EXPECT_FALSE(heap().has_pending());
  EXPECT_EQ(result("len(log) >= 46 and all(x is True for x in log) and kept() is keep"), "True");
  EXPECT_EQ(result("len(log) == sum(r() is None for r in refs)"), "True");
}

TEST_F(Heaps, CallbacksOfDeadReferencesDoNotRun) {
  run(R"(
import weakref
class C: pass
log = []
def watch():
    for _ in range(50): weakref.ref(C(), lambda r: log.append(1))
watch()
)");
  heap().collect();
  heap().run_pending(t);
  EXPECT_EQ(result("len(log) <= " + std::to_string(kStale)), "True");
}

TEST_F(Heaps, DelRunsOnceAndMayRevive) {
  run(R"(
saved, count = [], 0
class Phoenix:
    def __del__(self):
        global count
        count += 1
        saved.append(self)
def burn():
    for _ in range(50): Phoenix()
burn()
)");
  heap().collect();
  heap().run_pending(t);
  EXPECT_EQ(result("count == len(saved) and count >= 46 and type(saved[0]) is Phoenix"), "True");
  run("first = count\nsaved.clear()");
  heap().collect();
  heap().run_pending(t);
  EXPECT_EQ(result("count - first <= " + std::to_string(kStale)), "True");
}

TEST_F(Heaps, WhatAnObjectWithDelReachesIsWholeWhileItRuns) {
  run(R"(
log = []
class Owner:
    def __init__(self, i): self.part = ['part', i]
    def __del__(self): log.append(self.part[0])
def make():
    for i in range(50): Owner(i)
make()
)");
  heap().collect();
  allocate_and_forget(t, 10000);
  heap().run_pending(t);
  EXPECT_EQ(result("set(log), len(log) >= 46"), "({'part'}, True)");
}

TEST_F(Heaps, NativeMemoryIsFreedByFinalizers) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own memory grows with every page that was touched";
#endif
  heap().collect();
  size_t before = resident_bytes();
  run("for i in range(60): [0] * 1000000");   // 960 MB in all
  EXPECT_LT(resident_bytes(), before + (size_t{200} << 20));
}

}  // namespace
}  // namespace mini
