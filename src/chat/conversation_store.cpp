// One writer thread puts what waits into one transaction. Keys are read for every batch and cached nowhere, so that a person erased by
// another process stays erased; who then speaks again is a new person with a new key.
#include "chat/conversation_store.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "base/log.h"
#include "base/utf8.h"
#include "crypto/seal.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::chat {

namespace {

constexpr std::chrono::seconds kWriteEvery{1};
constexpr std::chrono::minutes kForgetEvery{1};

constexpr std::array<const char*, 1> kSchema = {
    "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, tenant TEXT NOT NULL, key BLOB NOT NULL,"
    " UNIQUE (name, tenant)) STRICT;"
    "CREATE TABLE record (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, person INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;"
    "CREATE INDEX record_by_person ON record (person, time);"
    "CREATE INDEX record_by_time ON record (time)",
};

storage::Blob blob(std::string_view bytes) { return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}; }
std::string_view view(storage::Blob bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Result<storage::Database> open_database(const storage::OpenOptions& file) {
  auto database = TRY(storage::Database::open(file));
  TRY(database.run("PRAGMA secure_delete = ON"));  // a key that is erased leaves no copy in a free page
  TRY(database.migrate(kSchema));
  return database;
}

/// What a sealed record belongs to: it opens nowhere else.
std::string about(WallTime time, std::int64_t person) { return fmt::format("{} {}", time, person); }

crypto::Key key_of(storage::Blob bytes) {
  crypto::Key key;
  if (bytes.size() == key.bytes.size()) std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  return key;
}

struct Person {
  std::int64_t id = 0;
  crypto::Key key;
};

Result<Person> person_of(storage::Database& database, const Record& record) {
  auto find = TRY(database.prepare("SELECT id, key FROM person WHERE name = ?1 AND tenant = ?2"));
  TRY(find.query(record.person, record.tenant));
  if (TRY(find.step())) return Person{find.integer(0), key_of(find.blob(1))};
  find.reset();
  const crypto::Key key = crypto::random_key();
  auto insert = TRY(database.prepare("INSERT INTO person (name, tenant, key) VALUES (?1, ?2, ?3)"));
  TRY(insert.execute(record.person, record.tenant, storage::Blob(key.bytes)));
  return Person{database.last_insert_id(), key};
}

void shorten(std::string& text) {
  if (text.size() <= ConversationStore::kMaxText) return;
  std::size_t size = ConversationStore::kMaxText;
  while (size > 0 && (text[size] & 0xC0) == 0x80) --size;
  text.resize(size);
  text.shrink_to_fit();
}

std::size_t size_of(const Record& record) {
  return sizeof record + record.person.size() + record.tenant.size() + record.route.size() + record.model.size() + record.request.size() +
         record.sent.size() + record.answer.size() + record.refused.size();
}

std::string to_json(const Record& record) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().field("time", to_rfc3339(record.time)).field("route", record.route).field("model", record.model);
  writer.field("request", record.request).field("sent", record.sent).field("answer", record.answer);
  writer.field("refused", record.refused).end_object();
  return out;
}

}  // namespace

void describe(config::Object<ConversationSettings>& object) {
  object
      .field("keep", &ConversationSettings::keep,
             {.help = "Keep what is said on chat routes, encrypted; for `bulwark chat export` and `bulwark chat erase`.",
              .example = "true",
              .needs_restart = true})
      .field("retention", &ConversationSettings::retention,
             {.help = "Older turns are deleted.", .example = "30d", .min = 60'000, .needs_restart = true})
      .field("max_records", &ConversationSettings::max_records,
             {.help = "Past that the oldest turns are deleted.",
              .example = "1000000",
              .min = 100,
              .max = 1'000'000'000,
              .needs_restart = true});
}

ConversationStore::ConversationStore(storage::Database database, const ConversationSettings& settings, Tell tell, const Clock& clock)
    : settings_(settings), tell_(std::move(tell)), clock_(clock), database_(std::move(database)) {}

Result<std::unique_ptr<ConversationStore>> ConversationStore::open(const storage::OpenOptions& file, const ConversationSettings& settings,
                                                                   Tell tell, const Clock& clock) {
  std::unique_ptr<ConversationStore> store(new ConversationStore(TRY(open_database(file)), settings, std::move(tell), clock));
  TRY(store->forget_old());
  store->writer_ = std::thread([made = store.get()] { made->run(); });
  return store;
}

ConversationStore::~ConversationStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (writer_.joinable()) writer_.join();
}

bool ConversationStore::add(Record record) {
  for (std::string* text : {&record.request, &record.sent, &record.answer}) shorten(*text);
  const std::size_t bytes = size_of(record);
  const std::lock_guard lock(mutex_);
  if (waiting_bytes_ + bytes > kMaxWaiting) return false;
  waiting_bytes_ += bytes;
  waiting_.push_back(std::move(record));
  return true;
}

void ConversationStore::run() {
  MonoTime forget_at = clock_.mono() + kForgetEvery;
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    changed_.wait_for(lock, kWriteEvery, [this] { return stopping_; });
    last = stopping_;
    lock.unlock();
    tell_of(flush());
    if (clock_.mono() >= forget_at) {
      forget_at = clock_.mono() + kForgetEvery;
      if (const auto done = forget_old(); !done.ok()) log::error("old conversations could not be deleted: {}", to_string(done.error()));
    }
    lock.lock();
  }
}

