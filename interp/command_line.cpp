// SPDX-License-Identifier: MIT
//
// The options are declared once, to CLI11, which gives parsing, checks and the help text. CLI11 does not know Python's rule
// that options end at the program, so the arguments are cut there first (own_part). CLI11 throws; nothing leaves this file.

#include "interp/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>

namespace mini {
namespace {

constexpr const char* kDescription = "Mini: a small, fast interpreter with Python's meaning.";
constexpr const char* kUsage = "mini [option] ... [-c cmd | -m mod | file | -] [arg] ...";

// How many single-character edits (insert, delete, replace, swap neighbours) lie between two words.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

// Mini's own arguments, cut where the program is named. -c and -m take all that follows them as text, even what looks
// like an option, so CLI11 sees them only as flags.
struct OwnPart {
  std::vector<std::string> options;
  RunMode mode = RunMode::Prompt;
  std::string program;
  size_t end = 0;  // the script's arguments start here
  char without_text = 0;  // c, m or W, when nothing follows it
};

// `-c TEXT`, `-cTEXT`, `-ic TEXT`: `letter` is the place of the c or m in arguments[at].
void cut_at_text(OwnPart& part, const std::vector<std::string>& arguments, size_t at, size_t letter) {
  const std::string& argument = arguments[at];
  part.options.push_back(argument.substr(0, letter + 1));
  part.mode = argument[letter] == 'c' ? RunMode::Text : RunMode::Module;
  part.end = at + 1;
  if (letter + 1 < argument.size()) {
    part.program = argument.substr(letter + 1);
  } else if (part.end < arguments.size()) {
    part.program = arguments[part.end++];
  } else {
    part.without_text = argument[letter];
  }
}

// `-W arg` or `-Warg`; returns the place of the last word taken.
size_t take_warning(OwnPart& part, const std::vector<std::string>& arguments, size_t at) {
  std::string option = arguments[at].substr(2);
  if (option.empty() && ++at < arguments.size()) option = arguments[at];
  if (option.empty()) part.without_text = 'W';
  else part.options.insert(part.options.end(), {"-W", option});
  return at;
}

OwnPart own_part(const std::vector<std::string>& arguments) {
  OwnPart part;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    bool is_option = argument.size() > 1 && argument[0] == '-' && argument != "--";
    bool is_long = is_option && argument[1] == '-';
    if (is_option && argument[1] == 'W') {
      i = take_warning(part, arguments, i);
      continue;
    }
    size_t letter = is_option && !is_long ? argument.find_first_of("cm", 1) : std::string::npos;
    if (letter != std::string::npos) {
      cut_at_text(part, arguments, i, letter);
      return part;
    }
    if (!is_option) {
      size_t at = argument == "--" ? i + 1 : i;
      part.end = std::min(at + 1, arguments.size());
      if (at == arguments.size()) return part;
      part.program = arguments[at];
      part.mode = part.program == "-" ? RunMode::Stdin : RunMode::File;
      return part;
    }
    part.options.push_back(argument);
  }
  part.end = arguments.size();
  return part;
}

// What CLI11 fills in: choices as words, for messages that name them.
struct Words {
  std::string dump, gil = "fair", gc = "normal", clock = "real", deadlock = "error";
  bool text = false, module = false, help = false, version = false;
  int ignored = 0;
};

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override { return std::string("usage: ") + kUsage + "\n"; }
};

struct Choice {
  const char* option;
  std::vector<std::string> values;
};

const std::array<Choice, 5>& choices() {
  static const std::array<Choice, 5> all = {{{"--dump", {"tokens", "ast", "scopes", "code"}},
                                             {"--gil", {"fair", "classic"}},
                                             {"--gc", {"normal", "stress"}},
                                             {"--clock", {"real", "virtual"}},
                                             {"--deadlock", {"error", "hang"}}}};
  return all;
}

// Checks a value against its choices and suggests the one that was meant.
CLI::Validator one_of(size_t which) {
  const Choice& choice = choices()[which];
  auto check = [&choice](std::string& value) -> std::string {
    const auto& values = choice.values;
    if (std::find(values.begin(), values.end(), value) != values.end()) return "";
    std::string text = "unknown value '" + value + "' (one of " + CLI::detail::join(values, ", ") + ")";
    std::string guess = closest_word(value, values);
    return guess.empty() ? text : text + "; did you mean '" + guess + "'?";
  };
  return CLI::Validator(check, "");
}

