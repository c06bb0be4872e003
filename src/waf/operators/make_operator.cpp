#include <array>
#include <fstream>

#include <fmt/format.h>

#include "waf/operators/factories.h"
#include "waf/seclang/inputs.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf {
namespace {

using operators::Made;
using operators::Request;

enum class Macros : unsigned char { no, yes };

struct Entry {
  std::string_view name;
  Made (*make)(const Request&);  ///< null: known, and not supported
  Macros macros = Macros::no;
};

constexpr Entry kOperators[] = {
    {"beginsWith", operators::begins_with, Macros::yes},
    {"contains", operators::contains, Macros::yes},
    {"containsWord", operators::contains_word, Macros::yes},
    {"detectSQLi", operators::detect_sqli},
    {"detectXSS", operators::detect_xss},
    {"endsWith", operators::ends_with, Macros::yes},
    {"eq", operators::eq, Macros::yes},
    {"fuzzyHash", nullptr},
    {"ge", operators::ge, Macros::yes},
    {"geoLookup", operators::geo_lookup},
    {"gsbLookup", nullptr},
    {"gt", operators::gt, Macros::yes},
    {"inspectFile", nullptr},
    {"ipMatch", operators::ip_match},
    {"ipMatchFromFile", operators::ip_match_from_file},
    {"le", operators::le, Macros::yes},
    {"lt", operators::lt, Macros::yes},
    {"noMatch", operators::no_match},
    {"pm", operators::pm},
    {"pmFromFile", operators::pm_from_file},
    {"rbl", operators::rbl},
    {"rsub", nullptr},
    {"rx", operators::rx, Macros::yes},
    {"rxGlobal", operators::rx_global, Macros::yes},
    {"streq", operators::streq, Macros::yes},
    {"strmatch", operators::strmatch, Macros::yes},
    {"unconditionalMatch", operators::unconditional_match},
    {"validateByteRange", operators::validate_byte_range},
    {"validateDTD", nullptr},
    {"validateHash", nullptr},
    {"validateSchema", nullptr},
    {"validateUrlEncoding", operators::validate_url_encoding},
    {"validateUtf8Encoding", operators::validate_utf8_encoding},
    {"verifyCC", operators::verify_cc},
    {"verifyCPF", operators::verify_cpf},
    {"verifySSN", operators::verify_ssn},
    {"verifySVNR", operators::verify_svnr},
    {"within", operators::within, Macros::yes},
};

constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"pmf", "pmFromFile"},
    {"ipMatchF", "ipMatchFromFile"},
};

const Entry* find(std::string_view name) {
  for (const auto& [alias, canonical] : kAliases) {
    if (equals_ignoring_case(name, alias)) name = canonical;
  }
  for (const Entry& entry : kOperators) {
    if (equals_ignoring_case(name, entry.name)) return &entry;
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<const Operator>> make_operator(std::string_view name, std::string_view argument,
                                                      const OperatorEnvironment& environment) {
  const Entry* entry = find(name);
  if (entry == nullptr) return config_error(fmt::format("unknown operator @{}", name));
  if (entry->make == nullptr) return config_error(fmt::format("operator @{} is not supported", entry->name));
  const bool has_macros = entry->macros == Macros::yes && argument.find("%{") != std::string_view::npos;
  return entry->make(Request{entry->name, std::string(argument), has_macros, environment});
}

Result<std::string> operators::read_rule_data(const Request& request) {
  const auto fail = [&](std::string_view why) { return config_error(fmt::format("@{} {}: {}", request.name, request.argument, why)); };
  if (request.argument.starts_with("https://") || request.argument.starts_with("http://")) return fail("remote files are not read");
  const std::filesystem::path path = request.environment.directory / request.argument;  // an absolute argument stands alone
  if (request.environment.inputs != nullptr) request.environment.inputs->files.push_back(seclang::FileStamp::of(path.string()));
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return fail(error.message());
  if (size > kMaxRuleDataBytes) return fail(fmt::format("is longer than {} bytes", kMaxRuleDataBytes));
  std::ifstream stream(path, std::ios::binary);
  std::string text(size, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(size))) return fail("cannot be read");
  return text;
}

}  // namespace bulwark::waf
