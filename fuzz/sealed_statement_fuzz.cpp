// Statements and bound values on their way to encrypted columns. First byte even: any statement; what comes out is a statement by
// PostgreSQL's grammar, and no literal of the first that was to be sealed is left in it. Odd: any bytes as the values of a Bind.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "database/protection/fixed_catalogue.h"
#include "database/protection/sealing.h"

using namespace bulwark::database;

namespace {

constexpr std::string_view kMark = "Zsecret";

const std::shared_ptr<const Protection>& protection() {
  static const auto made = [] {
    const auto file = std::filesystem::temp_directory_path() / ("bulwark-fuzz-keys-" + std::to_string(getpid()));
    auto keys = ColumnKeys::open(file, bulwark::crypto::Key(), {"users.email", "users.age"});
    std::filesystem::remove(file);
    if (!keys.ok()) abort();
    ProtectionSettings settings;
    settings.encrypt = {{"users.email"}, {"users.age", SealedType::integer}};
    return FixedCatalogue::protect(settings, *keys);
  }();
  return made;
}

bulwark::Result<std::shared_ptr<SealedStatement>> sealed(std::string_view text, const sql::LexerOptions& options) {
  static thread_local StatementParser parser;
  const auto parsed = parser.parse(text, options);
  if (!parsed.ok()) return parsed.error();
  const auto facts = (*parsed)->shared_facts();
  return seal_statement(text, options, *facts, *protection()->catalogue("app"), protection());
}

void statement(std::string_view text, const sql::LexerOptions& options) {
  const auto made = sealed(text, options);
  if (!made.ok() || *made == nullptr) return;
  static thread_local StatementParser again;
  if (!again.parse((*made)->sql, options).ok()) abort();
}

/// The text as a literal in a place where it must be sealed.
void literal(std::string_view text, const sql::LexerOptions& options) {
  std::string value(kMark);
  for (const char c : text)
    if (c != '\0') value.append(c == '\'' || c == '\\' ? 2 : 1, c);
  const std::string insert =
      "insert into users (id, email) values (1, " + std::string(options.standard_conforming_strings ? "E" : "") + "'" + value + "')";
  const auto made = sealed(insert, options);
  if (!made.ok()) return;
  if (*made == nullptr || (*made)->sql.find(kMark) != std::string::npos) abort();
}

void bound(std::string_view bytes) {
  static const auto prepared = [] {
    auto made = sealed("update users set email = $2, age = $3 where id = $1 and email = $4", {});
    if (!made.ok() || *made == nullptr) abort();
    return *std::move(made);
  }();
  (void)seal_bound_values(bytes, *prepared);
  (void)describe_parameters(bytes, *prepared);
  SealedStatement copy = *prepared;
  (void)seal_parameter_types(bytes, copy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view in(reinterpret_cast<const char*>(data) + 1, size - 1);
  const sql::LexerOptions options{(data[0] & 2) == 0};
  if ((data[0] & 1) != 0) {
    bound(in);
  } else if ((data[0] & 4) != 0) {
    literal(in, options);
  } else {
    statement(in, options);
  }
  return 0;
}
