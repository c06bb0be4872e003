// A line a key; what is secret in it is sealed, what it is for is what it is sealed to.
#include "database/protection/column_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "crypto/aead.h"
#include "crypto/mac.h"
#include "crypto/seal.h"
#include "crypto/token.h"

namespace bulwark::database {
namespace {

constexpr std::string_view kHeader = "# bulwark column keys 1";

std::string_view bytes_of(const crypto::Key& key) { return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()}; }

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const auto end = std::min(line.find('\t', begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

std::string line_of(const crypto::Key& wrapping, const std::string& about, const crypto::Key& key) {
  return about + "\t" + crypto::base64url(crypto::gcm_seal(wrapping, about, bytes_of(key))) + "\n";
}

std::int64_t stamp_of(const std::string& file) {
  struct stat about {};
  if (stat(file.c_str(), &about) != 0) return 0;
  return static_cast<std::int64_t>(about.st_mtim.tv_sec) * 1'000'000'000 + about.st_mtim.tv_nsec +
         static_cast<std::int64_t>(about.st_ino) * 7;
}

}  // namespace

/// "data TAB column TAB id TAB created TAB sealed" and "index TAB column TAB sealed"; a key is sealed to all of its line before it.
Result<ColumnKeySet> ColumnKeySet::parse(std::string_view text, const crypto::Key& wrapping, const std::string& name) {
  ColumnKeySet made;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    ++number;
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty() || line[0] == '#') continue;
    const std::string where = name + ":" + std::to_string(number) + ": ";
    const auto fields = fields_of(line);
    const bool data = fields.size() == 5 && fields[0] == "data";
    if (!data && !(fields.size() == 3 && fields[0] == "index")) return config_error(where + "is no key");
    if (made.keys_.size() >= kMaxKeys) return config_error(where + "too many keys");
    const auto sealed = crypto::base64url_decode(fields.back());
    if (!sealed.ok()) return config_error(where + "the key is no base64url");
    const auto raw = crypto::gcm_open(wrapping, line.substr(0, line.rfind('\t')), *sealed);
    if (!raw.ok() || raw->size() != crypto::Key::kBytes)
      return internal_error(Code::corrupt, where + "the key does not open: the line was changed, or the master key is another one");
    crypto::Key key;
    std::copy(raw->begin(), raw->end(), key.bytes.begin());
    if (!data) {
      made.index_keys_.emplace(std::string(fields[1]), key);
      continue;
    }
    std::uint32_t id = 0;
    const auto [last, error] = std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), id);
    if (error != std::errc{} || last != fields[2].data() + fields[2].size() || made.find(id) != nullptr)
      return config_error(where + "the key's number is none, or is there twice");
    made.keys_.push_back({id, std::string(fields[1]), std::string(fields[3]), key});
  }
  return made;
}

std::string ColumnKeySet::write(const crypto::Key& wrapping) const {
  std::string out = fmt::format("{}\n", kHeader);
  for (const auto& [column, key] : index_keys_) out += line_of(wrapping, "index\t" + column, key);
  for (const auto& each : keys_) out += line_of(wrapping, fmt::format("data\t{}\t{}\t{}", each.column, each.id, each.created), each.key);
  return out;
}

const ColumnKeySet::DataKey* ColumnKeySet::active(std::string_view column) const {
  const auto found = std::find_if(keys_.rbegin(), keys_.rend(), [&](const DataKey& each) { return each.column == column; });
  return found == keys_.rend() ? nullptr : &*found;
}

const ColumnKeySet::DataKey* ColumnKeySet::find(std::uint32_t id) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const DataKey& each) { return each.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

const crypto::Key* ColumnKeySet::index_key(std::string_view column) const {
  const auto found = index_keys_.find(column);
  return found == index_keys_.end() ? nullptr : &found->second;
}

void ColumnKeySet::add(std::string_view column, std::string created) {
  if (index_key(column) == nullptr) index_keys_.emplace(std::string(column), crypto::random_key());
  std::uint32_t id = 1;
  for (const auto& each : keys_) id = std::max(id, each.id + 1);
  keys_.push_back({id, std::string(column), std::move(created), crypto::random_key()});
}

Result<std::shared_ptr<ColumnKeys>> ColumnKeys::open(std::string file, const crypto::Key& secret, const std::vector<std::string>& columns) {
  crypto::Key wrapping;
  wrapping.bytes = crypto::hmac_sha256(secret, "column keys");
  std::shared_ptr<ColumnKeys> keys(new ColumnKeys(std::move(file), wrapping));
  if (std::filesystem::exists(keys->file_)) TRY(keys->load());
  ColumnKeySet now = keys->keys_ == nullptr ? ColumnKeySet() : *keys->keys_;
  bool added = false;
  for (const auto& column : columns) {
    if (now.active(column) != nullptr) continue;
    now.add(column, to_rfc3339(system_clock().wall()));
    added = true;
  }
  if (added || keys->keys_ == nullptr) TRY(keys->save(now));
  return keys;
}

Result<void> ColumnKeys::load() const {
  struct stat about {};
  if (stat(file_.c_str(), &about) != 0) return errno_error("opening the column keys " + file_);
  if ((about.st_mode & 077) != 0)
    return internal_error(Code::denied, "the column keys " + file_ + " may be read by others; set its mode to 0600");
  if (static_cast<std::size_t>(about.st_size) > ColumnKeySet::kMaxFileBytes) return config_error(file_ + ": too large");
  const std::int64_t stamp = stamp_of(file_);
  std::ifstream input(file_, std::ios::binary);
  std::ostringstream text;
  text << input.rdbuf();
  if (!input) return errno_error("reading the column keys " + file_);
  keys_ = std::make_shared<const ColumnKeySet>(TRY(ColumnKeySet::parse(text.str(), wrapping_, file_)));
  stamp_ = stamp;
  return {};
}

/// On disk before any value is sealed with it: a key that is lost takes its values with it.
Result<void> ColumnKeys::save(const ColumnKeySet& keys) {
  const std::string text = keys.write(wrapping_);
  const std::string fresh = file_ + ".new";
  unlink(fresh.c_str());
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return errno_error("creating the column keys " + fresh);
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(descriptor) == 0;
  ::close(descriptor);
  if (!written || rename(fresh.c_str(), file_.c_str()) != 0) return errno_error("writing the column keys " + file_);
  const auto parent = std::filesystem::path(file_).parent_path();
  if (const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
    (void)fsync(folder);
    ::close(folder);
  }
  keys_ = std::make_shared<const ColumnKeySet>(keys);
  stamp_ = stamp_of(file_);
  return {};
}

std::shared_ptr<const ColumnKeySet> ColumnKeys::current() const {
  const std::lock_guard lock(mutex_);
  if (system_clock().mono() - looked_ >= kLookEvery) look();
  return keys_;
}

std::shared_ptr<const ColumnKeySet> ColumnKeys::latest() const {
  const std::lock_guard lock(mutex_);
  look();
  return keys_;
}

/// A file that cannot be read leaves the keys as they are; whatever needs a new one is refused.
void ColumnKeys::look() const {
  looked_ = system_clock().mono();
  if (stamp_of(file_) != stamp_) (void)load();
}

Result<std::uint32_t> ColumnKeys::rotate(std::string_view column) {
  const std::lock_guard lock(mutex_);
  ColumnKeySet now = *keys_;
  now.add(column, to_rfc3339(system_clock().wall()));
  TRY(save(now));
  return now.active(column)->id;
}

}  // namespace bulwark::database
