// SPDX-License-Identifier: MIT
//
// Prints the tree as CPython's `ast.dump(tree, indent=2)` does, so that the two can be compared as text.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "interp/ast.h"
#include "interp/unicode_ident.h"

namespace mini::ast {

namespace {

constexpr const char* kOperators[] = {"Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift", "BitOr", "BitXor", "BitAnd", "FloorDiv"};
constexpr const char* kUnaryOperators[] = {"Invert", "Not", "UAdd", "USub"};
constexpr const char* kBoolOperators[] = {"And", "Or"};
constexpr const char* kCompareOperators[] = {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn"};
constexpr const char* kContexts[] = {"Load", "Store", "Del"};

// The repr() of a string in generalised UTF-8, or of bytes.
std::string quoted(std::string_view text, bool is_bytes) {
  char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(is_bytes ? "b" : "");
  out += quote;
  for (size_t at = 0; at < text.size();) {
    unsigned char byte = static_cast<unsigned char>(text[at]);
    size_t length = 1;
    int32_t code_point = byte;
    if (byte >= 0x80 && !is_bytes) {
      code_point = decode_character(text.substr(at), length);
      if (code_point < 0) {  // a lone surrogate
        length = 3;
        code_point = ((byte & 0x0F) << 12) | ((text[at + 1] & 0x3F) << 6) | (text[at + 2] & 0x3F);
      }
    }
    char escape[16];
    if (code_point == quote || code_point == '\\') {
      out += {'\\', static_cast<char>(code_point)};
    } else if (code_point == '\n') {
      out += "\\n";
    } else if (code_point == '\r') {
      out += "\\r";
    } else if (code_point == '\t') {
      out += "\\t";
    } else if (code_point < 0x20 || code_point == 0x7F || (is_bytes && code_point >= 0x80) || (code_point >= 0x80 && code_point < 0x100 && !is_printable(code_point))) {
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(code_point));
      out += escape;
    } else if (code_point >= 0x100 && !is_printable(code_point)) {
      std::snprintf(escape, sizeof escape, code_point < 0x10000 ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(code_point));
      out += escape;
    } else {
      out += text.substr(at, length);
    }
    at += length;
  }
  return out + quote;
}

// The repr() of a float.
std::string float_text(double value) {
  if (std::isinf(value)) return "inf";
  char digits[64];
  auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr;
  std::string_view scientific(digits, static_cast<size_t>(end - digits));
  int exponent = std::atoi(std::string(scientific.substr(scientific.find('e') + 1)).c_str());
  if (exponent < -4 || exponent >= 16) return std::string(scientific);
  end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr;
  std::string fixed(digits, static_cast<size_t>(end - digits));
  return fixed.find('.') == std::string::npos ? fixed + ".0" : fixed;
}

class Dumper {
 public:
  explicit Dumper(const Source* positions) : positions_(positions) {}

  std::string run(const Module& module);

 private:
  // Python writes a node in one line when it has at most three fields and none of them is a list or a node with fields.
  // That is known only at its end, so each field begins on a new line and close() joins the lines again.
  struct Frame {
    std::vector<size_t> line_breaks = {};  // where in the output each field's new line is
    bool is_plain = true;
  };

  void open(const char* name);
  void close();
  void field(const char* name);
  void place(Span span);
  template <class T, class Print>
  void list(const char* name, Seq<T> items, Print print);
  void newline();

