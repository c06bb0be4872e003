// Reading the catalogue over libpq, in one snapshot. A plain blocking client is all that the reader's own thread needs.
#include <libpq-fe.h>

#include <charconv>

#include "database/protection/catalogue.h"

namespace bulwark::database {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, Finish>;

constexpr const char* kRelations =
    "select c.oid, n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind in ('r', 'v', 'm', 'f', 'p', 'S') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')";
constexpr const char* kSystem =
    "select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind in ('r', 'v') and n.nspname = 'pg_catalog'";
constexpr const char* kFunctions =
    "select distinct p.proname from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace "
    "where n.nspname not in ('pg_catalog', 'information_schema')";
constexpr const char* kViewUses =
    "select distinct r.ev_class, d.refobjid from pg_catalog.pg_depend d join pg_catalog.pg_rewrite r on r.oid = d.objid "
    "where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> r.ev_class";
// A rule about a table holds for its partitions and children, and for its parents: rows are read through either.
constexpr const char* kColumns =
    "with recursive family(id, root) as ("
    " select c.oid, c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
    "  where c.relkind in ('r', 'v', 'm', 'f', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and c.relname = any($1::text[])"
    " union select case when i.inhparent = f.id then i.inhrelid else i.inhparent end, f.root"
    "  from pg_catalog.pg_inherits i join family f on f.id in (i.inhparent, i.inhrelid)) "
    "select f.id, f.root, a.attname, a.attnum, coalesce(nullif(t.typbasetype, 0), t.oid),"
    " case when t.typbasetype <> 0 then t.typtypmod else a.atttypmod end, a.attgenerated <> '' "
    "from family f join pg_catalog.pg_attribute a on a.attrelid = f.id and a.attnum > 0 and not a.attisdropped "
    "join pg_catalog.pg_type t on t.oid = a.atttypid";

std::string text(const PGresult* rows, int row, int column) {
  return {PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column))};
}

template <class Integer>
Integer integer(const PGresult* rows, int row, int column) {
  Integer value{};
  const char* begin = PQgetvalue(rows, row, column);
  std::from_chars(begin, begin + PQgetlength(rows, row, column), value);
  return value;
}

Result<Rows> rows_of(PGconn* connection, const char* sql, const char* parameter = nullptr) {
  Rows rows(PQexecParams(connection, sql, parameter == nullptr ? 0 : 1, nullptr, parameter == nullptr ? nullptr : &parameter, nullptr,
                         nullptr, 0));
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) return upstream_error(Code::denied, "catalogue_from: the catalogue could not be read");
  if (static_cast<std::size_t>(PQntuples(rows.get())) > Catalogue::kMaxRows)
    return upstream_error(Code::too_large, "catalogue_from: the catalogue has more entries than are read");
  return rows;
}

std::string array_of(const std::set<std::string>& names) {
  std::string out = "{";
  for (const auto& name : names) {
    if (out.size() > 1) out.push_back(',');
    out.push_back('"');
    for (const char c : name) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out + "}";
}

Result<CatalogueRows> read_all(PGconn* connection, const std::set<std::string>& tables) {
  CatalogueRows out;
  const Rows relations = TRY(rows_of(connection, kRelations));
  for (int i = 0; i < PQntuples(relations.get()); ++i)
    out.relations.push_back(
        {integer<std::uint32_t>(relations.get(), i, 0), text(relations.get(), i, 1), text(relations.get(), i, 2), {}, false});
  const Rows system = TRY(rows_of(connection, kSystem));
  for (int i = 0; i < PQntuples(system.get()); ++i) out.system_relations.insert(text(system.get(), i, 0));
  const Rows functions = TRY(rows_of(connection, kFunctions));
  for (int i = 0; i < PQntuples(functions.get()); ++i) out.functions.insert(text(functions.get(), i, 0));
  const Rows uses = TRY(rows_of(connection, kViewUses));
  for (int i = 0; i < PQntuples(uses.get()); ++i)
    out.view_uses.push_back({integer<std::uint32_t>(uses.get(), i, 0), integer<std::uint32_t>(uses.get(), i, 1)});
  const std::string names = array_of(tables);
  const Rows columns = TRY(rows_of(connection, kColumns, names.c_str()));
  for (int i = 0; i < PQntuples(columns.get()); ++i) {
    const PGresult* rows = columns.get();
    out.columns.push_back({integer<std::uint32_t>(rows, i, 0),
                           integer<std::uint32_t>(rows, i, 1),
                           {text(rows, i, 2),
                            integer<std::uint16_t>(rows, i, 3),
                            integer<std::uint32_t>(rows, i, 4),
                            integer<std::int32_t>(rows, i, 5),
                            text(rows, i, 6) == "t",
                            {}}});
  }
  return out;
}

}  // namespace

Result<std::pair<std::string, CatalogueRows>> fetch_catalogue(const CatalogueSource& source, const std::set<std::string>& tables) {
  const std::string timeout = std::to_string(std::max(2, source.timeout_s));
  // Of equal keywords the last counts: the URL wins over our defaults, and the database that was asked for over the URL's.
  const char* keywords[] = {"sslmode", "sslrootcert", "connect_timeout", "application_name", "options", "dbname", "dbname", nullptr};
  const char* values[] = {source.ssl_mode.c_str(),
                          source.ssl_root_certificate.c_str(),
                          timeout.c_str(),
                          "bulwark catalogue",
                          "-c statement_timeout=30s -c search_path=pg_catalog",
                          source.url.c_str(),
                          source.database.empty() ? nullptr : source.database.c_str(),
                          nullptr};
  const std::unique_ptr<PGconn, Finish> connection(PQconnectdbParams(keywords, values, 1));
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return upstream_error(Code::unavailable, "catalogue_from: PostgreSQL cannot be reached or refuses the login");
  const Rows begun(PQexec(connection.get(), "begin transaction isolation level repeatable read read only"));
  if (PQresultStatus(begun.get()) != PGRES_COMMAND_OK)
    return upstream_error(Code::denied, "catalogue_from: the catalogue could not be read");
  auto rows = TRY(read_all(connection.get(), tables));
  return std::pair(std::string(PQdb(connection.get())), std::move(rows));
}

}  // namespace bulwark::database