void declare_options(CLI::App& app, CommandLine& line, Words& words) {
  app.set_help_flag();
  app.add_flag("-c", words.text, "cmd: run this text");
  app.add_flag("-m", words.module, "mod: run this module; tools are modules too: -m dis FILE");
  app.add_flag("-i", line.is_interactive, "the prompt after the program, and where standard input is no terminal");
  app.add_flag("-h,--help", words.help, "this text");
  app.add_flag("-V,--version", words.version, "the version");
  app.add_option("-W", line.warnings, "what becomes of warnings, as in PYTHONWARNINGS")->allow_extra_args(false)->type_name("action:message:category:module:line");
  app.add_flag("-E,-I", line.ignores_environment, "look at no PYTHON* variables");
  app.add_flag("-u,-B,-O,-q,-s,-S", words.ignored, "accepted as in Python, without effect");

  app.add_option("--dump", words.dump, "print this stage instead of running")->transform(one_of(0))->type_name("tokens|ast|scopes|code");
  app.add_option("--gil", words.gil, "how the GIL is scheduled; classic is CPython's way")->transform(one_of(1))->type_name("fair|classic");
  app.add_option("--gc", words.gc, "stress: collect at every allocation")->transform(one_of(2))->type_name("normal|stress");
  app.add_option("--clock", words.clock, "virtual: time in which everything waits is skipped")->transform(one_of(3))->type_name("real|virtual");
  app.add_option("--deadlock", words.deadlock, "when every thread waits for another one: DeadlockError, or Python's way")->transform(one_of(4))->type_name("error|hang");
  app.add_option("--seed", line.seed, "repeat a run: seeds random, hashes and the test scheduler")->type_name("N");
  app.add_option("--switch-interval", line.switch_interval, "longest turn of a thread, in seconds")->type_name("S")->check(CLI::Validator(CLI::PositiveNumber).description(""));
  app.add_option("--switch-every", line.switch_every, "give the GIL up at every Nth chance")->type_name("N");
  app.add_flag("--stats", line.prints_stats, "print counters at the end");
  app.add_option("--worker", line.worker_fd, "serve a process pool on this descriptor")->group("");
}

CommandLine bad_usage(CommandLine line, std::string message) {
  line.mode = RunMode::BadUsage;
  line.message = "mini: " + message + "\nusage: " + kUsage + "\nTry `mini -h' for more information.\n";
  return line;
}

// "--gli" -> "unknown option --gli; did you mean --gil?"
std::string unknown_option(const CLI::App& app, const std::string& argument) {
  std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& long_name : option->get_lnames()) names.push_back("--" + long_name);
  }
  std::string guess = name.rfind("--", 0) == 0 ? closest_word(name, names) : "";
  return "unknown option " + name + (guess.empty() ? "" : "; did you mean " + guess + "?");
}

DumpStage dump_stage(const std::string& word) {
  const auto& values = choices()[0].values;
  auto found = std::find(values.begin(), values.end(), word);
  return found == values.end() ? DumpStage::None : static_cast<DumpStage>(found - values.begin() + 1);
}

}  // namespace

std::string closest_word(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = word.size() / 3 + 2;
  for (const std::string& candidate : candidates) {
    size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  Words words;
  CLI::App app(kDescription, "mini");
  app.formatter(std::make_shared<HelpFormatter>());
  app.allow_extras();
  declare_options(app, line, words);

  OwnPart part = own_part(arguments);
  std::reverse(part.options.begin(), part.options.end());  // CLI11 takes them from the back
  try {
    app.parse(part.options);
  } catch (const CLI::ParseError& error) {
    return bad_usage(line, error.what());
  }
  if (!app.remaining().empty()) return bad_usage(line, unknown_option(app, app.remaining()[0]));
  if (part.without_text) return bad_usage(line, std::string("argument expected for the -") + part.without_text + " option");

  line.mode = part.mode;
  line.program = part.program;
  line.arguments.assign(arguments.begin() + static_cast<long>(part.end), arguments.end());
  line.has_seed = app.count("--seed") > 0;
  line.has_classic_gil = words.gil == "classic";
  line.has_gc_stress = words.gc == "stress";
  line.has_virtual_clock = words.clock == "virtual";
  line.hangs_on_deadlock = words.deadlock == "hang";
  line.dump = dump_stage(words.dump);
  if (line.worker_fd >= 0) line.mode = RunMode::Worker;
  if (words.help) {
    line.mode = RunMode::Help;
    line.message = app.help();
  } else if (words.version) {
    line.mode = RunMode::Version;
    line.message = "Mini " MINI_VERSION " (Python 3.11)\n";
  }
  return line;
}

}  // namespace mini
