// The shape says whether the column is fixed everywhere; the tokens say to which literal.
#include "database/guards/tenant_filter.h"

#include <algorithm>
#include <optional>

#include "database/guards/mode.h"
#include "database/parsed_statement.h"
#include "database/sql/shape.h"

namespace bulwark::database {
namespace {

bool fits(std::string_view pattern, std::string_view schema, std::string_view name) {
  const auto dot = pattern.find('.');
  if (dot == std::string_view::npos) return pattern == name;
  // Without a schema the search path decides: it may be this table.
  return pattern.substr(dot + 1) == name && (schema.empty() || pattern.substr(0, dot) == schema);
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// The literals that the column is compared with: `column = 'x'`, `'x' = column`.
class ComparedLiterals {
 public:
  ComparedLiterals(std::string_view text, std::span<const sql::Token> tokens) : text_(text) {
    for (const auto& each : tokens)
      if (each.kind != sql::TokenKind::comment) tokens_.push_back(each);
  }

  /// The first that is not `wanted`; nullopt: none.
  std::optional<std::string> other_than(std::string_view column, std::string_view wanted) const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (!names(i, column)) continue;
      for (const std::size_t literal : {after(i), before(i)}) {
        if (literal == tokens_.size() || !tokens_[literal].literal()) continue;
        if (std::string value = sql::literal_text(tokens_[literal].in(text_)); value != wanted) return value;
      }
    }
    return std::nullopt;
  }

 private:
  bool names(std::size_t i, std::string_view column) const {
    std::string_view word = tokens_[i].in(text_);
    if (tokens_[i].kind == sql::TokenKind::quoted_word && word.size() > 2) return word.substr(1, word.size() - 2) == column;
    return tokens_[i].kind == sql::TokenKind::word && word.size() == column.size() &&
           std::equal(word.begin(), word.end(), column.begin(), [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  }
  bool is_equals(std::size_t i) const { return i < tokens_.size() && tokens_[i].in(text_) == "="; }
  std::size_t after(std::size_t i) const { return is_equals(i + 1) && i + 2 < tokens_.size() ? i + 2 : tokens_.size(); }
  /// Before a qualifier, if there is one: 'x' = o.column.
  std::size_t before(std::size_t i) const {
    while (i >= 2 && tokens_[i - 1].in(text_) == ".") i -= 2;
    return i >= 2 && is_equals(i - 1) ? i - 2 : tokens_.size();
  }

  std::string_view text_;
  std::vector<sql::Token> tokens_;
};

class TenantFilter final : public Guard {
 public:
  explicit TenantFilter(const TenantFilterSettings& settings) : settings_(settings) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "tenant_filter"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    if (contains(settings_.exempt_roles, statement.session->user)) return Verdict::pass;
    const ShapeFacts& facts = statement.parsed->facts();
    for (const auto& wanted : settings_.tables) {
      bool used = false;
      for (const auto& use : facts.table_uses) {
        if (!fits(wanted.table, use.schema, use.name)) continue;
        used = true;
        if (!contains(use.fixed, wanted.column))
          return object(findings, "table " + wanted.table + " is used without its tenant (" + wanted.column + ")");
        if (contains(use.rewrites, wanted.column))
          return object(findings, "the tenant of rows of table " + wanted.table + " may not be computed");
      }
      if (!used && used_otherwise(facts, wanted.table))
        return object(findings, "table " + wanted.table + " is used in a way that no tenant limits");
      if (used && !own_tenant(statement, wanted))
        return object(findings, "table " + wanted.table + " is used for another tenant than the request's");
    }
    return Verdict::pass;
  }

 private:
  Verdict object(std::vector<Finding>& findings, std::string why) const {
    return judged(settings_.mode, findings, {info().name, "database.tenant_filter", events::Severity::high, std::move(why), "42501"});
  }

  /// TRUNCATE, LOCK, ALTER and the like.
  static bool used_otherwise(const ShapeFacts& facts, std::string_view table) {
    return std::any_of(facts.relations.begin(), facts.relations.end(),
                       [&](const RelationUse& each) { return fits(table, each.schema, each.name) && !each.maybe_cte; });
  }

  static bool own_tenant(const Statement& statement, const TenantTable& wanted) {
    if (statement.requests.size() != 1 || statement.requests.front()->principal.tenant.empty()) return true;
    const ComparedLiterals literals(statement.text, statement.parsed->tokens());
    return !literals.other_than(wanted.column, statement.requests.front()->principal.tenant);
  }

  TenantFilterSettings settings_;
};

}  // namespace

std::shared_ptr<const Guard> make_tenant_filter(const TenantFilterSettings& settings) { return std::make_shared<TenantFilter>(settings); }

}  // namespace bulwark::database
