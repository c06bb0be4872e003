// The embedded store: one writer behind a lock, a few readers to lend.
#include "events/embedded_store.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "events/embedded/reader.h"
#include "events/embedded/schema.h"
#include "events/embedded/writer.h"

namespace bulwark::events {
namespace {

using embedded::Reader;
using embedded::Writer;

constexpr std::size_t kIdleReaders = 4;
constexpr std::size_t kEraseRows = 2000;                        ///< a transaction: a few tens of milliseconds
constexpr auto kUpkeep = std::chrono::milliseconds(50);         ///< of each second
constexpr auto kUpkeepBehind = std::chrono::milliseconds(500);  ///< when the file is well past its limit
constexpr std::int64_t kWriterCacheKib = 48 * 1024;

class EmbeddedStore final : public Store {
 public:
  EmbeddedStore(EmbeddedStoreOptions options) : options_(std::move(options)) {}

  Result<void> open() {
    auto writing = connection();
    writing.cache_kib = kWriterCacheKib;
    writer_ = TRY(Writer::open(writing, dictionaries_));
    return {};
  }

  Result<void> append(std::span<const Event> batch, std::span<const SpoolPosition> positions) override {
    const std::lock_guard lock(writing_);
    return writer_->append(batch, positions);
  }

  Result<std::vector<SpoolPosition>> positions() override {
    const std::lock_guard lock(writing_);
    return writer_->positions();
  }

  Result<Page> search(const Query& query) override {
    return with_reader([&](Reader& reader) { return reader.search(query); });
  }
  Result<std::vector<MinuteCount>> minutes(WallTime from, WallTime to, std::string_view rule) override {
    return with_reader([&](Reader& reader) { return reader.minutes(from, to, rule); });
  }
  Result<std::uint64_t> count() override {
    return with_reader([](Reader& reader) { return reader.count(); });
  }

  Result<std::uint64_t> erase_before(WallTime time) override {
    std::uint64_t erased = 0;
    for (;;) {
      const std::lock_guard lock(writing_);  // let go between pieces, so that events get in
      const std::uint64_t some = TRY(writer_->erase_some(whole_minute(time), kEraseRows));
      if (some == 0) return erased;
      erased += some;
    }
  }

  Result<void> maintain(WallTime now) override {
    const std::lock_guard lock(writing_);
    const auto started = std::chrono::steady_clock::now();
    auto allowed = kUpkeep;
    WallTime limit = now - std::chrono::nanoseconds(options_.retention).count();
    if (const std::uint64_t used = TRY(writer_->bytes_used()); used > options_.max_bytes) {
      if (const auto oldest = TRY(writer_->oldest_minute())) limit = std::max(limit, *oldest + embedded::kMinute);
      if (used - options_.max_bytes > options_.max_bytes / 10) allowed = kUpkeepBehind;
    }
    while (TRY(writer_->erase_some(whole_minute(limit), kEraseRows)) != 0)
      if (std::chrono::steady_clock::now() - started > allowed) break;
    return {};
  }

 private:
  static WallTime whole_minute(WallTime time) { return embedded::minute_of(time) * embedded::kMinute; }

  storage::OpenOptions connection() const {
    storage::OpenOptions options;
    options.path = options_.path;
    options.key = options_.key;
    return options;
  }

  template <class Ask>
  auto with_reader(Ask&& ask) -> decltype(ask(std::declval<Reader&>())) {
    std::unique_ptr<Reader> reader;
    {
      const std::lock_guard lock(lending_);
      if (!readers_.empty()) {
        reader = std::move(readers_.back());
        readers_.pop_back();
      }
    }
    if (reader == nullptr) reader = TRY(Reader::open(connection(), dictionaries_));
    auto answer = ask(*reader);
    const std::lock_guard lock(lending_);
    if (answer.ok() && readers_.size() < kIdleReaders) readers_.push_back(std::move(reader));
    return answer;
  }

  EmbeddedStoreOptions options_;
  embedded::Dictionaries dictionaries_;
  std::mutex writing_;
  std::unique_ptr<Writer> writer_;
  std::mutex lending_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_embedded_store(const EmbeddedStoreOptions& options) {
  auto store = std::make_unique<EmbeddedStore>(options);
  TRY(store->open());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace bulwark::events
