// Looks for each input in the statement's text, whole and in part, and judges the tokens that it covers.
#include "database/guards/taint.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_set>

#include "database/guards/taint_match.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

/// Shapes that ran for a request whose inputs had no part in their structure: the app's own. What later looks like an input inside
/// such a shape is a coincidence ("order by" typed into a search field).
class ProvenShapes {
 public:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMaxPerShard = 8192;
  using Key = std::array<std::uint8_t, 32>;

  bool contains(const Key& key) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    return shard.keys.contains(view(key));
  }
  void add(const Key& key) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (shard.keys.size() < kMaxPerShard) shard.keys.insert(view(key));
  }

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_set<std::string> keys;
  };
  static std::string view(const Key& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }
  Shard& shard_of(const Key& key) { return shards_[key[0] % kShards]; }
  std::array<Shard, kShards> shards_;
};

class Taint final : public Guard {
 public:
  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "taint"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    if (statement.requests.empty()) return Verdict::pass;
    const auto& fingerprint = statement.parsed->facts().fingerprint;
    taint::Matcher matcher(statement.text, statement.parsed->tokens());
    bool complete = true;
    const trace::Input* guilty = nullptr;
    for (const auto& request : statement.requests) {
      complete &= !request->inputs_truncated;
      for (const auto& input : request->inputs)
        if (guilty == nullptr && matcher.changes_structure(input.value)) guilty = &input;
    }
    if (guilty == nullptr && complete) {
      if (!proven_.contains(fingerprint)) proven_.add(fingerprint);
      return Verdict::pass;
    }
    if (proven_.contains(fingerprint)) return Verdict::pass;
    if (guilty == nullptr && !matcher.holds_literals()) return Verdict::pass;
    const std::string what = guilty == nullptr
                                 ? "a request too large to be compared with the statement"
                                 : "an input of the request (" + name_of(*guilty) + ") changed the structure of the statement";
    findings.push_back({info().name, "database.taint", events::Severity::critical, what, "42501"});
    return Verdict::deny;
  }

 private:
  static std::string name_of(const trace::Input& input) {
    static constexpr std::string_view kPlaces[] = {"path", "query", "header", "cookie", "body", "chat", "tool argument"};
    constexpr std::size_t kMaxName = 64;
    std::string name(kPlaces[static_cast<std::size_t>(input.where)]);
    // A parameter's name comes from outside too: only a plain one is repeated.
    const bool plain = input.name.size() <= kMaxName && std::all_of(input.name.begin(), input.name.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                                c == '.' || c == '[' || c == ']';
                       });
    return plain && !input.name.empty() ? name + " " + input.name : name;
  }

  mutable ProvenShapes proven_;
};

}  // namespace

std::shared_ptr<const Guard> make_taint() { return std::make_shared<Taint>(); }

}  // namespace bulwark::database
