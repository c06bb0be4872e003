// The binary formats are those of the types' send and receive functions.
#include "database/protection/value.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hex.h"

namespace bulwark::database {
namespace {

constexpr std::int64_t kDaysTo2000 = 10957;  // from 1970-01-01 to the first day of PostgreSQL's calendar
constexpr std::string_view kIsoDate = "0000-00-00";

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, and back (H. Hinnant, "chrono-compatible low-level date
/// algorithms").
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

Civil civil_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Nothing unless it is exactly YYYY-MM-DD and such a day exists.
std::optional<std::int64_t> days_of(std::string_view iso) {
  if (iso.size() != kIsoDate.size() || iso[4] != '-' || iso[7] != '-') return std::nullopt;
  const auto year = iso.substr(0, 4);
  const auto month = iso.substr(5, 2);
  const auto day = iso.substr(8, 2);
  if (!digits(year) || !digits(month) || !digits(day) || number(year) == 0) return std::nullopt;
  const std::int64_t days = days_from_civil(number(year), number(month), number(day));
  const Civil back = civil_from_days(days);
  if (back.year != number(year) || back.month != number(month) || back.day != number(day)) return std::nullopt;
  return days;
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::optional<std::string> iso_date(std::int64_t days) {
  const Civil date = civil_from_days(days);
  if (date.year < 1 || date.year > 9999) return std::nullopt;
  return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
}

template <class Integer>
std::optional<Integer> integer_of(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t width_of(std::uint32_t integer_type) { return integer_type == type_oid::kInt2 ? 2 : integer_type == type_oid::kInt4 ? 4 : 8; }

bool fits(std::int64_t value, std::size_t width) {
  return width == 8 || (value >= -(std::int64_t{1} << (8 * width - 1)) && value < (std::int64_t{1} << (8 * width - 1)));
}

std::int64_t sign_extended(std::uint64_t value, std::size_t width) {
  const int unused = static_cast<int>(64 - 8 * width);
  return static_cast<std::int64_t>(value << unused) >> unused;
}

std::optional<std::string> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

/// bytea_output = escape: what is no printable character is \ooo, a backslash is doubled.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out.push_back(text[++i]);
    } else {
      if (i + 3 >= text.size()) return std::nullopt;
      int value = 0;
      for (int k = 1; k <= 3; ++k) {
        if (text[i + static_cast<std::size_t>(k)] < '0' || text[i + static_cast<std::size_t>(k)] > '7') return std::nullopt;
        value = value * 8 + (text[i + static_cast<std::size_t>(k)] - '0');
      }
      if (value > 255) return std::nullopt;
      out.push_back(static_cast<char>(value));
      i += 3;
    }
  }
  return out;
}

constexpr std::array<std::size_t, 4> kUuidDashes = {8, 13, 18, 23};

std::optional<std::string> uuid_bytes(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = std::find(kUuidDashes.begin(), kUuidDashes.end(), i) != kUuidDashes.end();
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) digits.push_back(text[i]);
  }
  return unhex(digits);
}

std::string uuid_text(std::string_view bytes) {
  std::string text = to_hex(bytes);
  for (const std::size_t dash : kUuidDashes) text.insert(dash, 1, '-');
  return text;
}

