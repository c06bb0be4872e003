#include "explained.h"

#include <algorithm>

#include "waf/bodies/json.h"
#include "waf/bodies/multipart.h"
#include "waf/bodies/urlencoded.h"

namespace bulwark::reference {
namespace {

constexpr std::int64_t kBodyError = 200002;
constexpr std::int64_t kScoreOfACriticalRule = 5;
/// Rules of the Core Rule Set whose chain looks at MATCHED_VAR.
constexpr std::int64_t kLookAtLastMatch[] = {932200, 933120, 933151, 944120};

/// A NUL by itself or written as %00, %2500 or %u00; what replaces it decodes to U+0001.
constexpr std::pair<std::string_view, std::string_view> kNuls[] = {{{"\0", 1}, "\x01"}, {"%00", "%01"},       {"%2500", "%2501"},
                                                                   {"%u00", "%u01"},    {"%25u00", "%25u01"}, {"%25%30%30", "%25%30%31"}};

std::string header(const Request& request, std::string_view name) {
  for (const auto& [its_name, value] : request.headers) {
    if (its_name == name) return value;
  }
  return {};
}

bool is_multipart(const Request& request) { return header(request, "Content-Type").starts_with("multipart/form-data"); }

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

struct Case {
  const Request& request;
  const Verdict& mine;
  const Verdict& reference;
  Ours& ours;
  Theirs& theirs;

