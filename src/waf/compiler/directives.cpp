// "Name value" directives that change how the engine works. The others were read and mean nothing here (see seclang/reader.cpp).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

#include "waf/operators/geo.h"

#include "waf/compiler/builder.h"
#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What these would switch on does not exist here; switching it off changes nothing.
constexpr auto kOnlyOff =
    std::to_array<std::string_view>({"SecConnEngine", "SecContentInjection", "SecHashEngine", "SecInterceptOnError",
                                     "SecStreamInBodyInspection", "SecStreamOutBodyInspection", "SecXmlExternalEntity"});

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(lower(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const GeoDatabase>> Builder::open_geo_database(const std::string& path) {
  program_->inputs.files.push_back(seclang::FileStamp::of(path));
  return GeoDatabase::open(path);
}

Result<XmlArguments> Builder::xml_arguments(std::string_view value, const seclang::Position& at) const {
  if (same_text(value, "off")) return XmlArguments::off;
  if (same_text(value, "on")) return XmlArguments::on;
  if (same_text(value, "onlyargs")) return XmlArguments::only;
  return fail(at, "XML into arguments is On, Off or OnlyArgs");
}

Result<void> Builder::apply_setting(const seclang::Setting& setting, const seclang::Position& at) {
  ProgramSettings& out = program_->settings;
  const std::string& name = setting.name;
  const std::string value = lower(setting.value);
  const auto wrong = [&](std::string_view expected) { return fail(at, fmt::format("{} expects {}", name, expected)); };
  const auto flag = [&](bool& into) -> Result<void> {
    if (value != "on" && value != "off") return wrong("On or Off");
    into = value == "on";
    return {};
  };
  const auto count = [&](auto& into, std::uint64_t most) -> Result<void> {
    const auto given = number(value);
    if (!given || *given == 0 || *given > most) return wrong(fmt::format("a number from 1 to {}", most));
    into = static_cast<std::remove_reference_t<decltype(into)>>(*given);
    return {};
  };

  if (name == "SecRuleEngine") {
    if (value == "on")
      out.engine = Engine::on;
    else if (value == "off")
      out.engine = Engine::off;
    else if (value == "detectiononly")
      out.engine = Engine::detect;
    else
      return wrong("On, Off or DetectionOnly");
    return {};
  }
  if (std::find(kOnlyOff.begin(), kOnlyOff.end(), name) != kOnlyOff.end())
    return value == "off" ? Result<void>{} : fail(at, fmt::format("{} is not supported", name));
  if (name == "SecCookieFormat") return value == "0" ? Result<void>{} : wrong("0: cookies are read as RFC 6265 says");
  if (name == "SecCookieV0Separator") return value == ";" ? Result<void>{} : wrong("a semicolon");
  if (name == "SecRequestBodyAccess") return flag(out.request_body_access);
  if (name == "SecResponseBodyAccess") return flag(out.response_body_access);
  if (name == "SecParseXmlIntoArgs") {
    out.xml_arguments = TRY(xml_arguments(value, at));
    return {};
  }
  if (name == "SecArgumentsLimit") return count(out.arguments_limit, 100'000);
  if (name == "SecRequestBodyJsonDepthLimit") return count(out.json_depth_limit, 10'000);
  if (name == "SecUploadFileLimit") return count(out.upload_file_limit, 10'000);
  if (name == "SecPcreMatchLimit") {
    // The reference's recommended 1000 counts differently under JIT; a lower limit than ours would only cause false verdicts.
    std::uint32_t given = 0;
    TRY(count(given, 10'000'000));
    out.match_limit = std::max(given, kDefaultMatchLimit);
    return {};
  }
  constexpr std::uint64_t kLargestBody = 1ULL << 40;
  if (name == "SecRequestBodyLimit") return count(out.request_body_limit, kLargestBody);
  if (name == "SecRequestBodyNoFilesLimit") return count(out.no_files_limit, kLargestBody);
  if (name == "SecResponseBodyLimit") return count(out.response_body_limit, kLargestBody);
  if (name == "SecRequestBodyLimitAction" || name == "SecResponseBodyLimitAction") {
    if (value != "reject" && value != "processpartial") return wrong("Reject or ProcessPartial");
    (name == "SecRequestBodyLimitAction" ? out.reject_long_request : out.reject_long_response) = value == "reject";
    return {};
  }
  if (name == "SecCollectionTimeout") return count(out.collection_timeout_s, 366ULL * 86'400);
  if (name == "SecArgumentSeparator") {
    if (setting.value.size() != 1) return wrong("one character");
    out.argument_separator = setting.value[0];
    return {};
  }
  if (name == "SecWebAppId") out.web_app_id = setting.value;
  if (name == "SecComponentSignature") out.component_signatures.push_back(setting.value);
  if (name == "SecResponseBodyMimeType") out.response_mime_types = words(value);
  if (name == "SecResponseBodyMimeTypesClear") out.response_mime_types.clear();
  if (name == "SecGeoLookupDb") {
    std::filesystem::path path = setting.value;
    if (path.is_relative()) path = std::filesystem::path(document_.files[at.file]).parent_path() / path;
    auto opened = open_geo_database(path.string());
    if (!opened) return fail(at, opened.error().message);
    geo_ = std::move(*opened);
  }
  if (name == "SecUnicodeMapFile") {  // "unicode.mapping 20127"
    const std::size_t space = setting.value.rfind(' ');
    const auto code_page = number(setting.value.substr(space == std::string::npos ? 0 : space + 1));
    if (space == std::string::npos || !code_page || *code_page > 65'535) return wrong("a file and a code page");
    std::filesystem::path path = setting.value.substr(0, space);
    if (path.is_relative()) path = std::filesystem::path(document_.files[at.file]).parent_path() / path;
    program_->inputs.files.push_back(seclang::FileStamp::of(path.string()));
    auto loaded = UnicodeMap::load(path, static_cast<unsigned>(*code_page));
    if (!loaded) return fail(at, loaded.error().message);
    out.unicode_map = std::move(*loaded);
  }
  return {};
}

}  // namespace bulwark::waf
