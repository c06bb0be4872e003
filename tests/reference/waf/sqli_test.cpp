// @detectSQLi against libinjection, which libmodsecurity exports: verdict and fingerprint of generated and mutated values, and the
// fingerprint of each context whether it is an injection or not.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "waf/operators/sqli/detector.h"
#include "waf/operators/sqli/tables.h"
#include "waf/operators/sqli/tokenizer.h"

extern "C" {
int libinjection_sqli(const char* text, std::size_t size, char* fingerprint);
void libinjection_sqli_init(void* state, const char* text, std::size_t size, int flags);
const char* libinjection_sqli_fingerprint(void* state, int flags);
}

namespace bulwark::waf::sqli {
namespace {

constexpr int kValues = 400'000;

const std::vector<std::string>& pieces() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out = {"'",         "\"",
                                    "`",         "''",
                                    "\"\"",      "\\'",
                                    "\\",        "\\N",
                                    "--",        "-- ",
                                    "--x",       "#",
                                    "/*",        "*/",
                                    "/**/",      "/*!",
                                    "/*x*/",     ";",
                                    ";;",        "(",
                                    ")",         "()",
                                    "{",         "}",
                                    ",",         ".",
                                    ":",         "::",
                                    ":=",        "=",
                                    "==",        "!=",
                                    "<>",        "<=>",
                                    "<",         ">",
                                    "<=",        ">=",
                                    "!",         "!!",
                                    "~",         "+",
                                    "-",         "*",
                                    "/",         "%",
                                    "^",         "&",
                                    "&&",        "|",
                                    "||",        "<<",
                                    ">>",        "@",
                                    "@@",        "@x",
                                    "@@version", "@`x`",
                                    "@'x'",      "$",
                                    "$$",        "$x$",
                                    "$1,000",    "$.",
                                    "1",         "0",
                                    "42",        "1.5",
                                    ".5",        "1e5",
                                    "1e",        "1.e",
                                    "0x1F",      "0x",
                                    "0b01",      "1f",
                                    "1d ",       "1fUNION",
                                    "x'1F'",     "b'01'",
                                    "X'zz'",     "n'x'",
                                    "N'",        "e'x'",
                                    "E'",        "q'(x)'",
                                    "Q'[",       "nq'!x!'",
                                    "u&'x'",     "U&'",
                                    "[x]",       "[",
                                    "]",         "?",
                                    "{x 1}",     "{``",
                                    "`x`",       "`",
                                    " ",         "  ",
                                    "\t",        "\n",
                                    "\r",        "\v",
                                    "\f",        "\xa0",
                                    "\x7f",      std::string(1, '\0'),
                                    "\x01",      "\xc3\xa9",
                                    "\xff",      "foo",
                                    "bar",       "a.b",
                                    "a.`b`",     "select.1",
                                    "SELECT`a`", "sp_password",
                                    "user",      "USER(",
                                    "password(", "current_user",
                                    "database(", "not",
                                    "in",        "not in",
                                    "like",      "not like",
                                    "is",        "null",
                                    "collate",   "utf8_bin",
                                    "latin1",    "if",
                                    "IF(",       "union",
                                    "select",    "from",
                                    "where",     "and",
                                    "or",        "into outfile",
                                    "into",      "order by",
                                    "group",     "by",
                                    "having",    "limit",
                                    "sleep(1)",  "benchmark",
                                    "int",       "cast(",
                                    "as",        "exec",
                                    "declare",   "waitfor delay",
                                    "goto"};
    std::mt19937 random(1);
    for (const WordClass& group : kWordClasses) {
      for (std::string_view rest = group.words; !rest.empty(); rest.remove_prefix(rest.find('\t') + 1)) {
        if (random() % 6 == 0) out.emplace_back(rest.substr(0, rest.find('\t')));
      }
    }
    return out;
  }();
  return all;
}

