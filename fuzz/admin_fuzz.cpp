// The admin socket's questions: whatever is asked, the answer is one line of valid JSON that says ok or why not.
#include <cstdlib>
#include <memory>

#include "soc/admin.h"
#include "wire/json/reader.h"

namespace {

using namespace bulwark;

/// Remembers nothing: the questions are what is tested.
class EmptyDesk final : public soc::Desk {
 public:
  Result<std::vector<soc::AlertRecord>> alerts(std::size_t, std::int64_t) override { return std::vector<soc::AlertRecord>(); }
  Result<std::vector<soc::IncidentRecord>> incidents(std::size_t, bool) override { return std::vector<soc::IncidentRecord>(); }
  Result<std::vector<soc::AlertRecord>> alerts_of(std::string_view) override { return std::vector<soc::AlertRecord>(); }
  Result<std::vector<soc::ActionRecord>> actions_of(std::string_view) override { return std::vector<soc::ActionRecord>(); }
  std::vector<control::Entry> entries() override { return table_->snapshot()->entries(); }
  Result<control::Entry> block(control::Subject subject, std::string_view value, std::chrono::seconds ttl, std::string_view reason,
                               std::string_view by) override {
    control::Entry entry;
    entry.subject = subject;
    entry.value = value;
    entry.expires = system_clock().wall() + std::chrono::nanoseconds(ttl).count();
    entry.reason = reason;
    entry.created_by = by;
    return table_->add(std::move(entry));
  }
  Result<void> undo(std::string_view handle, std::string_view) override {
    const auto id = control::EntryId::from_hex(handle);
    if (!id) return client_error(Code::invalid, "no id");
    return table_->undo(*id).ok() ? Result<void>() : client_error(Code::not_found, "no entry");
  }
  Result<void> close_incident(std::string_view, std::string_view) override { return client_error(Code::not_found, "none"); }

 private:
  std::unique_ptr<control::Table> table_ = control::Table::create(nullptr).value();
};

class EmptyStore final : public events::Store {
 public:
  Result<void> append(std::span<const events::Event>, std::span<const events::SpoolPosition>) override { return {}; }
  Result<std::vector<events::SpoolPosition>> positions() override { return std::vector<events::SpoolPosition>(); }
  Result<events::Page> search(const events::Query&) override { return events::Page(); }
  Result<std::vector<events::MinuteCount>> minutes(WallTime, WallTime, std::string_view) override {
    return std::vector<events::MinuteCount>();
  }
  Result<std::uint64_t> count() override { return std::uint64_t{0}; }
  Result<std::uint64_t> erase_before(WallTime) override { return std::uint64_t{0}; }
  Result<void> maintain(WallTime) override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static EmptyDesk desk;
  static EmptyStore store;
  static soc::Admin admin({&desk, &store, nullptr, {}, {}});
  const std::string answer = admin.answer({reinterpret_cast<const char*>(data), size}, "user:fuzz");
  if (answer.find('\n') != std::string::npos) std::abort();
  const auto document = json::Document::parse(answer);
  if (!document || !document->root().find("ok")) std::abort();
  return 0;
}
