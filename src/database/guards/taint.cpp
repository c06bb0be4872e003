// Looks for each input in the statement's text, whole and in part, and judges the tokens that it covers.
#include "database/guards/taint.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_set>
#include <utility>
#include <vector>

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

/// What requests stored lately that could change a statement: a later request may make the app build SQL from it (second order).
/// A ring: the oldest goes first. Kept in memory only, and compared only with shapes that are not proven.
class StoredValues {
 public:
  static constexpr std::size_t kMaxValues = 4096;
  static constexpr std::size_t kMaxBytes = 2048;  ///< of one value; the front of a longer one
  static constexpr std::size_t kMaxSeen = 1024;   ///< requests whose inputs need not be added again

  /// Every statement that writes comes with all requests in flight, most of which were here before.
  /// Returns how many values that were looked at.
  std::size_t add_all(const std::shared_ptr<const trace::Context>& request) {
    {
      const std::unique_lock lock(mutex_);
      if (!seen_.insert(request).second) return 0;
      seen_order_.emplace_back(request);
      if (seen_order_.size() > kMaxSeen) {
        seen_.erase(seen_order_.front());
        seen_order_.pop_front();
      }
    }
    for (const auto& input : request->inputs) add(input.value);
    return request->inputs.size();
  }

  void add(std::string_view value) {
    std::string prepared = taint::prepared(value.substr(0, kMaxBytes));
    if (prepared.find_first_of("'\"`();<>|*\\ ") == std::string::npos) return;  // one word changes nothing
    const std::unique_lock lock(mutex_);
    const auto [place, is_new] = known_.insert(std::move(prepared));
    if (!is_new) return;
    if (ring_.size() < kMaxValues) {
      ring_.push_back(&*place);
      return;
    }
    known_.erase(known_.find(*std::exchange(ring_[next_], &*place)));
    next_ = (next_ + 1) % kMaxValues;
  }

  bool any_breaks_out(taint::Matcher& matcher) const {
    const std::shared_lock lock(mutex_);
    return std::any_of(ring_.begin(), ring_.end(),
                       [&](const std::string* value) { return !matcher.exhausted() && matcher.breaks_out(*value); });
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_set<std::string> known_;
  std::vector<const std::string*> ring_;
  std::size_t next_ = 0;
  using Seen = std::weak_ptr<const trace::Context>;  ///< as long as it is kept, no other request is equal to it
  std::set<Seen, std::owner_less<>> seen_;
  std::deque<Seen> seen_order_;
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
    if (stores(statement)) remember(statement);
    if (proven_.contains(fingerprint)) return Verdict::pass;
    taint::Matcher matcher(statement.text, statement.parsed->tokens());
    bool complete = !statement.requests_cut_off;
    for (const auto& request : statement.requests) {
      complete &= !request->inputs_truncated;
      for (const auto& input : request->inputs)
        if (matcher.changes_structure(input.value) || matcher.changes_structure(input.name))
          return deny(findings, "an input of the request (" + name_of(input) + ") changed the structure of the statement");
    }
    const bool compared = !matcher.exhausted();
    if (compared && stored_.any_breaks_out(matcher))
      return deny(findings, "what an earlier request stored changed the structure of the statement");
    complete &= !matcher.exhausted();
    if (complete) {
      proven_.add(fingerprint);
      return Verdict::pass;
    }
    if (!matcher.holds_literals()) return Verdict::pass;
    if (matcher.exhausted()) return deny(findings, "the statement and what is in flight are too large to be compared with each other");
    return deny(findings, statement.requests_cut_off ? "too many requests in flight to compare the statement with"
                                                     : "a request too large to be compared with the statement");
  }

 private:
  Result<Verdict> deny(std::vector<Finding>& findings, std::string why) const {
    findings.push_back({info().name, "database.taint", events::Severity::critical, std::move(why), "42501"});
    return Verdict::deny;
  }

  static bool stores(const Statement& statement) {
    const auto& relations = statement.parsed->facts().relations;
    return std::any_of(relations.begin(), relations.end(),
                       [](const RelationUse& each) { return (each.access & (access::kInsert | access::kUpdate)) != 0; });
  }

  void remember(const Statement& statement) const {
    // The newest first: what does not fit would be the first to go.
    std::size_t left = StoredValues::kMaxValues;
    for (auto each = statement.requests.rbegin(); each != statement.requests.rend() && left > 0; ++each)
      left -= std::min(left, stored_.add_all(*each));
  }

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
  mutable StoredValues stored_;
};

}  // namespace

std::shared_ptr<const Guard> make_taint() { return std::make_shared<Taint>(); }

}  // namespace bulwark::database
