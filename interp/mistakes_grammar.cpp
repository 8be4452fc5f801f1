// SPDX-License-Identifier: MIT
//
// The grammar of Python 3.11 once more, with its mistakes: what people write by accident has rules too, called `wrong_...`, and
// each of those ends in its message. peg.h describes the notation, mistakes.cpp what stands in braces:
//
//     at a, from a to b, from a on    the message, at that part of the text; %s stands for the kind of expression that a is
//     here                            the message, at the last token that was looked at
//     block a                         "expected an indented block after ... on line N", N being that of a
//     anything else                   a function of mistakes.cpp
//
// The order of alternatives decides which mistake is found first, and how far the matcher has looked decides where an error
// without a place of its own is shown. So keep rules as they are even where two could be one. What is remembered matters too:
// an expression that was once matched without its mistakes is not looked at again; and CPython takes every name that `match` or
// `case` begins with, such as `c`, for a word that two expressions side by side may begin with. Mistakes in a dictionary are looked for in the first run already:
// their rules are called `bad_...`.
#include "interp/mistakes.h"

namespace mini {

namespace {

constexpr const char* kStatements = R"(
file: statement* END
eval: expressions NEWLINE* END
single: NEWLINE | compound_stmt END | simple_stmts | END
fragment: star_expressions

statement: compound_stmt | simple_stmts
simple_stmts: simple_stmt !';' NEWLINE | ';'.simple_stmt+ ';'? NEWLINE
simple_stmt memo:
  | assignment
  | star_expressions
  | &'return' 'return' star_expressions?
  | &('import' | 'from') import_stmt
  | &'raise' raise_stmt
  | 'pass'
  | &'del' del_stmt
  | &'yield' yield_expr
  | &'assert' 'assert' expression (',' expression)?
  | 'break'
  | 'continue'
  | &'global' 'global' ','.NAME+
  | &'nonlocal' 'nonlocal' ','.NAME+
compound_stmt:
  | &('def' | '@' | 'async') function_def
  | &'if' if_stmt
  | &('class' | '@') class_def
  | &('with' | 'async') with_stmt
  | &('for' | 'async') for_stmt
  | &'try' try_stmt
  | &'while' while_stmt
  | match_stmt

assignment:
  | NAME ':' expression ('=' assigned)?
  | ('(' single_target ')' | subscript_or_attribute) ':' expression ('=' assigned)?
  | (star_targets '=')+ (yield_expr | star_expressions) !'='
  | single_target augmented ~ (yield_expr | star_expressions)
  | wrong_assignment
assigned: yield_expr | star_expressions
augmented: '+=' | '-=' | '*=' | '@=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '**=' | '//='
wrong_assignment:
  | a=wrong_annotated ':' expression {annotated a: only single target (not %s) can be annotated}
  | a=star_named_expression ',' star_named_expressions* ':' expression {at a: only single target (not tuple) can be annotated}
  | a=expression ':' expression {at a: illegal target for annotation}
  | (star_targets '=')* a=star_expressions '=' {assign}
  | (star_targets '=')* a=yield_expr '=' {at a: assignment to yield expression not possible}
  | a=star_expressions augmented (yield_expr | star_expressions) {at a: '%s' is an illegal expression for augmented assignment}
wrong_annotated: list | tuple | '(' wrong_annotated ')'

raise_stmt: 'raise' expression ('from' expression)? | 'raise'
del_stmt: 'del' del_targets &(';' | NEWLINE) | wrong_del
wrong_del: 'del' a=star_expressions {delete}

import_stmt: 'import' ','.dotted_as_name+ | import_from
import_from:
  | 'from' ('.' | '...')* dotted_name 'import' import_names
  | 'from' ('.' | '...')+ 'import' import_names
import_names: '(' import_as_names ','? ')' | import_as_names !',' | '*' | wrong_import_names
import_as_names: ','.import_as_name+
import_as_name: NAME ('as' NAME)?
dotted_as_name: dotted_name ('as' NAME)?
dotted_name memo: '.'.NAME+
wrong_import_names: import_as_names ',' NEWLINE {here: trailing comma not allowed without surrounding parentheses}

block memo: NEWLINE INDENT statement+ DEDENT | simple_stmts | wrong_block
wrong_block: NEWLINE !INDENT {indent: expected an indented block}

decorators: ('@' named_expression NEWLINE)+
class_def: decorators class_raw | class_raw
class_raw: wrong_class | 'class' NAME ('(' arguments? ')')? ':' block
wrong_class:
  | 'class' NAME ('(' arguments? ')')? NEWLINE {here: expected ':'}
  | a='class' NAME ('(' arguments? ')')? ':' NEWLINE !INDENT {block a: class definition}
function_def: decorators function_raw | function_raw
function_raw:
  | wrong_def
  | 'def' NAME &&'(' params? ')' ('->' expression)? &&':' block
  | 'async' 'def' NAME &&'(' params? ')' ('->' expression)? &&':' block
wrong_def: 'async'? a='def' NAME '(' params? ')' ('->' expression)? ':' NEWLINE !INDENT {block a: function definition}

params: wrong_params | parameters
parameters:
  | slash_plain param_plain* param_default* star_etc?
  | slash_default param_default* star_etc?
  | param_plain+ param_default* star_etc?
  | param_default+ star_etc?
  | star_etc
slash_plain: param_plain+ '/' ',' | param_plain+ '/' &')'
slash_default: param_plain* param_default+ '/' ',' | param_plain* param_default+ '/' &')'
star_etc:
  | wrong_star_etc
  | '*' param_plain param_maybe* kwds?
  | '*' param_starred param_maybe* kwds?
  | '*' ',' param_maybe+ kwds?
  | kwds
kwds: wrong_kwds | '**' param_plain
param_plain: param ',' | param &')'
param_starred: NAME ':' star_expression ',' | NAME ':' star_expression &')'
param_default: param default ',' | param default &')'
param_maybe: param default? ',' | param default? &')'
param: NAME (':' expression)?
default: '=' expression | wrong_default
wrong_default: a='=' &(')' | ',') {at a: expected default value expression}
wrong_params:
  | param_plain* wrong_params_start a=param (',' | &')') {at a: non-default argument follows default argument}
  | param_plain* a='(' param_plain+ ','? b=')' {from a to b: Function parameters cannot be parenthesized}
  | a='/' ',' {at a: at least one argument must precede /}
  | (slash_plain | slash_default) param_maybe* a='/' {at a: / may appear only once}
  | (slash_plain | slash_default)? param_maybe* '*' (',' | param_plain) param_maybe* a='/' {at a: / must be ahead of *}
  | param_maybe+ '/' a='*' {at a: expected comma between / and *}
wrong_params_start: slash_default | param_default+
wrong_star_etc:
  | a='*' (')' | ',' (')' | '**')) {at a: named arguments must follow bare *}
  | '*' param a='=' {at a: var-positional argument cannot have default value}
  | '*' (param_plain | ',') param_maybe* a='*' (param_plain | ',') {at a: * argument may appear only once}
wrong_kwds:
  | '**' param a='=' {at a: var-keyword argument cannot have default value}
  | '**' param ',' a=param {at a: arguments cannot follow var-keyword argument}
  | '**' param ',' a=('*' | '**' | '/') {at a: arguments cannot follow var-keyword argument}

if_stmt: wrong_if | 'if' named_expression ':' block elif_stmt | 'if' named_expression ':' block else_block?
wrong_if:
  | 'if' named_expression NEWLINE {here: expected ':'}
  | a='if' named_expression ':' NEWLINE !INDENT {block a: 'if' statement}
elif_stmt: wrong_elif | 'elif' named_expression ':' block elif_stmt | 'elif' named_expression ':' block else_block?
wrong_elif:
  | 'elif' named_expression NEWLINE {here: expected ':'}
  | a='elif' named_expression ':' NEWLINE !INDENT {block a: 'elif' statement}
else_block: wrong_else | 'else' &&':' block
wrong_else: a='else' ':' NEWLINE !INDENT {block a: 'else' statement}
while_stmt: wrong_while | 'while' named_expression ':' block else_block?
wrong_while:
  | 'while' named_expression NEWLINE {here: expected ':'}
  | a='while' named_expression ':' NEWLINE !INDENT {block a: 'while' statement}
for_stmt:
  | wrong_for
  | 'for' star_targets 'in' ~ star_expressions ':' block else_block?
  | 'async' 'for' star_targets 'in' ~ star_expressions ':' block else_block?
  | wrong_for_target
wrong_for:
  | 'async'? 'for' star_targets 'in' star_expressions NEWLINE {here: expected ':'}
  | 'async'? a='for' star_targets 'in' star_expressions ':' NEWLINE !INDENT {block a: 'for' statement}
wrong_for_target: 'async'? 'for' a=star_expressions {for_target}
with_stmt:
  | wrong_with_block
  | 'with' '(' ','.with_item+ ','? ')' ':' block
  | 'with' ','.with_item+ ':' block
  | 'async' 'with' '(' ','.with_item+ ','? ')' ':' block
  | 'async' 'with' ','.with_item+ ':' block
  | wrong_with
with_item: expression 'as' star_target &(',' | ')' | ':') | wrong_with_item | expression
wrong_with_item: expression 'as' a=expression &(',' | ')' | ':') {assign}
wrong_with:
  | 'async'? 'with' ','.(expression ('as' star_target)?)+ NEWLINE {here: expected ':'}
  | 'async'? 'with' '(' ','.(expressions ('as' star_target)?)+ ','? ')' NEWLINE {here: expected ':'}
wrong_with_block:
  | 'async'? a='with' ','.(expression ('as' star_target)?)+ ':' NEWLINE !INDENT {block a: 'with' statement}
  | 'async'? a='with' '(' ','.(expressions ('as' star_target)?)+ ','? ')' ':' NEWLINE !INDENT {block a: 'with' statement}
try_stmt:
  | wrong_try
  | 'try' &&':' block finally_block
  | 'try' &&':' block except_block+ else_block? finally_block?
  | 'try' &&':' block except_star_block+ else_block? finally_block?
wrong_try:
  | a='try' ':' NEWLINE !INDENT {block a: 'try' statement}
  | 'try' ':' block !('except' | 'finally') {here: expected 'except' or 'finally' block}
  | 'try' ':' block* except_block+ a='except' b='*' expression ('as' NAME)? ':' {from a to b: cannot have both 'except' and 'except*' on the same 'try'}
  | 'try' ':' block* except_star_block+ a='except' (expression ('as' NAME)?)? ':' {at a: cannot have both 'except' and 'except*' on the same 'try'}
except_block:
  | wrong_except_block
  | 'except' expression ('as' NAME)? ':' block
  | 'except' ':' block
  | wrong_except
except_star_block:
  | wrong_except_star_block
  | 'except' '*' expression ('as' NAME)? ':' block
  | wrong_except
wrong_except:
  | 'except' '*'? a=expression ',' expressions ('as' NAME)? ':' {from a on: multiple exception types must be parenthesized}
  | 'except' '*'? expression ('as' NAME)? NEWLINE {here: expected ':'}
  | 'except' NEWLINE {here: expected ':'}
  | 'except' '*' (NEWLINE | ':') {here: expected one or more exception types}
wrong_except_block:
  | a='except' expression ('as' NAME)? ':' NEWLINE !INDENT {block a: 'except' statement}
  | a='except' ':' NEWLINE !INDENT {block a: 'except' statement}
wrong_except_star_block: a='except' '*' expression ('as' NAME)? ':' NEWLINE !INDENT {block a: 'except*' statement}
finally_block: wrong_finally | 'finally' &&':' block
wrong_finally: a='finally' ':' NEWLINE !INDENT {block a: 'finally' statement}
)";

constexpr const char* kPatterns = R"(
match_stmt: "match" subject ':' NEWLINE INDENT case_block+ DEDENT | wrong_match
subject: star_named_expression ',' star_named_expressions? | named_expression
wrong_match:
  | "match" subject NEWLINE {here: expected ':'}
  | a="match" subject ':' NEWLINE !INDENT {block a: 'match' statement}
case_block: wrong_case | "case" patterns guard? ':' block
guard: 'if' named_expression
wrong_case:
  | "case" patterns guard? NEWLINE {here: expected ':'}
  | a="case" patterns guard? ':' NEWLINE !INDENT {block a: 'case' statement}
patterns: open_sequence | pattern
pattern: as_pattern | or_pattern
as_pattern: or_pattern 'as' capture | wrong_as_pattern
wrong_as_pattern:
  | or_pattern 'as' a="_" {at a: cannot use '_' as a target}
  | or_pattern 'as' !NAME a=expression {at a: invalid pattern target}
or_pattern: '|'.closed_pattern+
closed_pattern memo:
  | pattern_literal
  | capture
  | "_"
  | attribute_name !('.' | '(' | '=')
  | '(' pattern ')'
  | '[' maybe_sequence? ']'
  | '(' open_sequence? ')'
  | mapping_pattern
  | class_pattern
pattern_literal:
  | signed_number !('+' | '-')
  | signed_number ('+' | '-') imaginary
  | strings
  | 'None'
  | 'True'
  | 'False'
imaginary: NUMBER
signed_number: NUMBER | '-' NUMBER
capture: !"_" NAME !('.' | '(' | '=')
attribute_name memo: NAME ('.' NAME)+
dotted memo: NAME ('.' NAME)*
open_sequence: maybe_star ',' maybe_sequence?
maybe_sequence: ','.maybe_star+ ','?
maybe_star: star_pattern | pattern
star_pattern memo: '*' capture | '*' "_"
mapping_pattern:
  | '{' '}'
  | '{' '**' capture ','? '}'
  | '{' ','.mapping_entry+ ',' '**' capture ','? '}'
  | '{' ','.mapping_entry+ ','? '}'
mapping_entry: (pattern_literal | attribute_name) ':' pattern
class_pattern:
  | dotted '(' ')'
  | dotted '(' ','.pattern+ ','? ')'
  | dotted '(' ','.keyword_pattern+ ','? ')'
  | dotted '(' ','.pattern+ ',' ','.keyword_pattern+ ','? ')'
  | wrong_class_pattern
keyword_pattern: NAME '=' pattern
wrong_class_pattern: dotted '(' wrong_class_start a=positional_patterns {at a: positional patterns follow keyword patterns}
wrong_class_start: (','.pattern+ ',')? ','.keyword_pattern+ ','
positional_patterns: ','.pattern+
)";

