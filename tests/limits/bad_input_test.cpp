// SPDX-License-Identifier: MIT
//
// Programs that are wrong, huge or no programs at all: a clear error and the right status, never a crash or a hang.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/subprocess.h"

namespace mini::test {
namespace {

namespace fs = std::filesystem;

// Runs `bytes` as a file.
Outcome run_bytes(const std::string& bytes) {
  std::string pattern = (fs::temp_directory_path() / "mini-limit-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return {};
  fs::path file = fs::path(pattern) / "input.mini";
  std::ofstream(file, std::ios::binary) << bytes;
  Command command;
  command.arguments = {MINI_BINARY, file.string()};
  command.time_limit = std::chrono::seconds(120);
  Outcome outcome = run(command);
  fs::remove_all(pattern);
  return outcome;
}

std::string repeat(const std::string& text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// Ends by itself with status 1 and this last line on stderr.
void expect_error(const std::string& bytes, const std::string& message) {
  Outcome outcome = run_bytes(bytes);
  EXPECT_EQ(outcome.ending(), "exit status 1") << outcome.errors.substr(0, 2000);
  EXPECT_EQ(last_line(outcome.errors), message);
}

// Sanitizers reserve more address space than these programs leave.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsMemory = false;
#else
constexpr bool kLimitsMemory = true;
#endif

// Memory that ends in the middle of any kind of growth is a MemoryError, and what was let go of can be used again.
TEST(BadInput, LittleAddressSpace) {
  if (!kLimitsMemory) GTEST_SKIP();
  Outcome outcome = run_bytes(R"(
import gc, resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.RLIM_INFINITY))
import collections
def nested():
    x = None
    while True: x = (x, [])
def appended():
    x = []
    while True: x.append(x)
def counted():
    x, i = {}, 0
    while True:
        x[i] = i
        i += 1
def doubled():
    x = "abc"
    while True: x += x
def formatted():
    x = []
    while True: x.append("%s" % ("ab" * 300000))
def many_bytes():
    x = []
    while True: x.append(bytes(500000))
def queued():
    x = collections.deque()
    while True: x.append(x)
def joined():
    return "".join(["ab" * 100000] * 100000)
for fill in (nested, appended, counted, doubled, formatted, many_bytes, queued, joined):
    try:
        fill()
    except MemoryError:
        print(fill.__name__, end=" ")
    gc.collect()
    print(len([i for i in range(100000)]))
)");
  EXPECT_EQ(outcome.ending(), "exit status 0") << outcome.errors.substr(0, 2000);
  EXPECT_EQ(outcome.output, "nested 100000\nappended 100000\ncounted 100000\ndoubled 100000\nformatted 100000\nmany_bytes 100000\nqueued 100000\njoined 100000\n");
}

TEST(BadInput, InvalidUtf8) {
  Outcome outcome = run_bytes("x = '\xff\xfe'\n");
  EXPECT_EQ(outcome.ending(), "exit status 1");
  EXPECT_NE(outcome.errors.find("SyntaxError: Non-UTF-8 code starting with '\\xff' in file "), std::string::npos)
      << outcome.errors;
}

TEST(BadInput, NulBytes) { expect_error(std::string("x = 1\0y\n", 8), "SyntaxError: source code cannot contain null bytes"); }

TEST(BadInput, BinaryFile) {
  Outcome outcome = run_bytes(std::string("\x7f" "ELF\x02\x01\x01\0\0\0\0\0\xff\xd8\xc3\x28", 16));
  EXPECT_EQ(outcome.ending(), "exit status 1");
  EXPECT_NE(outcome.errors.find("SyntaxError: "), std::string::npos) << outcome.errors;
}

TEST(BadInput, EmptyFilesRun) {
  EXPECT_EQ(run_bytes("").ending(), "exit status 0");
  EXPECT_EQ(run_bytes("\xef\xbb\xbf" "print(1)\n").output, "1\n");
  EXPECT_EQ(run_bytes("print(1)").output, "1\n");
  EXPECT_EQ(run_bytes("print(1)\r\nprint(2)\r").output, "1\n2\n");
}

TEST(BadInput, OneMegabyteLine) {
  EXPECT_EQ(run_bytes("x = '" + std::string(1 << 20, 'a') + "'\nprint(len(x))\n").output, "1048576\n");
  EXPECT_EQ(run_bytes("x = [" + repeat("1, ", 350000) + "]\nprint(len(x))\n").output, "350000\n");
}

TEST(BadInput, NestedBrackets) {
  expect_error(repeat("(", 10000) + repeat(")", 10000) + "\n", "SyntaxError: too many nested parentheses");
  expect_error("x = " + repeat("[", 10000) + "\n", "SyntaxError: too many nested parentheses");
}

TEST(BadInput, NestedBlocks) {
  std::string text;
  for (size_t i = 0; i < 200; ++i) text += std::string(i, ' ') + "if 1:\n";
  expect_error(text + std::string(200, ' ') + "pass\n", "IndentationError: too many levels of indentation");
}

TEST(BadInput, NestedOperators) {
  Outcome outcome = run_bytes("x = " + repeat("-", 100000) + "1\n");
  EXPECT_EQ(outcome.signal, 0) << outcome.ending();
  EXPECT_EQ(outcome.ending(), "exit status 1");
  outcome = run_bytes("x = " + repeat("not ", 100000) + "1\n");
  EXPECT_EQ(outcome.ending(), "exit status 1");
  outcome = run_bytes("x = 1" + repeat(" + 1", 100000) + "\nprint(x)\n");
  EXPECT_EQ(outcome.signal, 0) << outcome.ending();
  outcome = run_bytes("a = 1\nx = a" + repeat(".b", 100000) + "\n");
  EXPECT_EQ(outcome.signal, 0) << outcome.ending();
}

TEST(BadInput, NestedCalls) {
  // 100,000 calls inside each other, as text and as execution.
  Outcome outcome = run_bytes("def f(x=0): return x\n" + repeat("f(", 100000) + repeat(")", 100000) + "\n");
  EXPECT_EQ(outcome.ending(), "exit status 1") << outcome.errors.substr(0, 2000);
  expect_error("def f(n):\n    return f(n - 1) if n else 0\nf(100000)\n",
               "RecursionError: maximum recursion depth exceeded");
  outcome = run_bytes("import sys\nsys.setrecursionlimit(200000)\ndef f(n):\n    return f(n - 1) + 1 if n else 0\n"
                      "print(f(100000))\n");
  EXPECT_EQ(outcome.output, "100000\n") << outcome.ending() << outcome.errors.substr(0, 2000);
}

TEST(BadInput, EndlessRecursionOfEveryKind) {
  const char* bodies[] = {
      "def f(): return f()\nf()\n",
      "class A:\n    def __repr__(self): return repr(self)\nrepr(A())\n",
      "class A:\n    def __eq__(self, o): return self == o\nA() == A()\n",
      "class A:\n    def __getattr__(self, n): return getattr(self, n + 'x')\nA().y\n",
      "class A:\n    def __add__(self, o): return self + o\nA() + 1\n",
      "class A:\n    def __iter__(self): return iter(self)\niter(A())\n",
      "class A:\n    def __call__(self): return self()\nA()()\n",
      "class A:\n    def __hash__(self): return hash(self)\n{A(): 1}\n",
      "class A:\n    def __lt__(self, o): return sorted([self, o])\nsorted([A(), A()])\n",
      "def g(): yield from g()\nlist(g())\n",
      "f = lambda x: list(map(f, [x]))\nf(1)\n",
      "import sys\nsys.setrecursionlimit(10**6)\nf = lambda x: list(map(f, [x]))\nf(1)\n",
      "import sys\nsys.setrecursionlimit(10**6)\nclass A:\n    def __repr__(self): return repr([self])\nrepr(A())\n",
      "async def c(): await c()\nc().send(None)\n",
      "class D: pass\nd = D()\nD.__get__ = d\nD.x = d\nd.x\n",
  };
  for (const char* body : bodies) {
    Outcome outcome = run_bytes(body);
    EXPECT_EQ(outcome.ending(), "exit status 1") << body << outcome.errors.substr(0, 1000);
    EXPECT_EQ(last_line(outcome.errors).rfind("RecursionError: maximum recursion depth exceeded", 0), 0u)
        << body << last_line(outcome.errors);
  }
}

TEST(BadInput, DeepData) {
  const char* bodies[] = {
      "x = []\nfor i in range(200000): x = [x]\nprint('built')\nrepr(x)\n",
      "x = ()\nfor i in range(200000): x = (x,)\nprint('built')\nhash(x)\n",
      "x = []\ny = []\nfor i in range(200000): x = [x]; y = [y]\nprint('built')\nx == y\n",
  };
  for (const char* body : bodies) {
    Outcome outcome = run_bytes(body);
    EXPECT_EQ(outcome.output, "built\n");
    EXPECT_EQ(outcome.ending(), "exit status 1") << body << outcome.errors.substr(0, 1000);
    EXPECT_EQ(last_line(outcome.errors).rfind("RecursionError: maximum recursion depth exceeded", 0), 0u)
        << body << last_line(outcome.errors);
  }
  EXPECT_EQ(run_bytes("x = None\nfor i in range(1000000): x = [x]\ndel x\nimport gc\ngc.collect()\nprint('freed')\n").output, "freed\n");
}

TEST(BadInput, HugeRequestsAreMemoryOrOverflowErrors) {
  const char* bodies[] = {"[0] * (1 << 60)", "'a' * (1 << 60)", "bytearray(1 << 60)", "range(1 << 100)[1 << 99] and 1 << (1 << 50)"};
  for (const char* body : bodies) {
    Outcome outcome = run_bytes(std::string(body) + "\n");
    EXPECT_EQ(outcome.ending(), "exit status 1") << body;
    std::string last = last_line(outcome.errors);
    EXPECT_TRUE(last.rfind("MemoryError", 0) == 0 || last.rfind("OverflowError", 0) == 0) << body << ": " << last;
  }
}

TEST(BadInput, ManyThings) {
  std::string many_names, many_args = "def f(";
  for (int i = 0; i < 5000; ++i) {
    many_names += "v" + std::to_string(i) + " = " + std::to_string(i) + "\n";
    many_args += "a" + std::to_string(i) + "=" + std::to_string(i) + ", ";
  }
  EXPECT_EQ(run_bytes(many_names + "print(v4999)\n").output, "4999\n");
  Outcome outcome = run_bytes(many_args + "):\n    return a4999\nprint(f())\n");
  bool is_refused = outcome.exit_status == 1 && outcome.errors.find("SyntaxError") != std::string::npos;
  EXPECT_TRUE(outcome.output == "4999\n" || is_refused) << outcome.ending() << outcome.errors.substr(0, 500);
}

}  // namespace
}  // namespace mini::test