  void name_field(const char* name, Identifier id);
  void expr_field(const char* name, const Expr* expr);
  void exprs_field(const char* name, Seq<Expr*> exprs);
  void stmts_field(const char* name, Seq<Stmt*> stmts);
  void leaf(const char* name, const char* value);
  void stmt(const Stmt* stmt);
  void stmt_fields(const Stmt* stmt);
  void expr(const Expr* expr);
  void expr_fields(const Expr* expr);
  void pattern(const Pattern* pattern);
  void pattern_fields(const Pattern* pattern);
  void constant(const Constant* constant);
  void constant_value(ConstantKind kind, const Constant* constant);
  void generators(Seq<Comprehension*> items);
  void arguments(const Arguments* args);
  void arg(const Arg* arg);
  void keywords(Seq<Keyword*> items);
  void aliases(Seq<Alias*> items);
  void handlers(Seq<ExceptHandler*> items);
  void items(Seq<WithItem*> items);
  void cases(Seq<MatchCase*> items);
  void function(const FunctionDef* node);
  void class_def(const ClassDef* node);

  const Source* positions_;
  std::string out_;
  int depth_ = 0;
  std::vector<Frame> frames_ = {{}};  // one per open node, under them one for the list around the root
};

void Dumper::newline() {
  out_ += '\n';
  out_.append(static_cast<size_t>(depth_) * 2, ' ');
}

void Dumper::open(const char* name) {
  out_ += name;
  out_ += '(';
  ++depth_;
  frames_.emplace_back();
}

void Dumper::close() {
  constexpr size_t kMaxFieldsInLine = 3;
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.is_plain && frame.line_breaks.size() <= kMaxFieldsInLine) {
    for (size_t i = frame.line_breaks.size(); i-- > 0;) {
      out_.replace(frame.line_breaks[i], 1 + static_cast<size_t>(depth_) * 2, i == 0 ? "" : " ");
    }
  }
  --depth_;
  out_ += ')';
  if (!frame.line_breaks.empty()) frames_.back().is_plain = false;
}

void Dumper::field(const char* name) {
  std::vector<size_t>& line_breaks = frames_.back().line_breaks;
  if (!line_breaks.empty()) out_ += ',';
  line_breaks.push_back(out_.size());
  newline();
  out_ += name;
  out_ += '=';
}

void Dumper::place(Span span) {
  if (positions_ == nullptr) return;
  LineRange range = positions_->range(span);
  field("lineno"), out_ += std::to_string(range.line);
  field("col_offset"), out_ += std::to_string(range.column);
  field("end_lineno"), out_ += std::to_string(range.end_line);
  field("end_col_offset"), out_ += std::to_string(range.end_column);
}

template <class T, class Print>
void Dumper::list(const char* name, Seq<T> items, Print print) {
  field(name);
  out_ += '[';
  if (!items.empty()) frames_.back().is_plain = false;
  ++depth_;
  for (uint32_t i = 0; i < items.count; ++i) {
    if (i > 0) out_ += ',';
    newline();
    print(items[i]);
  }
  --depth_;
  out_ += ']';
}

void Dumper::leaf(const char* name, const char* value) {
  field(name);
  out_ += value;
  out_ += "()";
}

void Dumper::name_field(const char* name, Identifier id) {
  if (!id) return;
  field(name);
  out_ += quoted(id.view(), false);
}

void Dumper::expr_field(const char* name, const Expr* node) {
  if (node == nullptr) return;
  field(name);
  expr(node);
}

void Dumper::exprs_field(const char* name, Seq<Expr*> exprs) {
  list(name, exprs, [this](const Expr* node) {
    if (node == nullptr) {
      out_ += "None";
    } else {
      expr(node);
    }
  });
}

void Dumper::stmts_field(const char* name, Seq<Stmt*> stmts) {
  list(name, stmts, [this](const Stmt* node) { stmt(node); });
}

void Dumper::constant_value(ConstantKind kind, const Constant* constant) {
  switch (kind) {
    case ConstantKind::None: out_ += "None"; break;
    case ConstantKind::True: out_ += "True"; break;
    case ConstantKind::False: out_ += "False"; break;
    case ConstantKind::Ellipsis: out_ += "Ellipsis"; break;
    case ConstantKind::Int: out_ += std::to_string(constant->integer); break;
    case ConstantKind::BigInt:
      out_ += constant->base == 16 ? "0x" : constant->base == 8 ? "0o" : constant->base == 2 ? "0b" : "";
      out_ += constant->text.view();
      break;
    case ConstantKind::Float: out_ += float_text(constant->number); break;
    case ConstantKind::Str: out_ += quoted(constant->text.view(), false); break;
    case ConstantKind::Bytes: out_ += quoted(constant->text.view(), true); break;
  }
}

void Dumper::constant(const Constant* node) {
  field("value");
  constant_value(node->constant, node);
  if (node->has_u_prefix) field("kind"), out_ += "'u'";
}

void Dumper::generators(Seq<Comprehension*> items) {
  list("generators", items, [this](const Comprehension* node) {
    open("comprehension");
    expr_field("target", node->target);
    expr_field("iter", node->iter);
    exprs_field("ifs", node->ifs);
    field("is_async"), out_ += node->is_async ? "1" : "0";
    close();
  });
}

void Dumper::arg(const Arg* node) {
  open("arg");
  name_field("arg", node->name);
  expr_field("annotation", node->annotation);
  place(node->span);
  close();
}

void Dumper::arguments(const Arguments* args) {
  auto print = [this](const Arg* node) { arg(node); };
  field("args");
  open("arguments");
  list("posonlyargs", args->posonlyargs, print);
  list("args", args->args, print);
  if (args->vararg != nullptr) field("vararg"), arg(args->vararg);
  list("kwonlyargs", args->kwonlyargs, print);
  exprs_field("kw_defaults", args->kw_defaults);
  if (args->kwarg != nullptr) field("kwarg"), arg(args->kwarg);
  exprs_field("defaults", args->defaults);
  close();
}

void Dumper::keywords(Seq<Keyword*> items) {
  list("keywords", items, [this](const Keyword* node) {
    open("keyword");
    name_field("arg", node->name);
    expr_field("value", node->value);
    place(node->span);
    close();
  });
}

void Dumper::aliases(Seq<Alias*> items) {
  list("names", items, [this](const Alias* node) {
    open("alias");
    name_field("name", node->name);
    name_field("asname", node->asname);
    place(node->span);
    close();
  });
}

void Dumper::handlers(Seq<ExceptHandler*> items) {
  list("handlers", items, [this](const ExceptHandler* node) {
    open("ExceptHandler");
    expr_field("type", node->type);
    name_field("name", node->name);
    stmts_field("body", node->body);
    place(node->span);
    close();
  });
}

void Dumper::items(Seq<WithItem*> items) {
  list("items", items, [this](const WithItem* node) {
    open("withitem");
    expr_field("context_expr", node->context_expr);
    expr_field("optional_vars", node->optional_vars);
    close();
  });
}

void Dumper::cases(Seq<MatchCase*> items) {
  list("cases", items, [this](const MatchCase* node) {
    open("match_case");
    field("pattern"), pattern(node->pattern);
    expr_field("guard", node->guard);
    stmts_field("body", node->body);
    close();
  });
}

void Dumper::function(const FunctionDef* node) {
  open(node->is_async ? "AsyncFunctionDef" : "FunctionDef");
  name_field("name", node->name);
  arguments(node->args);
  stmts_field("body", node->body);
  exprs_field("decorator_list", node->decorator_list);
  expr_field("returns", node->returns);
}

void Dumper::class_def(const ClassDef* node) {
  open("ClassDef");
  name_field("name", node->name);
  exprs_field("bases", node->bases);
  keywords(node->keywords);
  stmts_field("body", node->body);
  exprs_field("decorator_list", node->decorator_list);
}

void Dumper::stmt(const Stmt* node) {
  stmt_fields(node);
  place(node->span);
  close();
}

// Opens the node and prints its fields; stmt() closes it.
void Dumper::stmt_fields(const Stmt* node) {
  switch (node->kind) {
    case StmtKind::FunctionDef: return function(as<FunctionDef>(node));
    case StmtKind::ClassDef: return class_def(as<ClassDef>(node));
    case StmtKind::Return: open("Return"); return expr_field("value", as<Return>(node)->value);
    case StmtKind::Delete: open("Delete"); return exprs_field("targets", as<Delete>(node)->targets);
    case StmtKind::Assign:
      open("Assign");
      exprs_field("targets", as<Assign>(node)->targets);
      return expr_field("value", as<Assign>(node)->value);
    case StmtKind::AugAssign:
      open("AugAssign");
      expr_field("target", as<AugAssign>(node)->target);
      leaf("op", kOperators[static_cast<int>(as<AugAssign>(node)->op)]);
      return expr_field("value", as<AugAssign>(node)->value);
    case StmtKind::AnnAssign:
      open("AnnAssign");
      expr_field("target", as<AnnAssign>(node)->target);
      expr_field("annotation", as<AnnAssign>(node)->annotation);
      expr_field("value", as<AnnAssign>(node)->value);
      field("simple"), out_ += as<AnnAssign>(node)->is_simple ? "1" : "0";
      return;
    case StmtKind::For:
      open(as<For>(node)->is_async ? "AsyncFor" : "For");
      expr_field("target", as<For>(node)->target);
      expr_field("iter", as<For>(node)->iter);
      stmts_field("body", as<For>(node)->body);
      return stmts_field("orelse", as<For>(node)->orelse);
    case StmtKind::While:
      open("While");
      expr_field("test", as<While>(node)->test);
      stmts_field("body", as<While>(node)->body);
      return stmts_field("orelse", as<While>(node)->orelse);
    case StmtKind::If:
      open("If");
      expr_field("test", as<If>(node)->test);
      stmts_field("body", as<If>(node)->body);
      return stmts_field("orelse", as<If>(node)->orelse);
    case StmtKind::With:
      open(as<With>(node)->is_async ? "AsyncWith" : "With");
      items(as<With>(node)->items);
      return stmts_field("body", as<With>(node)->body);
    case StmtKind::Match:
      open("Match");
      expr_field("subject", as<Match>(node)->subject);
      return cases(as<Match>(node)->cases);
    case StmtKind::Raise:
      open("Raise");
      expr_field("exc", as<Raise>(node)->exc);
      return expr_field("cause", as<Raise>(node)->cause);
    case StmtKind::Try:
      open(as<Try>(node)->is_star ? "TryStar" : "Try");
      stmts_field("body", as<Try>(node)->body);
      handlers(as<Try>(node)->handlers);
      stmts_field("orelse", as<Try>(node)->orelse);
      return stmts_field("finalbody", as<Try>(node)->finalbody);
    case StmtKind::Assert:
      open("Assert");
      expr_field("test", as<Assert>(node)->test);
      return expr_field("msg", as<Assert>(node)->msg);
    case StmtKind::Import: open("Import"); return aliases(as<Import>(node)->names);
    case StmtKind::ImportFrom:
      open("ImportFrom");
      name_field("module", as<ImportFrom>(node)->module);
      aliases(as<ImportFrom>(node)->names);
      field("level"), out_ += std::to_string(as<ImportFrom>(node)->level);
      return;
    case StmtKind::Global:
    case StmtKind::Nonlocal:
      open(node->kind == StmtKind::Global ? "Global" : "Nonlocal");
      list("names", node->kind == StmtKind::Global ? as<Global>(node)->names : as<Nonlocal>(node)->names,
           [this](Identifier name) { out_ += quoted(name.view(), false); });
      return;
    case StmtKind::ExprStmt: open("Expr"); return expr_field("value", as<ExprStmt>(node)->value);
    case StmtKind::Pass: return open("Pass");
    case StmtKind::Break: return open("Break");
    case StmtKind::Continue: return open("Continue");
  }
}

void Dumper::expr(const Expr* node) {
  expr_fields(node);
  place(node->span);
  close();
}

void Dumper::expr_fields(const Expr* node) {
  switch (node->kind) {
    case ExprKind::BoolOp:
      open("BoolOp");
      leaf("op", kBoolOperators[static_cast<int>(as<BoolOp>(node)->op)]);
      return exprs_field("values", as<BoolOp>(node)->values);
    case ExprKind::NamedExpr:
      open("NamedExpr");
      expr_field("target", as<NamedExpr>(node)->target);
      return expr_field("value", as<NamedExpr>(node)->value);
    case ExprKind::BinOp:
      open("BinOp");
      expr_field("left", as<BinOp>(node)->left);
      leaf("op", kOperators[static_cast<int>(as<BinOp>(node)->op)]);
      return expr_field("right", as<BinOp>(node)->right);
    case ExprKind::UnaryOp:
      open("UnaryOp");
      leaf("op", kUnaryOperators[static_cast<int>(as<UnaryOp>(node)->op)]);
      return expr_field("operand", as<UnaryOp>(node)->operand);
    case ExprKind::Lambda:
      open("Lambda");
      arguments(as<Lambda>(node)->args);
      return expr_field("body", as<Lambda>(node)->body);
    case ExprKind::IfExp:
      open("IfExp");
      expr_field("test", as<IfExp>(node)->test);
      expr_field("body", as<IfExp>(node)->body);
      return expr_field("orelse", as<IfExp>(node)->orelse);
    case ExprKind::Dict:
      open("Dict");
      exprs_field("keys", as<Dict>(node)->keys);
      return exprs_field("values", as<Dict>(node)->values);
    case ExprKind::Set: open("Set"); return exprs_field("elts", as<Set>(node)->elts);
    case ExprKind::ListComp:
    case ExprKind::SetComp:
    case ExprKind::GeneratorExp:
      open(node->kind == ExprKind::ListComp ? "ListComp" : node->kind == ExprKind::SetComp ? "SetComp" : "GeneratorExp");
      expr_field("elt", as<ElementComp>(node)->elt);
      return generators(as<ElementComp>(node)->generators);
    case ExprKind::DictComp:
      open("DictComp");
      expr_field("key", as<DictComp>(node)->key);
      expr_field("value", as<DictComp>(node)->value);
      return generators(as<DictComp>(node)->generators);
    case ExprKind::Await: open("Await"); return expr_field("value", as<Await>(node)->value);
    case ExprKind::Yield: open("Yield"); return expr_field("value", as<Yield>(node)->value);
    case ExprKind::YieldFrom: open("YieldFrom"); return expr_field("value", as<YieldFrom>(node)->value);
    case ExprKind::Compare:
      open("Compare");
      expr_field("left", as<Compare>(node)->left);
      list("ops", as<Compare>(node)->ops, [this](CompareOperator op) { out_ += std::string(kCompareOperators[static_cast<int>(op)]) + "()"; });
      return exprs_field("comparators", as<Compare>(node)->comparators);
    case ExprKind::Call:
      open("Call");
      expr_field("func", as<Call>(node)->func);
      exprs_field("args", as<Call>(node)->args);
      return keywords(as<Call>(node)->keywords);
    case ExprKind::FormattedValue:
      open("FormattedValue");
      expr_field("value", as<FormattedValue>(node)->value);
      field("conversion"), out_ += std::to_string(static_cast<int>(as<FormattedValue>(node)->conversion));
      return expr_field("format_spec", as<FormattedValue>(node)->format_spec);
    case ExprKind::JoinedStr: open("JoinedStr"); return exprs_field("values", as<JoinedStr>(node)->values);
    case ExprKind::Constant: open("Constant"); return constant(as<Constant>(node));
    case ExprKind::Attribute:
      open("Attribute");
      expr_field("value", as<Attribute>(node)->value);
      name_field("attr", as<Attribute>(node)->attr);
      return leaf("ctx", kContexts[static_cast<int>(as<Attribute>(node)->context)]);
    case ExprKind::Subscript:
      open("Subscript");
      expr_field("value", as<Subscript>(node)->value);
      expr_field("slice", as<Subscript>(node)->slice);
      return leaf("ctx", kContexts[static_cast<int>(as<Subscript>(node)->context)]);
    case ExprKind::Starred:
      open("Starred");
      expr_field("value", as<Starred>(node)->value);
      return leaf("ctx", kContexts[static_cast<int>(as<Starred>(node)->context)]);
    case ExprKind::Name:
      open("Name");
      name_field("id", as<Name>(node)->id);
      return leaf("ctx", kContexts[static_cast<int>(as<Name>(node)->context)]);
    case ExprKind::List:
      open("List");
      exprs_field("elts", as<List>(node)->elts);
      return leaf("ctx", kContexts[static_cast<int>(as<List>(node)->context)]);
    case ExprKind::Tuple:
      open("Tuple");
      exprs_field("elts", as<Tuple>(node)->elts);
      return leaf("ctx", kContexts[static_cast<int>(as<Tuple>(node)->context)]);
    case ExprKind::Slice:
      open("Slice");
      expr_field("lower", as<Slice>(node)->lower);
      expr_field("upper", as<Slice>(node)->upper);
      return expr_field("step", as<Slice>(node)->step);
  }
}

void Dumper::pattern(const Pattern* node) {
  pattern_fields(node);
  place(node->span);
  close();
}

void Dumper::pattern_fields(const Pattern* node) {
  auto print = [this](const Pattern* item) { pattern(item); };
  switch (node->kind) {
    case PatternKind::MatchValue: open("MatchValue"); return expr_field("value", as<MatchValue>(node)->value);
    case PatternKind::MatchSingleton:
      open("MatchSingleton");
      field("value");
      return constant_value(as<MatchSingleton>(node)->value, nullptr);
    case PatternKind::MatchSequence: open("MatchSequence"); return list("patterns", as<MatchSequence>(node)->patterns, print);
    case PatternKind::MatchMapping:
      open("MatchMapping");
      exprs_field("keys", as<MatchMapping>(node)->keys);
      list("patterns", as<MatchMapping>(node)->patterns, print);
      return name_field("rest", as<MatchMapping>(node)->rest);
    case PatternKind::MatchClass:
      open("MatchClass");
      expr_field("cls", as<MatchClass>(node)->cls);
      list("patterns", as<MatchClass>(node)->patterns, print);
      list("kwd_attrs", as<MatchClass>(node)->kwd_attrs, [this](Identifier name) { out_ += quoted(name.view(), false); });
      return list("kwd_patterns", as<MatchClass>(node)->kwd_patterns, print);
    case PatternKind::MatchStar: open("MatchStar"); return name_field("name", as<MatchStar>(node)->name);
    case PatternKind::MatchAs:
      open("MatchAs");
      if (as<MatchAs>(node)->pattern != nullptr) field("pattern"), pattern(as<MatchAs>(node)->pattern);
      return name_field("name", as<MatchAs>(node)->name);
    case PatternKind::MatchOr: open("MatchOr"); return list("patterns", as<MatchOr>(node)->patterns, print);
  }
}

std::string Dumper::run(const Module& module) {
  switch (module.kind) {
    case ModuleKind::Module:
      open("Module");
      stmts_field("body", module.body);
      field("type_ignores"), out_ += "[]";
      break;
    case ModuleKind::Interactive:
      open("Interactive");
      stmts_field("body", module.body);
      break;
    case ModuleKind::Expression:
      open("Expression");
      expr_field("body", module.expression);
      break;
  }
  close();
  return std::move(out_);
}

}  // namespace

std::string dump_ast(const Module& module, const Source* positions) { return Dumper(positions).run(module); }

}  // namespace mini::ast
