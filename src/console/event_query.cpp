#include "console/event_query.h"

#include <fmt/core.h>

#include <charconv>

namespace bulwark::console {
namespace {

constexpr std::size_t kMaxPage = 200;
constexpr std::int64_t kMaxMilliseconds = INT64_MAX / 1'000'000;

template <class T>
Result<T> number(std::string_view name, std::string_view text, T max) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || value > max)
    return client_error(Code::invalid, fmt::format("'{}' has to be a whole number.", name));
  return value;
}

Result<WallTime> time(std::string_view name, std::string_view text) {
  const auto milliseconds = TRY(number<std::int64_t>(name, text, kMaxMilliseconds));
  if (milliseconds < 0) return client_error(Code::invalid, fmt::format("'{}' lies before 1970.", name));
  return milliseconds * 1'000'000;
}

/// The enumerator whose to_string() this is, among the first `last` + 1 numbers.
template <class E>
Result<E> named(std::string_view name, std::string_view text, unsigned first, unsigned last) {
  for (unsigned each = first; each <= last; ++each)
    if (const auto candidate = static_cast<E>(each); events::to_string(candidate) == text) return candidate;
  return client_error(Code::invalid, fmt::format("'{}' has no such value.", name));
}

Result<void> read_enums(const Parameters& parameters, events::Query& query) {
  if (const auto text = parameters.get("plane"); !text.empty())
    query.plane = TRY(named<events::Plane>("plane", text, 0, static_cast<unsigned>(events::Plane::process)));
  if (const auto text = parameters.get("class"); !text.empty()) query.event_class = TRY(named<events::Class>("class", text, 2000, 6010));
  if (const auto text = parameters.get("disposition"); !text.empty())
    query.disposition = TRY(named<events::Disposition>("disposition", text, 0, 19));
  if (const auto text = parameters.get("severity"); !text.empty())
    query.min_severity = TRY(named<events::Severity>("severity", text, 0, 6));
  return {};
}

}  // namespace

Result<events::Query> event_query(const Parameters& parameters) {
  events::Query query;
  if (const auto text = parameters.get("from"); !text.empty()) query.from = TRY(time("from", text));
  if (const auto text = parameters.get("to"); !text.empty()) query.to = TRY(time("to", text));
  if (const auto text = parameters.get("source"); !text.empty()) {
    const auto address = IpAddress::parse(text);
    if (!address.ok()) return client_error(Code::invalid, "'source' has to be an IP address.");
    query.source = *address;
  }
  if (const auto text = parameters.get("trace"); !text.empty()) {
    query.trace = TraceId::from_hex(text);
    if (!query.trace) return client_error(Code::invalid, "'trace' has to be 32 hex digits.");
  }
  TRY(read_enums(parameters, query));
  query.user = parameters.get("user");
  query.tenant = parameters.get("tenant");
  query.rule = parameters.get("rule");
  query.text = parameters.get("text");
  if (const auto text = parameters.get("before"); !text.empty()) query.before = TRY(number<events::EventId>("before", text, UINT64_MAX));
  if (const auto text = parameters.get("limit"); !text.empty()) query.limit = TRY(number<std::size_t>("limit", text, kMaxPage));
  return query;
}

}  // namespace bulwark::console
