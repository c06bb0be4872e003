// Reads the language tests; and the transformations' part of them.
#include "waf/language_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "waf/transforms/ascii.h"
#include "waf/transforms/transform.h"
#include "wire/json/reader.h"

namespace bulwark::waf {
namespace {

/// The reference's program takes any two letters or digits after \x for a byte, and reads them with sscanf("%x").
bool escape_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return false;
  return std::all_of(text.begin() + static_cast<long>(at), text.begin() + static_cast<long>(at + digits), is_alnum);
}

char scanned(std::string_view digits) { return static_cast<char>(std::strtol(std::string(digits).c_str(), nullptr, 16)); }

std::string with_bytes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i).starts_with("\\x") && escape_at(text, i + 2, 2)) {
      out.push_back(scanned(text.substr(i + 2, 2)));
      i += 4;
    } else if (text.substr(i).starts_with("\\u") && escape_at(text, i + 2, 4)) {
      out.push_back(scanned(text.substr(i + 2, 4)));
      i += 6;
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

LanguageVector vector_of(const json::Value& value) {
  LanguageVector vector;
  vector.name = value.text("name");
  vector.argument = with_bytes(value.text("param"));
  vector.input = with_bytes(value.text("input"));
  vector.output = with_bytes(value.text("output"));
  if (const auto expected = value.find("ret")) vector.expected = expected->integer().value_or(0);
  if (const auto groups = value.find("re_groups")) {
    for (const auto& group : *groups) vector.groups.emplace_back(group.string());
  }
  return vector;
}

}  // namespace

std::string language_vectors_folder() {
  const char* data = std::getenv("BULWARK_DATA");
  return std::string(data != nullptr ? data : "../shared/data") + "/waf/seclang-language-tests";
}

std::optional<std::vector<LanguageVector>> language_vectors(const std::string& folder) {
  const std::filesystem::path where = std::filesystem::path(language_vectors_folder()) / folder;
  if (!std::filesystem::is_directory(where)) return std::nullopt;
  std::vector<LanguageVector> vectors;
  for (const auto& entry : std::filesystem::directory_iterator(where)) {
    if (entry.path().extension() != ".json") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto document = json::Document::parse(text.str());
    EXPECT_TRUE(document.ok()) << entry.path();
    if (!document.ok()) continue;
    for (const auto& value : document->root()) vectors.push_back(vector_of(value));
  }
  return vectors;
}

namespace {

/// (name, beginning of the input) of each vector that does not apply, and why.
struct LeftOut {
  std::string_view name;
  std::string_view input_begins;
  std::string_view reason;
};
constexpr LeftOut kLeftOut[] = {
    {"cssDecode", "test\\a\\b\\f\\n",
     "its expected bytes drop a space behind a backslash and a NUL, which no reading of CSS does; the "
     "reference's program never sees that part, since it reads both sides up to the first NUL"},
};

const LeftOut* left_out(const LanguageVector& vector) {
  for (const LeftOut& entry : kLeftOut) {
    if (vector.name == entry.name && vector.input.starts_with(entry.input_begins)) return &entry;
  }
  return nullptr;
}

TEST(LanguageVectors, EveryTransformationGivesTheExpectedBytes) {
  const auto vectors = language_vectors("transformations");
  if (!vectors) GTEST_SKIP() << "no language tests in " << language_vectors_folder() << "; set BULWARK_DATA";
  std::size_t passed = 0;
  std::size_t skipped = 0;
  std::string out;
  for (const auto& vector : *vectors) {
    if (const LeftOut* entry = left_out(vector)) {
      std::printf("left out: %.*s: %.*s\n", static_cast<int>(entry->name.size()), entry->name.data(),
                  static_cast<int>(entry->reason.size()), entry->reason.data());
      ++skipped;
      continue;
    }
    const auto transform = transform_from(vector.name);
    ASSERT_TRUE(transform) << vector.name;
    const bool changed = apply(*transform, vector.input, out);
    const std::string& got = changed ? out : vector.input;
    EXPECT_EQ(got, vector.output) << vector.name << " of " << testing::PrintToString(vector.input);
    passed += got == vector.output ? 1 : 0;
  }
  std::printf("transformation vectors: %zu passed, %zu failed, %zu left out\n", passed, vectors->size() - passed - skipped, skipped);
}

}  // namespace
}  // namespace bulwark::waf
