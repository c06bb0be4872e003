// Nothing is written before settle(): what was chosen may still come to nothing with the rest of a configuration.
#include "chat/models/keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"

namespace bulwark::chat::models {

namespace {

Error nothing(std::string_view what) { return client_error(Code::not_found, std::string(what)); }

std::vector<Shelf::Entry>::const_iterator entry_of(const std::vector<Shelf::Entry>& entries, const ModelSet& set) {
  return std::find_if(entries.begin(), entries.end(),
                      [&](const Shelf::Entry& each) { return each.injection == set.injection_digest && each.tagger == set.tagger_digest; });
}

void write_pair(json::Writer& writer, std::string_view injection_name, const crypto::Digest& injection, std::string_view tagger_name,
                const crypto::Digest& tagger) {
  writer.key("injection").begin_object().field("name", injection_name).field("digest", to_hex(injection)).end_object();
  writer.key("tagger").begin_object().field("name", tagger_name).field("digest", to_hex(tagger)).end_object();
}

}  // namespace

void Keeper::tell(events::Severity severity, std::string rule, std::string message, const ModelSet* set) const {
  if (!tell_) return;
  Notice notice{severity, std::move(rule), std::move(message), {}};
  if (set != nullptr) {
    json::Writer writer(notice.detail);
    writer.begin_object();
    write_pair(writer, set->detector->models().name, set->injection_digest, set->tagger->name, set->tagger_digest);
    writer.field("trial", set->trial).end_object();
  }
  tell_(notice);
}

Result<std::optional<Choice>> Keeper::held(const Settings& settings, const Files& configured) const {
  if (!shelf_) return std::optional<Choice>();
  const auto hold = TRY(shelf_->hold());
  const auto entries = TRY(shelf_->entries());
  if (!hold || entries.empty() || !configured.same_as(entries[0].injection, entries[0].tagger)) return std::optional<Choice>();
  Choice choice;
  choice.why = Choice::Why::held;
  const Files files = TRY(shelf_->files(hold->entry));
  choice.set = TRY(make_set(files, settings));
  return std::optional<Choice>(std::move(choice));
}

Result<Choice> Keeper::choose(const Settings& settings) const {
  Choice choice;
  choice.files = TRY(configured_files(settings));
  auto kept = held(settings, choice.files);
  if (kept.ok() && *kept) return **std::move(kept);
  if (!kept.ok())
    tell(events::Severity::high, "chat.model.refused",
         "the models that somebody put back cannot be used, so those of the configuration are: " + kept.error().message);
  auto set = make_set(choice.files, settings);
  if (!set.ok()) {
    tell(events::Severity::high, "chat.model.refused", "models that the configuration names were refused: " + set.error().message);
    return set.error();
  }
  choice.set = *std::move(set);
  return choice;
}

Result<Choice> Keeper::earlier(const Settings& settings, const ModelSet& now, std::string_view by) const {
  if (!shelf_) return nothing("no earlier models are kept here");
  const auto entries = TRY(shelf_->entries());
  const auto current = entry_of(entries, now);
  if (current == entries.end()) return nothing("the models in force are not on record; reload first");
  const auto before = std::find_if(current + 1, entries.end(), [](const Shelf::Entry& each) { return !each.withdrawn; });
  if (before == entries.end()) return nothing("no other models were in force before these");
  Choice choice;
  choice.why = Choice::Why::put_back;
  choice.earlier = before->id;
  choice.current = current->id;
  choice.by = by;
  const Files files = TRY(shelf_->files(before->id));
  choice.set = TRY(make_set(files, settings));
  return choice;
}

Result<Choice> Keeper::configured_again(const Settings& settings, std::string_view by) const {
  if (!shelf_ || !TRY(shelf_->hold())) return nothing("no rollback is in force that could be undone");
  const auto entries = TRY(shelf_->entries());
  if (entries.empty()) return nothing("no models are on record");
  Choice choice;
  choice.why = Choice::Why::undone;
  choice.by = by;
  const Files files = TRY(shelf_->files(entries[0].id));
  choice.set = TRY(make_set(files, settings));
  return choice;
}

Result<void> Keeper::settle(const Choice& choice) const {
  const WallTime now = system_clock().wall();
  if (choice.why == Choice::Why::configured && shelf_) TRY(shelf_->enter(choice.files, choice.set, now));
  if (choice.why == Choice::Why::put_back) TRY(shelf_->put_back(choice.earlier, choice.current, choice.by, now));
  if (choice.why == Choice::Why::undone) TRY(shelf_->end_hold());
  const std::string words = choice.set.in_words();
  switch (choice.why) {
    case Choice::Why::configured:
      tell(events::Severity::informational, "chat.model.in_force", words + " in force: " + choice.set.trial, &choice.set);
      break;
    case Choice::Why::held:
      tell(events::Severity::informational, "chat.model.in_force",
           words + " in force, which somebody put back in place of those that the configuration names", &choice.set);
      break;
    case Choice::Why::put_back:
      tell(events::Severity::medium, "chat.model.rollback",
           choice.by + " put " + words + " back in force; bulwark chat rollback --undo takes that back", &choice.set);
      break;
    case Choice::Why::undone:
      tell(events::Severity::medium, "chat.model.rollback_undone", choice.by + " took a rollback back: " + words + " in force",
           &choice.set);
      break;
  }
  return {};
}

void Keeper::write_status(json::Writer& writer, const ModelSet& now) const {
  writer.begin_object();
  write_pair(writer, now.detector->models().name, now.injection_digest, now.tagger->name, now.tagger_digest);
  writer.field("trial", now.trial);
  const auto entries = shelf_ ? shelf_->entries() : Result<std::vector<Shelf::Entry>>(std::vector<Shelf::Entry>());
  const auto hold = shelf_ ? shelf_->hold() : Result<std::optional<Shelf::Hold>>(std::optional<Shelf::Hold>());
  if (entries.ok()) {
    const auto current = entry_of(*entries, now);
    if (hold.ok() && *hold && current != entries->end() && current->id == (*hold)->entry)
      writer.key("put_back").begin_object().field("by", (*hold)->by).field("since", to_rfc3339((*hold)->since)).end_object();
    writer.key("shelf").begin_array();
    for (auto each = entries->begin(); each != entries->end(); ++each) {
      writer.begin_object().field("since", to_rfc3339(each->since));
      write_pair(writer, each->injection_name, each->injection, each->tagger_name, each->tagger);
      writer.field("trial", each->trial).field("in_force", each == current).field("withdrawn", each->withdrawn).end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

}  // namespace bulwark::chat::models
