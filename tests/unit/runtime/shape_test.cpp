// SPDX-License-Identifier: MIT
// Hidden classes, and the inline caches that compare them: filled by running, cleared when what they rely on changes.
#include "runtime/shape.h"

#include "runtime/objects/function.h"
#include "tests/unit/interp/with_programs.h"

namespace mini {
namespace {

class Shapes : public WithPrograms {
 protected:
  Shape* shape_of(std::string_view expression) {
    Value v = eval(expression);
    return v.is_object() ? v.object->shape : nullptr;
  }
};

TEST_F(Shapes, ObjectsThatGetTheSameAttributesInTheSameOrderShareOne) {
  run(R"(
class P:
    def __init__(self, x, y): self.x, self.y = x, y
def made(*names):
    p = P.__new__(P)
    for name in names: setattr(p, name, 1)
    return p
)");
  Shape* shape = shape_of("P(1, 2)");
  EXPECT_EQ(shape_of("P('a', None)"), shape);
  EXPECT_EQ(shape_of("made('x', 'y')"), shape);
  EXPECT_NE(shape_of("made('y', 'x')"), shape);
  EXPECT_EQ(shape_of("made('x')"), shape->parent);
  EXPECT_EQ(shape->count, 2u);
  EXPECT_EQ(shape->find(intern(t, "x")), 0u);
  EXPECT_EQ(shape->find(intern(t, "y")), 1u);
  EXPECT_EQ(shape->find(intern(t, "z")), kNoSlot);
}

TEST_F(Shapes, AssigningAgainChangesNoShape) {
  run("class P: pass\np = P()\np.x = 1");
  Shape* shape = shape_of("p");
  run("p.x = 'other'");
  EXPECT_EQ(shape_of("p"), shape);
}

TEST_F(Shapes, ClassesHaveTheirOwn) {
  run("class A: pass\nclass B(A): pass");
  EXPECT_NE(shape_of("A()"), shape_of("B()"));
  EXPECT_EQ(shape_of("A()")->type, as<Type>(global("A")));
}

TEST_F(Shapes, DictionaryModeKeepsEverything) {
  const char* ways[] = {"o.__dict__", "del o.b", "for i in range(200): setattr(o, 'n%d' % i, i)", "o.__dict__ = dict(o.__dict__)", "vars(o)"};
  for (const char* way : ways) {
    run("class P: pass\no = P()\no.a, o.b, o.c = 1, 2, 3");
    EXPECT_FALSE(shape_of("o")->is_dictionary);
    run(way);
    EXPECT_TRUE(shape_of("o")->is_dictionary) << way;
    EXPECT_EQ(result("(o.a, o.c, list(o.__dict__)[0])"), "(1, 3, 'a')") << way;
    run("o.d = 4\no.__dict__['e'] = 5");
    EXPECT_EQ(result("(o.d, o.e)"), "(4, 5)") << way;
  }
}

TEST_F(Shapes, TheOrderOfAttributesIsThatOfTheirMaking) {
  EXPECT_EQ(result_after("class P: pass\np = P()\np.b = 1\np.a = 2\np.b = 3", "p.__dict__"), "{'b': 3, 'a': 2}");
}

class InlineCaches : public WithPrograms {
 protected:
  // The cache that a function has for a name.
  InlineCache* cache(std::string_view function, std::string_view name) {
    Str* wanted = intern(t, name);
    for (InlineCache& c : as<Function>(global(function))->code->caches)
      if (c.name == wanted) return &c;
    ADD_FAILURE() << function << " has no cache for " << name;
    return nullptr;
  }
  // Runs the expression often enough to fill the caches behind it.
  std::string warm(std::string_view expression) {
    std::string last;
    for (int i = 0; i < 20; ++i) last = result(expression);
    return last;
  }
};

const char* const kPoint = R"(
class P:
    kind = 'class'
    def __init__(self, x): self.x = x
    def m(self): return 'm'
def get(o): return o.x
def data(o): return o.kind
def call(o): return o.m()
def put(o): o.x = 7
p = P(1)
)";

TEST_F(InlineCaches, ASlotIsRemembered) {
  run(kPoint);
  EXPECT_EQ(warm("get(p)"), "1");
  InlineCache* c = cache("get", "x");
  EXPECT_EQ(c->kind, CacheKind::Slot);
  EXPECT_EQ(c->shape, global("p").object->shape);
  EXPECT_EQ(c->index, 0u);
  EXPECT_EQ(result("get(P(2))"), "2");
}

TEST_F(InlineCaches, AnotherShapeIsAnsweredRightly) {
  run(kPoint);
  run("class Q:\n  x = 'of the class'\nclass R:\n  def __getattr__(self, name): return 'made ' + name\nq, r = Q(), R()");
  EXPECT_EQ(warm("get(p), get(q), get(r)"), "(1, 'of the class', 'made x')");
  EXPECT_EQ(warm("put(p) or put(q) or (p.x, q.x, get(q))"), "(7, 7, 7)");
}

TEST_F(InlineCaches, AMethodIsRememberedUntilTheClassChanges) {
  run(kPoint);
  EXPECT_EQ(warm("call(p)"), "'m'");
  EXPECT_NE(cache("call", "m")->shape, nullptr);
  run("P.m = lambda self: 'changed'");
  EXPECT_EQ(cache("call", "m")->shape, nullptr) << "whoever changes a class clears what relies on it";
  EXPECT_EQ(warm("call(p)"), "'changed'");
  run("p.m = lambda: 'own'");
  EXPECT_EQ(warm("call(p)"), "'own'");
  run("del p.m");
  EXPECT_EQ(warm("call(p)"), "'changed'");
  run("del P.m");
  EXPECT_EQ(result("call(p)"), "AttributeError: 'P' object has no attribute 'm'");
}

TEST_F(InlineCaches, ChangesOfABaseReachSubclasses) {
  run(kPoint);
  run("class S(P): pass\ns = S(5)");
  EXPECT_EQ(warm("call(s), data(s)"), "('m', 'class')");
  run("P.m = lambda self: 'new'\nP.kind = 'other'");
  EXPECT_EQ(warm("call(s), data(s)"), "('new', 'other')");
  run("S.kind = 'of S'");
  EXPECT_EQ(warm("data(s), data(p)"), "('of S', 'other')");
}

TEST_F(InlineCaches, ADataDescriptorThatAppearsWins) {
  run(kPoint);
  EXPECT_EQ(warm("get(p)"), "1");
  run("P.x = property(lambda self: 'property')");
  EXPECT_EQ(warm("get(p)"), "'property'");
  run("del P.x");
  EXPECT_EQ(warm("get(p)"), "1");
}

TEST_F(InlineCaches, AChangedClassOfAnObjectIsSeen) {
  run(kPoint);
  run("class Other:\n  def m(self): return 'other'\n  kind = 'other kind'");
  EXPECT_EQ(warm("call(p), data(p)"), "('m', 'class')");
  run("p.__class__ = Other");
  EXPECT_EQ(warm("call(p), data(p), get(p)"), "('other', 'other kind', 1)");
}

TEST_F(InlineCaches, GlobalsAreReadWhereTheyStand) {
  run("x = 1\ndef read(): return x");
  EXPECT_EQ(warm("read()"), "1");
  EXPECT_EQ(cache("read", "x")->kind, CacheKind::Global);
  run("x = 2");
  EXPECT_EQ(result("read()"), "2");
  run("del x");
  EXPECT_EQ(result("read()"), "NameError: name 'x' is not defined");
  run("for i in range(100): globals()['g%d' % i] = i\nx = 3");
  EXPECT_EQ(warm("read()"), "3");
}

TEST_F(InlineCaches, ABuiltinThatIsShadowedIsSeen) {
  run("def read(): return len([1, 2])");
  EXPECT_EQ(warm("read()"), "2");
  run("len = lambda x: 'mine'");
  EXPECT_EQ(warm("read()"), "'mine'");
  run("del len");
  EXPECT_EQ(warm("read()"), "2");
  run("import builtins\nold = builtins.len\nbuiltins.len = lambda x: 'theirs'");
  EXPECT_EQ(warm("read()"), "'theirs'");
  run("builtins.len = old");
  EXPECT_EQ(warm("read()"), "2");
}

TEST_F(InlineCaches, ModuleAttributesAreReadAgainAfterAChange) {
  run("import types\nm = types.ModuleType('m')\nm.x = 1");
  run("def get(o): return o.x");
  EXPECT_EQ(warm("get(m)"), "1");
  run("m.x = 2");
  EXPECT_EQ(warm("get(m)"), "2");
  run("del m.x");
  EXPECT_EQ(result("get(m)"), "AttributeError: module 'm' has no attribute 'x'");
}

TEST_F(InlineCaches, ACollectionForgetsDeadClasses) {
  run(R"(
def get(o): return o.x
def use():
    for i in range(200):
        made = type('Made%d' % i, (), {'__init__': lambda self: setattr(self, 'x', i)})
        assert get(made()) == i
use()
)");
  t.heap->collect();
  run("[(i, i) for i in range(10000)]");
  t.heap->collect();
  EXPECT_EQ(result("use()"), "None");
  InlineCache* c = cache("get", "x");
  t.heap->collect();
  EXPECT_TRUE(!c->shape || t.heap->find_object(c->shape->type) == c->shape->type);
}

}  // namespace
}  // namespace mini
