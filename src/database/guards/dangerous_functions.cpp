// The list of dangerous functions, and what else runs outside the guards' sight.
#include "database/guards/dangerous_functions.h"

#include <set>

#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

constexpr std::string_view kDangerous[] = {
    // files of the server
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "pg_ls_logdir",
    "pg_ls_waldir",
    "pg_ls_tmpdir",
    "pg_ls_archive_statusdir",
    "pg_stat_file",
    "pg_current_logfile",
    "pg_file_write",
    "pg_file_read",
    "pg_file_rename",
    "pg_file_unlink",
    "pg_file_sync",
    "pg_logdir_ls",
    "lo_import",
    "lo_export",
    "pg_ls_logicalmapdir",
    "pg_ls_logicalsnapdir",
    "pg_ls_replslotdir",
    "pg_logfile_rotate",
    "pg_file_length",
    // text as SQL: what it does cannot be seen here
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "cursor_to_xml",
    "cursor_to_xmlschema",
    "table_to_xml",
    "table_to_xmlschema",
    "table_to_xml_and_xmlschema",
    "schema_to_xml",
    "schema_to_xmlschema",
    "schema_to_xml_and_xmlschema",
    "database_to_xml",
    "database_to_xmlschema",
    "database_to_xml_and_xmlschema",
    "ts_stat",
    "ts_rewrite",
    "crosstab",
    "connectby",
    "crosstab2",
    "crosstab3",
    "crosstab4",
    "crosstabn",
    "xpath_table",
    // other servers
    "dblink",
    "dblink_connect",
    "dblink_connect_u",
    "dblink_exec",
    "dblink_open",
    "dblink_send_query",
    "dblink_fetch",
    "dblink_get_result",
    "postgres_fdw_get_connections",
    // large objects as a way to write files piece by piece
    "lo_from_bytea",
    "lo_put",
    "lo_create",
    "lo_creat",
    "lo_open",
    "lowrite",
    "lo_get",
    "loread",
    // time-based probing, and stalling of others
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    // administration
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_terminate_backend",
    "pg_promote",
    "pg_switch_wal",
    "pg_create_restore_point",
    "pg_start_backup",
    "pg_stop_backup",
    "pg_backup_start",
    "pg_backup_stop",
    "pg_wal_replay_pause",
    "pg_wal_replay_resume",
    "pg_create_physical_replication_slot",
    "pg_create_logical_replication_slot",
    "pg_drop_replication_slot",
    "pg_logical_slot_get_changes",
    "pg_logical_slot_peek_changes",
    "pg_logical_slot_get_binary_changes",
    "pg_logical_emit_message",
    "pg_replication_origin_create",
    "pg_log_backend_memory_contexts",
    "pg_import_system_collations",
    "pg_extension_config_dump",
    "pg_stat_reset",
    "pg_stat_reset_shared",
    "pg_relation_filenode",
    "pg_execute_server_program",
};

class DangerousFunctions final : public Guard {
 public:
  DangerousFunctions(std::span<const std::string> allow, std::span<const std::string> deny, bool allow_server_code)
      : denied_(std::begin(kDangerous), std::end(kDangerous)), allow_server_code_(allow_server_code) {
    denied_.insert(deny.begin(), deny.end());
    for (const auto& each : allow) denied_.erase(each);
  }

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "dangerous_functions"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    const ShapeFacts& facts = statement.parsed->facts();
    for (const auto& each : facts.functions)
      if (denied_.contains(each.name)) return deny(findings, "function " + each.name + " is not allowed");
    if (facts.copies_program) return deny(findings, "COPY with a program is not allowed");
    if (facts.copies_server_file) return deny(findings, "COPY with a file of the server is not allowed");
    if (facts.runs_server_code && !allow_server_code_) return deny(findings, "code that runs inside the server is not allowed");
    return Verdict::pass;
  }

 private:
  Result<Verdict> deny(std::vector<Finding>& findings, std::string message) const {
    findings.push_back({info().name, "database.dangerous_function", events::Severity::high, std::move(message), "42501"});
    return Verdict::deny;
  }

  std::set<std::string, std::less<>> denied_;
  bool allow_server_code_;
};

}  // namespace

std::shared_ptr<const Guard> make_dangerous_functions(std::span<const std::string> allow, std::span<const std::string> deny,
                                                      bool allow_server_code) {
  return std::make_shared<DangerousFunctions>(allow, deny, allow_server_code);
}

}  // namespace bulwark::database
