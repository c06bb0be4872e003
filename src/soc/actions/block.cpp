// The action block: one control entry with an end.
#include "soc/actions/block.h"

#include <fmt/format.h>

namespace bulwark::soc {
namespace {

std::string in_words(std::chrono::seconds time) {
  if (time.count() % 3600 == 0) return fmt::format("{} h", time.count() / 3600);
  if (time.count() % 60 == 0) return fmt::format("{} min", time.count() / 60);
  return fmt::format("{} s", time.count());
}

class Block final : public Action {
 public:
  Block(control::Table& table, const Clock& clock) : table_(table), clock_(clock) {}

  std::string_view name() const override { return "block"; }

  Result<ActionDone> run(const ActionRequest& request) override {
    control::Entry entry;
    entry.kind = control::Kind::block;
    entry.subject = request.alert->subject;
    entry.value = request.alert->subject_value;
    entry.expires = clock_.wall() + std::chrono::nanoseconds(request.ttl).count();
    entry.reason = request.alert->title.substr(0, control::Table::kMaxText);
    entry.created_by = ("playbook:" + request.playbook).substr(0, control::Table::kMaxText);
    entry.incident = request.incident;
    const control::Entry made = TRY(table_.add(std::move(entry)));
    return ActionDone{fmt::format("blocked {} {} for {}", control::to_string(made.subject), made.value, in_words(request.ttl)),
                      made.id.hex()};
  }

  Result<void> undo(std::string_view undo_handle, std::string_view) override {
    const auto id = control::EntryId::from_hex(undo_handle);
    if (!id) return client_error(Code::invalid, "not the id of a control entry");
    auto undone = table_.undo(*id);
    if (!undone) return std::move(undone).error();
    return {};
  }

 private:
  control::Table& table_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Action> make_block(control::Table& table, const Clock& clock) { return std::make_unique<Block>(table, clock); }

}  // namespace bulwark::soc
