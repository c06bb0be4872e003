// Hashes and tokens are HMAC-SHA-256 of the plain value, cut to what the type holds.
#include "database/protection/mask.h"

#include <algorithm>

#include "base/hex.h"
#include "base/utf8.h"
#include "crypto/mac.h"

namespace bulwark::database {
namespace {

constexpr std::string_view kCovered = "********";
constexpr std::size_t kTokenDigestBytes = 18;  // 24 characters of base64url
constexpr std::string_view kFirstDay = "2000-01-01";
constexpr std::uint64_t kPseudonymDays = 36'524;  // a hundred years
constexpr std::uint64_t kDaysTo1950 = 18'262;     // from there to PostgreSQL's first day

crypto::Key key_of(const MaskSettings& settings, const crypto::Key& secret) {
  const bool token = settings.mask == MaskKind::token;
  const std::string& of = token && !settings.domain.empty() ? settings.domain : settings.column;
  crypto::Key key;
  key.bytes = crypto::hmac_sha256(secret, std::string(token ? "mask token " : "mask hash ") + of);
  return key;
}

/// The fixed value of each type that has one; nothing: NULL.
std::optional<std::string> fixed(const ValueForm& form) {
  const bool text = form.format == Format::text;
  const auto number = [&](std::size_t bytes) { return text ? std::string("0") : std::string(bytes, '\0'); };
  switch (form.type) {
    case type_oid::kFloat4: return number(4);
    case type_oid::kFloat8:
    case type_oid::kNumeric: return number(8);
    case type_oid::kTimestamp:
    case type_oid::kTimestamptz: {
      if (!text) return number(8);
      const bool zoned = form.type == type_oid::kTimestamptz;
      if (form.dates == DateWriting::postgres) return std::string("Sat Jan 01 00:00:00 2000") + (zoned ? " UTC" : "");
      return typed_value(type_oid::kDate, Format::text, kFirstDay, form.dates).value_or("") + " 00:00:00" +
             (!zoned                           ? ""
              : form.dates == DateWriting::iso ? "+00"
                                               : " UTC");
    }
    case type_oid::kJson:
    case type_oid::kJsonb: return typed_value(form.type, form.format, "{}", form.dates);
    case type_oid::kBytea: return typed_value(form.type, form.format, "", form.dates);
    case type_oid::kBool: return typed_value(form.type, form.format, "false", form.dates);
    case type_oid::kDate: return typed_value(form.type, form.format, kFirstDay, form.dates);
    case type_oid::kUuid: return typed_value(form.type, form.format, "00000000-0000-0000-0000-000000000000", form.dates);
    default: break;
  }
  if (is_integer(form.type)) return typed_value(form.type, form.format, "0", form.dates);
  if (is_text(form.type)) return std::string(kCovered);
  return std::nullopt;
}

/// How many characters a value of varchar(n) or char(n) may have.
std::string within(const ValueForm& form, std::string text) {
  constexpr std::int32_t kModifierOffset = 4;  // VARHDRSZ
  const bool limited = form.type == type_oid::kVarchar || form.type == type_oid::kBpchar;
  if (limited && form.modifier >= kModifierOffset)
    text.resize(std::min(text.size(), static_cast<std::size_t>(form.modifier - kModifierOffset)));
  return text;
}

}  // namespace

std::string partly_covered(std::string_view text, std::size_t keep_first, std::size_t keep_last) {
  std::size_t characters = 0;
  const auto step = [](std::string_view rest) { return std::max<std::size_t>(1, utf8_sequence_length(rest)); };
  for (std::size_t at = 0; at < text.size(); at += step(text.substr(at))) ++characters;
  const bool all = characters <= keep_first + keep_last;
  std::string out;
  std::size_t index = 0;
  for (std::size_t at = 0; at < text.size(); ++index) {
    const std::size_t size = step(text.substr(at));
    if (!all && (index < keep_first || index >= characters - keep_last))
      out.append(text.substr(at, size));
    else
      out.push_back('*');
    at += size;
  }
  return out;
}

std::string partly_zeroed(std::string_view digits, std::size_t keep_first, std::size_t keep_last) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto count = static_cast<std::size_t>(std::count_if(digits.begin(), digits.end(), is_digit));
  const bool all = count <= keep_first + keep_last;
  std::string out(digits);
  std::size_t index = 0;
  for (char& c : out) {
    if (!is_digit(c)) continue;
    if (all || (index >= keep_first && index < count - keep_last)) c = '0';
    ++index;
  }
  return out;
}

Mask::Mask(const MaskSettings& settings, const crypto::Key& secret) : settings_(settings), key_(key_of(settings, secret)) {}

std::optional<std::string> Mask::cover(const ValueForm& form, std::string_view value) const {
  if (settings_.mask == MaskKind::full || form.type == type_oid::kBool) return fixed(form);
  const auto plain = plain_value(form.type, form.format, value, form.dates);
  auto shown = plain ? covered(form, *plain) : std::nullopt;
  return shown ? std::move(shown) : fixed(form);
}

std::optional<std::string> Mask::covered(const ValueForm& form, const std::string& plain) const {
  if (form.type == type_oid::kJson || form.type == type_oid::kJsonb) return std::nullopt;
  if (settings_.mask != MaskKind::partial) return typed_value(form.type, form.format, pseudonym(form, plain), form.dates);
  if (is_text(form.type)) return partly_covered(plain, settings_.keep_first, settings_.keep_last);
  if (form.type == type_oid::kDate) return typed_value(form.type, form.format, plain.substr(0, 4) + "-01-01", form.dates);
  if (is_integer(form.type)) {
    const std::string zeroed = partly_zeroed(plain, settings_.keep_first, settings_.keep_last);
    const bool negative = zeroed.starts_with('-');
    const auto significant = zeroed.find_first_not_of("-0");
    if (significant == std::string::npos) return typed_value(form.type, form.format, "0", form.dates);
    return typed_value(form.type, form.format, (negative ? "-" : "") + zeroed.substr(significant), form.dates);
  }
  return typed_value(form.type, form.format, partly_zeroed(plain, settings_.keep_first, settings_.keep_last), form.dates);
}

std::string Mask::pseudonym(const ValueForm& form, std::string_view plain) const {
  const crypto::Digest digest = crypto::hmac_sha256(key_, plain);
  const std::string_view bytes = crypto::as_bytes(digest);
  const std::uint64_t number = read_integer(bytes.substr(0, 8));
  switch (form.type) {
    case type_oid::kInt2: return std::to_string(number >> 49);
    case type_oid::kInt4: return std::to_string(number >> 33);
    case type_oid::kInt8: return std::to_string(number >> 1);
    case type_oid::kBytea: return to_hex(bytes);
    case type_oid::kDate: {
      std::string day;
      append_integer(day, number % kPseudonymDays - kDaysTo1950, 4);
      return plain_value(type_oid::kDate, Format::binary, day, form.dates).value_or(std::string(kFirstDay));
    }
    case type_oid::kUuid: {
      std::string raw(bytes.substr(0, 16));
      raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x80);  // version 8, of one's own making (RFC 9562 §5.8)
      raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);
      return plain_value(type_oid::kUuid, Format::binary, raw, form.dates).value_or("");
    }
    default:
      return within(form,
                    settings_.mask == MaskKind::token ? "tok_" + crypto::base64url(bytes.substr(0, kTokenDigestBytes)) : to_hex(bytes));
  }
}

}  // namespace bulwark::database
