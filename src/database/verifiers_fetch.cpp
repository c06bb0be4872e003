// Fetching verifiers over libpq: a plain blocking client is all that start-up needs.
#include <libpq-fe.h>

#include <array>

#include "database/verifiers.h"

namespace bulwark::database {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};

constexpr const char* kQuery =
    "select rolname || E'\\t' || rolpassword from pg_catalog.pg_authid "
    "where rolcanlogin and not rolsuper and rolpassword like 'SCRAM-SHA-256$%' order by 1";

const char* ssl_mode(UpstreamTls tls) {
  return tls == UpstreamTls::verify ? "verify-full" : tls == UpstreamTls::require ? "require" : "disable";
}

}  // namespace

Result<std::shared_ptr<const Verifiers>> Verifiers::fetch(const Settings& settings) {
  const std::string timeout = std::to_string(std::max<std::int64_t>(2, settings.connect_timeout.count() / 1000));
  // Of equal keywords the last counts: what the URL says wins over our defaults.
  const char* keywords[] = {"sslmode", "sslrootcert", "connect_timeout", "application_name", "dbname", nullptr};
  const char* values[] = {ssl_mode(settings.upstream_tls),
                          settings.upstream_ca.c_str(),
                          timeout.c_str(),
                          "bulwark verifiers",
                          settings.verifiers_from.value.c_str(),
                          nullptr};
  const std::unique_ptr<PGconn, Finish> connection(PQconnectdbParams(keywords, values, 1));
  // libpq's own words may repeat parts of the URL; what to look at is said without them.
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return upstream_error(Code::unavailable, "verifiers_from: PostgreSQL cannot be reached or refuses the login");
  const std::unique_ptr<PGresult, Finish> result(PQexec(connection.get(), kQuery));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    return upstream_error(Code::denied, "verifiers_from: the role may not read pg_authid");
  std::string text;
  for (int row = 0; row < PQntuples(result.get()) && text.size() < kMaxFileBytes; ++row)
    text.append(PQgetvalue(result.get(), row, 0), static_cast<std::size_t>(PQgetlength(result.get(), row, 0))).push_back('\n');
  return parse(text, "pg_authid");
}

}  // namespace bulwark::database
