// The keys of the `database` section, each with its meaning.
#include "database/settings.h"

namespace bulwark::database {

config::EnumNames<UpstreamTls> enum_names(UpstreamTls) {
  return {{{"off", UpstreamTls::off}, {"require", UpstreamTls::require}, {"verify", UpstreamTls::verify}}};
}

config::EnumNames<ClientLoginMode> enum_names(ClientLoginMode) {
  return {{{"scram", ClientLoginMode::scram}, {"trust", ClientLoginMode::trust}}};
}

void describe(config::Object<ListenTlsSettings>& o) {
  o.field("certificate_file", &ListenTlsSettings::certificate_file,
          {.help = "PEM chain shown to database clients.", .example = "/etc/bulwark/db.pem"});
  o.field("key_file", &ListenTlsSettings::key_file, {.help = "PEM key of that certificate.", .example = "/etc/bulwark/db.key"});
  o.field("client_ca_file", &ListenTlsSettings::client_ca_file,
          {.help = "Not empty: clients must show a certificate signed by this authority.", .example = "/etc/bulwark/clients.pem"});
  o.field("required", &ListenTlsSettings::required, {.help = "Refuse clients that do not ask for TLS.", .example = "true"});
  o.check([](const ListenTlsSettings& s) -> std::string {
    return s.certificate_file.empty() != s.key_file.empty() ? "certificate_file and key_file belong together" : "";
  });
}

config::EnumNames<AllowListMode> enum_names(AllowListMode) {
  return {{{"off", AllowListMode::off},
           {"learn", AllowListMode::learn},
           {"monitor", AllowListMode::monitor},
           {"enforce", AllowListMode::enforce}}};
}

void describe(config::Object<AllowListSettings>& o) {
  o.field("mode", &AllowListSettings::mode,
          {.help = "learn writes each new shape of a statement to the file; monitor reports what is not in it; enforce denies that.",
           .example = "learn"});
  o.field("file", &AllowListSettings::file,
          {.help = "The list: a shape a line, for people to review.", .example = "/etc/bulwark/statements.list"});
  o.field(
      "signed_by", &AllowListSettings::signed_by,
      {.help =
           "Public keys of those who may sign the list (`bulwark db allow-list sign`); monitor and enforce then read only the signed copy.",
       .example = "[3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29]"});
  o.check([](const AllowListSettings& s) -> std::string {
    for (const auto& each : s.signed_by)
      if (each.size() != 64 || each.find_first_not_of("0123456789abcdef") != std::string::npos)
        return "signed_by: '" + each + "' is no public key of 64 hexadecimal digits";
    return s.mode != AllowListMode::off && s.file.empty() ? "allow_list needs a file" : "";
  });
}

config::EnumNames<GuardMode> enum_names(GuardMode) {
  return {{{"off", GuardMode::off}, {"monitor", GuardMode::monitor}, {"enforce", GuardMode::enforce}}};
}

config::EnumNames<Verb> enum_names(Verb) {
  return {{{"select", Verb::select},
           {"insert", Verb::insert},
           {"update", Verb::update},
           {"delete", Verb::delete_rows},
           {"truncate", Verb::truncate},
           {"define", Verb::define}}};
}

namespace {
constexpr std::string_view kModeHelp = "monitor reports as an alert, enforce denies.";
}

void describe(config::Object<ParameterisedOnlySettings>& o) {
  o.field("mode", &ParameterisedOnlySettings::mode, {.help = kModeHelp, .example = "monitor"});
  o.field("roles", &ParameterisedOnlySettings::roles, {.help = "Whose statements; empty: everybody's.", .example = "[app]"});
  o.field("allow_shapes", &ParameterisedOnlySettings::allow_shapes,
          {.help = "Fingerprints of shapes that may hold strings, as events and the allow-list show them (at least 16 digits).",
           .example = "[3f2a9c0d11e4b7a6]"});
  o.check([](const ParameterisedOnlySettings& s) -> std::string {
    for (const auto& each : s.allow_shapes)
      if (each.size() < 16 || each.size() > 64 || each.find_first_not_of("0123456789abcdef") != std::string::npos)
        return "allow_shapes: '" + each + "' is no fingerprint of 16 to 64 hexadecimal digits";
    return "";
  });
}

void describe(config::Object<TableGrant>& o) {
  o.field("table", &TableGrant::table, {.help = "A table, schema.table, schema.* or * for all.", .example = "orders", .required = true});
  o.field("allow", &TableGrant::allow, {.help = "What may be done with it; select unless said.", .example = "[select, insert]"});
  o.field("columns", &TableGrant::columns, {.help = "The only columns that may be named; empty: all.", .example = "[id, total]"});
  o.field("deny_columns", &TableGrant::deny_columns,
          {.help = "Columns that may not be named; then * is refused as well.", .example = "[card]"});
}

void describe(config::Object<RoleGrant>& o) {
  o.field("role", &RoleGrant::role, {.help = "The database role.", .example = "app", .required = true});
  o.field("tables", &RoleGrant::tables, {.help = "All that it may use; the first entry that fits a table counts."});
}

void describe(config::Object<LeastPrivilegeSettings>& o) {
  o.field("mode", &LeastPrivilegeSettings::mode, {.help = kModeHelp, .example = "enforce"});
  o.field("roles", &LeastPrivilegeSettings::roles, {.help = "Roles and what they may do."});
}

void describe(config::Object<TenantTable>& o) {
  o.field("table", &TenantTable::table, {.help = "A table, or schema.table.", .example = "orders", .required = true});
  o.field("column", &TenantTable::column, {.help = "The column that names the tenant.", .example = "tenant_id"});
}

void describe(config::Object<TenantFilterSettings>& o) {
  o.field("mode", &TenantFilterSettings::mode, {.help = kModeHelp, .example = "enforce"});
  o.field("tables", &TenantFilterSettings::tables,
          {.help = "Each use of these must fix the tenant's column to a parameter or a literal, in every branch of the statement."});
  o.field("exempt_roles", &TenantFilterSettings::exempt_roles, {.help = "Roles that work for all tenants.", .example = "[reporting]"});
}

void describe(config::Object<CatalogueSettings>& o) {
  o.field("mode", &CatalogueSettings::mode, {.help = kModeHelp, .example = "enforce"});
  o.field("exempt_roles", &CatalogueSettings::exempt_roles,
          {.help = "Roles that may, such as one for migrations.", .example = "[migrate]"});
  o.field("allow", &CatalogueSettings::allow, {.help = "Catalogues to take off the list.", .example = "[pg_class]"});
}

void describe(config::Object<GuardSettings>& o) {
  o.field(
      "exempt_roles", &GuardSettings::exempt_roles,
      {.help = "Roles of people who administer and of migrations: no guard looks at their statements, which are on record all the same. "
               "\"*\" is everybody.",
       .example = "[dba, migrate]"});
  o.field("taint", &GuardSettings::taint,
          {.help = "Deny statements whose structure an input of the request has changed.", .example = "true"});
  o.field("allow_multiple_statements", &GuardSettings::allow_multiple_statements,
          {.help = "Let one simple query hold several statements.", .example = "false"});
  o.field("allow_server_code", &GuardSettings::allow_server_code,
          {.help = "Let clients run DO blocks and create functions or extensions.", .example = "false"});
  o.field("allow_functions", &GuardSettings::allow_functions,
          {.help = "Functions to take off the list of dangerous ones.", .example = "[pg_sleep]"});
  o.field("deny_functions", &GuardSettings::deny_functions, {.help = "Functions to add to it.", .example = "[version]"});
  o.field("allow_list", &GuardSettings::allow_list, {.help = "The learned list of what each role runs."});
  o.field("parameterised_only", &GuardSettings::parameterised_only, {.help = "Strings in statements where a bound parameter belongs."});
  o.field("least_privilege", &GuardSettings::least_privilege,
          {.help = "What each role may do, beyond the server's own grants; roles that are not named are left to those."});
  o.field("tenant_filter", &GuardSettings::tenant_filter,
          {.help = "Tables whose rows belong to tenants, and how statements must say which."});
  o.field("catalogue", &GuardSettings::catalogue, {.help = "Reading the system catalogues, which attacks begin with."});
  o.field("max_rows", &GuardSettings::max_rows, {.help = "How many rows a statement may return or write."});
  o.field("bulk_read", &GuardSettings::bulk_read, {.help = "Results that are far larger than this role's usual ones."});
  o.field("honey_rows", &GuardSettings::honey_rows, {.help = "Rows that nobody has a reason to read, and whoever does."});
}

config::EnumNames<PoolMode> enum_names(PoolMode) {
  return {{{"none", PoolMode::none}, {"session", PoolMode::session}, {"transaction", PoolMode::transaction}}};
}

void describe(config::Object<PoolSettings>& o) {
  o.field("mode", &PoolSettings::mode,
          {.help = "none: each session has a connection of its own; session: connections are kept and reset for the next session; "
                   "transaction: sessions share connections, each for one transaction at a time.",
           .example = "transaction"});
  o.field("size", &PoolSettings::size,
          {.help = "Connections of one role to one database, of one worker.", .example = "20", .min = 1, .max = 10'000});
  o.field("max_backends", &PoolSettings::max_backends,
          {.help = "Connections of all roles and databases, of one worker.", .example = "200", .min = 1, .max = 10'000});
  o.field("queue", &PoolSettings::queue,
          {.help = "Sessions that may wait for a connection of one role to one database; further ones are refused (53300).",
           .example = "1000",
           .min = 0,
           .max = 100'000});
  o.field("queue_timeout", &PoolSettings::queue_timeout,
          {.help = "How long a session waits for a connection before it is refused (53300).", .example = "30s", .min = 10, .max = 600'000});
  o.field("idle_timeout", &PoolSettings::idle_timeout,
          {.help = "A connection that nobody needed for so long is closed.", .example = "10min", .min = 100, .max = 86'400'000});
  o.field(
      "max_lifetime", &PoolSettings::max_lifetime,
      {.help = "A connection older than this is closed instead of being handed on.", .example = "1h", .min = 1'000, .max = 604'800'000});
}

config::EnumNames<AuditDurable> enum_names(AuditDurable) {
  return {{{"off", AuditDurable::off},
           {"soon", AuditDurable::soon},
           {"before_result", AuditDurable::before_result},
           {"before_execution", AuditDurable::before_execution}}};
}

config::EnumNames<LiteralPolicy> enum_names(LiteralPolicy) {
  return {{{"redact", LiteralPolicy::redact}, {"hash", LiteralPolicy::hash}, {"keep", LiteralPolicy::keep}}};
}

void describe(config::Object<AuditSettings>& o) {
  o.field("durable", &AuditSettings::durable,
          {.help = "When a statement's record is on disk: soon, before any of its result reaches the client, or before it reaches "
                   "PostgreSQL; off keeps no audit log.",
           .example = "before_result"});
  o.field("literals", &AuditSettings::literals,
          {.help = "What records keep of literals: redact nothing, hash a keyed hash of each, keep the literals.", .example = "hash"});
  o.field("origin", &AuditSettings::origin,
          {.help = "The log's name in its signed checkpoints.", .example = "example.com/audit", .needs_restart = true});
  o.field("witness_file", &AuditSettings::witness_file,
          {.help = "Each signed checkpoint is put there too: on another machine's disk it shows that a log was cut short.",
           .example = "/mnt/witness/audit-checkpoint",
           .needs_restart = true});
  o.field(
      "max_size", &AuditSettings::max_size,
      {.help = "Of the audit log; past it the oldest full segments go, which is put on record.", .min = 1 << 20, .needs_restart = true});
}

void describe(config::Object<Settings>& o) {
  o.field("listen", &Settings::listen,
          {.help = "Where database clients connect.", .example = "127.0.0.1:6432", .required = true, .needs_restart = true});
  o.field("upstream", &Settings::upstream, {.help = "Where PostgreSQL listens.", .example = "127.0.0.1:5432", .required = true});
  o.field("upstream_tls", &Settings::upstream_tls,
          {.help = "TLS to PostgreSQL: verify checks its certificate and name, require only encrypts, off is for one machine.",
           .example = "verify"});
  o.field("upstream_ca", &Settings::upstream_ca,
          {.help = "PEM of the authority that signed PostgreSQL's certificate; empty: the system's.", .example = "/etc/bulwark/db-ca.pem"});
  o.field("upstream_name", &Settings::upstream_name,
          {.help = "The name in PostgreSQL's certificate; empty: its address.", .example = "db.internal"});
  o.field("upstream_password", &Settings::upstream_password,
          {.help = "Used to log in where the client's own proof cannot be (client_login: trust).", .example = "env:DB_PASSWORD"});
  o.field("upstream_trust", &Settings::upstream_trust,
          {.help = "Go on when PostgreSQL asks for no password (trust or peer). For demonstrations.", .example = "false"});
  o.field("connect_timeout", &Settings::connect_timeout,
          {.help = "For reaching PostgreSQL and logging in there.", .example = "5s", .min = 10, .max = 600'000});
  o.field("tls", &Settings::tls, {.help = "TLS towards clients."});
  o.field(
      "client_login", &Settings::client_login,
      {.help = "How clients prove who they are: scram against verifiers_file, or trust (no proof; one machine only).", .example = "scram"});
  o.field("verifiers_file", &Settings::verifiers_file,
          {.help = "Roles and their SCRAM verifiers from pg_authid.", .example = "/etc/bulwark/verifiers"});
  o.field("verifiers_from", &Settings::verifiers_from,
          {.help = "A connection URL of a role that may read pg_authid: verifiers are fetched at start and at each reload, for all "
                   "login roles but superusers. Instead of verifiers_file, or in addition (the file wins).",
           .example = "env:BULWARK_VERIFIERS_FROM"});
  o.field("startup_options", &Settings::startup_options,
          {.help = "Settings that a client may give when it connects.", .example = "[search_path, statement_timeout]"});
  o.field("allow_replication", &Settings::allow_replication, {.help = "Let replication connections through.", .example = "false"});
  o.field("allow_function_call", &Settings::allow_function_call,
          {.help = "Let the protocol's FunctionCall through, which no guard can see into.", .example = "false"});
  o.field("max_connections", &Settings::max_connections,
          {.help = "Client connections of one worker.", .example = "1000", .min = 1, .max = 100'000});
  o.field("pool", &Settings::pool, {.help = "Whether connections to PostgreSQL are shared."});
  o.field("max_statement", &Settings::max_statement,
          {.help = "Longer statements are refused.", .example = "1MiB", .min = 1024, .max = 16 * 1024 * 1024});
  o.field("login_timeout", &Settings::login_timeout, {.help = "From connection to login.", .example = "30s", .min = 100, .max = 600'000});
  o.field("guards", &Settings::guards, {.help = "What statements are checked for."});
  o.field("audit", &Settings::audit, {.help = "The record of every statement that nobody can change unseen."});
  o.field("protection", &Settings::protection, {.help = "Columns that are kept from roles."});
  o.check([](const Settings& s) -> std::string {
    return s.client_login == ClientLoginMode::scram && s.verifiers_file.empty() && s.verifiers_from.value.empty()
               ? "client_login: scram needs verifiers_from or verifiers_file"
               : "";
  });
}

}  // namespace bulwark::database
