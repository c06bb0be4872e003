// Naming statements, and keeping count of them.
#include "database/prepared.h"

#include "base/hex.h"
#include "base/id.h"
#include "crypto/token.h"

namespace bulwark::database {
namespace {

/// New in every process: a name tells nobody which text is behind it, and nobody can compute the name of a text.
const std::string& salt() {
  static const std::string value = [] {
    std::string bytes(16, '\0');
    secure_random(bytes.data(), bytes.size());
    return bytes;
  }();
  return value;
}

std::string shared_name(std::string_view rest) {
  constexpr std::size_t kNameBytes = 16;  // of the digest: the server cuts names beyond 63 characters
  const auto digest = crypto::sha256(salt() + std::string(rest));
  return std::string(kSharedNamePrefix) + to_hex(std::span(digest).first(kNameBytes));
}

}  // namespace

std::shared_ptr<const PreparedStatement> PreparedStatement::shared(std::shared_ptr<const StatementRecord> record,
                                                                   std::string_view parse_body, bool named) {
  auto statement = std::make_shared<PreparedStatement>();
  statement->record = std::move(record);
  statement->rest = parse_body.substr(parse_body.find('\0') + 1);
  if (named) statement->name = shared_name(statement->rest);
  return statement;
}

bool KnownStatements::knows(const std::shared_ptr<const PreparedStatement>& statement) {
  if (statement->name.empty()) return unnamed_ == statement;
  const auto found = index_.find(statement->name);
  if (found == index_.end()) return false;
  order_.splice(order_.begin(), order_, found->second);
  return true;
}

std::string KnownStatements::add(const std::shared_ptr<const PreparedStatement>& statement) {
  if (statement->name.empty()) {
    unnamed_ = statement;
    return {};
  }
  std::string evicted;
  if (index_.size() >= kMax) {
    evicted = order_.back();
    index_.erase(order_.back());
    order_.pop_back();
  }
  restore(statement->name);
  return evicted;
}

void KnownStatements::restore(const std::string& name) {
  if (index_.contains(name)) return;
  order_.push_front(name);
  index_.emplace(order_.front(), order_.begin());
}

void KnownStatements::remove(const PreparedStatement& statement) {
  if (statement.name.empty()) {
    if (unnamed_.get() == &statement) unnamed_.reset();
    return;
  }
  const auto found = index_.find(statement.name);
  if (found == index_.end()) return;
  const auto place = found->second;
  index_.erase(found);
  order_.erase(place);
}

void KnownStatements::clear() {
  unnamed_.reset();
  index_.clear();
  order_.clear();
}

}  // namespace bulwark::database