constexpr const char* kExpressions = R"(
expressions: expression (',' expression)+ ','? | expression ',' | expression
expression memo:
  | wrong_expression
  | wrong_legacy
  | disjunction 'if' disjunction 'else' expression
  | disjunction
  | lambda
tidy_expression plain: disjunction 'if' disjunction 'else' expression | disjunction | lambda
wrong_expression:
  | !(NAME STRING | "_" | "case..." | "match...") a=disjunction b=tidy_expression {comma}
  | a=disjunction 'if' b=disjunction !('else' | ':') {from a to b: expected 'else' after 'if' expression}
wrong_legacy: a=NAME !'(' b=star_expressions {legacy}
yield_expr: 'yield' 'from' expression | 'yield' star_expressions?
star_expressions: star_expression (',' star_expression)+ ','? | star_expression ',' | star_expression
star_expression memo: '*' bitor | expression
star_named_expressions: ','.star_named_expression+ ','?
star_named_expression: '*' bitor | named_expression
walrus: NAME ':=' ~ expression
named_expression: walrus | wrong_named | expression !':='
wrong_named memo:
  | a=expression ':=' expression {at a: cannot use assignment expressions with %s}
  | a=NAME '=' b=bitor !('=' | ':=') {from a to b: invalid syntax. Maybe you meant '==' or ':=' instead of '='?}
  | !(list | tuple | generator | 'True' | 'None' | 'False') a=bitor '=' bitor !('=' | ':=') {at a: cannot assign to %s here. Maybe you meant '==' instead of '='?}

