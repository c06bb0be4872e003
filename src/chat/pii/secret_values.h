// Values that are credentials because of what stands beside them: "password = …", "api_key: …". A value is believed only if it
// looks chosen or drawn, not written by a programmer who reads it elsewhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace bulwark::chat::pii {

inline constexpr std::size_t kMaxName = 48;

/// A value and how it was written.
struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
};

/// The value that begins at `at`, after blanks and signs of assignment; in quotes or up to a blank or separator. Empty: none.
Value value_at(std::string_view text, std::size_t at);
/// The name in front of `at`, across blanks, quotes and brackets; for `value="…"` in markup, what its `key` or `name` says.
std::string_view name_before(std::string_view text, std::size_t at);

/// How firmly the writing says that a value is meant as it stands.
enum class Writing {
  loose,   ///< "password = value"
  tight,   ///< "PASSWORD=value", as in shells and .env files
  paired,  ///< "user = name" shortly before "password = value"
  listed,  ///< "…;Password=value;…", a connection string
};

/// Whether a value beside that name opens a door.
bool is_believed(std::string_view name, std::string_view value, bool quoted, Writing writing);

/// A reference, a type, a placeholder: nothing that opens a door.
bool stands_for_another(std::string_view value);

/// Whether the text speaks of credentials or of a service that gives them out.
bool speaks_of_credentials(std::string_view text);

}  // namespace bulwark::chat::pii
