// The settings of the database gateway: where it listens, which server it stands before, who may log in and what is policed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "config/schema.h"
#include "database/guard_mode.h"
#include "database/protection_settings.h"
#include "database/result_settings.h"

namespace bulwark::database {

enum class UpstreamTls : std::uint8_t { off, require, verify };
config::EnumNames<UpstreamTls> enum_names(UpstreamTls);

enum class ClientLoginMode : std::uint8_t { scram, trust };
config::EnumNames<ClientLoginMode> enum_names(ClientLoginMode);

struct ListenTlsSettings {
  std::string certificate_file;  ///< empty: the composition root puts the edge's here
  std::string key_file;
  std::string client_ca_file;
  bool required = true;
};
void describe(config::Object<ListenTlsSettings>& o);

enum class AllowListMode : std::uint8_t { off, learn, monitor, enforce };
config::EnumNames<AllowListMode> enum_names(AllowListMode);

struct AllowListSettings {
  AllowListMode mode = AllowListMode::off;
  std::string file;
  std::vector<std::string> signed_by;  ///< public keys; not empty: monitor and enforce read only what one of them signed
};
void describe(config::Object<AllowListSettings>& o);

struct ParameterisedOnlySettings {
  GuardMode mode = GuardMode::off;
  std::vector<std::string> roles;         ///< empty: all
  std::vector<std::string> allow_shapes;  ///< fingerprints, or their first 16 hexadecimal digits and more
};
void describe(config::Object<ParameterisedOnlySettings>& o);

struct TableGrant {
  std::string table;  ///< "orders", "sales.orders", "sales.*" or "*"
  std::vector<Verb> allow = {Verb::select};
  std::vector<std::string> columns;  ///< may be read and written; empty: all
  std::vector<std::string> deny_columns;
};
void describe(config::Object<TableGrant>& o);

struct RoleGrant {
  std::string role;
  std::vector<TableGrant> tables;
};
void describe(config::Object<RoleGrant>& o);

struct LeastPrivilegeSettings {
  GuardMode mode = GuardMode::off;
  std::vector<RoleGrant> roles;
};
void describe(config::Object<LeastPrivilegeSettings>& o);

struct TenantTable {
  std::string table;
  std::string column = "tenant_id";
};
void describe(config::Object<TenantTable>& o);

struct TenantFilterSettings {
  GuardMode mode = GuardMode::off;
  std::vector<TenantTable> tables;
  std::vector<std::string> exempt_roles;
};
void describe(config::Object<TenantFilterSettings>& o);

struct CatalogueSettings {
  GuardMode mode = GuardMode::off;
  std::vector<std::string> exempt_roles;
  std::vector<std::string> allow;
};
void describe(config::Object<CatalogueSettings>& o);

struct GuardSettings {
  std::vector<std::string> exempt_roles;  ///< whose statements no guard looks at; "*": everybody's
  bool taint = true;
  bool allow_multiple_statements = false;
  bool allow_server_code = false;
  std::vector<std::string> allow_functions;
  std::vector<std::string> deny_functions;
  AllowListSettings allow_list;
  ParameterisedOnlySettings parameterised_only;
  LeastPrivilegeSettings least_privilege;
  TenantFilterSettings tenant_filter;
  CatalogueSettings catalogue;
  MaxRowsSettings max_rows;
  BulkReadSettings bulk_read;
  HoneyRowsSettings honey_rows;

  bool exempts(std::string_view role) const {
    return std::any_of(exempt_roles.begin(), exempt_roles.end(), [&](const auto& each) { return each == "*" || each == role; });
  }
};
void describe(config::Object<GuardSettings>& o);

enum class PoolMode : std::uint8_t { none, session, transaction };
config::EnumNames<PoolMode> enum_names(PoolMode);

struct PoolSettings {
  PoolMode mode = PoolMode::none;
  std::size_t size = 20;           ///< connections of one role to one database, per worker
  std::size_t max_backends = 200;  ///< connections of all pools, per worker
  std::size_t queue = 1'000;       ///< sessions that wait for a connection of one role to one database
  std::chrono::milliseconds queue_timeout{30'000};
  std::chrono::milliseconds idle_timeout{600'000};
  std::chrono::milliseconds max_lifetime{3'600'000};
};
void describe(config::Object<PoolSettings>& o);

/// When a statement's record must be on disk.
enum class AuditDurable : std::uint8_t { off, soon, before_result, before_execution };
config::EnumNames<AuditDurable> enum_names(AuditDurable);

enum class LiteralPolicy : std::uint8_t { redact, hash, keep };
config::EnumNames<LiteralPolicy> enum_names(LiteralPolicy);

struct AuditSettings {
  AuditDurable durable = AuditDurable::soon;
  LiteralPolicy literals = LiteralPolicy::redact;
  std::string origin = "bulwark/audit";
  std::string witness_file;
  config::ByteSize max_size{std::uint64_t{256} << 30};

  bool awaited() const { return durable == AuditDurable::before_result || durable == AuditDurable::before_execution; }
};
void describe(config::Object<AuditSettings>& o);

struct Settings {
  Endpoint listen{IpAddress{}, 6432};
  Endpoint upstream{IpAddress{}, 5432};
  UpstreamTls upstream_tls = UpstreamTls::verify;
  std::string upstream_ca;
  std::string upstream_name;         ///< empty: the address itself
  config::Secret upstream_password;  ///< for logins whose key is not recovered (client_login: trust)
  bool upstream_trust = false;
  std::chrono::milliseconds connect_timeout{5'000};
  ListenTlsSettings tls;
  ClientLoginMode client_login = ClientLoginMode::scram;
  std::string verifiers_file;
  config::Secret verifiers_from;
  std::vector<std::string> startup_options = {"search_path",
                                              "statement_timeout",
                                              "lock_timeout",
                                              "timezone",
                                              "datestyle",
                                              "intervalstyle",
                                              "extra_float_digits",
                                              "geqo",
                                              "application_name",
                                              "idle_in_transaction_session_timeout",
                                              "default_transaction_read_only",
                                              "default_transaction_isolation",
                                              "bytea_output"};
  bool allow_replication = false;
  bool allow_function_call = false;
  std::size_t max_connections = 1'000;  ///< per worker
  PoolSettings pool;
  config::ByteSize max_statement{1024 * 1024};
  std::chrono::milliseconds login_timeout{30'000};
  GuardSettings guards;
  AuditSettings audit;
  ProtectionSettings protection;
};
void describe(config::Object<Settings>& o);

}  // namespace bulwark::database
