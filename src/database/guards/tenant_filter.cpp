// The shape says whether the column is fixed everywhere; the tokens say to which literal.
#include "database/guards/tenant_filter.h"

#include <algorithm>

#include "base/hex.h"
#include "database/guards/mode.h"
#include "database/guards/tenant_values.h"
#include "database/parsed_statement.h"

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

/// Whether a bound value means this text, whatever type the driver gave it.
bool means(const Binding::Value& value, const std::string& tenant) {
  if (value.bytes == tenant) return true;
  if (!value.binary) return false;
  if (value.bytes.size() == 16) {  // a uuid
    std::string text = to_hex(value.bytes);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
    return text == tenant;
  }
  if (value.bytes.size() != 2 && value.bytes.size() != 4 && value.bytes.size() != 8) return false;
  std::uint64_t number = (value.bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;  // the sign goes on to the left
  for (const char c : value.bytes) number = number << 8 | static_cast<unsigned char>(c);
  return std::to_string(static_cast<std::int64_t>(number)) == tenant;
}

/// The tenants that a statement may be for; nothing when that cannot be told.
std::vector<std::string> tenants_of(std::span<const std::shared_ptr<const trace::Context>> requests, bool cut_off) {
  std::vector<std::string> tenants;
  if (cut_off) return tenants;
  for (const auto& each : requests) {
    if (each->principal.tenant.empty()) return {};
    tenants.push_back(each->principal.tenant);
  }
  return tenants;
}

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

  Result<Verdict> bound(const Binding& binding, std::vector<Finding>& findings) const override {
    const auto tenants = tenants_of(binding.requests, binding.requests_cut_off);
    if (tenants.empty()) return Verdict::pass;
    const auto own = [&](const Binding::Value& value) {
      return std::any_of(tenants.begin(), tenants.end(), [&](const std::string& tenant) { return means(value, tenant); });
    };
    if (std::all_of(binding.values.begin(), binding.values.end(), own)) return Verdict::pass;
    return object(findings, "a value that names the tenant is another than the request's");
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

  /// Literals must be the tenant of the request, or of one that it may be; what is bound is compared when it is.
  static bool own_tenant(const Statement& statement, const TenantTable& wanted) {
    const auto found = TenantValues(statement.text, statement.parsed->tokens()).of(wanted.column);
    if (statement.watched != nullptr) statement.watched->insert(statement.watched->end(), found.parameters.begin(), found.parameters.end());
    const auto tenants = tenants_of(statement.requests, statement.requests_cut_off);
    return tenants.empty() ||
           std::all_of(found.literals.begin(), found.literals.end(), [&](const std::string& each) { return contains(tenants, each); });
  }

  TenantFilterSettings settings_;
};

}  // namespace

std::shared_ptr<const Guard> make_tenant_filter(const TenantFilterSettings& settings) { return std::make_shared<TenantFilter>(settings); }

}  // namespace bulwark::database
