// The gateway marks each statement whose literals differ from the shape's earlier ones (`varies`); here they are added up.
#include "database/concatenation.h"

#include <algorithm>
#include <array>

#include "audit/files.h"
#include "audit/frame.h"
#include "wire/json/reader.h"

namespace bulwark::database {
namespace {

constexpr json::ReadLimits kLimits{.max_bytes = audit::kMaxBody, .max_depth = 8, .max_values = 1'000};

/// Commands in whose text a value can be replaced by a parameter.
constexpr std::array<std::string_view, 5> kQueries = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"};

}  // namespace

void ConcatenationCount::take(std::string_view body) {
  ++records_;
  if (body.find("\"varies\":true") == std::string_view::npos) return;  // most records: not worth a parse
  const auto document = json::Document::parse(body, kLimits);
  if (!document.ok()) return;
  const json::Value record = document->root();
  const auto command = record.text("command");
  const auto varies = record.find("varies");
  if (!varies || record.text("kind") != "statement" || record.text("outcome") == "opened") return;
  if (std::find(kQueries.begin(), kQueries.end(), command) == kQueries.end()) return;
  ++statements_;
  const std::pair key(std::string(record.text("role")), std::string(record.text("fingerprint")));
  auto found = shapes_.find(key);
  if (found == shapes_.end()) {
    if (shapes_.size() == kMaxShapes) return;
    found = shapes_.emplace(key, ConcatenatedShape{key.first, std::string(record.text("text")), 0}).first;
  }
  ++found->second.runs;
}

std::vector<ConcatenatedShape> ConcatenationCount::most_first() const {
  std::vector<ConcatenatedShape> out;
  out.reserve(shapes_.size());
  for (const auto& [key, shape] : shapes_) out.push_back(shape);
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.runs > b.runs; });
  return out;
}

Result<ConcatenationCount> count_concatenations(const std::string& directory) {
  ConcatenationCount count;
  auto segments = TRY(audit::list_segments(directory));
  if (segments.size() > kMaxSegments) segments.erase(segments.begin(), segments.end() - kMaxSegments);
  for (const std::uint64_t first : segments) {
    audit::SegmentReader reader = TRY(audit::SegmentReader::open(directory, first));
    for (audit::Frame frame; TRY(reader.next(frame)) == audit::FrameStatus::whole;)
      if (frame.kind == audit::FrameKind::record) count.take(frame.body);
  }
  return count;
}

}  // namespace bulwark::database
