// Typed settings from strict YAML: each room describes its settings struct once (name, meaning, bounds, example), and from
// that come reading, error messages with line, key and nearest spelling, and the reference in docs/operating.
//
//   void describe(config::Object<Settings>& o) {
//     o.field("idle_timeout", &Settings::idle_timeout, {.help = "…", .example = "60s"});
//   }
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "config/node.h"

namespace bulwark::config {

/// "10MiB", "64KiB", "512": a number of bytes.
struct ByteSize {
  std::uint64_t bytes = 0;
  bool operator==(const ByteSize&) const = default;
};

/// A value that comes from elsewhere, so that no secret stands in the file: "env:NAME", "file:/path", or the text itself.
struct Secret {
  std::string value;
};

struct FieldDoc {
  std::string_view help;
  std::string_view example;
  std::int64_t min = INT64_MIN;  ///< numbers; milliseconds for durations; bytes for sizes
  std::int64_t max = INT64_MAX;
  bool required = false;
  bool needs_restart = false;  ///< a reload keeps the old value and says so
};

/// Collected, not thrown: a person wants every mistake of a file at once.
class Problems {
 public:
  static constexpr std::size_t kMax = 20;
  void add(const Node& at, std::string message);
  void add(int line, std::string message);
  bool empty() const { return list_.empty(); }
  /// "bulwark.yaml:12: unknown key 'upsteam' in route; did you mean 'upstream'?", one a line.
  std::string text(std::string_view file) const;

 private:
  struct Problem {
    int line;
    std::string message;
  };
  std::vector<Problem> list_;
};

/// One documented key, for the generated reference.
struct Key {
  std::string path;  ///< "routes[].waf.mode"
  std::string type;
  std::string default_text;
  FieldDoc doc;
};

/// Restates a value in YAML, for defaults in the reference.
std::string render(bool value);
std::string render(std::int64_t value);
std::string render(double value);
std::string render(const std::string& value);
std::string render(std::chrono::milliseconds value);
std::string render(ByteSize value);

bool read(const Node& node, const FieldDoc& doc, bool& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, std::int64_t& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, double& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, std::string& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, std::chrono::milliseconds& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, ByteSize& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, Secret& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, Endpoint& out, Problems& problems);
bool read(const Node& node, const FieldDoc& doc, IpPrefix& out, Problems& problems);

/// The names an enum goes by in YAML; found by argument-dependent lookup: `EnumNames<Mode> enum_names(Mode)`.
template <class E>
struct EnumNames {
  std::vector<std::pair<std::string_view, E>> names;
};

/// The nearest of `candidates` by edit distance (at most 3 and a third of the word), or empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);
bool expect_map(const Node& node, Problems& problems);
void note_unknown_key(const Node& value, std::string_view key, const std::vector<std::string_view>& names, Problems& problems);
bool read_enum(const Node& node, const std::vector<std::string_view>& names, std::size_t& out, Problems& problems);

template <class S>
class Object;

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
concept Described = std::is_class_v<T> && requires(Object<T>& object) { describe(object); };
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires { enum_names(T{}); };

template <class T>
std::string type_name();
template <class T>
void collect(const std::string& path, const FieldDoc& doc, const T& value, std::vector<Key>& keys);

}  // namespace detail

/// Reads `node` into `out` by its type; false (with the problems noted) leaves `out` partly filled.
template <class T>
bool read_value(const Node& node, const FieldDoc& doc, T& out, Problems& problems);

/// The description of one mapping with fixed keys.
template <class S>
class Object {
 public:
  template <class T>
  Object& field(std::string_view name, T S::*member, FieldDoc doc) {
    fields_.push_back({name, doc,
                       [member, doc](const Node& node, S& out, Problems& problems) { return read_value(node, doc, out.*member, problems); },
                       [member, doc](const std::string& path, const S& defaults, std::vector<Key>& keys) {
                         detail::collect(path, doc, defaults.*member, keys);
                       }});
    return *this;
  }
  /// Takes over all keys of a part that has its own description, at this level.
  template <class T>
  Object& embed(T S::*member);
  /// A check over the whole object, run when all its fields could be read; an empty string means fine.
  Object& check(std::function<std::string(const S&)> rule) {
    checks_.push_back(std::move(rule));
    return *this;
  }

