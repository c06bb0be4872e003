// Files by digest, sets of two in the order in which they came in force, and at most one hold.
#include "chat/models/shelf.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace bulwark::chat::models {

namespace {

constexpr std::array<const char*, 1> kSchema = {
    "CREATE TABLE file (digest BLOB PRIMARY KEY, built_in INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, since INTEGER NOT NULL, injection BLOB NOT NULL, tagger BLOB NOT NULL,"
    " injection_name TEXT NOT NULL, tagger_name TEXT NOT NULL, trial TEXT NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE hold (one INTEGER PRIMARY KEY CHECK (one = 1), entry INTEGER NOT NULL, since INTEGER NOT NULL, who TEXT NOT NULL) STRICT;"
    "CREATE TABLE reference (injection BLOB NOT NULL, channel TEXT NOT NULL, scores BLOB NOT NULL, PRIMARY KEY (injection, channel)) STRICT",
};

storage::Blob blob(std::string_view bytes) { return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}; }
storage::Blob blob(const crypto::Digest& digest) { return {digest.data(), digest.size()}; }

crypto::Digest digest_of(storage::Blob bytes) {
  crypto::Digest digest{};
  if (bytes.size() == digest.size()) std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

}  // namespace

Result<std::shared_ptr<Shelf>> Shelf::open(const storage::OpenOptions& file) {
  auto database = TRY(storage::Database::open(file));
  TRY(database.migrate(kSchema));
  return std::shared_ptr<Shelf>(new Shelf(std::move(database)));
}

Result<std::vector<Shelf::Entry>> Shelf::entries() {
  const std::lock_guard lock(mutex_);
  auto rows = TRY(
      database_.prepare("SELECT id, since, injection_name, tagger_name, injection, tagger, trial, withdrawn FROM entry ORDER BY id DESC"));
  TRY(rows.query());
  std::vector<Entry> all;
  while (TRY(rows.step()))
    all.push_back({rows.integer(0), rows.integer(1), std::string(rows.text(2)), std::string(rows.text(3)), digest_of(rows.blob(4)),
                   digest_of(rows.blob(5)), std::string(rows.text(6)), rows.integer(7) != 0});
  return all;
}

Result<std::optional<Shelf::Hold>> Shelf::hold() {
  const std::lock_guard lock(mutex_);
  auto row = TRY(database_.prepare("SELECT entry, since, who FROM hold"));
  TRY(row.query());
  if (!TRY(row.step())) return std::optional<Hold>();
  return std::optional<Hold>(Hold{row.integer(0), row.integer(1), std::string(row.text(2))});
}

Result<File> Shelf::load(const crypto::Digest& digest) {
  auto row = TRY(database_.prepare("SELECT bytes, built_in FROM file WHERE digest = ?1"));
  TRY(row.query(blob(digest)));
  if (!TRY(row.step())) return internal_error(Code::not_found, "a model file that was kept is gone from " + database_.path());
  const storage::Blob bytes = row.blob(0);
  return make_file(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), row.integer(1) != 0);
}

Result<Files> Shelf::files(std::int64_t entry) {
  const std::lock_guard lock(mutex_);
  auto row = TRY(database_.prepare("SELECT injection, tagger FROM entry WHERE id = ?1"));
  TRY(row.query(entry));
  if (!TRY(row.step())) return internal_error(Code::not_found, "there is no such entry of earlier models");
  const crypto::Digest injection = digest_of(row.blob(0));
  const crypto::Digest tagger = digest_of(row.blob(1));
  return Files{TRY(load(injection)), TRY(load(tagger))};
}

Result<void> Shelf::keep(const File& file) {
  auto insert = TRY(database_.prepare("INSERT OR IGNORE INTO file (digest, built_in, bytes) VALUES (?1, ?2, ?3)"));
  return insert.execute(blob(file.digest), file.built_in ? 1 : 0, blob(file.bytes));
}

Result<void> Shelf::enter(const Files& files, const ModelSet& set, WallTime now) {
  const auto all = TRY(entries());
  if (!all.empty() && files.same_as(all.front().injection, all.front().tagger)) return {};
  const std::lock_guard lock(mutex_);
  auto transaction = TRY(storage::Transaction::begin(database_));
  TRY(keep(files.injection));
  TRY(keep(files.tagger));
  auto again = TRY(database_.prepare("DELETE FROM entry WHERE injection = ?1 AND tagger = ?2"));
  TRY(again.execute(blob(files.injection.digest), blob(files.tagger.digest)));
  auto insert = TRY(database_.prepare(
      "INSERT INTO entry (since, injection, tagger, injection_name, tagger_name, trial) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  TRY(insert.execute(now, blob(files.injection.digest), blob(files.tagger.digest), set.detector->models().name, set.tagger->name,
                     set.trial));
  TRY(database_.run("DELETE FROM hold"));
  auto old = TRY(database_.prepare("DELETE FROM entry WHERE id NOT IN (SELECT id FROM entry ORDER BY id DESC LIMIT ?1)"));
  TRY(old.execute(kKept));
  TRY(
      database_.run("DELETE FROM file WHERE digest NOT IN (SELECT injection FROM entry UNION SELECT tagger FROM entry);"
                    "DELETE FROM reference WHERE injection NOT IN (SELECT injection FROM entry)"));
  return transaction.commit();
}

Result<void> Shelf::put_back(std::int64_t earlier, std::int64_t current, std::string_view by, WallTime now) {
  const std::lock_guard lock(mutex_);
  auto transaction = TRY(storage::Transaction::begin(database_));
  auto withdraw = TRY(database_.prepare("UPDATE entry SET withdrawn = 1 WHERE id = ?1"));
  TRY(withdraw.execute(current));
  auto put = TRY(database_.prepare("INSERT OR REPLACE INTO hold (one, entry, since, who) VALUES (1, ?1, ?2, ?3)"));
  TRY(put.execute(earlier, now, by));
  return transaction.commit();
}

Result<void> Shelf::end_hold() {
  const std::lock_guard lock(mutex_);
  auto transaction = TRY(storage::Transaction::begin(database_));
  TRY(database_.run("UPDATE entry SET withdrawn = 0 WHERE id > (SELECT entry FROM hold); DELETE FROM hold"));
  return transaction.commit();
}

Result<std::optional<drift::Histogram>> Shelf::reference(const crypto::Digest& injection, std::string_view channel) {
  const std::lock_guard lock(mutex_);
  auto row = TRY(database_.prepare("SELECT scores FROM reference WHERE injection = ?1 AND channel = ?2"));
  TRY(row.query(blob(injection), channel));
  drift::Histogram scores{};
  if (!TRY(row.step()) || row.blob(0).size() != sizeof scores) return std::optional<drift::Histogram>();
  std::memcpy(scores.data(), row.blob(0).data(), sizeof scores);
  return std::optional<drift::Histogram>(scores);
}

Result<void> Shelf::save_reference(const crypto::Digest& injection, std::string_view channel, const drift::Histogram& scores) {
  const std::lock_guard lock(mutex_);
  auto insert = TRY(database_.prepare("INSERT OR REPLACE INTO reference (injection, channel, scores) VALUES (?1, ?2, ?3)"));
  return insert.execute(blob(injection), channel, storage::Blob(reinterpret_cast<const std::uint8_t*>(scores.data()), sizeof scores));
}

Result<void> Shelf::forget_references(const crypto::Digest& injection) {
  const std::lock_guard lock(mutex_);
  auto forget = TRY(database_.prepare("DELETE FROM reference WHERE injection = ?1"));
  return forget.execute(blob(injection));
}

}  // namespace bulwark::chat::models
