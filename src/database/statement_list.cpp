// One line a shape: "<fingerprint in hex><TAB><role><TAB><shape>". What is signed is the header up to the signature and all that follows
// it.
#include "database/statement_list.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/hex.h"
#include "crypto/jose.h"

namespace bulwark::database {
namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kHeader = "# signed ";
constexpr std::string_view kSignature = " signature ";
constexpr std::string_view kDigits = "0123456789abcdef";

/// Empty: not hexadecimal.
std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const auto high = kDigits.find(text[i]);
    const auto low = kDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return text.size() % 2 == 0 ? out : std::string();
}

Result<std::string> read_file(const std::string& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input) return config_error("cannot read the allow-list " + file);
  return std::string(std::istreambuf_iterator<char>(input), {});
}

bool is_fingerprint(std::string_view text) {
  return text.size() == kHexDigits && text.find_first_not_of(kDigits) == std::string_view::npos;
}

}  // namespace

Result<std::vector<ListedShape>> parse_statement_list(std::string_view text, const std::string& name) {
  std::vector<ListedShape> shapes;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    const auto role_end = line.find('\t', kHexDigits + 1);
    if (line.size() <= kHexDigits || line[kHexDigits] != '\t' || role_end == std::string_view::npos ||
        !is_fingerprint(line.substr(0, kHexDigits)))
      return config_error(name + ":" + std::to_string(number) + ": not a line of an allow-list");
    if (shapes.size() == kMaxLearnedShapes) return config_error(name + ": too many shapes");
    shapes.push_back({std::string(line.substr(0, kHexDigits)), std::string(line.substr(kHexDigits + 1, role_end - kHexDigits - 1)),
                      std::string(line.substr(role_end + 1))});
  }
  return shapes;
}

Result<std::vector<ListedShape>> read_statement_list(const std::string& file) { return parse_statement_list(TRY(read_file(file)), file); }

ListDifference compare(const std::vector<ListedShape>& before, const std::vector<ListedShape>& after) {
  const auto missing_from = [](const std::vector<ListedShape>& list, const std::vector<ListedShape>& others) {
    std::set<std::string> known;
    for (const auto& each : others) known.insert(each.key());
    std::vector<ListedShape> missing;
    for (const auto& each : list)
      if (known.insert(each.key()).second) missing.push_back(each);
    return missing;
  };
  return {missing_from(after, before), missing_from(before, after)};
}

std::string signed_copy(const std::string& file) { return file + ".signed"; }

Result<void> sign_statement_list(const std::string& file, const crypto::SigningKey& key, std::string_view by, std::string_view date) {
  const std::string list = TRY(read_file(file));
  TRY(parse_statement_list(list, file));
  std::string header(kHeader);
  header.append(date).append(" by ");
  for (const char c : by) header.push_back(static_cast<unsigned char>(c) < 0x21 ? '_' : c);
  header.append(" key ").append(to_hex(key.public_key()));
  const std::string whole = header + std::string(kSignature) + to_hex(key.sign(header + "\n" + list)) + "\n" + list;
  const std::string target = signed_copy(file);
  const std::string fresh = target + ".new";
  {
    std::ofstream output(fresh, std::ios::binary | std::ios::trunc);
    if (!output.write(whole.data(), static_cast<std::streamsize>(whole.size())).flush()) return errno_error("cannot write " + fresh);
  }
  std::error_code failed;
  std::filesystem::rename(fresh, target, failed);
  if (failed) return config_error("cannot replace " + target + ": " + failed.message());
  return {};
}

Result<std::vector<ListedShape>> read_signed_list(const std::string& file, const std::vector<std::string>& keys) {
  const std::string name = signed_copy(file);
  const std::string text = TRY(read_file(name));
  const auto line_end = text.find('\n');
  const auto signature = text.find(kSignature);
  if (!text.starts_with(kHeader) || line_end == std::string::npos || signature > line_end) return config_error(name + ": is not signed");
  const std::string header = text.substr(0, signature);
  const std::string list = text.substr(line_end + 1);
  const std::string bytes =
      from_hex(std::string_view(text).substr(signature + kSignature.size(), line_end - signature - kSignature.size()));
  for (const auto& each : keys) {
    const auto key = crypto::VerifyKey::ed25519(from_hex(each));
    if (key.ok() && key->verify(header + "\n" + list, bytes)) return parse_statement_list(list, name);
  }
  return config_error(name + ": the signature fits none of the keys in signed_by; the list was changed, or somebody else signed it");
}

}  // namespace bulwark::database