disjunction memo: conjunction ('or' conjunction)*
conjunction memo: inversion ('and' inversion)*
inversion memo: 'not' inversion | comparison
comparison: bitor (comparator bitor)*
comparator: '==' | '!=' | '<=' | '<' | '>=' | '>' | 'not' 'in' | 'in' | 'is' 'not' | 'is'
bitor memo: factor (binary_operator factor)*
binary_operator: '|' | '^' | '&' | '<<' | '>>' | '+' | '-' | '*' | '/' | '//' | '%' | '@'
factor memo: ('+' | '-' | '~') factor | awaited '**' factor | awaited
awaited memo: 'await' primary | primary
primary memo: atom ('.' NAME | generator | '(' arguments? ')' | '[' slices ']')*
slices: slice !',' | ','.(slice | '*' expression)+ ','?
slice: expression? ':' expression? (':' expression?)? | named_expression
atom:
  | NAME
  | 'True'
  | 'False'
  | 'None'
  | &STRING strings
  | number
  | &'(' (tuple | group | generator)
  | &'[' (list | list_comprehension)
  | &'{' (dictionary | set | dict_comprehension | set_comprehension)
  | '...'
strings memo: STRING+
number: NUMBER
group: '(' (yield_expr | named_expression) ')' | wrong_group
wrong_group:
  | '(' a=starred ')' {at a: cannot use starred expression here}
  | '(' a='**' expression ')' {at a: cannot use double starred expression here}
