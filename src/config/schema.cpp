// Reading of single values, their bounds, and the words of every complaint.
#include "config/schema.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>

namespace bulwark::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit kSizes[] = {{"", 1},        {"B", 1},       {"KiB", 1 << 10}, {"MiB", 1 << 20},  {"GiB", 1 << 30},     {"k", 1 << 10},
                           {"M", 1 << 20}, {"G", 1 << 30}, {"KB", 1000},     {"MB", 1'000'000}, {"GB", 1'000'000'000}};
constexpr std::size_t kMaxSecretBytes = 64 * 1024;

template <std::size_t N>
std::optional<std::int64_t> with_unit(std::string_view text, const Unit (&units)[N]) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const Unit& each : units) {
    std::int64_t result = 0;
    if (each.name == unit && !__builtin_mul_overflow(number, each.factor, &result)) return result;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string without_unit(std::int64_t value, const Unit (&units)[N], std::initializer_list<std::string_view> preferred) {
  std::string best = std::to_string(value);
  for (const std::string_view name : preferred)
    for (const Unit& each : units)
      if (each.name == name && value != 0 && value % each.factor == 0) best = std::to_string(value / each.factor).append(name);
  return best;
}

std::string duration_text(std::int64_t ms) { return ms == 0 ? "0s" : without_unit(ms, kDurations, {"ms", "s", "min", "h", "d"}); }
std::string size_text(std::int64_t bytes) { return without_unit(bytes, kSizes, {"", "KiB", "MiB", "GiB"}); }

bool expect_scalar(const Node& node, std::string_view wanted, Problems& problems) {
  if (node.kind() == Node::Kind::scalar) return true;
  problems.add(node, "expected " + std::string(wanted));
  return false;
}

template <class Text>
bool within(const Node& node, const FieldDoc& doc, std::int64_t value, Text&& text, Problems& problems) {
  if (value >= doc.min && value <= doc.max) return true;
  std::string message = text(value) + " is out of range:";
  if (doc.min != INT64_MIN) message += " at least " + text(doc.min);
  if (doc.max != INT64_MAX) message += " at most " + text(doc.max);
  problems.add(node, std::move(message));
  return false;
}

std::string number_text(std::int64_t value) { return std::to_string(value); }

/// Optimal string alignment: insert, delete, replace, or swap two neighbours, each at cost 1.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    std::swap(before, row);
    std::swap(row, next);
  }
  return row[b.size()];
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

}  // namespace

void Problems::add(const Node& at, std::string message) { add(at.line(), std::move(message)); }

void Problems::add(int line, std::string message) {
  if (list_.size() < kMax) list_.push_back({line, std::move(message)});
}

std::string Problems::text(std::string_view file) const {
  std::string text;
  for (const auto& each : list_) {
    if (!text.empty()) text += '\n';
    text.append(file).append(":").append(std::to_string(each.line)).append(": ").append(each.message);
  }
  if (list_.size() == kMax) text += "\n(and maybe more; these come first)";
  return text;
}

std::string render(bool value) { return value ? "true" : "false"; }
std::string render(std::int64_t value) { return std::to_string(value); }
std::string render(double value) {
  char digits[40];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}
std::string render(const std::string& value) { return value; }
std::string render(std::chrono::milliseconds value) { return duration_text(value.count()); }
std::string render(ByteSize value) { return size_text(static_cast<std::int64_t>(value.bytes)); }

bool read(const Node& node, const FieldDoc&, bool& out, Problems& problems) {
  if (!expect_scalar(node, "true or false", problems)) return false;
  if (node.scalar() == "true" || node.scalar() == "on" || node.scalar() == "yes") return out = true, true;
  if (node.scalar() == "false" || node.scalar() == "off" || node.scalar() == "no") return out = false, true;
  problems.add(node, "expected true or false, not '" + node.scalar() + "'");
  return false;
}

bool read(const Node& node, const FieldDoc& doc, std::int64_t& out, Problems& problems) {
  if (!expect_scalar(node, "a number", problems)) return false;
  const std::string& text = node.scalar();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    problems.add(node, "expected a whole number, not '" + text + "'");
    return false;
  }
  if (!within(node, doc, value, number_text, problems)) return false;
  out = value;
  return true;
}

bool read(const Node& node, const FieldDoc& doc, double& out, Problems& problems) {
  if (!expect_scalar(node, "a number", problems)) return false;
  const std::string& text = node.scalar();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    problems.add(node, "expected a number, not '" + text + "'");
    return false;
  }
  if ((doc.min != INT64_MIN && value < static_cast<double>(doc.min)) || (doc.max != INT64_MAX && value > static_cast<double>(doc.max))) {
    problems.add(node, text + " is out of range: between " + std::to_string(doc.min) + " and " + std::to_string(doc.max));
    return false;
  }
  out = value;
  return true;
}

