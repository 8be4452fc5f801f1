// SPDX-License-Identifier: MIT
//
// Reads the sources and reports what breaks the rules of the house: who may include whom, names, generated files.
//
// The rules are data: kFolderRules says what a folder (or a file) may never include, kLevels orders the parts of runtime/
// from low to high, and a file includes its own level or a lower one. Nothing is compiled or run here.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace mini::test {
namespace {

namespace fs = std::filesystem;

struct Rule {
  const char* files;      // pattern of paths, relative to the root
  const char* forbidden;  // pattern of included paths
  const char* reason;
};

constexpr Rule kFolderRules[] = {
    {"runtime/.*", "interp/.*", "runtime never includes interp: calls.h is the only way up"},
    {"interp/(source|diagnostics|tokens|lexer|layout|ast|ast_dump|parser|scopes|compile[a-z_]*|assembler)\\..*",
     "interp/vm\\.h", "the front end never includes the VM"},
    {"interp/(vm|unwind|ops_[a-z]+)\\..*", "interp/(ast|parser|scopes|lexer|layout)\\.h", "Code is the only hand-over to the VM"},
    {"runtime/modules/.*", "runtime/modules/(?!modules\\.).*\\.(cpp|inc)", "modules do not include each other"},
    {"(runtime|interp)/.*", "tests/.*", "the program never includes its tests"},
    {"runtime/(trace|clock|rand|sched_hook)\\..*", "runtime/(objects|loop|exec|builtins|modules|vm)/.*",
     "trace, clock, rand and sched_hook are leaves"},
};

// Low to high. A file that no pattern names has no level and is not checked.
struct Level {
  const char* files;
  int level;
};

constexpr Level kLevels[] = {
    {"runtime/(value|object|shape|types)[a-z_]*\\..*", 0},
    {"runtime/heap[a-z_]*\\..*", 1},
    {"runtime/(code|frame)[a-z_]*\\..*", 2},
    {"runtime/(thread|gil|errors)[a-z_]*\\..*", 3},
    {"runtime/objects/.*", 4},
    {"runtime/(loop|exec)/.*", 5},
    {"runtime/(builtins|modules)/.*", 6},
};

struct Source {
  fs::path path;
  std::string name;  // relative to the root, with slashes
  std::vector<std::string> lines;
};

const std::vector<Source>& sources() {
  static const std::vector<Source> all = [] {
    std::vector<Source> result;
    fs::path root = MINI_SOURCE_DIR;
    for (const char* folder : {"interp", "runtime", "tests"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        std::string extension = entry.path().extension().string();
        bool is_source = extension == ".h" || extension == ".cpp" || extension == ".re" || extension == ".y" || extension == ".def";
        if (!entry.is_regular_file() || !is_source) continue;
        Source source{entry.path(), fs::relative(entry.path(), root).generic_string(), {}};
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) source.lines.push_back(line);
        result.push_back(std::move(source));
      }
    }
    std::sort(result.begin(), result.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
    return result;
  }();
  return all;
}

bool matches(const std::string& name, const char* pattern) { return std::regex_match(name, std::regex(pattern)); }

// The path of an `#include "path"` line, or empty.
std::string included_path(const std::string& line) {
  if (line.rfind("#include \"", 0) != 0) return "";
  size_t end = line.find('"', 10);
  return end == std::string::npos ? "" : line.substr(10, end - 10);
}

int level_of(const std::string& name) {
  for (const Level& row : kLevels) {
    if (matches(name, row.files)) return row.level;
  }
  return -1;
}

void for_each_include(const std::function<void(const Source&, size_t line, const std::string& path)>& visit) {
  for (const Source& source : sources()) {
    for (size_t i = 0; i < source.lines.size(); ++i) {
      std::string path = included_path(source.lines[i]);
      if (!path.empty()) visit(source, i + 1, path);
    }
  }
}

TEST(IncludeRules, FoldersKeepToThemselves) {
  for (const Rule& rule : kFolderRules) {
    std::regex files(rule.files), forbidden(rule.forbidden);
    for_each_include([&](const Source& source, size_t line, const std::string& path) {
      if (std::regex_match(source.name, files) && std::regex_match(path, forbidden)) {
        ADD_FAILURE() << source.name << ':' << line << ": includes " << path << ": " << rule.reason;
      }
    });
  }
}

// Headers only: a .cpp may reach up to finish its job (a heap marks objects), a header may not.
TEST(IncludeRules, RuntimeHeadersIncludeTheirLevelOrLower) {
  for_each_include([](const Source& source, size_t line, const std::string& path) {
    int own = level_of(source.name);
    bool is_header = source.path.extension() == ".h" && source.name.find("_inl.h") == std::string::npos;
    if (own < 0 || !is_header) return;
    int other = level_of(path);
    EXPECT_LE(other, own) << source.name << ':' << line << ": includes " << path << ", which is of a higher level";
  });
}

TEST(IncludeRules, IncludesNameTheirFolder) {
  for_each_include([](const Source& source, size_t line, const std::string& path) {
    bool is_generated = path == "grammar.h";
    EXPECT_TRUE(is_generated || path.find('/') != std::string::npos)
        << source.name << ':' << line << ": write \"folder/" << path << "\"";
  });
}

TEST(IncludeRules, IncludedFilesExist) {
  for_each_include([](const Source& source, size_t line, const std::string& path) {
    bool is_generated = path == "grammar.h";
    EXPECT_TRUE(is_generated || fs::exists(fs::path(MINI_SOURCE_DIR) / path)) << source.name << ':' << line << ": no " << path;
  });
}

TEST(HouseRules, HeadersStartWithPragmaOnceAndLicence) {
  for (const Source& source : sources()) {
    std::string extension = source.path.extension().string();
    if (extension != ".h" && extension != ".cpp") continue;
    size_t head = std::min<size_t>(source.lines.size(), 80);
    auto begin = source.lines.begin();
    auto has = [&](std::string_view text) {
      return std::any_of(begin, begin + static_cast<long>(head), [&](const std::string& line) { return line.find(text) != std::string::npos; });
    };
    EXPECT_TRUE(has("SPDX-License-Identifier: MIT")) << source.name << ": no SPDX line";
    EXPECT_TRUE(extension != ".h" || has("#pragma once")) << source.name << ": no #pragma once";
  }
}

TEST(HouseRules, NoGeneratedCodeIsCommitted) {
  for (const Source& source : sources()) {
    bool is_generated = matches(source.name, ".*/(lexer\\.cpp|grammar\\.(c|cpp|h|out)|embedded_lib\\.cpp)") &&
                        source.name.rfind("tests/", 0) != 0;
    EXPECT_FALSE(is_generated) << source.name << " is generated and belongs in the build folder";
  }
}

TEST(HouseRules, FileNamesAreSnakeCase) {
  for (const Source& source : sources()) {
    EXPECT_TRUE(matches(source.name, "[a-z0-9_/]+\\.[a-z]+")) << source.name;
  }
}

TEST(HouseRules, NoUsingNamespaceInHeaders) {
  for (const Source& source : sources()) {
    if (source.path.extension() != ".h") continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_EQ(source.lines[i].find("using namespace"), std::string::npos) << source.name << ':' << i + 1;
    }
  }
}

TEST(HouseRules, TestSuitesHaveNoUnderscore) {
  std::regex test_line("^TEST(_F|_P)?\\(([A-Za-z0-9_]+), ?([A-Za-z0-9_]+)\\).*");
  for (const Source& source : sources()) {
    if (source.name.rfind("tests/", 0) != 0) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      std::smatch found;
      if (!std::regex_match(source.lines[i], found, test_line)) continue;
      bool has_underscore = (found[2].str() + found[3].str()).find('_') != std::string::npos;
      EXPECT_FALSE(has_underscore) << source.name << ':' << i + 1 << ": " << source.lines[i];
    }
  }
}

// Length is guidance: the report is printed, nothing fails.
TEST(HouseRules, LengthReport) {
  for (const Source& source : sources()) {
    if (source.lines.size() > 1000) std::cout << source.name << ": " << source.lines.size() << " lines\n";
  }
}

}  // namespace
}  // namespace mini::test
