// The literal database and its scratch space. Literals are matched without case: a few more candidates, one database.
#include "waf/prefilter/prefilter.h"

#include <hs/hs.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>

#include "waf/prefilter/database_cache.h"

namespace bulwark::waf {

struct Prefilter::Database {
  hs_database_t* handle = nullptr;
  std::uint64_t serial = 0;
  std::size_t shortest = 0;
  std::vector<std::vector<std::uint32_t>> operators;  ///< by literal: whom it makes a candidate

  ~Database() { hs_free_database(handle); }
};

namespace {

/// Hyperscan's scratch, one a thread, grown to fit each database that the thread meets.
class Scratch {
 public:
  ~Scratch() { hs_free_scratch(scratch_); }

  hs_scratch_t* for_database(const hs_database_t* database, std::uint64_t serial) {
    if (std::find(seen_.begin(), seen_.end(), serial) == seen_.end()) {
      CHECK(hs_alloc_scratch(database, &scratch_) == HS_SUCCESS);
      seen_[next_++ % seen_.size()] = serial;
    }
    return scratch_;
  }

 private:
  hs_scratch_t* scratch_ = nullptr;
  std::array<std::uint64_t, 16> seen_{};  // databases come and go with reloads: a forgotten one only costs a check
  std::size_t next_ = 0;
};

/// What scans of short values found, one a thread: as many values as there are places, each at the place of its hash.
class Remembered {
 public:
  static constexpr std::size_t kLongest = 112;
  static constexpr std::size_t kMostWords = 8;

  /// nullptr: `value` is not the one remembered in its place.
  const std::uint64_t* find(std::uint64_t serial, std::string_view value) {
    if (places_.empty()) places_.resize(kPlaces);
    place_ = &places_[std::hash<std::string_view>{}(value) % kPlaces];
    const bool same = place_->serial == serial && value == std::string_view(place_->text.data(), place_->size);
    return same ? place_->bits.data() : nullptr;
  }
  /// Of the value that find() has just not found.
  void keep(std::uint64_t serial, std::string_view value, const std::uint64_t* bits, std::size_t words) {
    place_->serial = serial;
    place_->size = static_cast<std::uint32_t>(value.copy(place_->text.data(), kLongest));
    std::copy_n(bits, words, place_->bits.data());
  }

 private:
  static constexpr std::size_t kPlaces = 512;
  struct Place {
    std::uint64_t serial = 0;  ///< of the database; 0: nothing yet
    std::uint32_t size = 0;
    std::array<char, kLongest> text;
    std::array<std::uint64_t, kMostWords> bits;
  };
  std::vector<Place> places_;
  Place* place_ = nullptr;
};

thread_local Scratch t_scratch;
thread_local Remembered t_remembered;
std::atomic<std::uint64_t> g_next_serial{1};

struct ScanTarget {
  const std::vector<std::vector<std::uint32_t>>* operators;
  std::uint64_t* bits;
};

int on_match(unsigned int id, unsigned long long, unsigned long long, unsigned int, void* context) {
  const auto* target = static_cast<const ScanTarget*>(context);
  for (const std::uint32_t op : (*target->operators)[id]) target->bits[op >> 6] |= 1ULL << (op & 63);
  return 0;
}

}  // namespace

Prefilter::Prefilter() = default;
Prefilter::~Prefilter() = default;

Result<std::shared_ptr<const Prefilter>> Prefilter::build(std::vector<Requirement> requirements, const std::string& cache_directory) {
  std::shared_ptr<Prefilter> made(new Prefilter);
  std::map<std::string, std::vector<std::uint32_t>> by_literal;  // ordered: the cache key must not depend on hashing
  for (std::uint32_t i = 0; i < requirements.size(); ++i) {
    Requirement& each = requirements[i];
    Gate gate;
    gate.min_length = each.min_length;
    gate.has_literals = !each.literals.empty();
    gate.instead = each.instead;
    gate.set_count = static_cast<std::uint8_t>(std::min(each.byte_sets.size(), std::size(gate.sets)));
    std::copy_n(each.byte_sets.begin(), gate.set_count, gate.sets);
    made->gates_.push_back(gate);
    for (auto& literal : each.literals) {
      auto& operators = by_literal[std::move(literal)];
      if (operators.empty() || operators.back() != i) operators.push_back(i);
    }
  }
  made->words_ = (requirements.size() + 63) / 64;
  if (by_literal.empty()) return std::shared_ptr<const Prefilter>(made);

  auto database = std::make_unique<Database>();
  std::vector<std::string> literals;
  database->shortest = ~std::size_t{0};
  for (auto& [literal, operators] : by_literal) {
    database->shortest = std::min(database->shortest, literal.size());
    literals.push_back(literal);
    database->operators.push_back(std::move(operators));
  }
  database->handle = TRY(literal_database(literals, cache_directory));
  database->serial = g_next_serial.fetch_add(1);
  made->database_ = std::move(database);
  return std::shared_ptr<const Prefilter>(made);
}

void Prefilter::scan(std::string_view value, std::uint64_t* bits) const {
  if (!database_ || value.size() < database_->shortest) return;
  const bool short_one = value.size() <= Remembered::kLongest && words_ <= Remembered::kMostWords;
  if (short_one) {
    if (const std::uint64_t* known = t_remembered.find(database_->serial, value)) {
      std::copy_n(known, words_, bits);
      return;
    }
  }
  ScanTarget target{&database_->operators, bits};
  hs_scratch_t* scratch = t_scratch.for_database(database_->handle, database_->serial);
  // Values are bounded by body limits far below 4 GiB.
  CHECK(hs_scan(database_->handle, value.data(), static_cast<unsigned>(value.size()), 0, scratch, on_match, &target) == HS_SUCCESS);
  if (short_one) t_remembered.keep(database_->serial, value, bits, words_);
}

}  // namespace bulwark::waf
