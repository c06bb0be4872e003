// Where a column comes from is the server's word; what cannot be told from it ends the session.
#include "database/protection/result_filter.h"

#include <algorithm>

#include "database/parsed_statement.h"
#include "wire/postgres/message.h"
#include "wire/postgres/rows.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

constexpr std::uint32_t kNull = 0xffffffff;

std::uint64_t fixed_size(std::uint32_t type) {
  switch (type) {
    case type_oid::kInt4:
    case type_oid::kDate: return 4;
    case type_oid::kInt8: return 8;
    case type_oid::kUuid: return 16;
    default: return 0xffff;
  }
}

Error unclear(std::string_view what) {
  return upstream_error(Code::conflict, std::string(what) + ", and columns are masked for this role: connect again");
}

}  // namespace

bool ResultFilter::wants(char type) const {
  switch (type) {
    case wire::backend::kRowDescription:
    case wire::backend::kCopyOutResponse: return true;
    case wire::backend::kParameterDescription: return protection_->encrypts();
    case wire::backend::kNoticeResponse: return strict_;
    case wire::backend::kDataRow: return !tasks_.empty() || (strict_ && state_ != State::rows);
    case wire::backend::kCopyData: return state_ == State::copy || (strict_ && state_ != State::copy_through);
    default: return false;
  }
}

bool ResultFilter::concerns(const CatalogueRelation& relation) const {
  return std::any_of(relation.columns.begin(), relation.columns.end(), [this](const CatalogueColumn& each) { return concerns(each); });
}

Result<void> ResultFilter::describe(std::string_view body) {
  tasks_.clear();
  state_ = State::idle;
  const auto fields = TRY(wire::read_row_description(body));
  const auto catalogue = protection_->catalogue(database_);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& field = fields[i];
    if (field.table < kFirstUserId) continue;  // computed, which was examined, or of a system catalogue
    const auto* relation = catalogue == nullptr ? nullptr : catalogue->find(field.table);
    if (relation == nullptr) {
      if (!strict_) continue;
      protection_->definitions_changed();
      return unclear("the result has a column of a table that is not known here yet");
    }
    if (relation->columns.empty() || !concerns(*relation)) continue;
    const auto* column = relation->column(field.attribute);
    if (column == nullptr) {
      if (!strict_) continue;
      protection_->definitions_changed();
      return unclear("the result has a column that is not known here yet");
    }
    add_task(i, *relation, *column, {field.type, field.modifier, field.format == 1 ? Format::binary : Format::text, DateWriting::iso});
  }
  state_ = State::rows;
  return {};
}

Result<void> ResultFilter::write_description(std::string_view body, std::string& out) const {
  const std::size_t begin = out.size();
  out.append(body);
  const auto fields = TRY(wire::read_row_description(body));
  const auto catalogue = protection_->catalogue(database_);
  for (const auto& field : fields) {
    const auto* relation = catalogue == nullptr ? nullptr : catalogue->find(field.table);
    const auto* column = relation == nullptr ? nullptr : relation->column(field.attribute);
    const ColumnCipher* cipher = column == nullptr ? nullptr : protection_->cipher(*column, field.type);
    if (cipher == nullptr) continue;
    // Behind the name: its zero, table, attribute; then type, size and modifier.
    std::string told;
    append_integer(told, cipher->type(), 4);
    append_integer(told, fixed_size(cipher->type()), 2);
    append_integer(told, 0xffffffff, 4);
    const auto at = static_cast<std::size_t>(field.name.data() - body.data()) + field.name.size() + 1 + 6;
    out.replace(begin + at, told.size(), told);
  }
  return {};
}

void ResultFilter::add_task(std::size_t index, const CatalogueRelation& relation, const CatalogueColumn& column, ValueForm form) {
  if (!concerns(column)) return;
  const ColumnCipher* cipher = protection_->cipher(column, form.type);
  const Mask* mask = protection_->mask(column, role_);
  if (cipher == nullptr && mask == nullptr) return;
  if (cipher != nullptr) form.type = cipher->type();
  tasks_.push_back({index, mask, cipher, form, counter(display_name(relation, column))});
}

std::size_t ResultFilter::counter(const std::string& name) {
  const auto found = std::find_if(counts_.begin(), counts_.end(), [&](const auto& each) { return each.first == name; });
  if (found != counts_.end()) return static_cast<std::size_t>(found - counts_.begin());
  counts_.emplace_back(name, 0);
  return counts_.size() - 1;
}