std::optional<std::string> plain_text_format(std::uint32_t type, std::string_view bytes, DateWriting dates) {
  if (is_text(type) || type == type_oid::kJson || type == type_oid::kJsonb) return std::string(bytes);
  if (is_integer(type)) {
    const auto value = integer_of<std::int64_t>(bytes);
    return value && fits(*value, width_of(type)) ? std::optional(std::to_string(*value)) : std::nullopt;
  }
  switch (type) {
    case type_oid::kBool:
      return bytes == "t" ? std::optional<std::string>("true") : bytes == "f" ? std::optional<std::string>("false") : std::nullopt;
    case type_oid::kUuid: {
      const auto raw = uuid_bytes(bytes);
      return raw ? std::optional(uuid_text(*raw)) : std::nullopt;
    }
    case type_oid::kDate: return dates == DateWriting::iso && days_of(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
    case type_oid::kBytea: {
      const auto raw = bytea_bytes(Format::text, bytes);
      return raw ? std::optional(to_hex(*raw)) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

std::optional<std::string> plain_binary_format(std::uint32_t type, std::string_view bytes) {
  if (is_text(type) || type == type_oid::kJson) return std::string(bytes);
  if (is_integer(type)) {
    if (bytes.size() != width_of(type)) return std::nullopt;
    return std::to_string(sign_extended(read_integer(bytes), bytes.size()));
  }
  switch (type) {
    case type_oid::kJsonb: return bytes.starts_with('\1') ? std::optional(std::string(bytes.substr(1))) : std::nullopt;
    case type_oid::kBool: return bytes.size() == 1 ? std::optional<std::string>(bytes[0] != 0 ? "true" : "false") : std::nullopt;
    case type_oid::kUuid: return bytes.size() == 16 ? std::optional(uuid_text(bytes)) : std::nullopt;
    case type_oid::kDate: return bytes.size() == 4 ? iso_date(sign_extended(read_integer(bytes), 4) + kDaysTo2000) : std::nullopt;
    case type_oid::kBytea: return to_hex(bytes);
    default: return std::nullopt;
  }
}

std::string date_text(std::string_view iso, DateWriting dates) {
  const std::string year(iso.substr(0, 4));
  const std::string month(iso.substr(5, 2));
  const std::string day(iso.substr(8, 2));
  switch (dates) {
    case DateWriting::iso: return std::string(iso);
    case DateWriting::sql: return month + "/" + day + "/" + year;
    case DateWriting::german: return day + "." + month + "." + year;
    case DateWriting::postgres: return month + "-" + day + "-" + year;
  }
  return std::string(iso);
}

std::optional<std::string> binary_value(std::uint32_t type, std::string_view plain) {
  std::string out;
  switch (type) {
    case type_oid::kJsonb: return std::string(1, '\1').append(plain);
    case type_oid::kBool: return std::string(1, plain == "true" ? '\1' : '\0');
    case type_oid::kUuid: return uuid_bytes(plain);
    case type_oid::kBytea: return unhex(plain);
    case type_oid::kDate: {
      const auto days = days_of(plain);
      if (!days) return std::nullopt;
      append_integer(out, static_cast<std::uint64_t>(*days - kDaysTo2000), 4);
      return out;
    }
    default: return std::string(plain);
  }
}

}  // namespace

std::optional<std::string> bytea_bytes(Format format, std::string_view value) {
  if (format == Format::binary) return std::string(value);
  return value.starts_with("\\x") ? unhex(value.substr(2)) : unescaped(value);
}

void append_integer(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t left = bytes; left > 0; --left) out.push_back(static_cast<char>(value >> (8 * (left - 1))));
}

std::uint64_t read_integer(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

DateWriting date_writing(std::string_view date_style) {
  if (date_style.starts_with("SQL")) return DateWriting::sql;
  if (date_style.starts_with("German")) return DateWriting::german;
  if (date_style.starts_with("Postgres")) return DateWriting::postgres;
  return DateWriting::iso;
}

bool is_text(std::uint32_t type) {
  return type == type_oid::kText || type == type_oid::kVarchar || type == type_oid::kBpchar || type == type_oid::kName ||
         type == type_oid::kUnknown;
}

bool is_integer(std::uint32_t type) { return type == type_oid::kInt2 || type == type_oid::kInt4 || type == type_oid::kInt8; }

std::optional<std::string> plain_value(std::uint32_t type, Format format, std::string_view bytes, DateWriting dates) {
  return format == Format::text ? plain_text_format(type, bytes, dates) : plain_binary_format(type, bytes);
}

std::optional<std::string> typed_value(std::uint32_t type, Format format, std::string_view plain, DateWriting dates) {
  if (is_integer(type)) {
    const auto value = integer_of<std::int64_t>(plain);
    if (!value || !fits(*value, width_of(type))) return std::nullopt;
    if (format == Format::text) return std::string(plain);
    std::string out;
    append_integer(out, static_cast<std::uint64_t>(*value), width_of(type));
    return out;
  }
  if (type == type_oid::kBool && plain != "true" && plain != "false") return std::nullopt;
  if (format == Format::binary) return binary_value(type, plain);
  switch (type) {
    case type_oid::kBool: return plain == "true" ? "t" : "f";
    case type_oid::kUuid: return uuid_bytes(plain) ? std::optional(std::string(plain)) : std::nullopt;
    case type_oid::kBytea: return unhex(plain) ? std::optional("\\x" + std::string(plain)) : std::nullopt;
    case type_oid::kDate: return days_of(plain) ? std::optional(date_text(plain, dates)) : std::nullopt;
    default: return std::string(plain);
  }
}

}  // namespace bulwark::database
