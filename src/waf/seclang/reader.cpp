// Directives by name, and files by Include.
#include "waf/seclang/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "waf/seclang/arguments.h"
#include "waf/seclang/text.h"
#include "waf/seclang/tokens.h"

namespace bulwark::waf::seclang {
namespace {

// Directives with one value. Those about the reference's own audit log, debug log and files are accepted so that existing
// configurations load, and have no effect: what Bulwark records and where is its own configuration's matter
// (docs/operating/waf.md lists each).
constexpr auto kSettings = std::to_array<std::string_view>({
    "SecArgumentSeparator",
    "SecArgumentsLimit",
    "SecAuditEngine",
    "SecAuditLog",
    "SecAuditLog2",
    "SecAuditLogDirMode",
    "SecAuditLogFileMode",
    "SecAuditLogFormat",
    "SecAuditLogParts",
    "SecAuditLogRelevantStatus",
    "SecAuditLogStorageDir",
    "SecAuditLogType",
    "SecCollectionTimeout",
    "SecComponentSignature",
    "SecConnEngine",
    "SecContentInjection",
    "SecCookieFormat",
    "SecCookieV0Separator",
    "SecDataDir",
    "SecDebugLog",
    "SecDebugLogLevel",
    "SecDisableBackendCompression",
    "SecGeoLookupDb",
    "SecHashEngine",
    "SecInterceptOnError",
    "SecParseXmlIntoArgs",
    "SecPcreMatchLimit",
    "SecPcreMatchLimitRecursion",
    "SecRequestBodyAccess",
    "SecRequestBodyInMemoryLimit",
    "SecRequestBodyJsonDepthLimit",
    "SecRequestBodyLimit",
    "SecRequestBodyLimitAction",
    "SecRequestBodyNoFilesLimit",
    "SecResponseBodyAccess",
    "SecResponseBodyLimit",
    "SecResponseBodyLimitAction",
    "SecResponseBodyMimeType",
    "SecResponseBodyMimeTypesClear",
    "SecRuleEngine",
    "SecRuleInheritance",
    "SecRulePerfTime",
    "SecSensorId",
    "SecServerSignature",
    "SecStatusEngine",
    "SecStreamInBodyInspection",
    "SecStreamOutBodyInspection",
    "SecTmpDir",
    "SecTmpSaveUploadedFiles",
    "SecUnicodeCodePage",
    "SecUnicodeMapFile",
    "SecUploadDir",
    "SecUploadFileLimit",
    "SecUploadFileMode",
    "SecUploadKeepFiles",
    "SecWebAppId",
    "SecXmlExternalEntity",
});

class Reader {
 public:
  explicit Reader(Escapes escapes) : escapes_(escapes) {}
  Result<Document> finish() { return std::move(document_); }

  Result<void> include(const std::string& pattern, bool optional, std::size_t depth, const Position* from) {
    const std::vector<std::string> paths = matching(pattern);
    document_.inputs.globs.push_back({pattern, paths});
    if (paths.empty() && !optional) return fail(from, fmt::format("no file matches {}", pattern));
    for (const auto& path : paths)
      if (auto read = read_file(path, depth, from); !read) return read;
    return {};
  }

  Result<void> read_text(std::string_view text, std::string_view name, std::size_t depth) {
    const auto file = static_cast<std::uint32_t>(document_.files.size());
    document_.files.emplace_back(name);
    Tokenizer tokens(text, file, name, escapes_);
    while (true) {
      Line line = TRY(tokens.next());
      if (line.empty()) return {};
      if (auto read = read_directive(line, depth); !read) return read;
    }
  }

 private:
  Result<void> fail(const Position* at, std::string_view message) const {
    if (at == nullptr) return config_error(std::string(message));
    return error_at(document_.files[at->file], *at, message);
  }

  Result<void> read_file(const std::string& path, std::size_t depth, const Position* from) {
    if (depth > kMaxIncludeDepth) return fail(from, "includes are nested too deeply");
    if (document_.files.size() == kMaxFiles) return fail(from, "too many files");
    std::error_code status;
    if (!std::filesystem::is_regular_file(path, status)) return fail(from, fmt::format("{} is not a file", path));
    if (std::filesystem::file_size(path, status) > kMaxFileBytes) return fail(from, fmt::format("{} is larger than 16 MiB", path));
    document_.inputs.files.push_back(FileStamp::of(path));
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(from, fmt::format("cannot open {}", path));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return read_text(text, path, depth);
  }

  std::string_view name_of(const Token& token) const { return document_.files[token.at.file]; }

  Result<void> expect(const Line& line, std::size_t least, std::size_t most) const {
    const std::size_t given = line.size() - 1;
    if (given < least)
      return error_at(name_of(line[0]), line[0].at, fmt::format("{} needs {} argument{}", line[0].text, least, least == 1 ? "" : "s"));
    if (given > most)
      return error_at(name_of(line[0]), line[most + 1].at,
                      fmt::format("{} takes at most {} argument{}", line[0].text, most, most == 1 ? "" : "s"));
    return {};
  }

  Result<void> add(const Line& line, decltype(Directive::what) what) {
    if (document_.directives.size() == kMaxDirectives) return fail(&line[0].at, "too many directives");
    document_.directives.push_back({line[0].at, std::move(what)});
    return {};
  }

