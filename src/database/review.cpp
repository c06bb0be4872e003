// The questions to the server, each a list row of its own: SQL that returns one sentence a finding.
#include "database/review.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>

#include "database/concatenation.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Rows = std::unique_ptr<PGresult, Finish>;

constexpr std::size_t kMaxShown = 20;  ///< shapes with strings; the rest is counted

struct Question {
  Weight weight;
  const char* sql;  ///< each row is a finding
};

constexpr Question kQuestions[] = {
    // roles
    {Weight::high,
     "select 'role ' || rolname || ' can log in and may ' || concat_ws(', ', case when rolcreaterole then 'create roles' end, case when rolcreatedb then 'create databases' end, "
     "case when rolreplication then 'replicate' end, case when rolbypassrls then 'bypass row security' end) from pg_catalog.pg_roles "
     "where rolcanlogin and not rolsuper and (rolcreaterole or rolcreatedb or rolreplication or rolbypassrls) order by 1"},
    {Weight::high,
     "select 'role ' || rolname || ' is a superuser that can log in: apps must not use it' from pg_catalog.pg_roles where rolcanlogin and rolsuper and rolname <> current_user order by 1"},
    {Weight::high,
     "select 'role ' || r.rolname || ' is a member of ' || p.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.member join pg_catalog.pg_roles p on p.oid = m.roleid "
     "where r.rolcanlogin and not r.rolsuper and (p.rolsuper or p.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')) order by 1"},
    {Weight::notice,
     "select 'role ' || r.rolname || ' owns ' || count(*) || ' tables that it works on: it can change and drop them whatever is granted' from pg_catalog.pg_class c "
     "join pg_catalog.pg_roles r on r.oid = c.relowner where r.rolcanlogin and not r.rolsuper and c.relkind in ('r', 'p') group by r.rolname order by 1"},
    {Weight::high,
     "select 'anybody may create objects in schema public' from pg_catalog.pg_namespace where nspname = 'public' and exists "
     "(select 1 from aclexplode(nspacl) a where a.grantee = 0 and a.privilege_type = 'CREATE')"},
    // logins
    {Weight::high,
     "select 'the password of role ' || rolname || ' is kept as MD5: set it again with password_encryption = scram-sha-256' from pg_catalog.pg_authid where rolcanlogin and rolpassword like 'md5%' order by 1"},
    {Weight::high,
     "select 'pg_hba.conf line ' || line_number || ' lets ' || array_to_string(user_name, ', ') || ' in over the network with ' || auth_method from pg_catalog.pg_hba_file_rules "
     "where type like 'host%' and auth_method in ('trust', 'password', 'md5', 'ident') order by line_number"},
    {Weight::high,
     "select 'pg_hba.conf line ' || line_number || ' lets connections from ' || coalesce(address, 'anywhere') || ' do without TLS (host instead of hostssl)' from pg_catalog.pg_hba_file_rules "
     "where type in ('host', 'hostnossl') and auth_method not in ('reject') and coalesce(address, '') not in ('127.0.0.1', '::1', 'samehost') order by line_number"},
    {Weight::notice,
     "select 'pg_hba.conf line ' || line_number || ' lets local users in without a password' from pg_catalog.pg_hba_file_rules where type = 'local' and auth_method = 'trust' order by line_number"},
    // settings: a hardening baseline
    {Weight::high, "select 'ssl is off: the way to the gateway is in clear' where current_setting('ssl') = 'off'"},
    {Weight::high,
     "select 'ssl_min_protocol_version is ' || current_setting('ssl_min_protocol_version') where current_setting('ssl_min_protocol_version') in ('', 'TLSv1', 'TLSv1.1')"},
    {Weight::high,
     "select 'password_encryption is ' || current_setting('password_encryption') || ', should be scram-sha-256' where current_setting('password_encryption') <> 'scram-sha-256'"},
    {Weight::high,
     "select name || ' is ' || setting || ', should be ' || wanted from pg_catalog.pg_settings join (values ('row_security', 'on'), ('fsync', 'on'), ('full_page_writes', 'on'), "
     "('standard_conforming_strings', 'on'), ('allow_system_table_mods', 'off'), ('ignore_checksum_failure', 'off'), ('zero_damaged_pages', 'off')) w (setting_name, wanted) on setting_name = name "
     "where setting <> wanted order by name"},
    {Weight::notice,
     "select name || ' is ' || setting || ', should be ' || wanted from pg_catalog.pg_settings join (values ('log_connections', 'on'), ('log_disconnections', 'on'), ('data_checksums', 'on')) "
     "w (setting_name, wanted) on setting_name = name where setting <> wanted order by name"},
    {Weight::notice,
     "select 'listen_addresses is *: PostgreSQL should listen where only the gateway reaches it' where current_setting('listen_addresses') in ('*', '0.0.0.0')"},
};

/// Direct grants on tables to login roles that do not own them.
constexpr const char* kGrants =
    "select r.rolname, n.nspname, c.relname, a.privilege_type from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a "
    "join pg_catalog.pg_roles r on r.oid = a.grantee where c.relkind in ('r', 'p', 'v', 'm') and r.rolcanlogin and not r.rolsuper and c.relowner <> r.oid "
    "and n.nspname not in ('pg_catalog', 'information_schema') order by 1, 2, 3, 4";

