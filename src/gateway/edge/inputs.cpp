// Taking a request apart into names and values, each list and each value bounded.
#include "gateway/edge/inputs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "wire/http/characters.h"
#include "wire/json/reader.h"

namespace bulwark::gateway {
namespace {

using trace::Context;
using trace::Input;

constexpr std::size_t kMaxJsonPath = 1024;
constexpr std::string_view kBasic = "Basic ";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = http::lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

enum class Plus : std::uint8_t { is_space, is_plus };  // forms write a space so; paths and cookies do not

std::string decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (escape) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' && plus == Plus::is_space ? ' ' : text[i]);
    }
  }
  return out;
}

class Collector {
 public:
  explicit Collector(Context& into) : into_(into) {}

  void add(Input::Where where, std::string name, std::string value) {
    if (into_.inputs.size() == Context::kMaxInputs) {
      into_.inputs_truncated = true;
      return;
    }
    if (value.size() > Context::kMaxInputBytes) {
      value.resize(Context::kMaxInputBytes);
      into_.inputs_truncated = true;
    }
    into_.inputs.push_back({where, std::move(name), std::move(value)});
  }

  void pairs(Input::Where where, std::string_view text) {
    while (!text.empty() && !full()) {
      const std::size_t end = text.find('&');
      const std::string_view pair = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      if (pair.empty()) continue;
      const std::size_t equals = pair.find('=');
      add(where, decode_form(pair.substr(0, equals)),
          equals == std::string_view::npos ? std::string() : decode_form(pair.substr(equals + 1)));
    }
  }

  void path(std::string_view text) {
    while (!text.empty() && !full()) {
      text.remove_prefix(1);
      const std::size_t end = std::min(text.find('/'), text.size());
      if (end > 0) add(Input::Where::path, {}, decode(text.substr(0, end), Plus::is_plus));
      text.remove_prefix(end);
    }
  }

  void cookies(std::string_view text) {
    while (!text.empty() && !full()) {
      const std::size_t end = text.find(';');
      std::string_view pair = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
      if (pair.empty()) continue;
      const std::size_t equals = pair.find('=');
      add(Input::Where::cookie, std::string(pair.substr(0, equals)),
          equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1), Plus::is_plus));
    }
  }

  void json(const json::Value& value, std::string& path) {
    if (full()) return;
    switch (value.type()) {
      case json::Type::object:
      case json::Type::array: {
        std::size_t index = 0;
        for (const json::Value member : value) {
          const std::size_t length = path.size();
          if (length > kMaxJsonPath) {
            into_.inputs_truncated = true;
            return;
          }
          if (!path.empty()) path.push_back('.');
          path.append(value.is(json::Type::array) ? std::to_string(index++) : std::string(member.name()));
          json(member, path);
          path.resize(length);
        }
        return;
      }
      case json::Type::string: return add(Input::Where::body, path, std::string(value.string()));
      case json::Type::number: return add(Input::Where::body, path, std::string(value.number_text()));
      case json::Type::boolean: return add(Input::Where::body, path, value.boolean() ? "true" : "false");
      case json::Type::null: return;
    }
  }

 private:
  bool full() {
    if (into_.inputs.size() < Context::kMaxInputs) return false;
    into_.inputs_truncated = true;
    return true;
  }
  Context& into_;
};

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && http::same_name(text.substr(0, prefix.size()), prefix);
}

/// Media types are compared without regard to case (RFC 9110 §8.3.1).
std::string_view from_word(std::string_view type, std::string_view word) {
  const auto found = std::ranges::search(type, word, {}, http::lower);
  return {found.begin(), type.end()};
}

/// What the app makes of these bytes cannot be told here: compressed, or in an encoding other than UTF-8.
bool is_opaque(const Exchange& exchange, std::string_view type) {
  static constexpr std::string_view kCharset = "charset=";
  const std::string_view coding = exchange.request.headers.get(http::KnownField::content_encoding);
  if (!coding.empty() && !http::same_name(coding, "identity")) return true;
  std::string_view charset = from_word(type, kCharset);
  if (charset.empty()) return false;
  charset.remove_prefix(kCharset.size());
  if (charset.starts_with('"')) charset.remove_prefix(1);
  return !starts_with(charset, "utf-8") && !starts_with(charset, "us-ascii");
}

/// Forms and JSON value by value; everything else (multipart, XML, text) as it came: a value inside is found as a part of the whole.

void collect_body(const Exchange& exchange, Collector& collector, Context& into) {
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view body = exchange.request.body;
  if (body.empty()) return;
  const std::string_view type = exchange.request.headers.get(http::KnownField::content_type);
  if (is_opaque(exchange, type)) into.inputs_truncated = true;
  if (starts_with(type, "application/x-www-form-urlencoded")) return collector.pairs(Input::Where::body, body);
  if (from_word(type, "json").empty()) return collector.add(Input::Where::body, {}, std::string(body));
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  const auto document = json::Document::parse(body);
  if (!document.ok()) {
    into.inputs_truncated = true;  // the app's reader may be more lenient than ours
    return;
  }
  std::string path;
  collector.json(document->root(), path);
}

}  // namespace

std::string decode_form(std::string_view text) { return decode(text, Plus::is_space); }

void collect_inputs(const Exchange& exchange, Context& into) {
  Collector collector(into);
  for (const Input& found : exchange.trace_inputs) collector.add(found.where, found.name, found.value);
  collector.path(exchange.request.path);
  collector.pairs(Input::Where::query, exchange.request.query);
  collect_body(exchange, collector, into);
  for (const Header& header : exchange.request.headers.list) {
    if (header.known == http::KnownField::cookie) {
      collector.cookies(header.value);
    } else if (header.known == http::KnownField::authorization) {
      // Of credentials only those that an app takes apart itself; "name:password" is found once the base64 is undone.
      if (starts_with(header.value, kBasic))
        collector.add(Input::Where::header, "authorization", std::string(header.value.substr(kBasic.size())));
    } else if (!header.hop_by_hop) {
      collector.add(Input::Where::header, std::string(header.name), std::string(header.value));
    }
  }
}

}  // namespace bulwark::gateway
