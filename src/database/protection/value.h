// Values of PostgreSQL's types in their two formats, text and binary: to one plain text and back, so that whatever is done to a value
// is done once, whichever format a client asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark::database {

/// Object ids of types that are known here (pg_type.dat; they never change).
namespace type_oid {
inline constexpr std::uint32_t kBool = 16;
inline constexpr std::uint32_t kBytea = 17;
inline constexpr std::uint32_t kName = 19;
inline constexpr std::uint32_t kInt8 = 20;
inline constexpr std::uint32_t kInt2 = 21;
inline constexpr std::uint32_t kInt4 = 23;
inline constexpr std::uint32_t kText = 25;
inline constexpr std::uint32_t kJson = 114;
inline constexpr std::uint32_t kFloat4 = 700;
inline constexpr std::uint32_t kFloat8 = 701;
inline constexpr std::uint32_t kUnknown = 705;
inline constexpr std::uint32_t kBpchar = 1042;
inline constexpr std::uint32_t kVarchar = 1043;
inline constexpr std::uint32_t kDate = 1082;
inline constexpr std::uint32_t kTimestamp = 1114;
inline constexpr std::uint32_t kTimestamptz = 1184;
inline constexpr std::uint32_t kNumeric = 1700;
inline constexpr std::uint32_t kUuid = 2950;
inline constexpr std::uint32_t kJsonb = 3802;
}  // namespace type_oid

enum class Format : std::uint8_t { text, binary };

/// How a session writes dates; only ISO is read, the others are written where the value is fixed.
enum class DateWriting : std::uint8_t { iso, sql, german, postgres };
DateWriting date_writing(std::string_view date_style);

bool is_text(std::uint32_t type);
bool is_integer(std::uint32_t type);

/// The value as plain text: UTF-8, decimal digits, "true"/"false", 8-4-4-4-12, YYYY-MM-DD, lower-case hexadecimal for bytea. Nothing
/// for a type that is not known here and for what is no value of its type (also: infinite dates, dates before the year 1).
std::optional<std::string> plain_value(std::uint32_t type, Format format, std::string_view bytes, DateWriting dates);

/// The other way round. Nothing for what the type cannot hold.
std::optional<std::string> typed_value(std::uint32_t type, Format format, std::string_view plain, DateWriting dates);

/// What a value of type bytea is, in either of its text forms; nothing for what is none.
std::optional<std::string> bytea_bytes(Format format, std::string_view value);

/// Big-endian, as the protocol has its numbers.
void append_integer(std::string& out, std::uint64_t value, std::size_t bytes);
std::uint64_t read_integer(std::string_view bytes);

}  // namespace bulwark::database