  Result<void> read_rule(const Line& line) {
    TRY(expect(line, 2, 3));
    Rule rule;
    rule.variables = TRY(parse_variables(line[1], name_of(line[0])));
    rule.op = TRY(parse_operator(line[2], name_of(line[0])));
    if (line.size() > 3) rule.actions = TRY(parse_actions(line[3], name_of(line[0])));
    return add(line, std::move(rule));
  }

  Result<void> read_action(const Line& line) {
    TRY(expect(line, 1, 1));
    Rule rule;
    rule.unconditional = true;
    rule.actions = TRY(parse_actions(line[1], name_of(line[0])));
    return add(line, std::move(rule));
  }

  Result<void> read_include(const Line& line, bool optional, std::size_t depth) {
    TRY(expect(line, 1, 1));
    std::filesystem::path path = line[1].text;
    if (path.is_relative()) path = std::filesystem::path(name_of(line[0])).parent_path() / path;
    return include(path.string(), optional, depth + 1, &line[1].at);
  }

  Result<void> read_selection(const Line& line, std::string_view by, std::size_t end, RuleSelection& out) const {
    if (by == "bytag")
      out.tag = line[1].text;
    else if (by == "bymsg")
      out.message = line[1].text;
    else
      for (std::size_t i = 1; i < end; ++i) TRY(parse_ids(line[i], name_of(line[0]), out.ids));
    return {};
  }

  Result<void> read_remove(const Line& line, std::string_view by) {
    TRY(expect(line, 1, by == "byid" ? Tokenizer::kMaxTokens : 1));
    RemoveRules remove;
    TRY(read_selection(line, by, line.size(), remove.selection));
    return add(line, std::move(remove));
  }

  Result<void> read_update_target(const Line& line, std::string_view by) {
    TRY(expect(line, 2, 3));
    UpdateTargets update;
    TRY(read_selection(line, by, 2, update.selection));
    update.variables = TRY(parse_variables(line[2], name_of(line[0])));
    if (line.size() == 4) update.replaced = TRY(parse_variables(line[3], name_of(line[0])));
    return add(line, std::move(update));
  }

  Result<void> read_update_action(const Line& line) {
    TRY(expect(line, 2, 2));
    std::vector<RuleSelection::Range> ids;
    TRY(parse_ids(line[1], name_of(line[0]), ids));
    if (ids.size() != 1 || ids[0].first != ids[0].last) return error_at(name_of(line[0]), line[1].at, "expected one rule id");
    return add(line, UpdateActions{ids[0].first, TRY(parse_actions(line[2], name_of(line[0])))});
  }

  Result<void> read_setting(const Line& line) {
    const std::string_view name = known_setting(line[0].text);
    if (name.empty()) return error_at(name_of(line[0]), line[0].at, fmt::format("directive {} is not supported", line[0].text));
    TRY(expect(line, name == "SecResponseBodyMimeTypesClear" ? 0 : 1, Tokenizer::kMaxTokens));
    std::string value;
    for (std::size_t i = 1; i < line.size(); ++i) value.append(i == 1 ? "" : " ").append(line[i].text);
    return add(line, Setting{std::string(name), std::move(value)});
  }

  Result<void> read_directive(const Line& line, std::size_t depth) {
    const std::string name = lower(line[0].text);
    if (name == "secrule") return read_rule(line);
    if (name == "secaction") return read_action(line);
    if (name == "include" || name == "includeoptional") return read_include(line, name == "includeoptional", depth);
    if (name == "secmarker") {
      TRY(expect(line, 1, 1));
      return add(line, Marker{line[1].text});
    }
    if (name == "secdefaultaction") {
      TRY(expect(line, 1, 1));
      return add(line, DefaultAction{TRY(parse_actions(line[1], name_of(line[0])))});
    }
    if (name == "secruleremovebyid" || name == "secruleremovebytag" || name == "secruleremovebymsg")
      return read_remove(line, std::string_view(name).substr(13));
    if (name == "secruleupdatetargetbyid" || name == "secruleupdatetargetbytag" || name == "secruleupdatetargetbymsg")
      return read_update_target(line, std::string_view(name).substr(19));
    if (name == "secruleupdateactionbyid") return read_update_action(line);
    return read_setting(line);
  }

  Escapes escapes_;
  Document document_;
};

}  // namespace

std::string_view known_setting(std::string_view name) {
  for (const auto known : kSettings)
    if (same_text(known, name)) return known;
  return {};
}

void append(Document& first, Document next) {
  const auto offset = static_cast<std::uint32_t>(first.files.size());
  first.inputs.add(next.inputs);
  for (auto& file : next.files) first.files.push_back(std::move(file));
  for (auto& directive : next.directives) {
    directive.at.file += offset;
    auto move_on = [offset](std::vector<ActionPart>& actions) {
      for (auto& action : actions) action.at.file += offset;
    };
    if (auto* rule = std::get_if<Rule>(&directive.what)) move_on(rule->actions);
    if (auto* defaults = std::get_if<DefaultAction>(&directive.what)) move_on(defaults->actions);
    if (auto* update = std::get_if<UpdateActions>(&directive.what)) move_on(update->actions);
    first.directives.push_back(std::move(directive));
  }
}

Result<Document> read_files(const std::vector<std::string>& paths, Escapes escapes) {
  Reader reader(escapes);
  for (const auto& path : paths) TRY(reader.include(path, false, 0, nullptr));
  return reader.finish();
}

Result<Document> read_text(std::string_view text, std::string_view name, Escapes escapes) {
  Reader reader(escapes);
  TRY(reader.read_text(text, name, 0));
  return reader.finish();
}

}  // namespace bulwark::waf::seclang
