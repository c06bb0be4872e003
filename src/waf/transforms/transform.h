// The transformations of SecLang (`t:urlDecodeUni`, ...), with ModSecurity v3's results byte for byte. Each one first looks for a
// byte it would have to change, so that the ordinary value costs one scan and no copy.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "waf/prefilter/byte_set.h"

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

/// What `%uXXXX` stands for on the application's code page (SecUnicodeMapFile): a file of "unicode:byte" pairs by code page.
class UnicodeMap {
 public:
  /// Errors, origin config: cannot be read, or has no such code page.
  static Result<std::shared_ptr<const UnicodeMap>> load(const std::filesystem::path& file, unsigned code_page);

  /// The byte for a code unit, or -1.
  int byte_for(std::uint16_t unit) const { return bytes_[unit]; }

 private:
  UnicodeMap() { bytes_.fill(-1); }
  std::array<std::int16_t, 65536> bytes_;
};

/// True if the result differs from `in`; `out` then holds it (its former content is dropped, its capacity kept). When false,
/// `out` is unspecified and the caller goes on with `in`. `in` must not point into `out`. The result is never longer than
/// kMaxGrowth times the input plus 64 bytes. Only url_decode_uni reads `map`; null maps to the low byte.
bool apply(Transform transform, std::string_view in, std::string& out, const UnicodeMap* map = nullptr);

/// The bytes of which at least one must occur in a value that the transformation changes; nullptr: it may change any value.
const ByteSet* touched_by(Transform transform);

inline constexpr std::size_t kMaxGrowth = 6;

}  // namespace bulwark::waf
