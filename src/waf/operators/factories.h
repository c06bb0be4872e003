// The operators behind make_operator(), one function each, grouped by the file that holds them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "waf/operators/operator.h"

namespace bulwark::waf::operators {

using Made = Result<std::unique_ptr<const Operator>>;

/// What a factory is given: the canonical name, the argument as written and whether it holds macros.
struct Request {
  std::string_view name;
  std::string argument;
  bool has_macros = false;
  const OperatorEnvironment& environment;
};

// text.cpp
Made contains(const Request& request);
Made contains_word(const Request& request);
Made begins_with(const Request& request);
Made ends_with(const Request& request);
Made within(const Request& request);
Made streq(const Request& request);
Made strmatch(const Request& request);

// numbers.cpp
Made eq(const Request& request);
Made ge(const Request& request);
Made gt(const Request& request);
Made le(const Request& request);
Made lt(const Request& request);

// rx.cpp
Made rx(const Request& request);
Made rx_global(const Request& request);

// pm.cpp
Made pm(const Request& request);
Made pm_from_file(const Request& request);

// ip_match.cpp
Made ip_match(const Request& request);
Made ip_match_from_file(const Request& request);

// validate.cpp
Made validate_byte_range(const Request& request);
Made validate_url_encoding(const Request& request);
Made validate_utf8_encoding(const Request& request);

// verify.cpp
Made verify_cc(const Request& request);
Made verify_cpf(const Request& request);
Made verify_ssn(const Request& request);
Made verify_svnr(const Request& request);

// detect.cpp
Made detect_sqli(const Request& request);
Made detect_xss(const Request& request);

// geo_lookup.cpp
Made geo_lookup(const Request& request);

// constant.cpp
Made unconditional_match(const Request& request);
Made no_match(const Request& request);

// rbl.cpp
Made rbl(const Request& request);

/// The whole of a phrase or address file, named as in the rule: relative to the rule file's folder, never remote, at most
/// kMaxRuleDataBytes.
Result<std::string> read_rule_data(const Request& request);
inline constexpr std::size_t kMaxRuleDataBytes = 64 * 1024 * 1024;

}  // namespace bulwark::waf::operators