/// Once when it begins to fail and once when it is over; at the end, what is lost for good.
void ConversationStore::tell_of(const Result<void>& written) {
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting = waiting_.size();
    if (!written.ok() && stopping_ && tell_)
      tell_({events::Severity::high,
             "chat.conversations.lost",
             fmt::format("{} turns were not kept: {}", waiting, to_string(written.error())),
             {}});
  }
  if (written.ok() != failing_) return;
  failing_ = !failing_;
  if (!tell_) return;
  if (failing_)
    tell_({events::Severity::high,
           "chat.conversations.not_written",
           fmt::format("{} turns wait to be written, and are tried again each second: {}", waiting, to_string(written.error())),
           {}});
  else
    tell_({events::Severity::informational, "chat.conversations.written", "the turns that waited are written", {}});
}

Result<void> ConversationStore::flush() {
  const std::lock_guard writing(database_mutex_);
  std::deque<Record> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(waiting_);
  }
  const auto written = batch.empty() ? Result<void>() : write(batch);
  const std::lock_guard lock(mutex_);
  if (!written.ok())
    waiting_.insert(waiting_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
  else
    for (const Record& record : batch) waiting_bytes_ -= size_of(record);
  return written;
}

Result<void> ConversationStore::write(const std::deque<Record>& batch) {
  auto transaction = TRY(storage::Transaction::begin(database_));
  auto insert = TRY(database_.prepare("INSERT INTO record (time, person, sealed) VALUES (?1, ?2, ?3)"));
  for (const Record& record : batch) {
    const Person person = TRY(person_of(database_, record));
    const std::string sealed = crypto::seal(person.key, to_json(record), about(record.time, person.id));
    TRY(insert.execute(record.time, person.id, blob(sealed)));
  }
  return transaction.commit();
}

/// By age and by number; persons of whom nothing is left go with their last record.
Result<void> ConversationStore::forget_old() {
  const std::lock_guard writing(database_mutex_);
  auto transaction = TRY(storage::Transaction::begin(database_));
  auto old = TRY(database_.prepare("DELETE FROM record WHERE time < ?1"));
  TRY(old.execute(clock_.wall() - Duration(settings_.retention).count()));
  auto many = TRY(database_.prepare("DELETE FROM record WHERE id <= (SELECT max(id) FROM record) - ?1"));
  TRY(many.execute(settings_.max_records));
  TRY(database_.run("DELETE FROM person WHERE NOT EXISTS (SELECT 1 FROM record WHERE record.person = person.id)"));
  return transaction.commit();
}

Result<ConversationStore::Counts> ConversationStore::counts() {
  const std::lock_guard reading(database_mutex_);
  return Counts{TRY(database_.integer("SELECT count(*) FROM record")), TRY(database_.integer("SELECT count(*) FROM person"))};
}

Result<std::string> ConversationStore::latest(std::string_view person, std::size_t most) {
  const std::lock_guard reading(database_mutex_);
  auto rows =
      TRY(database_.prepare("SELECT record.time, record.person, record.sealed, person.key, person.name, person.tenant FROM record JOIN"
                            " person ON person.id = record.person WHERE ?1 = '' OR person.name = ?1 ORDER BY record.id DESC LIMIT ?2"));
  TRY(rows.query(person, static_cast<std::uint64_t>(most)));
  std::string list;
  json::Writer writer(list);
  writer.begin_array();
  while (list.size() < kMaxListed && TRY(rows.step())) {
    const std::string sealed_about = about(rows.integer(0), rows.integer(1));
    const std::string turn = TRY(crypto::unseal(key_of(rows.blob(3)), view(rows.blob(2)), sealed_about));
    writer.begin_object().field("person", rows.text(4)).field("tenant", rows.text(5)).key("turn").raw(turn).end_object();
  }
  writer.end_array();
  return list;
}

Result<void> ConversationStore::export_person(const storage::OpenOptions& file, std::string_view person,
                                              const std::function<void(std::string_view line)>& write) {
  auto database = TRY(open_database(file));
  auto rows =
      TRY(database.prepare("SELECT record.time, record.person, record.sealed, person.key FROM record JOIN person ON"
                           " person.id = record.person WHERE person.name = ?1 ORDER BY record.time, record.id"));
  TRY(rows.query(person));
  while (TRY(rows.step())) {
    const std::string sealed_about = about(rows.integer(0), rows.integer(1));
    write(TRY(crypto::unseal(key_of(rows.blob(3)), view(rows.blob(2)), sealed_about)));
  }
  return {};
}

Result<std::int64_t> ConversationStore::erase_person(const storage::OpenOptions& file, std::string_view person) {
  auto database = TRY(open_database(file));
  std::int64_t records = 0;
  {
    auto transaction = TRY(storage::Transaction::begin(database));
    auto count = TRY(database.prepare("SELECT count(*) FROM record JOIN person ON person.id = record.person WHERE person.name = ?1"));
    TRY(count.query(person));
    if (TRY(count.step())) records = count.integer(0);
    count.reset();
    auto erase = TRY(database.prepare("DELETE FROM person WHERE name = ?1"));
    TRY(erase.execute(person));
    if (database.changed_rows() == 0) return client_error(Code::not_found, "nothing is kept of this person");
    TRY(transaction.commit());
  }
  // The log still holds the page as it was: copy it into the file and cut it off, once no reader is in the way.
  if (TRY(database.integer("PRAGMA wal_checkpoint(TRUNCATE)")) != 0)
    return internal_error(Code::conflict,
                          "the person is erased, but another process reads the file's log, which still holds the key; say it again");
  return records;
}

}  // namespace bulwark::chat
