// The control table's journal.
#include "soc/control_journal.h"

#include <algorithm>

namespace bulwark::soc {
namespace {

constexpr const char* kMigrations[] = {R"sql(
CREATE TABLE entries(
  id BLOB PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, value TEXT NOT NULL, created INTEGER NOT NULL,
  expires INTEGER NOT NULL, reason TEXT NOT NULL, created_by TEXT NOT NULL, incident TEXT NOT NULL) WITHOUT ROWID;
)sql"};

class SqliteJournal final : public control::Journal {
 public:
  SqliteJournal(storage::Database database, storage::Statement save, storage::Statement remove)
      : database_(std::move(database)), save_(std::move(save)), remove_(std::move(remove)) {}

  Result<void> save(const control::Entry& entry) override {
    return save_.execute(storage::Blob(entry.id.bytes), control::to_string(entry.kind), control::to_string(entry.subject), entry.value,
                         entry.created, entry.expires, entry.reason, entry.created_by, entry.incident);
  }

  Result<void> remove(const control::EntryId& id) override { return remove_.execute(storage::Blob(id.bytes)); }

  Result<std::vector<control::Entry>> load() override {
    auto rows = TRY(database_.prepare("SELECT id, kind, subject, value, created, expires, reason, created_by, incident FROM entries"));
    std::vector<control::Entry> entries;
    while (TRY(rows.step())) {
      const auto kind = control::kind_from(rows.text(1));
      const auto subject = control::subject_from(rows.text(2));
      if (!kind || !subject || rows.blob(0).size() != sizeof(control::EntryId::bytes))
        return internal_error(Code::corrupt, database_.path() + " holds an entry of an unknown kind");
      control::Entry entry;
      std::copy_n(rows.blob(0).begin(), entry.id.bytes.size(), entry.id.bytes.begin());
      entry.kind = *kind;
      entry.subject = *subject;
      entry.value = rows.text(3);
      entry.created = rows.integer(4);
      entry.expires = rows.integer(5);
      entry.reason = rows.text(6);
      entry.created_by = rows.text(7);
      entry.incident = rows.text(8);
      entries.push_back(std::move(entry));
    }
    return entries;
  }

 private:
  storage::Database database_;
  storage::Statement save_;
  storage::Statement remove_;
};

}  // namespace

Result<std::unique_ptr<control::Journal>> open_control_journal(const storage::OpenOptions& options) {
  auto database = TRY(storage::Database::open(options));
  TRY(database.migrate(kMigrations));
  auto save =
      TRY(database.prepare("INSERT OR REPLACE INTO entries(id, kind, subject, value, created, expires, reason, created_by, incident) "
                           "VALUES(?,?,?,?,?,?,?,?,?)"));
  auto remove = TRY(database.prepare("DELETE FROM entries WHERE id = ?"));
  return std::unique_ptr<control::Journal>(new SqliteJournal(std::move(database), std::move(save), std::move(remove)));
}

}  // namespace bulwark::soc
