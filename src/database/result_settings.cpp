// The keys of `guards.max_rows`, `guards.bulk_read` and `guards.honey_rows`, each with its meaning.
#include "database/result_settings.h"

#include <algorithm>

namespace bulwark::database {
namespace {

constexpr std::string_view kModeHelp = "monitor reports as an alert; enforce cuts the result off and fails the transaction.";

}  // namespace

void describe(config::Object<RowLimit>& o) {
  o.field("role", &RowLimit::role, {.help = "The database role; empty: every role.", .example = "app"});
  o.field("table", &RowLimit::table, {.help = "A table, schema.table, schema.* or * for all.", .example = "customers", .required = true});
  o.field("verbs", &RowLimit::verbs, {.help = "What the limit is for.", .example = "[update, delete]"});
  o.field("rows", &RowLimit::rows, {.help = "Rows that one statement may return or write.", .example = "500", .required = true});
}

void describe(config::Object<MaxRowsSettings>& o) {
  o.field("mode", &MaxRowsSettings::mode, {.help = kModeHelp, .example = "enforce"});
  o.field("limits", &MaxRowsSettings::limits, {.help = "All that fit a statement count; the least decides."});
}

void describe(config::Object<BulkReadSettings>& o) {
  o.field("mode", &BulkReadSettings::mode, {.help = kModeHelp, .example = "monitor"});
  o.field("file", &BulkReadSettings::file,
          {.help = "Where what was learned is kept; empty: it is learned anew after a restart or reload.",
           .example = "/var/lib/bulwark/results.learned"});
  o.field("min_rows", &BulkReadSettings::min_rows, {.help = "A result of no more rows is never too large.", .example = "1000"});
  o.field("factor", &BulkReadSettings::factor,
          {.help = "A result is too large beyond so many times the largest usual one.", .example = "10", .min = 2, .max = 1'000});
  o.field("learn_from", &BulkReadSettings::learn_from,
          {.help = "Results of a role and shape that are seen before one is judged; a new shape is held against all of the role's.",
           .example = "20",
           .min = 1,
           .max = 1'000'000});
  o.field("exempt_roles", &BulkReadSettings::exempt_roles,
          {.help = "Roles that read in bulk, such as one for backups.", .example = "[backup]"});
}

void describe(config::Object<HoneyRow>& o) {
  o.field("table", &HoneyRow::table, {.help = "The table that holds the row.", .example = "customers", .required = true});
  o.field(
      "value", &HoneyRow::value,
      {.help = "A key of that row which no other row has. Of at least 12 characters it is found wherever a result holds it; a shorter one, "
               "such as a number, only as a column of its own in results of statements that name the table.",
       .example = "canary.4711@acme.example",
       .required = true});
  o.check([](const HoneyRow& s) -> std::string {
    return s.value.size() < HoneyRowsSettings::kMinValue || s.value.size() > HoneyRowsSettings::kMaxValue
               ? "value must have 4 to 256 characters, so that it is found and found nowhere else"
               : "";
  });
}

void describe(config::Object<HoneyRowsSettings>& o) {
  o.field("mode", &HoneyRowsSettings::mode, {.help = kModeHelp, .example = "monitor"});
  o.field("rows", &HoneyRowsSettings::rows, {.help = "The rows, each by its table and a key."});
  o.field("exempt_roles", &HoneyRowsSettings::exempt_roles,
          {.help = "Roles that read everything, such as one for backups.", .example = "[backup]"});
  o.check(
      [](const HoneyRowsSettings& s) -> std::string { return s.rows.size() > HoneyRowsSettings::kMaxRows ? "at most 64 honey rows" : ""; });
}

}  // namespace bulwark::database
