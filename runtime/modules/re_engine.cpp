// SPDX-License-Identifier: MIT
// PCRE2 in both widths behind one face. Every difference between the libraries is in the traits at the top.
#include "runtime/modules/re_engine.h"

#if MINI_WITH_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 0
#include <pcre2.h>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/objects/str.h"

namespace mini {

namespace {

// Steps that a match may take before it must look at the outside, and in the end.
constexpr uint32_t kQuickSteps = 20'000'000;
constexpr uint32_t kPoliteSteps = UINT32_MAX;
constexpr uint32_t kHeapLimit = 1u << 20;                  // KiB, for PCRE2's own interpreter
constexpr size_t kLongText = 32 << 20;                     // takes hundredths of a second, even without backtracking
constexpr int kInterrupted = -10'000;                      // none of PCRE2's codes
constexpr size_t kJitStackStart = 64 << 10;
constexpr size_t kJitStackLimit = size_t{256} << 20;       // address space; pages are used as they are touched
constexpr uint32_t kNestingLimit = 100'000;                // the native stack is the limit

struct Width8 {
  static constexpr bool is_wide = false;
  using Unit = uint8_t;
  using Code = pcre2_code_8;
  using MatchData = pcre2_match_data_8;
  using CompileContext = pcre2_compile_context_8;
  using MatchContext = pcre2_match_context_8;
  using CalloutBlock = pcre2_callout_block_8;
  static constexpr auto make_compile_context = pcre2_compile_context_create_8;
  static constexpr auto free_compile_context = pcre2_compile_context_free_8;
  static constexpr auto set_newline = pcre2_set_newline_8;
  static constexpr auto set_nesting = pcre2_set_parens_nest_limit_8;
  static constexpr auto set_guard = pcre2_set_compile_recursion_guard_8;
  static constexpr auto set_extra = pcre2_set_compile_extra_options_8;
  static constexpr auto compile = pcre2_compile_8;
  static constexpr auto free_code = pcre2_code_free_8;
  static constexpr auto error_text = pcre2_get_error_message_8;
  static constexpr auto jit_compile = pcre2_jit_compile_8;
  static constexpr auto make_match_data = pcre2_match_data_create_8;
  static constexpr auto free_match_data = pcre2_match_data_free_8;
  static constexpr auto make_match_context = pcre2_match_context_create_8;
  static constexpr auto free_match_context = pcre2_match_context_free_8;
  static constexpr auto set_match_limit = pcre2_set_match_limit_8;
  static constexpr auto set_heap_limit = pcre2_set_heap_limit_8;
  static constexpr auto set_callout = pcre2_set_callout_8;
  static constexpr auto make_stack = pcre2_jit_stack_create_8;
  static constexpr auto free_stack = pcre2_jit_stack_free_8;
  static constexpr auto assign_stack = pcre2_jit_stack_assign_8;
  static constexpr auto match = pcre2_match_8;
  static constexpr auto jit_match = pcre2_jit_match_8;
  static constexpr auto ovector = pcre2_get_ovector_pointer_8;
};

struct Width32 {
  static constexpr bool is_wide = true;
  using Unit = uint32_t;
  using Code = pcre2_code_32;
  using MatchData = pcre2_match_data_32;
  using CompileContext = pcre2_compile_context_32;
  using MatchContext = pcre2_match_context_32;
  using CalloutBlock = pcre2_callout_block_32;
  static constexpr auto make_compile_context = pcre2_compile_context_create_32;
  static constexpr auto free_compile_context = pcre2_compile_context_free_32;
  static constexpr auto set_newline = pcre2_set_newline_32;
  static constexpr auto set_nesting = pcre2_set_parens_nest_limit_32;
  static constexpr auto set_guard = pcre2_set_compile_recursion_guard_32;
  static constexpr auto set_extra = pcre2_set_compile_extra_options_32;
  static constexpr auto compile = pcre2_compile_32;
  static constexpr auto free_code = pcre2_code_free_32;
  static constexpr auto error_text = pcre2_get_error_message_32;
  static constexpr auto jit_compile = pcre2_jit_compile_32;
  static constexpr auto make_match_data = pcre2_match_data_create_32;
  static constexpr auto free_match_data = pcre2_match_data_free_32;
  static constexpr auto make_match_context = pcre2_match_context_create_32;
  static constexpr auto free_match_context = pcre2_match_context_free_32;
  static constexpr auto set_match_limit = pcre2_set_match_limit_32;
  static constexpr auto set_heap_limit = pcre2_set_heap_limit_32;
  static constexpr auto set_callout = pcre2_set_callout_32;
  static constexpr auto make_stack = pcre2_jit_stack_create_32;
  static constexpr auto free_stack = pcre2_jit_stack_free_32;
  static constexpr auto assign_stack = pcre2_jit_stack_assign_32;
  static constexpr auto match = pcre2_match_32;
  static constexpr auto jit_match = pcre2_jit_match_32;
  static constexpr auto ovector = pcre2_get_ovector_pointer_32;
};

// What one match in one width works with.
template <class W> struct Workspace {
  typename W::MatchData* data = nullptr;
  typename W::MatchContext* context = nullptr;
  decltype(W::make_stack(0, 0, nullptr)) stack = nullptr;

  bool make(size_t spans) {
    if (data) return true;
    data = W::make_match_data(static_cast<uint32_t>(spans), nullptr);
    context = W::make_match_context(nullptr);
    if (!data || !context) return false;
    W::set_match_limit(context, kQuickSteps);
    W::set_heap_limit(context, kHeapLimit);
    return true;
  }
  bool make_stack() {
    if (stack) return false;
    stack = W::make_stack(kJitStackStart, kJitStackLimit, nullptr);
    if (stack) W::assign_stack(context, nullptr, stack);
    return stack != nullptr;
  }
  ~Workspace() {
    W::free_match_data(data);
    W::free_match_context(context);
    W::free_stack(stack);
  }
};

struct CalloutState {
  Thread* thread;
  uint32_t count = 0;
  bool has_raised = false;
};

template <class W> int serve_callout(typename W::CalloutBlock*, void* context) {
  auto state = static_cast<CalloutState*>(context);
  if ((++state->count & 1023) || !state->thread->needs_attention()) return 0;
  if (!state->thread->poll().is_raised()) return 0;
  state->has_raised = true;
  return PCRE2_ERROR_CALLOUT;
}

int guard_native_stack(uint32_t, void* thread) { return static_cast<Thread*>(thread)->native_stack_is_low(); }

}  // namespace

struct ReEngine::Program {
  pcre2_code_8* narrow = nullptr;
  pcre2_code_32* wide = nullptr;     // one of the two
  bool has_jit = false;
  ~Program() {
    pcre2_code_free_8(narrow);
    pcre2_code_free_32(wide);
  }
  template <class W> typename W::Code*& code() {
    if constexpr (W::is_wide) return wide;
    else return narrow;
  }
};

struct ReEngine::Run {
  Workspace<Width8> narrow;
  Workspace<Width32> wide;
  template <class W> Workspace<W>& space() {
    if constexpr (W::is_wide) return wide;
    else return narrow;
  }
};

ReEngine::ReEngine(std::unique_ptr<ReSyntax> syntax) : syntax_(std::move(syntax)) {}
ReEngine::~ReEngine() = default;

// --- Compiling ---

namespace {

template <class W> Value raise_compile_error(Thread& t, int code) {
  if (code == PCRE2_ERROR_PARENTHESES_STACK_CHECK || code == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP) return raise_recursion(t);
  if (code == PCRE2_ERROR_HEAP_FAILED) return raise_memory(t);
  typename W::Unit text[200];
  int length = W::error_text(code, text, std::size(text));
  std::string message;
  for (int i = 0; i < length; ++i) message += static_cast<char>(text[i]);
  return raise_pattern_error(t, message, Value::none(), -1);
}

bool is_too_large(int code) { return code == PCRE2_ERROR_PATTERN_TOO_LARGE || code == PCRE2_ERROR_PATTERN_TOO_COMPLICATED || code == 186; }

uint32_t compile_options(const ReTranslation& translation, ReSubjectKind kind, ReMode mode, bool is_polite) {
  uint32_t options = PCRE2_DOTALL | PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX | PCRE2_NO_UTF_CHECK;
  if (translation.needs_properties) options |= PCRE2_UCP;
  if (kind == ReSubjectKind::Wide) options |= PCRE2_UTF;
  if (mode != ReMode::Search) options |= PCRE2_ANCHORED;
  if (mode == ReMode::FullMatch) options |= PCRE2_ENDANCHORED;
  if (is_polite) options |= PCRE2_AUTO_CALLOUT;
  return options;
}

}  // namespace

// Null after raising, or, with `too_large` set, when the pattern does not fit this width and the other must do.
template <class W>
ReEngine::Program* ReEngine::compile(Thread& t, const ReTranslation& translation, ReSubjectKind kind, ReMode mode, bool is_polite,
                                     bool& too_large) {
  std::basic_string<typename W::Unit> text(translation.text.begin(), translation.text.end());
  auto context = W::make_compile_context(nullptr);
  if (!context) return (void)raise_memory(t), nullptr;
  W::set_newline(context, PCRE2_NEWLINE_LF);
  W::set_nesting(context, kNestingLimit);
  W::set_guard(context, guard_native_stack, &t);
  if (kind == ReSubjectKind::Wide) W::set_extra(context, PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES);
  int error;
  PCRE2_SIZE position;
  auto code = W::compile(text.data(), text.size(), compile_options(translation, kind, mode, is_polite), &error, &position, context);
  W::free_compile_context(context);
  if (!code) {
    too_large = !W::is_wide && is_too_large(error);
    if (!too_large) (void)raise_compile_error<W>(t, error);
    return nullptr;
  }
  auto made = std::make_unique<Program>();
  made->code<W>() = code;
  made->has_jit = W::jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
  std::unique_ptr<Program>& place = programs_[is_polite][static_cast<int>(kind)][static_cast<int>(mode)];
  place = std::move(made);
  return place.get();
}

ReEngine::Program* ReEngine::program(Thread& t, ReSubjectKind kind, ReMode mode, bool is_polite) {
  Program* made = programs_[is_polite][static_cast<int>(kind)][static_cast<int>(mode)].get();
  if (made) return made;
  if (t.native_stack_is_low()) return (void)raise_recursion(t), nullptr;
  ReTranslation translation = translate_pattern(*syntax_, kind);
  bool too_large = kind == ReSubjectKind::Wide;
  if (!too_large) made = compile<Width8>(t, translation, kind, mode, is_polite, too_large);
  return too_large ? compile<Width32>(t, translation, kind, mode, is_polite, too_large) : made;
}

bool ReEngine::prepare(Thread& t, ReSubjectKind kind) { return program(t, kind, ReMode::Search, false) != nullptr; }

// --- Matching ---

template <class W>
int ReEngine::run_with(Thread* alone, Run& run, Program& program, const void* data, size_t length, size_t start, bool not_empty, size_t* spans) {
  Workspace<W>& space = run.space<W>();
  if (!space.make(span_count())) return PCRE2_ERROR_NOMEMORY;
  auto subject = static_cast<const typename W::Unit*>(data);
  static const typename W::Unit nothing[1] = {};
  if (!subject) subject = nothing;
  uint32_t options = PCRE2_NO_UTF_CHECK | (not_empty ? PCRE2_NOTEMPTY_ATSTART : 0);
  typename W::Code* code = program.code<W>();
  int found;
  if (program.has_jit) {
    auto match = [&] { found = W::jit_match(code, subject, length, start, options, space.data, space.context); };
    auto match_or_leave = [&] {
      if (!alone || length - start < kLongText) match();
      else if (interruptibly(*alone, match).is_raised()) found = kInterrupted;
    };
    match_or_leave();
    if (found == PCRE2_ERROR_JIT_STACKLIMIT && space.make_stack()) match_or_leave();
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
      found = W::match(code, subject, length, start, options | PCRE2_NO_JIT, space.data, space.context);
  } else {
    found = W::match(code, subject, length, start, options, space.data, space.context);
  }
  if (found <= 0) return found;
  const PCRE2_SIZE* ovector = W::ovector(space.data);
  std::copy_n(ovector, 2 * static_cast<size_t>(found), spans);
  std::fill(spans + 2 * static_cast<size_t>(found), spans + 2 * span_count(), SIZE_MAX);
  return found;
}

int ReEngine::run(Thread* alone, Run& run, Program& program, const ReSubject& subject, size_t start, bool not_empty, size_t* spans) {
  if (program.narrow) return run_with<Width8>(alone, run, program, subject.data, subject.length, start, not_empty, spans);
  const void* data = subject.kind == ReSubjectKind::Wide ? subject.data : subject.widened.data();
  return run_with<Width32>(alone, run, program, data, subject.length, start, not_empty, spans);
}

namespace {

Value raise_match_error(Thread& t, int code) {
  switch (code) {
    case PCRE2_ERROR_MATCHLIMIT: return raise(t, ErrorType::RuntimeError, "regular expression takes too many steps on this text");
    case PCRE2_ERROR_NOMEMORY: case PCRE2_ERROR_HEAPLIMIT: case PCRE2_ERROR_JIT_STACKLIMIT: return raise_memory(t);
    case PCRE2_ERROR_DEPTHLIMIT: return raise_recursion(t);
    default: return raise(t, ErrorType::RuntimeError, "internal error {} in regular expression engine", code);
  }
}

// A pattern that the 8-bit library cannot hold meets a narrow subject.
void widen(ReSubject& subject) {
  if (subject.kind == ReSubjectKind::Wide || subject.widened.size() == subject.length) return;
  auto data = static_cast<const uint8_t*>(subject.data);
  subject.widened.assign(data, data + subject.length);
}

}  // namespace

ReOutcome ReEngine::match(Thread& t, ReSubject& subject, size_t start, ReMode mode, bool not_empty, size_t* spans) {
  Program* quick = program(t, subject.kind, mode, false);
  if (!quick) return ReOutcome::Raised;
  if (!quick->narrow) widen(subject);
  if (t.native_stack_is_low()) return (void)raise_recursion(t), ReOutcome::Raised;
  std::unique_ptr<Run> work = spare_run_ ? std::move(spare_run_) : std::make_unique<Run>();
  int found = run(&t, *work, *quick, subject, start, not_empty, spans);
  spare_run_ = std::move(work);
  if (MINI_LIKELY(found > 0)) return ReOutcome::Matched;
  if (MINI_LIKELY(found == PCRE2_ERROR_NOMATCH)) return ReOutcome::Failed;
  if (found == kInterrupted) return ReOutcome::Raised;
  if (found == PCRE2_ERROR_MATCHLIMIT) return match_politely(t, subject, start, mode, not_empty, spans);
  (void)raise_match_error(t, found);
  return ReOutcome::Raised;
}

ReOutcome ReEngine::match_politely(Thread& t, ReSubject& subject, size_t start, ReMode mode, bool not_empty, size_t* spans) {
  if (t.poll().is_raised()) return ReOutcome::Raised;
  Program* polite = program(t, subject.kind, mode, true);
  if (!polite) return ReOutcome::Raised;
  if (!polite->narrow) widen(subject);
  Run work;
  CalloutState state{&t};
  bool is_made = polite->narrow ? work.narrow.make(span_count()) : work.wide.make(span_count());
  if (!is_made) return (void)raise_memory(t), ReOutcome::Raised;
  if (polite->narrow) {
    pcre2_set_match_limit_8(work.narrow.context, kPoliteSteps);
    pcre2_set_callout_8(work.narrow.context, serve_callout<Width8>, &state);
  } else {
    pcre2_set_match_limit_32(work.wide.context, kPoliteSteps);
    pcre2_set_callout_32(work.wide.context, serve_callout<Width32>, &state);
  }
  int found = run(nullptr, work, *polite, subject, start, not_empty, spans);
  if (found > 0) return ReOutcome::Matched;
  if (found == PCRE2_ERROR_NOMATCH) return ReOutcome::Failed;
  if (!state.has_raised) (void)raise_match_error(t, found);
  return ReOutcome::Raised;
}

}  // namespace mini

#endif  // MINI_WITH_PCRE2
