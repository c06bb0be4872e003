// simdjson's DOM copied into flat cells in document order; the number of values is checked while copying, the depth while
// parsing. Conversions below throw only on a wrong type, which each `type()` has just excluded.
#include "wire/json/reader.h"

#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "wire/json/writer.h"

namespace bulwark::json {

/// A container's children follow it; `next` is the distance to the cell after the whole subtree.
struct detail::Cell {
  Type type = Type::null;
  bool truth = false;
  bool integral = false;
  std::uint32_t children = 0;
  std::uint32_t next = 1;
  std::string_view name;
  std::string_view text;  ///< string or number
  std::int64_t integer = 0;
  double real = 0;
};

struct Document::Storage {
  std::vector<detail::Cell> cells;
  std::deque<std::string> texts;  // a deque: growing never moves a string
};

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t kBlock = 16 * 1024;

/// Copies into blocks, so that a document of many small strings costs few allocations.
std::string_view keep(std::deque<std::string>& texts, std::string_view text) {
  if (texts.empty() || texts.back().capacity() - texts.back().size() < text.size()) {
    texts.emplace_back();
    texts.back().reserve(std::max(kBlock, text.size()));
  }
  std::string& block = texts.back();
  const std::size_t at = block.size();
  block.append(text);
  return {block.data() + at, text.size()};
}

class Copier {
 public:
  Copier(std::vector<detail::Cell>& cells, std::deque<std::string>& texts, std::size_t max_values)
      : cells_(cells), texts_(texts), max_values_(max_values) {}

  /// False past the limit.
  bool copy(const element& source, std::string_view name) {
    if (cells_.size() >= max_values_) return false;
    const std::size_t at = cells_.size();
    cells_.emplace_back();
    cells_[at].name = name;
    if (!fill(source, at)) return false;
    cells_[at].next = static_cast<std::uint32_t>(cells_.size() - at);
    return true;
  }

 private:
  bool fill(const element& source, std::size_t at) {
    switch (source.type()) {
      case element_type::NULL_VALUE: return true;
      case element_type::BOOL:
        cells_[at].type = Type::boolean;
        cells_[at].truth = bool(source);
        return true;
      case element_type::STRING:
        cells_[at].type = Type::string;
        cells_[at].text = keep(texts_, std::string_view(source));
        return true;
      case element_type::INT64:
      case element_type::UINT64:
      case element_type::DOUBLE: fill_number(source, cells_[at]); return true;
      case element_type::ARRAY: return fill_array(source, at);
      case element_type::OBJECT: return fill_object(source, at);
    }
    return false;
  }

  void fill_number(const element& source, detail::Cell& cell) {
    cell.type = Type::number;
    if (source.get_int64().get(cell.integer) == simdjson::SUCCESS) {
      cell.integral = true;
      cell.real = static_cast<double>(cell.integer);
    } else {
      cell.real = double(source);
    }
    cell.text = keep(texts_, simdjson::minify(source));
  }

  bool fill_array(const element& source, std::size_t at) {
    cells_[at].type = Type::array;
    const simdjson::dom::array items = source;
    for (const element child : items) {
      if (!copy(child, {})) return false;
      ++cells_[at].children;
    }
    return true;
  }

  bool fill_object(const element& source, std::size_t at) {
    cells_[at].type = Type::object;
    const simdjson::dom::object members = source;
    for (const auto [key, child] : members) {
      if (!copy(child, keep(texts_, key))) return false;
      ++cells_[at].children;
    }
    return true;
  }

  std::vector<detail::Cell>& cells_;
  std::deque<std::string>& texts_;
  std::size_t max_values_;
};

}  // namespace

Document::Document() : storage_(std::make_unique<Storage>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Document> Document::parse(std::string_view json, const ReadLimits& limits) {
  if (json.size() > limits.max_bytes) return client_error(Code::too_large, "JSON exceeds " + std::to_string(limits.max_bytes) + " bytes");
  simdjson::dom::parser parser(limits.max_bytes + simdjson::SIMDJSON_PADDING);
  if (parser.allocate(std::max<std::size_t>(json.size(), 64), limits.max_depth) != simdjson::SUCCESS)
    return internal_error(Code::exhausted, "no memory for a JSON document");
  element root;
  const auto error = parser.parse(json.data(), json.size(), true).get(root);
  if (error == simdjson::DEPTH_ERROR)
    return client_error(Code::too_large, "JSON is nested deeper than " + std::to_string(limits.max_depth));
  if (error != simdjson::SUCCESS) return client_error(Code::invalid, std::string("not JSON: ") + simdjson::error_message(error));
  Document document;
  Copier copier(document.storage_->cells, document.storage_->texts, limits.max_values);
  if (!copier.copy(root, {})) return client_error(Code::too_large, "JSON has more than " + std::to_string(limits.max_values) + " values");
  return document;
}

Value Document::root() const { return Value(storage_->cells.data()); }

Type Value::type() const { return cell_->type; }
bool Value::boolean() const { return cell_->type == Type::boolean && cell_->truth; }
std::string_view Value::string() const { return cell_->type == Type::string ? cell_->text : std::string_view(); }
std::string_view Value::number_text() const { return cell_->type == Type::number ? cell_->text : std::string_view(); }
std::optional<std::int64_t> Value::integer() const { return cell_->integral ? std::optional(cell_->integer) : std::nullopt; }
std::optional<double> Value::real() const { return is(Type::number) ? std::optional(cell_->real) : std::nullopt; }
std::size_t Value::size() const { return cell_->children; }
Value::Iterator Value::begin() const { return {cell_ + 1, cell_->children}; }
Value::Iterator Value::end() const { return {nullptr, 0}; }
std::string_view Value::name() const { return cell_->name; }

std::optional<Value> Value::find(std::string_view key) const {
  if (!is(Type::object)) return std::nullopt;
  for (const Value member : *this)
    if (member.name() == key) return member;
  return std::nullopt;
}

std::string_view Value::text(std::string_view key) const {
  const auto member = find(key);
  return member ? member->string() : std::string_view();
}

Value::Iterator& Value::Iterator::operator++() {
  cell_ += cell_->next;
  --left_;
  return *this;
}

namespace {

void append_value(Writer& writer, const Value& value) {
  switch (value.type()) {
    case Type::null: writer.null(); return;
    case Type::boolean: writer.value(value.boolean()); return;
    case Type::number: writer.raw(value.number_text()); return;
    case Type::string: writer.value(value.string()); return;
    case Type::array:
      writer.begin_array();
      for (const Value item : value) append_value(writer, item);
      writer.end_array();
      return;
    case Type::object:
      writer.begin_object();
      for (const Value member : value) {
        writer.key(member.name());
        append_value(writer, member);
      }
      writer.end_object();
      return;
  }
}

}  // namespace

void append(std::string& out, const Value& value) {
  Writer writer(out);
  append_value(writer, value);
}

}  // namespace bulwark::json