Result<void> ResultFilter::begin_copy(std::string_view body, const ShapeFacts* facts) {
  tasks_.clear();
  state_ = State::idle;
  const auto response = TRY(wire::read_copy_response(body));
  if (facts == nullptr || facts->commands.size() != 1) {
    if (strict_) return unclear("it cannot be told what is copied");
    state_ = State::copy_through;
    return {};
  }
  if (facts->copy == nullptr) {
    state_ = State::copy_through;  // of a query, which was examined
    return {};
  }
  const CopyOut& statement = *facts->copy;
  const auto catalogue = protection_->catalogue(database_);
  const auto meant = catalogue == nullptr ? std::vector<const CatalogueRelation*>() : catalogue->named(statement.schema, statement.table);
  if (meant.size() != 1 && !strict_) {
    state_ = State::copy_through;
    return {};
  }
  if (meant.size() != 1) return unclear("it cannot be told which table is copied");
  const CatalogueRelation& relation = *meant.front();
  if (relation.columns.empty() || !concerns(relation)) {
    state_ = State::copy_through;
    return {};
  }
  const auto format = CopyFormat::of(statement);
  if (!format || response.binary != (format->kind == CopyFormat::Kind::binary)) return unclear("COPY has options that are not known here");
  std::vector<const CatalogueColumn*> columns;
  for (const auto& name : statement.columns) columns.push_back(relation.column(name));
  if (statement.columns.empty())
    for (const auto& each : relation.columns)
      if (!each.generated) columns.push_back(&each);
  if (columns.size() != response.columns || std::find(columns.begin(), columns.end(), nullptr) != columns.end())
    return unclear("the copied table has columns that are not known here yet");
  std::vector<bool> rewritten;
  for (const auto* each : columns) rewritten.push_back(concerns(*each));
  copy_.emplace(*format, std::move(rewritten));
  for (std::size_t i = 0; i < columns.size(); ++i)
    add_task(i, relation, *columns[i], {columns[i]->type, columns[i]->modifier, copy_->value_format(), DateWriting::iso});
  state_ = State::copy;
  return {};
}

Result<std::optional<std::string>> ResultFilter::shown(const Task& task, std::string_view value, DateWriting dates) {
  std::optional<std::string> opened;
  ValueForm form = task.form;
  form.dates = dates;
  if (task.cipher != nullptr) {
    const auto stored = bytea_bytes(form.format, value);
    const std::string plain = TRY(task.cipher->open(stored.value_or("")));
    opened = typed_value(form.type, form.format, plain, DateWriting::iso);
    if (!opened) return internal_error(Code::corrupt, "column " + counts_[task.count].first + ": a stored value is none of its type");
    form.dates = DateWriting::iso;
    value = *opened;
  }
  if (task.mask == nullptr) return opened;
  ++counts_[task.count].second;
  return task.mask->cover(form, value);
}

ResultFilter::Counts ResultFilter::take_counts() {
  tasks_.clear();
  state_ = State::idle;
  Counts taken = std::exchange(counts_, {});
  std::erase_if(taken, [](const auto& each) { return each.second == 0; });
  return taken;
}

Result<void> ResultFilter::row(std::string_view body, DateWriting dates, std::string& out) {
  if (state_ != State::rows) return unclear("a row came whose columns are not known");
  TRY(wire::read_data_row(body, values_));
  append_integer(out, values_.size(), 2);
  auto task = tasks_.begin();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const auto& value = values_[i];
    const bool mine = task != tasks_.end() && task->index == i;
    std::optional<std::string> made;
    if (mine && value) made = TRY(shown(*task, *value, dates));
    const std::optional<std::string_view> now = !mine ? value : made ? std::optional<std::string_view>(*made) : std::nullopt;
    append_integer(out, now ? now->size() : kNull, 4);
    if (now) out.append(*now);
    if (mine) ++task;
  }
  if (task != tasks_.end()) return unclear("a row came with fewer columns than were announced");
  return {};
}

Result<void> ResultFilter::copied(std::string_view body, DateWriting dates, std::string& out) {
  if (state_ != State::copy) return unclear("copied data came that was not announced");
  return copy_->row(
      body,
      [&](std::size_t index, std::string_view value) -> Result<std::optional<std::string>> {
        const auto task = std::find_if(tasks_.begin(), tasks_.end(), [&](const Task& each) { return each.index == index; });
        if (task == tasks_.end()) return std::optional<std::string>(value);
        return shown(*task, value, dates);
      },
      out);
}

/// DETAIL quotes whole rows ("Failing row contains …"), WHERE and the internal query what functions work on.
void ResultFilter::write_redacted(char type, std::string_view body, std::string& out) {
  constexpr std::string_view kLeftOut = "DWqp";
  wire::Message message(out, type);
  while (!body.empty() && body[0] != '\0') {
    const auto end = body.find('\0', 1);
    if (end == std::string_view::npos) break;
    if (kLeftOut.find(body[0]) == std::string_view::npos) message.bytes(body.substr(0, end + 1));
    body.remove_prefix(end + 1);
  }
  message.u8('\0').finish();
}

}  // namespace bulwark::database
