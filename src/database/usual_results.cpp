// A line is written when a kind has been seen often enough, and whenever its largest result has doubled: the file grows with the logarithm
// of what is learned, and its last line for a kind counts.
#include "database/usual_results.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <fstream>

namespace bulwark::database {
namespace {

constexpr std::size_t kMaxRole = 63;  // NAMEDATALEN of PostgreSQL, less one

std::string key_of(std::string_view role, std::string_view shape) {
  return std::string(shape) + "\t" + std::string(role.substr(0, kMaxRole));
}

std::string line_of(const std::string& key, const UsualResults::Usual& usual) {
  return fmt::format("{}\t{}\t{}\n", key, usual.results, usual.most);
}

bool number(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// Its four fields; false: it is no such line.
bool read_line(std::string_view line, std::string& key, UsualResults::Usual& usual) {
  std::array<std::size_t, 3> tabs{};
  std::size_t from = 0;
  for (auto& tab : tabs) {
    tab = line.find('\t', from);
    if (tab == std::string_view::npos) return false;
    from = tab + 1;
  }
  const std::string_view shape = line.substr(0, tabs[0]);
  if ((!shape.empty() && shape.size() != 64) || shape.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
  key = line.substr(0, tabs[1]);
  return number(line.substr(tabs[1] + 1, tabs[2] - tabs[1] - 1), usual.results) && number(line.substr(tabs[2] + 1), usual.most);
}

}  // namespace

UsualResults::~UsualResults() {
  if (file_ >= 0) ::close(file_);
}

Result<void> UsualResults::open(const std::string& file) {
  const std::uint64_t whole = TRY(read(file));
  file_ = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  // A line that a process was writing when it ended is cut off.
  if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(whole)) != 0) return config_error("cannot write " + file);
  room_ = kMaxFileBytes - std::min<std::uint64_t>(whole, kMaxFileBytes);
  return {};
}

Result<std::uint64_t> UsualResults::read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::uint64_t whole = 0;
  std::string line;
  for (std::size_t count = 1; std::getline(in, line) && !in.eof(); ++count) {
    std::string key;
    Usual usual;
    if (!read_line(line, key, usual)) return config_error(fmt::format("{} line {}: not shape, role, results and rows", file, count));
    if (kinds_.size() < kMaxKinds || kinds_.contains(key)) kinds_[key] = usual;
    whole += line.size() + 1;
  }
  return whole;
}

UsualResults::Usual UsualResults::of(std::string_view role, std::string_view shape) const {
  const std::lock_guard lock(mutex_);
  const auto found = kinds_.find(key_of(role, shape));
  return found == kinds_.end() ? Usual() : found->second;
}

void UsualResults::learn(std::string_view role, std::string_view shape, std::uint64_t rows, std::uint64_t settled) {
  const std::lock_guard lock(mutex_);
  learn_one(key_of(role, shape), rows, settled);
  learn_one(key_of(role, {}), rows, settled);
}

void UsualResults::learn_one(const std::string& key, std::uint64_t rows, std::uint64_t settled) {
  if (kinds_.size() >= kMaxKinds && !kinds_.contains(key)) return;
  Usual& usual = kinds_[key];
  ++usual.results;
  const bool grown = std::bit_width(rows) > std::bit_width(usual.most);
  usual.most = std::max(usual.most, rows);
  if (usual.results == settled || (grown && usual.results > settled)) append(key, usual);
}

/// A loss costs nothing but learning it again.
void UsualResults::append(const std::string& key, const Usual& usual) {
  const std::string line = line_of(key, usual);
  if (file_ < 0 || line.size() > room_) return;
  room_ -= line.size();
  [[maybe_unused]] const auto written = ::write(file_, line.data(), line.size());
}

}  // namespace bulwark::database