std::uint8_t access_of(std::string_view privilege) {
  if (privilege == "SELECT") return access::kRead;
  if (privilege == "INSERT") return access::kInsert;
  if (privilege == "UPDATE") return access::kUpdate;
  if (privilege == "DELETE") return access::kDelete;
  if (privilege == "TRUNCATE") return access::kTruncate;
  return 0;  // REFERENCES, TRIGGER: nothing that a statement of the app would show
}

std::string sql_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? "\"\"" : std::string(1, c));
  return out + "\"";
}

Result<Connection> connect(const Settings& settings) {
  if (settings.verifiers_from.value.empty())
    return config_error("the review asks PostgreSQL with the role of database.verifiers_from, which is not set");
  const char* mode = settings.upstream_tls == UpstreamTls::verify    ? "verify-full"
                     : settings.upstream_tls == UpstreamTls::require ? "require"
                                                                     : "disable";
  const char* keywords[] = {"sslmode", "sslrootcert", "connect_timeout", "application_name", "dbname", nullptr};
  const char* values[] = {mode, settings.upstream_ca.c_str(), "10", "bulwark review", settings.verifiers_from.value.c_str(), nullptr};
  Connection connection(PQconnectdbParams(keywords, values, 1));
  // libpq's own words may repeat parts of the URL.
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return upstream_error(Code::unavailable, "PostgreSQL cannot be reached or refuses the login");
  return connection;
}

Result<Rows> ask(PGconn* connection, const char* sql) {
  Rows rows(PQexec(connection, sql));
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK)
    return upstream_error(Code::denied,
                          std::string("PostgreSQL did not answer a question of the review: ") + PQresultErrorMessage(rows.get()));
  return rows;
}

void judge_grants(const PGresult* rows, const LearnedUses& learned, Review& review) {
  for (int i = 0; i < PQntuples(rows); ++i) {
    const std::string role = PQgetvalue(rows, i, 0);
    const std::string table = PQgetvalue(rows, i, 2);
    const std::string privilege = PQgetvalue(rows, i, 3);
    if (std::find(learned.unknown_roles.begin(), learned.unknown_roles.end(), role) != learned.unknown_roles.end()) continue;
    const auto used = [&](const LearnedUse& each) {
      return each.role == role && each.table == table && (each.access & access_of(privilege)) != 0;
    };
    if (std::any_of(learned.uses.begin(), learned.uses.end(), used)) continue;
    review.revokes.push_back("REVOKE " + privilege + " ON " + sql_name(PQgetvalue(rows, i, 1)) + "." + sql_name(table) + " FROM " +
                             sql_name(role) + ";");
  }
}

void judge_gateway(const Settings& settings, Review& review) {
  if (settings.upstream_tls == UpstreamTls::off)
    review.findings.push_back({Weight::high, "upstream_tls is off: the gateway speaks to PostgreSQL in clear"});
  if (settings.upstream_tls == UpstreamTls::require)
    review.findings.push_back({Weight::notice, "upstream_tls: require does not check who answers; verify does"});
  if (!settings.tls.required) review.findings.push_back({Weight::high, "tls.required is false: clients may speak to the gateway in clear"});
  if (settings.client_login == ClientLoginMode::trust)
    review.findings.push_back({Weight::high, "client_login: trust lets anybody in as any role"});
}

void judge_shapes(const LearnedUses& learned, Review& review) {
  for (std::size_t i = 0; i < learned.concatenated.size() && i < kMaxShown; ++i) {
    const auto& each = learned.concatenated[i];
    review.findings.push_back(
        {Weight::notice, "role " + each.role + " writes strings into a statement instead of binding them: " + each.shape});
  }
  if (learned.concatenated.size() > kMaxShown)
    review.findings.push_back(
        {Weight::notice, "and " + std::to_string(learned.concatenated.size() - kMaxShown) + " more statements with strings in them"});
}

/// What was recorded says more than the learned list: only there is to be seen that a shape's literals change.
void judge_records(const ConcatenationCount& count, Review& review) {
  if (count.statements() == 0) return;
  const auto shapes = count.most_first();
  review.findings.push_back(
      {Weight::high, std::to_string(count.statements()) + " of " + std::to_string(count.records()) +
                         " recorded statements were put together from text: their literals change where a parameter belongs (" +
                         std::to_string(shapes.size()) + " shapes)"});
  for (std::size_t i = 0; i < shapes.size() && i < kMaxShown; ++i)
    review.findings.push_back(
        {Weight::notice, "role " + shapes[i].role + " put this together " + std::to_string(shapes[i].runs) + " times: " + shapes[i].shape});
}

}  // namespace

Result<Review> review(const Settings& settings, const std::string& audit_directory) {
  Review made;
  const Connection connection = TRY(connect(settings));
  for (const auto& question : kQuestions) {
    const Rows rows = TRY(ask(connection.get(), question.sql));
    for (int i = 0; i < PQntuples(rows.get()); ++i) made.findings.push_back({question.weight, PQgetvalue(rows.get(), i, 0)});
  }
  judge_gateway(settings, made);
  if (!audit_directory.empty()) judge_records(TRY(count_concatenations(audit_directory)), made);
  if (settings.guards.allow_list.file.empty()) {
    made.findings.push_back({Weight::notice, "without an allow-list it is not known which grants are used"});
    return made;
  }
  const LearnedUses learned = learned_uses(TRY(read_statement_list(settings.guards.allow_list.file)));
  judge_shapes(learned, made);
  made.unknown_roles = learned.unknown_roles;
  judge_grants(TRY(ask(connection.get(), kGrants)).get(), learned, made);
  return made;
}

}  // namespace bulwark::database