starred: '*' expression
list: '[' star_named_expressions? ']'
tuple: '(' (star_named_expression ',' star_named_expressions?)? ')'
set: '{' star_named_expressions '}'
dictionary: '{' entries? '}' | '{' bad_entries '}'
entries: ','.entry+ ','?
entry: '**' bitor | pair
pair: expression ':' expression
bad_entries:
  | ','.entry+ ',' bad_pair
  | expression ':' a='*' bitor {from a on: cannot use a starred expression in a dictionary value}
  | expression a=':' &('}' | ',') {at a: expression expected after dictionary key and ':'}
bad_pair:
  | a=expression !':' {missing_colon: ':' expected after dictionary key}
  | expression ':' a='*' bitor {from a on: cannot use a starred expression in a dictionary value}
  | expression a=':' &('}' | ',') {at a: expression expected after dictionary key and ':'}

clauses: clause+
clause:
  | 'async' 'for' star_targets 'in' ~ disjunction ('if' disjunction)*
  | 'for' star_targets 'in' ~ disjunction ('if' disjunction)*
  | wrong_for_target
list_comprehension: '[' named_expression clauses ']' | wrong_comprehension
set_comprehension: '{' named_expression clauses '}' | wrong_comprehension
generator: '(' (walrus | expression !':=') clauses ')' | wrong_comprehension
dict_comprehension: '{' pair clauses '}' | wrong_dict_comprehension
wrong_comprehension:
  | ('[' | '(' | '{') a=starred clauses {at a: iterable unpacking cannot be used in comprehension}
  | ('[' | '{') a=star_named_expression ',' b=star_named_expressions clauses {targets: did you forget parentheses around the comprehension target?}
  | ('[' | '{') a=star_named_expression b=',' clauses {from a to b: did you forget parentheses around the comprehension target?}
