// The models that were in force before, kept with the files themselves, so that one of them can be put back in seconds, and stays so over
// a restart. Encrypted SQLite (docs/formats/chat-state.md). Thread-safe; used when models change, never for a request.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "chat/drift/histogram.h"
#include "chat/models/model_set.h"
#include "storage/database.h"

namespace bulwark::chat::models {

class Shelf {
 public:
  static constexpr std::int64_t kKept = 5;  ///< sets; older ones are forgotten

  /// Errors: of storage.
  static Result<std::shared_ptr<Shelf>> open(const storage::OpenOptions& file);

  struct Entry {
    std::int64_t id = 0;
    WallTime since = 0;
    std::string injection_name;
    std::string tagger_name;
    crypto::Digest injection{};
    crypto::Digest tagger{};
    std::string trial;
    bool withdrawn = false;  ///< somebody put an earlier one in its place
  };
  /// Somebody's word that, as long as the configuration names what it named then, `entry` is in force instead.
  struct Hold {
    std::int64_t entry = 0;
    WallTime since = 0;
    std::string by;
  };

  Result<std::vector<Entry>> entries();  ///< the newest first: what the configuration named last
  Result<std::optional<Hold>> hold();
  Result<Files> files(std::int64_t entry);

  /// These came in force as the configuration names them. Ends a hold, unless they are what it was about.
  Result<void> enter(const Files& files, const ModelSet& set, WallTime now);
  /// `earlier` instead of what was in force, `current`.
  Result<void> put_back(std::int64_t earlier, std::int64_t current, std::string_view by, WallTime now);
  /// What the configuration names is in force again.
  Result<void> end_hold();

  /// How the scores of a model usually lie; none: not known yet.
  Result<std::optional<drift::Histogram>> reference(const crypto::Digest& injection, std::string_view channel);
  Result<void> save_reference(const crypto::Digest& injection, std::string_view channel, const drift::Histogram& scores);
  Result<void> forget_references(const crypto::Digest& injection);

 private:
  explicit Shelf(storage::Database database) : database_(std::move(database)) {}
  Result<void> keep(const File& file);
  Result<File> load(const crypto::Digest& digest);

  std::mutex mutex_;
  storage::Database database_;
};

}  // namespace bulwark::chat::models
