// Looks for the keys of honey rows in the bytes of results, wherever a column, an alias or a function may have put them.
#include "database/guards/honey_rows.h"

#include <algorithm>
#include <charconv>

#include "base/id.h"
#include "database/examiner.h"
#include "database/guards/mode.h"
#include "database/guards/table_pattern.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

constexpr std::size_t kLongValue = 12;  // from here on a value is found in the middle of others: in JSON, in whole rows, in lines of COPY

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

/// A field as a row has it: its length, then its bytes.
std::string field(std::string_view bytes) { return big_endian(bytes.size(), 4).append(bytes); }

/// The sixteen bytes of a uuid, or nothing.
std::string uuid_bytes(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != '-'; });
  if (digits.size() != 32) return {};
  const auto id = Id<16>::from_hex(digits);
  return id ? std::string(reinterpret_cast<const char*>(&*id), sizeof *id) : std::string();
}

/// One honey row, and all that its key may look like on the wire.
struct Trap {
  std::string table;
  bool anywhere = false;           ///< long enough not to be there by chance
  std::vector<std::string> marks;  ///< of text; then of the binary forms of integers and uuids

  explicit Trap(const HoneyRow& row) : table(row.table), anywhere(row.value.size() >= kLongValue) {
    marks.push_back(anywhere ? row.value : field(row.value));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(row.value.data(), row.value.data() + row.value.size(), number);
    if (error == std::errc() && end == row.value.data() + row.value.size()) {
      marks.push_back(field(big_endian(static_cast<std::uint64_t>(number), 8)));
      if (number >= INT32_MIN && number <= INT32_MAX) marks.push_back(field(big_endian(static_cast<std::uint64_t>(number), 4)));
    }
    if (const std::string bytes = uuid_bytes(row.value); !bytes.empty()) marks.push_back(field(bytes));
  }
};

std::string who(const Execution& execution) {
  std::string out = "role " + execution.session.user;
  if (const auto& request = execution.record.request) {
    out += " for " + request->target;
    if (!request->principal.user.empty()) out += " of user " + request->principal.user;
    out += " from " + request->client.text();
  } else {
    out += " from " + execution.session.client.address.text();
  }
  return out;
}

class RowSearch final : public ResultCheck {
 public:
  RowSearch(GuardMode mode, std::vector<const Trap*> traps, std::string who) : mode_(mode), traps_(std::move(traps)), who_(std::move(who)) {
    for (const Trap* trap : traps_)
      for (const auto& mark : trap->marks) longest_ = std::max(longest_, mark.size());
  }
  bool may_deny() const override { return mode_ == GuardMode::enforce; }
  bool wants_bytes() const override { return found_.size() < traps_.size(); }

  Verdict bytes(std::string_view piece, bool begins, std::vector<Finding>& findings) override {
    // What a mark may have begun with stands before the piece.
    if (begins) before_.clear();
    before_.append(piece);
    Verdict verdict = Verdict::pass;
    for (const Trap* trap : traps_)
      if (std::find(found_.begin(), found_.end(), trap) == found_.end() && holds(*trap)) {
        found_.push_back(trap);
        verdict = judged(mode_, findings,
                         {"honey_rows", "database.honey_rows", events::Severity::critical,
                          "a honey row of table " + trap->table + " was read by " + who_, "42501"});
        if (verdict == Verdict::deny) return verdict;
      }
    before_.erase(0, before_.size() - std::min(before_.size(), longest_ - 1));
    return verdict;
  }

 private:
  bool holds(const Trap& trap) const {
    return std::any_of(trap.marks.begin(), trap.marks.end(),
                       [&](const std::string& mark) { return before_.find(mark) != std::string::npos; });
  }

  GuardMode mode_;
  std::vector<const Trap*> traps_;  ///< of the guard
  std::string who_;
  std::vector<const Trap*> found_;
  std::size_t longest_ = 1;
  std::string before_;
};

class HoneyRows final : public Guard {
 public:
  explicit HoneyRows(const HoneyRowsSettings& settings) : mode_(settings.mode), exempt_roles_(settings.exempt_roles) {
    for (const auto& row : settings.rows) traps_.emplace_back(row);
  }

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "honey_rows", .follows = true};
    return info;
  }

  Result<Verdict> check(const Statement&, std::vector<Finding>&) const override { return Verdict::pass; }

  std::unique_ptr<ResultCheck> follow(const Execution& execution) const override {
    if (std::find(exempt_roles_.begin(), exempt_roles_.end(), execution.session.user) != exempt_roles_.end()) return nullptr;
    std::vector<const Trap*> traps;
    for (const auto& trap : traps_)
      if (trap.anywhere || names(execution.record.facts.get(), trap.table)) traps.push_back(&trap);
    return traps.empty() ? nullptr : std::make_unique<RowSearch>(mode_, std::move(traps), who(execution));
  }

 private:
  /// A statement that SQL prepared, or a cursor, may read any table.
  static bool names(const ShapeFacts* facts, std::string_view table) {
    if (facts == nullptr || facts->commands.empty()) return true;
    const Command command = facts->commands.front();
    if (command == Command::execute || command == Command::cursor || command == Command::call) return true;
    return std::any_of(facts->relations.begin(), facts->relations.end(),
                       [&](const RelationUse& each) { return may_be(table, each.schema, each.name); });
  }

  GuardMode mode_;
  std::vector<std::string> exempt_roles_;
  std::vector<Trap> traps_;
};

}  // namespace

std::shared_ptr<const Guard> make_honey_rows(const HoneyRowsSettings& settings) { return std::make_shared<HoneyRows>(settings); }

}  // namespace bulwark::database