  bool read(const Node& node, S& out, Problems& problems) const {
    if (!expect_map(node, problems)) return false;
    bool fine = true;
    std::vector<std::string_view> names;
    for (const auto& each : fields_) names.push_back(each.name);
    for (const auto& [key, value] : node.entries()) {
      const auto* found = find(key);
      if (found == nullptr) {
        note_unknown_key(value, key, names, problems);
        fine = false;
      } else {
        fine &= found->read(value, out, problems);
      }
    }
    for (const auto& each : fields_)
      if (each.doc.required && node.find(each.name) == nullptr) {
        problems.add(node, "missing key '" + std::string(each.name) + "'");
        fine = false;
      }
    if (!fine) return false;
    for (const auto& rule : checks_)
      if (std::string message = rule(out); !message.empty()) {
        problems.add(node, std::move(message));
        fine = false;
      }
    return fine;
  }
  void collect(const std::string& path, const S& defaults, std::vector<Key>& keys) const {
    for (const auto& each : fields_)
      each.collect(path.empty() ? std::string(each.name) : path + "." + std::string(each.name), defaults, keys);
  }

 private:
  template <class Other>
  friend class Object;
  struct Field {
    std::string_view name;
    FieldDoc doc;
    std::function<bool(const Node&, S&, Problems&)> read;
    std::function<void(const std::string&, const S&, std::vector<Key>&)> collect;
  };
  const Field* find(std::string_view name) const {
    for (const auto& each : fields_)
      if (each.name == name) return &each;
    return nullptr;
  }

  std::vector<Field> fields_;
  std::vector<std::function<std::string(const S&)>> checks_;
};

template <class S>
const Object<S>& description() {
  static const Object<S> object = [] {
    Object<S> made;
    describe(made);
    return made;
  }();
  return object;
}

template <class S>
template <class T>
Object<S>& Object<S>::embed(T S::*member) {
  for (const auto& part : description<T>().fields_)
    fields_.push_back({part.name, part.doc,
                       [member, &part](const Node& node, S& out, Problems& problems) { return part.read(node, out.*member, problems); },
                       [member, &part](const std::string& path, const S& defaults, std::vector<Key>& keys) {
                         part.collect(path, defaults.*member, keys);
                       }});
  for (const auto& rule : description<T>().checks_) checks_.push_back([member, &rule](const S& whole) { return rule(whole.*member); });
  return *this;
}

template <class T>
bool read_value(const Node& node, const FieldDoc& doc, T& out, Problems& problems) {
  if constexpr (detail::IsOptional<T>::value) {
    return read_value(node, doc, out.emplace(), problems);
  } else if constexpr (detail::IsVector<T>::value) {
    out.clear();
    bool fine = true;
    if (node.kind() != Node::Kind::sequence) return read_value(node, doc, out.emplace_back(), problems);  // one stands for a list of one
    for (const auto& item : node.items()) fine &= read_value(item, doc, out.emplace_back(), problems);
    return fine;
  } else if constexpr (detail::IsMap<T>::value) {
    if (!expect_map(node, problems)) return false;
    bool fine = true;
    out.clear();
    for (const auto& [key, value] : node.entries()) fine &= read_value(value, doc, out[key], problems);
    return fine;
  } else if constexpr (detail::NamedEnum<T>) {
    const auto names = enum_names(T{}).names;
    std::vector<std::string_view> words;
    for (const auto& each : names) words.push_back(each.first);
    std::size_t index = 0;
    if (!read_enum(node, words, index, problems)) return false;
    out = names[index].second;
    return true;
  } else if constexpr (detail::Described<T>) {
    return description<T>().read(node, out, problems);
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, std::int64_t>) {
    std::int64_t wide = 0;
    FieldDoc bounded = doc;
    bounded.min = std::max(doc.min, static_cast<std::int64_t>(std::numeric_limits<T>::min()));
    if constexpr (sizeof(T) < 8) bounded.max = std::min(doc.max, static_cast<std::int64_t>(std::numeric_limits<T>::max()));
    if (!read(node, bounded, wide, problems)) return false;
    out = static_cast<T>(wide);
    return true;
  } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
    std::chrono::milliseconds wide{};
    if (!read(node, doc, wide, problems)) return false;
    out = std::chrono::duration_cast<std::chrono::seconds>(wide);
    return true;
  } else {
    return read(node, doc, out, problems);
  }
}

