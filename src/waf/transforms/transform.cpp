#include "waf/transforms/transform.h"

#include "waf/transforms/ascii.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf {
namespace {

struct Step {
  std::string_view name;
  bool (*run)(std::string_view in, std::string& out);  ///< null: needs more than the value
};

// In the order of the enumeration.
constexpr std::array<Step, kTransformCount> kSteps = {{
    {"none", nullptr},
    {"base64Decode", steps::base64_decode},
    {"base64DecodeExt", steps::base64_decode_ext},
    {"base64Encode", steps::base64_encode},
    {"cmdLine", steps::cmd_line},
    {"compressWhitespace", steps::compress_whitespace},
    {"cssDecode", steps::css_decode},
    {"escapeSeqDecode", steps::escape_seq_decode},
    {"hexDecode", steps::hex_decode},
    {"hexEncode", steps::hex_encode},
    {"htmlEntityDecode", steps::html_entity_decode},
    {"jsDecode", steps::js_decode},
    {"length", steps::length},
    {"lowercase", steps::lowercase},
    {"md5", steps::md5},
    {"normalisePath", steps::normalise_path},
    {"normalisePathWin", steps::normalise_path_win},
    {"parityEven7bit", steps::parity_even_7bit},
    {"parityOdd7bit", steps::parity_odd_7bit},
    {"parityZero7bit", steps::parity_zero_7bit},
    {"phpArgsNames", steps::php_args_names},
    {"removeComments", steps::remove_comments},
    {"removeCommentsChar", steps::remove_comments_char},
    {"removeNulls", steps::remove_nulls},
    {"removeWhitespace", steps::remove_whitespace},
    {"replaceComments", steps::replace_comments},
    {"replaceNulls", steps::replace_nulls},
    {"sha1", steps::sha1},
    {"sqlHexDecode", steps::sql_hex_decode},
    {"trim", steps::trim},
    {"trimLeft", steps::trim_left},
    {"trimRight", steps::trim_right},
    {"uppercase", steps::uppercase},
    {"urlDecode", steps::url_decode},
    {"urlDecodeUni", nullptr},
    {"urlEncode", steps::url_encode},
    {"utf8toUnicode", steps::utf8_to_unicode},
}};

constexpr ByteSet bytes_of(std::string_view bytes) {
  ByteSet set;
  set.add_all(bytes);
  return set;
}

constexpr ByteSet range_of(unsigned char low, unsigned char high, std::string_view bytes = {}) {
  ByteSet set = bytes_of(bytes);
  set.add_range(low, high);
  return set;
}

constexpr std::array<std::optional<ByteSet>, kTransformCount> kTouched = [] {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  std::array<std::optional<ByteSet>, kTransformCount> all{};
  const auto set = [&](Transform transform, ByteSet bytes) { all[static_cast<std::size_t>(transform)] = bytes; };
  set(Transform::none, {});
  set(Transform::cmd_line, range_of('A', 'Z', " \t\n\v\f\r\"'\\^,;"));
  set(Transform::compress_whitespace, bytes_of(kSpace));
  set(Transform::css_decode, bytes_of("\\"));
  set(Transform::escape_seq_decode, bytes_of("\\"));
  set(Transform::html_entity_decode, bytes_of("&"));
  set(Transform::js_decode, bytes_of("\\"));
  set(Transform::lowercase, range_of('A', 'Z'));
  set(Transform::normalise_path, bytes_of("/."));
  set(Transform::normalise_path_win, bytes_of("/.\\"));
  set(Transform::parity_zero_7bit, range_of(0x80, 0xff));
  set(Transform::php_args_names, bytes_of(" .[]"));
  set(Transform::remove_comments, bytes_of("/<-#"));
  set(Transform::remove_comments_char, bytes_of("/*<-#"));
  set(Transform::remove_nulls, range_of(0, 0));
  set(Transform::remove_whitespace, bytes_of(" \t\n\v\f\r\xc2\xa0"));
  set(Transform::replace_comments, bytes_of("/"));
  set(Transform::replace_nulls, range_of(0, 0));
  set(Transform::sql_hex_decode, bytes_of("xX"));
  set(Transform::trim, bytes_of(kSpace));
  set(Transform::trim_left, bytes_of(kSpace));
  set(Transform::trim_right, bytes_of(kSpace));
  set(Transform::uppercase, range_of('a', 'z'));
  set(Transform::url_decode, bytes_of("%+"));
  set(Transform::url_decode_uni, bytes_of("%+"));
  set(Transform::utf8_to_unicode, range_of(0x80, 0xff, std::string_view("\0", 1)));
  return all;
}();

// Spellings that rule sets use beside the reference's own.
constexpr std::pair<std::string_view, Transform> kAliases[] = {
    {"cmd_line", Transform::cmd_line},
    {"normalizePath", Transform::normalise_path},
    {"normalizePathWin", Transform::normalise_path_win},
};

}  // namespace

const ByteSet* touched_by(Transform transform) {
  const auto& entry = kTouched[static_cast<std::size_t>(transform)];
  return entry ? &*entry : nullptr;
}

std::optional<Transform> transform_from(std::string_view name) {
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    if (equals_ignoring_case(name, kSteps[i].name)) return static_cast<Transform>(i);
  }
  for (const auto& [alias, transform] : kAliases) {
    if (equals_ignoring_case(name, alias)) return transform;
  }
  return std::nullopt;
}

std::string_view to_string(Transform transform) { return kSteps[static_cast<std::size_t>(transform)].name; }

bool apply(Transform transform, std::string_view in, std::string& out, const UnicodeMap* map) {
  if (transform == Transform::none) return false;
  out.clear();
  if (transform == Transform::url_decode_uni) return steps::url_decode_uni(in, out, map);
  return kSteps[static_cast<std::size_t>(transform)].run(in, out);
}

}  // namespace bulwark::waf
