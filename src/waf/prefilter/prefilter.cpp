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
  static constexpr std::size_t kMostWords = 8;
  struct Place {
    std::uint64_t serial = 0;  ///< of the prefilter; 0: nothing yet
    std::size_t size = 0;
    ByteSet present;
    std::array<std::uint64_t, kMostWords> bits;
    std::array<char, Prefilter::kShort> text;

    bool holds(std::uint64_t of, std::string_view value) const { return serial == of && value == std::string_view(text.data(), size); }
  };

  Place& place_of(std::string_view value) {
    if (places_.empty()) places_.resize(kPlaces);
    return places_[std::hash<std::string_view>{}(value) % kPlaces];
  }

 private:
  static constexpr std::size_t kPlaces = 512;
  std::vector<Place> places_;
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

Prefilter::Prefilter() : serial_(g_next_serial.fetch_add(1)) {}
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
  made->database_ = std::move(database);
  return std::shared_ptr<const Prefilter>(made);
}

void Prefilter::scan(std::string_view value, std::uint64_t* bits) const {
  if (!database_ || value.size() < database_->shortest) return;
  ScanTarget target{&database_->operators, bits};
  hs_scratch_t* scratch = t_scratch.for_database(database_->handle, serial_);
  // Values are bounded by body limits far below 4 GiB.
  CHECK(hs_scan(database_->handle, value.data(), static_cast<unsigned>(value.size()), 0, scratch, on_match, &target) == HS_SUCCESS);
}

void Prefilter::scan_short(std::string_view value, ByteSet& present, std::uint64_t* bits) const {
  Remembered::Place& place = t_remembered.place_of(value);
  if (place.holds(serial_, value)) {
    present = place.present;
    std::copy_n(place.bits.data(), words_, bits);
    return;
  }
  present = {};
  present.add_all(value);
  scan(value, bits);
  if (words_ > Remembered::kMostWords) return;
  place.serial = serial_;
  place.size = value.copy(place.text.data(), kShort);
  place.present = present;
  std::copy_n(bits, words_, place.bits.data());
}

}  // namespace bulwark::waf
