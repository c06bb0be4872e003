// Which models are to be in force: those that the configuration names, unless somebody put earlier ones back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chat/models/shelf.h"
#include "chat/notice.h"
#include "wire/json/writer.h"

namespace bulwark::chat::models {

/// Models that passed their trial and how they came to be chosen.
struct Choice {
  enum class Why : std::uint8_t { configured, held, put_back, undone };
  ModelSet set;
  Why why = Why::configured;
  Files files;               ///< until it is settled
  std::int64_t earlier = 0;  ///< put_back: the entry of these models
  std::int64_t current = 0;  ///< put_back: of those that they replace
  std::string by;            ///< put_back, undone
};

/// Thread-safe.
class Keeper {
 public:
  /// Without a shelf nothing is remembered, and nothing can be put back.
  Keeper(std::shared_ptr<Shelf> shelf, Tell tell) : shelf_(std::move(shelf)), tell_(std::move(tell)) {}

  /// Errors: origin config, told as an event too.
  Result<Choice> choose(const Settings& settings) const;
  /// Instead of `now`. Errors, origin client: `not_found` when there is nothing to put back, or to undo.
  Result<Choice> earlier(const Settings& settings, const ModelSet& now, std::string_view by) const;
  Result<Choice> configured_again(const Settings& settings, std::string_view by) const;
  /// Writes down that they are in force, and tells. Errors: of storage.
  Result<void> settle(const Choice& choice) const;

  /// An object: names, digests and trial of `now`, who put them there if somebody did, and the `shelf`, the newest first.
  void write_status(json::Writer& writer, const ModelSet& now) const;
  const std::shared_ptr<Shelf>& shelf() const { return shelf_; }

 private:
  Result<std::optional<Choice>> held(const Settings& settings, const Files& configured) const;
  void tell(events::Severity severity, std::string rule, std::string message, const ModelSet* set = nullptr) const;

  std::shared_ptr<Shelf> shelf_;
  Tell tell_;
};

}  // namespace bulwark::chat::models
