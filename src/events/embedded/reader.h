// Answers queries from one read-only connection, by merging rows and batches, newest first.
#pragma once

#include <memory>

#include "events/embedded/batch.h"
#include "events/embedded/keys.h"
#include "events/embedded/payloads.h"
#include "events/store.h"
#include "storage/database.h"

namespace bulwark::events::embedded {

class Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const storage::OpenOptions& options, const Dictionaries& dictionaries);

  Result<Page> search(const Query& query);
  Result<std::vector<MinuteCount>> minutes(WallTime from, WallTime to, std::string_view rule);
  Result<std::uint64_t> count();

 private:
  Reader(storage::Database database, const Dictionaries& dictionaries);
  class Rows;
  class Batches;
  Result<bool> narrow_to_times(const Query& query, EventId& low, EventId& high);

  storage::Database database_;
  Unpacker unpacker_;
};

/// Whether an event is what the query asks for; every filter but the paging.
class Matcher {
 public:
  explicit Matcher(const Query& query);
  /// By what a row's small columns tell, before it is decompressed.
  bool kind_fits(const Event& event) const;
  bool fits(const Event& event) const;
  /// False: no ordinary event can match, so that batches need no look.
  bool wants_ordinary() const;

 private:
  bool text_fits(const Event& event) const;
  const Query& query_;
  std::string folded_;  ///< query.text in lower case
};

}  // namespace bulwark::events::embedded
