// The settings of the guards that look at results: how many rows, how many more than usual, and which rows nobody should read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"
#include "database/guard_mode.h"

namespace bulwark::database {

struct RowLimit {
  std::string role;   ///< empty: every role
  std::string table;  ///< "orders", "sales.orders", "sales.*" or "*"
  std::vector<Verb> verbs = {Verb::select, Verb::insert, Verb::update, Verb::delete_rows};
  std::uint64_t rows = 0;
};
void describe(config::Object<RowLimit>& o);

struct MaxRowsSettings {
  GuardMode mode = GuardMode::off;
  std::vector<RowLimit> limits;
};
void describe(config::Object<MaxRowsSettings>& o);

struct BulkReadSettings {
  GuardMode mode = GuardMode::off;
  std::string file;                ///< what was learned outlives the process there; empty: it does not
  std::uint64_t min_rows = 1'000;  ///< fewer are never too many
  std::uint32_t factor = 10;       ///< so many times the largest usual result is still usual
  std::uint32_t learn_from = 20;   ///< results of one kind before any is judged
  std::vector<std::string> exempt_roles;
};
void describe(config::Object<BulkReadSettings>& o);

struct HoneyRow {
  std::string table;
  std::string value;  ///< of a key of that row
};
void describe(config::Object<HoneyRow>& o);

struct HoneyRowsSettings {
  static constexpr std::size_t kMaxRows = 64;
  static constexpr std::size_t kMinValue = 4;
  static constexpr std::size_t kMaxValue = 256;

  GuardMode mode = GuardMode::off;
  std::vector<HoneyRow> rows;
  std::vector<std::string> exempt_roles;
};
void describe(config::Object<HoneyRowsSettings>& o);

}  // namespace bulwark::database