std::string random_value(std::mt19937& random) {
  const auto& all = pieces();
  std::string value;
  const std::size_t count = 1 + random() % 10;
  const bool spaced = random() % 2 == 0;
  // Punctuation comes first in the list, words behind it: a third of the values favours the former.
  const std::size_t range = random() % 3 == 0 ? 130 : all.size();
  for (std::size_t i = 0; i < count; ++i) {
    value += all[random() % range];
    if (spaced) value += ' ';
  }
  if (random() % 4 == 0) value[random() % value.size()] = static_cast<char>(random() % 256);
  return value;
}

/// Values around injections that are known to be found, so that half of what is compared is near the border.
std::string mutated(std::mt19937& random) {
  static const std::array<std::string_view, 24> seeds = {
      "1' or '1'='1",
      "1 UNION SELECT password FROM users--",
      "'; DROP TABLE x;--",
      "1 and sleep(5)",
      "admin'--",
      "\" or \"\"=\"",
      "1;exec xp_cmdshell('dir')",
      "1 or 1=1#",
      "-1' union all select null,null,concat(0x3a,user())-- -",
      "1) and (select 1 from(select count(*),concat(version(),floor(rand(0)*2))x from t group by x)a)",
      "foo' + 'bar",
      "1/*!union*/select",
      "1 /*x*/ union /*y*/ select 1",
      "x' and 1=(select count(*) from tabname); --",
      "1; waitfor delay '0:0:5'--",
      "1 procedure analyse(extractvalue(rand(),concat(0x3a,version())),1)",
      "1 into outfile '/tmp/x'",
      "1 like 1",
      "if(1=1,sleep(1),0)",
      "'||(select 1)||'",
      "1 having 1=1",
      "@@version",
      "1 order by 10",
      "case when 1=1 then 1 else 0 end"};
  std::string value(seeds[random() % seeds.size()]);
  for (std::size_t left = random() % 4; left > 0; --left) {
    const std::size_t at = random() % (value.size() + 1);
    switch (random() % 4) {
      case 0: value.insert(at, pieces()[random() % pieces().size()]); break;
      case 1: value.erase(at, 1 + random() % 3); break;
      case 2:
        if (at < value.size()) value[at] = static_cast<char>(random() % 256);
        break;
      default: value.insert(at, value.substr(at, random() % 8));
    }
    if (value.empty()) value = "1";
  }
  return value;
}

struct Context {
  int flags;
  Quoting quoting;
  Dialect dialect;
};
constexpr Context kContexts[] = {{1 | 8, Quoting::none, Dialect::ansi},
                                 {1 | 16, Quoting::none, Dialect::mysql},
                                 {2 | 8, Quoting::in_single, Dialect::ansi},
                                 {2 | 16, Quoting::in_single, Dialect::mysql},
                                 {4 | 16, Quoting::in_double, Dialect::mysql}};

TEST(DetectSqli, GivesLibinjectionsVerdictAndFingerprints) {
  std::mt19937 random(11);
  std::vector<char> state(8192);
  int differences = 0;
  int injections = 0;
  for (int i = 0; i < kValues && differences < 10; ++i) {
    const std::string value = i % 2 == 0 ? random_value(random) : mutated(random);
    char expected[8] = {};
    const bool is_injection = libinjection_sqli(value.data(), value.size(), expected) != 0;
    injections += is_injection ? 1 : 0;
    const auto got = detect(value);
    if (got.text() != (is_injection ? std::string_view(expected) : std::string_view())) {
      ADD_FAILURE() << testing::PrintToString(value) << ": ours '" << got.text() << "', reference " << is_injection << " '" << expected
                    << "'";
      ++differences;
    }
    for (const Context& context : kContexts) {
      libinjection_sqli_init(state.data(), value.data(), value.size(), 0);
      const std::string_view theirs = libinjection_sqli_fingerprint(state.data(), context.flags);
      const auto ours = fingerprint_of(value, context.quoting, context.dialect);
      if (ours.text() == theirs) continue;
      ADD_FAILURE() << testing::PrintToString(value) << " in context " << context.flags << ": ours '" << ours.text() << "', reference '"
                    << theirs << "'";
      ++differences;
    }
  }
  std::printf("detectSQLi: %d values, %d injections, %d differences\n", kValues, injections, differences);
}

}  // namespace
}  // namespace bulwark::waf::sqli