  bool agree_on(const Request& other) const { return ours.run(other) == theirs.run(other); }
  bool agree_without_body() const {
    Request without = request;
    without.body.clear();
    return agree_on(without);
  }
  /// Rules that only one of the engines names.
  std::vector<std::int64_t> disputed() const {
    std::vector<std::int64_t> rules;
    std::set_symmetric_difference(mine.rules.begin(), mine.rules.end(), reference.rules.begin(), reference.rules.end(),
                                  std::back_inserter(rules));
    return rules;
  }
};

bool is_read_up_to_a_fault(const Case& it) {
  return is_multipart(it.request) && it.mine.rules.contains(kBodyError) && it.reference.rules.contains(kBodyError) &&
         it.agree_without_body();
}

bool is_refused_by_ours_alone(const Case& it) {
  return is_multipart(it.request) && it.mine.rules.contains(kBodyError) && !it.reference.rules.contains(kBodyError) &&
         it.agree_without_body();
}

bool has_lines_in_a_part(const Case& it) {
  if (!is_multipart(it.request)) return false;
  waf::TextArena arena;
  waf::MultipartBody body;
  const std::string type = header(it.request, "Content-Type");
  waf::parse_multipart(type, it.request.body, {}, arena, body);
  const bool lines = std::any_of(body.arguments.begin(), body.arguments.end(),
                                 [](const waf::Argument& argument) { return argument.value.find('\n') != std::string_view::npos; });
  return lines && it.agree_without_body();
}

bool ends_at_a_nul(const Case& it) {
  const std::string text = it.request.text();
  const bool has_nul =
      std::any_of(std::begin(kNuls), std::end(kNuls), [&](const auto& nul) { return text.find(nul.first) != std::string::npos; });
  if (!has_nul) return false;
  Request without = it.request;
  for (const auto& [nul, other] : kNuls) {
    replace_all(without.target, nul, other);
    replace_all(without.body, nul, other);
    for (auto& [name, value] : without.headers) replace_all(value, nul, other);
  }
  return it.agree_on(without);
}

/// Ours found phrases that are there, and nothing else differs: the rules that it alone names look for phrases, and the score is higher
/// by no more than such matches add.
bool is_a_phrase_the_reference_lost(const Case& it) {
  const auto found = [](const Verdict::Match& match) {
    return match.by_phrases && !match.matched.empty() && match.decoded.find(match.matched) != std::string::npos;
  };
  for (const std::int64_t rule : it.disputed()) {
    if (it.reference.rules.contains(rule)) return false;
    for (const Verdict::Match& match : it.mine.matches) {
      if (match.rule == rule && !found(match)) return false;
    }
  }
  const auto phrases = std::count_if(it.mine.matches.begin(), it.mine.matches.end(), found);
  const std::int64_t extra = std::atoll(it.mine.score.c_str()) - std::atoll(it.reference.score.c_str());
  return extra > 0 && extra % kScoreOfACriticalRule == 0 && extra / kScoreOfACriticalRule <= phrases;
}

bool has_the_byte_that_blinds(const Case& it) {
  Request without = it.request;
  for (std::string* text : {&without.target, &without.body}) {
    replace_all(*text, "\xff", "\xfe");
    replace_all(*text, "%FF", "%FE");
  }
  for (auto& [name, value] : without.headers) {
    replace_all(value, "\xff", "\xfe");
    replace_all(value, "%FF", "%FE");
  }
  return without.text() != it.request.text() && it.agree_on(without);
}

bool is_json_with_a_string_behind_it(const Case& it) {
  const bool json = header(it.request, "Content-Type").starts_with("application/json");
  return json && it.mine.rules.contains(kBodyError) && !it.reference.rules.contains(kBodyError) && it.agree_without_body();
}

/// Every argument of a request, decoded.
std::vector<std::string> values_of(const Request& request) {
  waf::TextArena arena;
  std::vector<waf::Argument> arguments;
  waf::MultipartBody multipart;
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  waf::parse_urlencoded(std::string_view(request.target).substr(std::min(question + 1, request.target.size())), '&', {}, arena, arguments);
  const std::string type = header(request, "Content-Type");
  if (type.starts_with("application/json"))
    waf::parse_json(request.body, {}, arena, arguments);
  else if (type.starts_with("application/x-www-form"))
    waf::parse_urlencoded(request.body, '&', {}, arena, arguments);
  else if (is_multipart(request))
    waf::parse_multipart(type, request.body, {}, arena, multipart);
  arguments.insert(arguments.end(), multipart.arguments.begin(), multipart.arguments.end());
  std::vector<std::string> values;
  for (const auto& argument : arguments) {
    values.emplace_back(argument.name);
    values.emplace_back(argument.value);
  }
  return values;
}

/// Each value alone gets the same verdict; together the engines disagree on which one came last.
bool depends_on_the_order(const Case& it) {
  const auto disputed = it.disputed();
  const bool order_matters = !disputed.empty() && std::all_of(disputed.begin(), disputed.end(), [](std::int64_t rule) {
    return std::find(std::begin(kLookAtLastMatch), std::end(kLookAtLastMatch), rule) != std::end(kLookAtLastMatch);
  });
  if (!order_matters) return false;
  const auto values = values_of(it.request);
  return values.size() > 2 && std::all_of(values.begin(), values.end(), [&](const std::string& value) {
           Request alone{"GET", "/?x=", {{"Host", "shop.example"}, {"User-Agent", "x"}, {"Accept", "*/*"}}, ""};
           constexpr char kHex[] = "0123456789ABCDEF";
           for (const char c : value) alone.target.append({'%', kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 15]});
           return it.agree_on(alone);
         });
}

struct Explained {
  const char* reason;
  bool (*holds)(const Case&);
};
constexpr Explained kExplained[] = {
    {"both refuse the multipart body; ours shows the rules what was read before the fault, the reference nothing", is_read_up_to_a_fault},
    {"ours refuses a multipart body that can be read in two ways", is_refused_by_ours_alone},
    {"the reference loses the line ends within a multipart value", has_lines_in_a_part},
    {"the reference's t:cssDecode ends a value at its first NUL", ends_at_a_nul},
    {"the reference's @pm loses a phrase that begins within a longer one it had begun to match", is_a_phrase_the_reference_lost},
    {"the reference's @detectXSS stops reading at a byte 0xff", has_the_byte_that_blinds},
    {"the reference overlooks a string that begins behind a JSON value and never ends", is_json_with_a_string_behind_it},
    {"the reference visits arguments in the order of a hash; the rule's chain looks at the one that matched last", depends_on_the_order},
};

}  // namespace

const char* explanation(const Request& request, const Verdict& mine, const Verdict& reference, Ours& ours, Theirs& theirs) {
  const Case it{request, mine, reference, ours, theirs};
  for (const Explained& entry : kExplained) {
    if (entry.holds(it)) return entry.reason;
  }
  return nullptr;
}

}  // namespace bulwark::reference
