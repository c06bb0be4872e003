// A failed reading leaves the last one in force: what it does not know yet is refused, so that is the careful side.
#include "database/protection/catalogue_reader.h"

#include "base/log.h"

namespace bulwark::database {

CatalogueReader::CatalogueReader(Plan plan) : plan_(std::move(plan)) {
  for (const auto& rule : plan_.rules) tables_.insert(rule.table);
}

Result<std::shared_ptr<CatalogueReader>> CatalogueReader::start(Plan plan) {
  std::shared_ptr<CatalogueReader> reader(new CatalogueReader(std::move(plan)));
  TRY(reader->read_all());
  reader->thread_ = std::thread([raw = reader.get()] { raw->run(); });
  return reader;
}

std::shared_ptr<const Catalogue> CatalogueReader::current(std::string_view database) const {
  const std::lock_guard lock(mutex_);
  const auto found = read_.find(database);
  return found == read_.end() ? nullptr : found->second;
}

void CatalogueReader::refresh() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  wake_.notify_one();
}

void CatalogueReader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Result<void> CatalogueReader::read(const std::string& database) {
  CatalogueSource source = plan_.source;
  source.database = database;
  auto [name, rows] = TRY(fetch_catalogue(source, tables_));
  auto fresh = std::make_shared<const Catalogue>(std::move(rows), plan_.rules);
  const auto before = current(name);
  if (before == nullptr || before->unmatched() != fresh->unmatched())
    for (const std::size_t rule : fresh->unmatched())
      log::warn("database {}: no column is named {}: that rule protects nothing", name, plan_.rule_names[rule]);
  const std::lock_guard lock(mutex_);
  read_[name] = std::move(fresh);
  return {};
}

Result<void> CatalogueReader::read_all() {
  if (plan_.databases.empty()) return read("");
  for (const auto& each : plan_.databases) TRY(read(each));
  return {};
}

void CatalogueReader::run() {
  bool failing = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, plan_.interval, [this] { return wanted_ || stopping_; });
      if (stopping_) return;
      wanted_ = false;
    }
    const auto done = read_all();
    if (!done.ok() && !failing) log::warn("database: {}; the catalogue as last read stays in force", done.error().message);
    failing = !done.ok();
  }
}

}  // namespace bulwark::database
