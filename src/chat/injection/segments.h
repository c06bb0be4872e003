// Cuts a document into the sentences and lines that a guard judges one by one: an instruction hidden in data is short.
#pragma once

#include <string_view>
#include <vector>

namespace bulwark::chat::injection {

inline constexpr std::size_t kMaxSegmentBytes = 300;
inline constexpr std::size_t kMinSegmentBytes = 8;
inline constexpr std::size_t kMaxSegments = 4'096;

/// Appends trimmed views into `text`, in order: ends of lines, ends of sentences, and blanks once a sentence is too long.
void split_segments(std::string_view text, std::vector<std::string_view>& out);

}  // namespace bulwark::chat::injection
