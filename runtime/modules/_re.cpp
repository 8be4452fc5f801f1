// SPDX-License-Identifier: MIT
// _re: compiling patterns, and the types of re. The functions, flags, templates and the cache of re are in lib/re.mini.
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/modules/re_objects.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"

namespace mini {

namespace {

#if MINI_WITH_PCRE2

Value re_compile(Thread& t, Value* args, size_t) {
  int64_t flags;
  if (!to_index(t, args[1], flags)) return Value::raised();
  if (flags != static_cast<int32_t>(flags)) return raise_text(t, ErrorType::OverflowError, "signed integer is greater than maximum");
  return make_pattern(t, args[0], static_cast<uint32_t>(flags));
}

const NativeRow kFunctions[] = {{"compile", re_compile, "(pattern, flags, /)", "A compiled pattern."}};

Value re_setup(Thread& t, Module* m) {
  module_add_type(t, m, re_pattern_layout);
  module_add_type(t, m, re_match_layout);
  return Value::none();
}

constexpr size_t kFunctionCount = std::size(kFunctions);

#else

Value re_setup(Thread& t, Module*) {
  return raise_text(t, ErrorType::ImportError, "regular expressions need PCRE2, and this mini was built without it (libpcre2-dev)");
}

constexpr const NativeRow* kFunctions = nullptr;
constexpr size_t kFunctionCount = 0;

#endif

}  // namespace

extern const NativeModule re_module;
const NativeModule re_module = {"_re", kFunctions, kFunctionCount, re_setup, "Regular expressions on PCRE2."};

}  // namespace mini