namespace detail {

template <class T>
std::string type_name() {
  if constexpr (IsOptional<T>::value)
    return type_name<typename T::value_type>();
  else if constexpr (IsVector<T>::value)
    return "list of " + type_name<typename T::value_type>();
  else if constexpr (IsMap<T>::value)
    return "map of " + type_name<typename T::mapped_type>();
  else if constexpr (std::is_same_v<T, bool>)
    return "true | false";
  else if constexpr (NamedEnum<T>) {
    std::string words;
    for (const auto& each : enum_names(T{}).names) words.append(words.empty() ? "" : " | ").append(each.first);
    return words;
  } else if constexpr (Described<T>)
    return "mapping";
  else if constexpr (std::is_same_v<T, std::chrono::milliseconds> || std::is_same_v<T, std::chrono::seconds>)
    return "duration";
  else if constexpr (std::is_same_v<T, ByteSize>)
    return "size";
  else if constexpr (std::is_same_v<T, Secret>)
    return "secret";
  else if constexpr (std::is_same_v<T, Endpoint>)
    return "address:port";
  else if constexpr (std::is_same_v<T, IpPrefix>)
    return "address or prefix";
  else if constexpr (std::is_arithmetic_v<T>)
    return "number";
  else
    return "text";
}

template <class T>
void collect(const std::string& path, const FieldDoc& doc, const T& value, std::vector<Key>& keys) {
  if constexpr (IsOptional<T>::value) {
    collect(path, doc, typename T::value_type{}, keys);
    if constexpr (!Described<typename T::value_type>) keys.back().default_text.clear();  // absent is a meaning of its own
  } else if constexpr (IsVector<T>::value) {
    if constexpr (Described<typename T::value_type>) {
      keys.push_back({path, type_name<T>(), "", doc});
      description<typename T::value_type>().collect(path + "[]", {}, keys);
    } else {
      keys.push_back({path, type_name<T>(), "", doc});
    }
  } else if constexpr (IsMap<T>::value) {
    keys.push_back({path, type_name<T>(), "", doc});
    if constexpr (Described<typename T::mapped_type>) description<typename T::mapped_type>().collect(path + ".<name>", {}, keys);
  } else if constexpr (Described<T>) {
    keys.push_back({path, type_name<T>(), "", doc});
    description<T>().collect(path, value, keys);
  } else {
    std::string text;
    if constexpr (NamedEnum<T>) {
      for (const auto& each : enum_names(T{}).names)
        if (each.second == value) text = std::string(each.first);
    } else if constexpr (std::is_same_v<T, Endpoint> || std::is_same_v<T, IpPrefix> || std::is_same_v<T, Secret>) {
      text.clear();
    } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
      text = render(std::chrono::milliseconds(value));
    } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      text = render(static_cast<std::int64_t>(value));
    } else {
      text = render(value);
    }
    keys.push_back({path, type_name<T>(), text, doc});
  }
}

}  // namespace detail

/// Reads a whole document. Errors: origin config, all problems in one message.
template <class S>
Result<S> read_settings(const Node& root, std::string_view file) {
  S settings;
  Problems problems;
  if (!read_value(root, {}, settings, problems) || !problems.empty()) return config_error(problems.text(file));
  return settings;
}

template <class S>
std::vector<Key> reference() {
  std::vector<Key> keys;
  description<S>().collect("", S{}, keys);
  return keys;
}

}  // namespace bulwark::config