wrong_dict_comprehension: '{' a='**' bitor clauses '}' {at a: dict unpacking cannot be used in dict comprehension}

lambda: 'lambda' lambda_params? ':' expression
lambda_params: wrong_lambda_params | lambda_parameters
lambda_parameters:
  | lambda_slash_plain lambda_plain* lambda_default* lambda_star_etc?
  | lambda_slash_default lambda_default* lambda_star_etc?
  | lambda_plain+ lambda_default* lambda_star_etc?
  | lambda_default+ lambda_star_etc?
  | lambda_star_etc
lambda_slash_plain: lambda_plain+ '/' ',' | lambda_plain+ '/' &':'
lambda_slash_default: lambda_plain* lambda_default+ '/' ',' | lambda_plain* lambda_default+ '/' &':'
lambda_star_etc:
  | wrong_lambda_star_etc
  | '*' lambda_plain lambda_maybe* lambda_kwds?
  | '*' ',' lambda_maybe+ lambda_kwds?
  | lambda_kwds
lambda_kwds: wrong_lambda_kwds | '**' lambda_plain
lambda_plain: NAME ',' | NAME &':'
lambda_default: NAME default ',' | NAME default &':'
lambda_maybe: NAME default? ',' | NAME default? &':'
wrong_lambda_params:
  | lambda_plain* wrong_lambda_start a=NAME (',' | &':') {at a: non-default argument follows default argument}
  | lambda_plain* a='(' ','.NAME+ ','? b=')' {from a to b: Lambda expression parameters cannot be parenthesized}
  | a='/' ',' {at a: at least one argument must precede /}
  | (lambda_slash_plain | lambda_slash_default) lambda_maybe* a='/' {at a: / may appear only once}
  | (lambda_slash_plain | lambda_slash_default)? lambda_maybe* '*' (',' | lambda_plain) lambda_maybe* a='/' {at a: / must be ahead of *}
  | lambda_maybe+ '/' a='*' {at a: expected comma between / and *}
