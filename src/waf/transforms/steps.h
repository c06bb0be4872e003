// One function a transformation, behind apply(): each returns false as soon as it knows that nothing changes, and else writes the
// whole result into a cleared `out`. See transform.h for the contract.
#pragma once

#include <string>
#include <string_view>

namespace bulwark::waf {
class UnicodeMap;
}

namespace bulwark::waf::steps {

bool base64_decode(std::string_view in, std::string& out);
bool base64_decode_ext(std::string_view in, std::string& out);
bool base64_encode(std::string_view in, std::string& out);
bool cmd_line(std::string_view in, std::string& out);
bool compress_whitespace(std::string_view in, std::string& out);
bool css_decode(std::string_view in, std::string& out);
bool escape_seq_decode(std::string_view in, std::string& out);
bool hex_decode(std::string_view in, std::string& out);
bool hex_encode(std::string_view in, std::string& out);
bool html_entity_decode(std::string_view in, std::string& out);
bool js_decode(std::string_view in, std::string& out);
bool length(std::string_view in, std::string& out);
bool lowercase(std::string_view in, std::string& out);
bool md5(std::string_view in, std::string& out);
bool normalise_path(std::string_view in, std::string& out);
bool normalise_path_win(std::string_view in, std::string& out);
bool parity_even_7bit(std::string_view in, std::string& out);
bool parity_odd_7bit(std::string_view in, std::string& out);
bool parity_zero_7bit(std::string_view in, std::string& out);
bool php_args_names(std::string_view in, std::string& out);
bool remove_comments(std::string_view in, std::string& out);
bool remove_comments_char(std::string_view in, std::string& out);
bool remove_nulls(std::string_view in, std::string& out);
bool remove_whitespace(std::string_view in, std::string& out);
bool replace_comments(std::string_view in, std::string& out);
bool replace_nulls(std::string_view in, std::string& out);
bool sha1(std::string_view in, std::string& out);
bool sql_hex_decode(std::string_view in, std::string& out);
bool trim(std::string_view in, std::string& out);
bool trim_left(std::string_view in, std::string& out);
bool trim_right(std::string_view in, std::string& out);
bool uppercase(std::string_view in, std::string& out);
bool url_decode(std::string_view in, std::string& out);
bool url_decode_uni(std::string_view in, std::string& out, const UnicodeMap* map);
bool url_encode(std::string_view in, std::string& out);
bool utf8_to_unicode(std::string_view in, std::string& out);

}  // namespace bulwark::waf::steps