bool read(const Node& node, const FieldDoc& doc, std::string& out, Problems& problems) {
  if (!expect_scalar(node, "text", problems)) return false;
  if (node.scalar().find('\0') != std::string::npos) {
    problems.add(node, "text may not contain NUL");
    return false;
  }
  if (!within(
          node, doc, static_cast<std::int64_t>(node.scalar().size()),
          [](std::int64_t length) { return std::to_string(length) + " characters"; }, problems))
    return false;
  out = node.scalar();
  return true;
}

bool read(const Node& node, const FieldDoc& doc, std::chrono::milliseconds& out, Problems& problems) {
  if (!expect_scalar(node, "a duration such as 30s", problems)) return false;
  const auto value = node.scalar() == "0" ? std::optional<std::int64_t>(0) : with_unit(node.scalar(), kDurations);
  if (!value) {
    problems.add(node, "expected a duration such as 500ms, 30s, 10min, 2h or 7d, not '" + node.scalar() + "'");
    return false;
  }
  FieldDoc bounded = doc;
  bounded.min = std::max<std::int64_t>(doc.min, 0);
  if (!within(node, bounded, *value, duration_text, problems)) return false;
  out = std::chrono::milliseconds(*value);
  return true;
}

bool read(const Node& node, const FieldDoc& doc, ByteSize& out, Problems& problems) {
  if (!expect_scalar(node, "a size such as 10MiB", problems)) return false;
  const auto value = with_unit(node.scalar(), kSizes);
  if (!value || *value < 0) {
    problems.add(node, "expected a size such as 512, 64KiB or 10MiB, not '" + node.scalar() + "'");
    return false;
  }
  if (!within(node, doc, *value, size_text, problems)) return false;
  out.bytes = static_cast<std::uint64_t>(*value);
  return true;
}

bool read(const Node& node, const FieldDoc&, Secret& out, Problems& problems) {
  if (!expect_scalar(node, "a secret: env:NAME, file:/path or the text itself", problems)) return false;
  const std::string_view text = node.scalar();
  if (text.starts_with("env:")) {
    const std::string name(text.substr(4));
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
      problems.add(node, "the environment variable " + name + " is not set");
      return false;
    }
    out.value = value;
    return true;
  }
  if (text.starts_with("file:")) {
    const std::string path(text.substr(5));
    std::ifstream input(path, std::ios::binary);
    std::string content(kMaxSecretBytes, '\0');
    input.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(input.gcount()));
    while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
    if (content.empty()) {
      problems.add(node, "the secret file " + path + " is missing, unreadable or empty");
      return false;
    }
    out.value = std::move(content);
    return true;
  }
  out.value = text;
  return true;
}

bool read(const Node& node, const FieldDoc&, Endpoint& out, Problems& problems) {
  if (!expect_scalar(node, "address:port", problems)) return false;
  auto endpoint = Endpoint::parse(node.scalar());
  if (!endpoint.ok()) {
    problems.add(node, "expected address:port such as 127.0.0.1:8443, not '" + node.scalar() + "'");
    return false;
  }
  out = *endpoint;
  return true;
}

bool read(const Node& node, const FieldDoc&, IpPrefix& out, Problems& problems) {
  if (!expect_scalar(node, "an address or prefix", problems)) return false;
  auto prefix = IpPrefix::parse(node.scalar());
  if (!prefix.ok()) {
    problems.add(node, "expected an address or prefix such as 10.0.0.0/8, not '" + node.scalar() + "'");
    return false;
  }
  out = *prefix;
  return true;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, std::min<std::size_t>(3, word.size() / 3)) + 1;
  if (word.size() > 64) return best;
  for (const auto candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

bool read_enum(const Node& node, const std::vector<std::string_view>& names, std::size_t& out, Problems& problems) {
  if (!expect_scalar(node, "one of " + joined(names), problems)) return false;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == node.scalar()) return out = i, true;
  std::string message = "'" + node.scalar() + "' is not one of " + joined(names);
  if (const auto near = nearest(node.scalar(), names); !near.empty()) message.append("; did you mean '").append(near).append("'?");
  problems.add(node, std::move(message));
  return false;
}

bool expect_map(const Node& node, Problems& problems) {
  if (node.kind() == Node::Kind::map) return true;
  problems.add(node, "expected keys and values");
  return false;
}

void note_unknown_key(const Node& value, std::string_view key, const std::vector<std::string_view>& names, Problems& problems) {
  std::string message = "unknown key '" + std::string(key) + "'";
  if (const auto near = nearest(key, names); !near.empty())
    message.append("; did you mean '").append(near).append("'?");
  else
    message.append("; known here: ").append(joined(names));
  problems.add(value, std::move(message));
}

}  // namespace bulwark::config
