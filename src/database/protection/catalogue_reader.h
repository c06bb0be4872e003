// Keeps the catalogues of the protected databases fresh: read whole at the start, again at intervals, and at once after a definition
// has passed the gateway. A thread of its own, since libpq blocks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "database/protection/catalogue.h"

namespace bulwark::database {

/// Where catalogues come from. Thread-safe.
class CatalogueProvider {
 public:
  virtual ~CatalogueProvider() = default;
  /// nullptr: that database is not read.
  virtual std::shared_ptr<const Catalogue> current(std::string_view database) const = 0;
  /// Something was defined: have it read soon.
  virtual void refresh() = 0;
  /// No more reading; what was read stays.
  virtual void stop() {}
};

class CatalogueReader final : public CatalogueProvider {
 public:
  struct Plan {
    CatalogueSource source;              ///< without a database
    std::vector<std::string> databases;  ///< empty: the URL's
    std::chrono::milliseconds interval{5'000};
    std::vector<ColumnPath> rules;
    std::vector<std::string> rule_names;  ///< for messages
  };

  /// Reads each database once before it returns. Errors: of fetch_catalogue().
  static Result<std::shared_ptr<CatalogueReader>> start(Plan plan);
  ~CatalogueReader() override { CatalogueReader::stop(); }

  std::shared_ptr<const Catalogue> current(std::string_view database) const override;
  void refresh() override;
  void stop() override;

 private:
  explicit CatalogueReader(Plan plan);
  Result<void> read(const std::string& database);
  Result<void> read_all();
  void run();

  Plan plan_;
  std::set<std::string> tables_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::map<std::string, std::shared_ptr<const Catalogue>, std::less<>> read_;
  std::thread thread_;
};

}  // namespace bulwark::database
