// The transformations of SecLang (`t:urlDecodeUni`, ...), with ModSecurity v3's results byte for byte. Each one first looks for a
// byte it would have to change, so that the ordinary value costs one scan and no copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark::waf {

enum class Transform : std::uint8_t {
  none,
  base64_decode,
  base64_decode_ext,
  base64_encode,
  cmd_line,
  compress_whitespace,
  css_decode,
  escape_seq_decode,
  hex_decode,
  hex_encode,
  html_entity_decode,
  js_decode,
  length,
  lowercase,
  md5,
  normalise_path,
  normalise_path_win,
  parity_even_7bit,
  parity_odd_7bit,
  parity_zero_7bit,
  php_args_names,
  remove_comments,
  remove_comments_char,
  remove_nulls,
  remove_whitespace,
  replace_comments,
  replace_nulls,
  sha1,
  sql_hex_decode,
  trim,
  trim_left,
  trim_right,
  uppercase,
  url_decode,
  url_decode_uni,
  url_encode,
  utf8_to_unicode,
};

inline constexpr std::size_t kTransformCount = static_cast<std::size_t>(Transform::utf8_to_unicode) + 1;

/// By its SecLang name without the `t:`, in any case; both spellings of normali[sz]ePath.
std::optional<Transform> transform_from(std::string_view name);
std::string_view to_string(Transform transform);

/// True if the result differs from `in`; `out` then holds it (its former content is dropped, its capacity kept). When false,
/// `out` is unspecified and the caller goes on with `in`. `in` must not point into `out`. The result is never longer than
/// kMaxGrowth times the input plus 64 bytes.
bool apply(Transform transform, std::string_view in, std::string& out);

inline constexpr std::size_t kMaxGrowth = 6;

}  // namespace bulwark::waf
