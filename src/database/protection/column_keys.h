// The keys of encrypted columns: random data keys and one index key for each column, wrapped under a key that is derived from the master
// key, in a file that is read again when it changes. docs/formats/column-keys.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/master_key.h"

namespace bulwark::database {

/// All keys, unwrapped. Immutable.
class ColumnKeySet {
 public:
  static constexpr std::size_t kMaxKeys = 10'000;
  static constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;

  struct DataKey {
    std::uint32_t id = 0;
    std::string column;
    std::string created;  ///< RFC 3339
    crypto::Key key;
  };

  /// Errors: config, with the line, for what is no key file; corrupt for a key that does not open under `wrapping`.
  static Result<ColumnKeySet> parse(std::string_view text, const crypto::Key& wrapping, const std::string& name);
  std::string write(const crypto::Key& wrapping) const;

  /// The last one made for the column.
  const DataKey* active(std::string_view column) const;
  const DataKey* find(std::uint32_t id) const;
  const crypto::Key* index_key(std::string_view column) const;
  const std::vector<DataKey>& all() const { return keys_; }

  /// A new data key for the column, active from now on; its index key too if it has none yet.
  void add(std::string_view column, std::string created);

 private:
  std::vector<DataKey> keys_;  ///< in the order in which they were made
  std::map<std::string, crypto::Key, std::less<>> index_keys_;
};

/// The file, followed. Thread-safe.
class ColumnKeys {
 public:
  static constexpr Duration kLookEvery = std::chrono::milliseconds(200);

  /// Makes file and keys for columns that have none.
  static Result<std::shared_ptr<ColumnKeys>> open(std::string file, const crypto::Key& secret, const std::vector<std::string>& columns);

  /// As they are now; looks at the file again if that was longer than kLookEvery ago.
  std::shared_ptr<const ColumnKeySet> current() const;
  /// Looks at the file at once: for a value under a key that was made a moment ago.
  std::shared_ptr<const ColumnKeySet> latest() const;
  /// Makes a new data key for the column and writes the file whole. Errors: io.
  Result<std::uint32_t> rotate(std::string_view column);

 private:
  ColumnKeys(std::string file, const crypto::Key& wrapping) : file_(std::move(file)), wrapping_(wrapping) {}
  Result<void> load() const;
  void look() const;
  Result<void> save(const ColumnKeySet& keys);

  std::string file_;
  crypto::Key wrapping_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const ColumnKeySet> keys_;
  mutable MonoTime looked_{};
  mutable std::int64_t stamp_ = 0;  ///< of the file as it was read
};

}  // namespace bulwark::database
