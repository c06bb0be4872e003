// The fingerprint and the role decide; the shape stands in the list to be read.
#include "database/guards/allow_list.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>

#include "base/hex.h"
#include "database/parsed_statement.h"
#include "database/statement_list.h"

namespace bulwark::database {
namespace {

constexpr std::size_t kMaxShownShape = 2'000;

/// A shape on one line: line breaks stand only inside quoted identifiers, and the fingerprint is what counts.
std::string on_one_line(std::string_view shape) {
  std::string out(shape.substr(0, kMaxShownShape));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return out;
}

class AllowList final : public Guard {
 public:
  AllowList(AllowListMode mode, int file) : mode_(mode), file_(file) {}
  ~AllowList() override {
    if (file_ >= 0) ::close(file_);
  }

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "allow_list"};
    return info;
  }

  void add(std::string key) { known_.insert(std::move(key)); }
  std::size_t size() const { return known_.size(); }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    const ShapeFacts& facts = statement.parsed->facts();
    thread_local std::string key;  // one a statement: its room is kept
    key.assign(to_hex(facts.fingerprint)).append("\t").append(statement.session->user);
    {
      const std::shared_lock lock(mutex_);
      if (known_.contains(key)) return Verdict::pass;
    }
    if (mode_ == AllowListMode::learn) return learn(key, statement);
    const bool deny = mode_ == AllowListMode::enforce;
    findings.push_back({info().name, "database.allow_list", deny ? events::Severity::high : events::Severity::medium,
                        "the role has not run a statement of this shape before", "42501"});
    return deny ? Verdict::deny : Verdict::pass;
  }

 private:
  Result<Verdict> learn(const std::string& key, const Statement& statement) const {
    const std::unique_lock lock(mutex_);
    if (known_.contains(key)) return Verdict::pass;
    if (known_.size() >= kMaxLearnedShapes)
      return internal_error(Code::exhausted, "the allow-list is full: the app builds statements of ever new shapes");
    const std::string line = key + "\t" + on_one_line(statement.parsed->shape()) + "\n";
    if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fdatasync(file_) != 0)
      return errno_error("allow-list file");
    known_.insert(key);
    return Verdict::pass;
  }

  AllowListMode mode_;
  int file_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_set<std::string> known_;
};

/// What the file holds; where somebody has to sign it, what they signed.
Result<std::vector<ListedShape>> known_shapes(const AllowListSettings& settings) {
  if (settings.mode == AllowListMode::learn) return read_statement_list(settings.file);
  if (!settings.signed_by.empty()) return read_signed_list(settings.file, settings.signed_by);
  if (settings.mode == AllowListMode::monitor && !std::filesystem::exists(settings.file)) return std::vector<ListedShape>();
  return read_statement_list(settings.file);
}

}  // namespace

Result<std::shared_ptr<const Guard>> make_allow_list(const AllowListSettings& settings) {
  int file = -1;
  if (settings.mode == AllowListMode::learn) {
    file = ::open(settings.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return config_error("cannot write the allow-list " + settings.file);
  }
  auto guard = std::make_shared<AllowList>(settings.mode, file);
  for (const auto& each : TRY(known_shapes(settings))) guard->add(each.key());
  return std::shared_ptr<const Guard>(std::move(guard));
}

}  // namespace bulwark::database
