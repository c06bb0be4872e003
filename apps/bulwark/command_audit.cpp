// `bulwark audit`: reads the audit log's files, whether a process writes them or not.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>

#include "audit/files.h"
#include "audit/proof.h"
#include "audit/verify.h"
#include "bulwark/commands.h"
#include "bulwark/settings.h"
#include "crypto/master_key.h"

namespace bulwark::app {
namespace {

constexpr std::size_t kMaxEntry = 2 * audit::kMaxBody;

int complain(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return error.origin == Origin::config ? 2 : 1;
}

Result<std::string> directory_of(const AuditOptions& options) {
  if (!options.directory.empty()) return options.directory;
  return TRY(load_settings(options.config_file)).data_dir + "/audit";
}

/// The log's own `key` file is not asked: whoever could change the log could change that too.
Result<audit::NoteVerifier> key_of(const AuditOptions& options) {
  if (std::filesystem::exists(options.key)) {
    std::string text = TRY(audit::read_file(options.key, audit::kMaxNote));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return audit::NoteVerifier::parse(text);
  }
  if (!options.key.empty()) return audit::NoteVerifier::parse(options.key);
  const Settings settings = TRY(load_settings(options.config_file));
  if (!settings.database) return config_error(options.config_file + ": has no database, so there is no audit log; or give --key");
  const std::string file = settings.data_dir + "/keys/master.key";
  if (settings.master_key.value.empty() && !std::filesystem::exists(file)) return config_error("there is no " + file + "; give --key");
  const crypto::MasterKey master = settings.master_key.value.empty() ? TRY(crypto::MasterKey::load_or_create(file))
                                                                     : TRY(crypto::MasterKey::from_secret(settings.master_key.value));
  return audit::NoteVerifier::of(settings.database->audit.origin, crypto::SigningKey::from_seed(master.derive("audit.signing")));
}

Result<audit::Report> verify_with(const AuditOptions& options) {
  const audit::NoteVerifier key = TRY(key_of(options));
  std::vector<audit::Anchor> anchors;
  for (const auto& file : options.witnesses) anchors.push_back({file, TRY(audit::read_file(file, audit::kMaxNote))});
  const std::string directory = TRY(directory_of(options));
  return audit::verify(directory, key, anchors);
}

Result<void> show_records(const AuditOptions& options) {
  const std::string directory = TRY(directory_of(options));
  const auto segments = TRY(audit::list_segments(directory));
  if (segments.empty()) return {};
  std::uint64_t from = static_cast<std::uint64_t>(options.from);
  if (options.from < 0) {
    std::uint64_t records = segments.back();
    audit::SegmentReader last = TRY(audit::SegmentReader::open(directory, segments.back()));
    for (audit::Frame frame; TRY(last.next(frame)) == audit::FrameStatus::whole;)
      if (frame.kind == audit::FrameKind::record) records = frame.number + 1;
    from = records - std::min(records, options.count);
  }
  std::uint64_t left = options.count;
  for (const std::uint64_t first : segments) {
    if (first + audit::kSegmentRecords <= from) continue;
    audit::SegmentReader reader = TRY(audit::SegmentReader::open(directory, first));
    for (audit::Frame frame; left > 0 && TRY(reader.next(frame)) == audit::FrameStatus::whole;) {
      if (frame.kind != audit::FrameKind::record || frame.number < from) continue;
      fmt::print("{} {}\n", frame.number, frame.body);
      --left;
    }
  }
  return {};
}

Result<void> print_proof(const AuditOptions& options) {
  const std::string directory = TRY(directory_of(options));
  const audit::NoteVerifier key = TRY(key_of(options));
  const std::string proof = TRY(audit::prove_inclusion(directory, options.number, key));
  const audit::Record record = TRY(audit::find_record(directory, options.number));
  if (!options.entry_file.empty()) TRY(audit::replace_file(options.entry_file, record.entry));
  fmt::print("{}", proof);
  return {};
}

Result<std::uint64_t> check_files(const AuditOptions& options) {
  const std::string proof = TRY(audit::read_file(options.proof_file, kMaxEntry));
  const std::string entry = TRY(audit::read_file(options.entry_file, kMaxEntry));
  const audit::NoteVerifier key = TRY(key_of(options));
  return audit::check_inclusion(proof, entry, key);
}

}  // namespace

int audit_verify(const AuditOptions& options) {
  const auto report = verify_with(options);
  if (!report.ok()) return complain(report.error());
  for (const auto& note : report->notes) fmt::print("note: {}\n", note);
  for (const auto& problem : report->problems)
    fmt::print("CHANGED: {}{}{}\n", problem.file, problem.file.empty() ? "" : ": ", problem.what);
  if (report->problems.size() == audit::Report::kMaxProblems) fmt::print("CHANGED: and more\n");
  fmt::print("{}: records {} to {}, {} under a signed checkpoint\n", report->sound() ? "sound" : "NOT SOUND", report->first,
             report->records == 0 ? 0 : report->records - 1, report->signed_size);
  return report->sound() ? 0 : 1;
}

int audit_show(const AuditOptions& options) {
  const auto shown = show_records(options);
  return shown.ok() ? 0 : complain(shown.error());
}

int audit_prove(const AuditOptions& options) {
  const auto proved = print_proof(options);
  return proved.ok() ? 0 : complain(proved.error());
}

int audit_check(const AuditOptions& options) {
  const auto number = check_files(options);
  if (!number.ok()) return complain(number.error());
  fmt::print("record {} is in the log\n", *number);
  return 0;
}

}  // namespace bulwark::app