wrong_lambda_start: lambda_slash_default | lambda_default+
wrong_lambda_star_etc:
  | '*' (':' | ',' (':' | '**')) {here: named arguments must follow bare *}
  | '*' NAME a='=' {at a: var-positional argument cannot have default value}
  | '*' (lambda_plain | ',') lambda_maybe* a='*' (lambda_plain | ',') {at a: * argument may appear only once}
wrong_lambda_kwds:
  | '**' NAME a='=' {at a: var-keyword argument cannot have default value}
  | '**' NAME ',' a=NAME {at a: arguments cannot follow var-keyword argument}
  | '**' NAME ',' a=('*' | '**' | '/') {at a: arguments cannot follow var-keyword argument}

arguments memo: args ','? &')' | wrong_arguments
args: ','.(starred | (walrus | expression !':=') !'=')+ (',' kwargs)? | kwargs
kwargs:
  | ','.keyword_or_starred+ ',' ','.keyword_or_double_starred+
  | ','.keyword_or_starred+
  | ','.keyword_or_double_starred+
keyword_or_starred: wrong_keyword | NAME '=' expression | starred
keyword_or_double_starred: wrong_keyword | NAME '=' expression | '**' expression
wrong_keyword:
  | a=('True' | 'False' | 'None') b='=' {from a to b: cannot assign to %t}
  | a=NAME b='=' expression clauses {from a to b: invalid syntax. Maybe you meant '==' or ':=' instead of '='?}
  | !(NAME '=') a=expression b='=' {from a to b: expression cannot contain assignment, perhaps you meant "=="?}
wrong_arguments:
  | a=args ',' '*' {at a: iterable argument unpacking follows keyword argument unpacking}
  | a=expression b=clauses ',' (args | expression clauses)? {from a to b: Generator expression must be parenthesized}
  | a=NAME b='=' expression clauses {from a to b: invalid syntax. Maybe you meant '==' or ':=' instead of '='?}
  | a=args b=clauses {loose_generator: Generator expression must be parenthesized}
  | args ',' a=expression b=clauses {last_target: Generator expression must be parenthesized}
  | a=args ',' args {mixed_arguments: positional argument follows keyword argument}
)";

constexpr const char* kTargets = R"(
star_targets: star_target !',' | star_target (',' star_target)* ','?
star_target memo: '*' !'*' star_target | star_atom_or_part
star_atom_or_part memo:
  | inner_primary '.' NAME !inner_ahead
  | inner_primary '[' slices ']' !inner_ahead
  | star_atom
star_atom:
  | NAME
  | '(' star_atom_or_part ')'
  | '(' (star_target (',' star_target)+ ','? | star_target ',')? ')'
  | '[' (','.star_target+ ','?)? ']'
single_target: subscript_or_attribute | NAME | '(' single_target ')'
subscript_or_attribute: inner_primary '.' NAME !inner_ahead | inner_primary '[' slices ']' !inner_ahead
del_targets: ','.del_target+ ','?
del_target memo:
  | inner_primary '.' NAME !inner_ahead
  | inner_primary '[' slices ']' !inner_ahead
  | del_atom
del_atom: NAME | '(' del_target ')' | '(' del_targets? ')' | '[' del_targets? ']'
inner_primary memo: atom &inner_ahead (('.' NAME | '[' slices ']' | generator | '(' arguments? ')') &inner_ahead)*
inner_ahead: '(' | '[' | '.'
)";

}  // namespace

const Peg& mistakes_grammar() {
  static const Peg peg = read_peg(std::string(kStatements) + kPatterns + kExpressions + kTargets);
  return peg;
}

}  // namespace mini
