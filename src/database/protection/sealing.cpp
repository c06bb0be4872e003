// The tree says where values stand, the tokens where they end.
#include "database/protection/sealing.h"

#include <algorithm>

#include "base/hex.h"
#include "database/protection/column_cipher.h"
#include "database/sql/value_sites.h"
#include "wire/postgres/cursor.h"

namespace bulwark::database {
namespace {

using wire::postgres::Cursor;

struct Edit {
  std::size_t begin;
  std::size_t end;
  std::string text;
};

/// Read the same whatever standard_conforming_strings is. In brackets, as all that is put in: a word may adjoin what was there.
std::string bytea_literal(std::string_view bytes) { return "(E'\\\\x" + to_hex(bytes) + "'::pg_catalog.bytea)"; }

std::string without_comments(std::string_view text, std::span<const sql::Token> tokens) {
  std::string out(text);
  for (const auto& each : tokens)
    if (each.kind == sql::TokenKind::comment) std::fill(out.begin() + each.begin, out.begin() + each.end, ' ');
  return out;
}

class Sealer {
 public:
  Sealer(std::string_view text, const ShapeFacts& facts, const Catalogue& catalogue, std::shared_ptr<const Protection> protection)
      : text_(text), facts_(facts), catalogue_(catalogue), made_(std::make_shared<SealedStatement>()) {
    made_->protection = std::move(protection);
  }

  Result<std::shared_ptr<SealedStatement>> run(const sql::LexerOptions& options) {
    TRY(sql::tokenize(text_, options, tokens_));
    const auto found = TRY(sql::collect_value_sites(without_comments(text_, tokens_), options));
    tokens_.erase(std::remove_if(tokens_.begin(), tokens_.end(), [](const auto& each) { return each.kind == sql::TokenKind::comment; }),
                  tokens_.end());
    for (const auto& site : found.sites) TRY(take(site));
    for (const auto& [number, times] : uses_)
      if (found.parameters.at(number) != times)
        return refuse(made_->parameters.at(number).column, "parameter $" + std::to_string(number) + " stands elsewhere too");
    if (edits_.empty() && made_->parameters.empty()) return std::shared_ptr<SealedStatement>();
    const bool prepared = std::find(facts_.commands.begin(), facts_.commands.end(), Command::prepare) != facts_.commands.end();
    if (prepared && !made_->parameters.empty())
      return refuse(made_->parameters.begin()->second.column, "parameters of PREPARE in SQL are not seen here; prepare it by the protocol");
    apply();
    return made_;
  }

 private:
  static Error refuse(const std::string& column, const std::string& why) {
    return client_error(Code::unsupported, "column " + column + " is encrypted: " + why);
  }

  /// The column that a site means, if it is encrypted.
  struct Target {
    const ColumnCipher* cipher = nullptr;
    std::string name;
  };
  std::vector<Target> targets(const sql::ValueSite& site) const {
    std::vector<Target> out;
    for (const auto& relation : facts_.relations) {
      if (!site.tables.empty() && std::find(site.tables.begin(), site.tables.end(), relation.name) == site.tables.end()) continue;
      for (const auto* each : catalogue_.named(relation.schema, relation.name)) add_targets(*each, site, out);
    }
    return out;
  }
  void add_targets(const CatalogueRelation& relation, const sql::ValueSite& site, std::vector<Target>& out) const {
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      const CatalogueColumn& column = relation.columns[i];
      const bool meant = site.column == "*" || (site.column.empty() ? site.position == i : site.column == column.name);
      const ColumnCipher* cipher = meant ? made_->protection->cipher(column) : nullptr;
      if (cipher == nullptr) continue;
      const bool known = std::any_of(out.begin(), out.end(), [&](const Target& each) { return each.cipher == cipher; });
      if (!known) out.push_back({cipher, display_name(relation, column)});
    }
  }

  Result<void> take(const sql::ValueSite& site) {
    const auto meant = targets(site);
    if (meant.empty()) return {};
    const Target& target = meant.front();
    if (meant.size() > 1 && site.column != "*") return refuse(target.name, "several tables have a column of this name");
    if (site.compared) {
      const bool values = std::all_of(site.operands.begin(), site.operands.end(),
                                      [](const auto& each) { return each.kind != Kind::other && each.kind != Kind::copied; });
      if (!values) return {};  // refused already where it matters: the shape's places say what stands beside what
      if (!target.cipher->settings().lookup) return refuse(target.name, "it has no index to be compared by (lookup: false)");
      TRY(wrap_column(site, target));
    }
    for (const auto& operand : site.operands) TRY(take(operand, site.compared, target));
    return {};
  }

  using Kind = sql::ValueOperand::Kind;

  Result<void> take(const sql::ValueOperand& operand, bool compared, const Target& target) {
    switch (operand.kind) {
      case Kind::nothing:
      case Kind::copied: return {};
      case Kind::other: return refuse(target.name, "only a literal or a parameter, without a cast, can be put there");
      case Kind::literal: {
        const auto plain = plain_value(target.cipher->type(), Format::text, operand.value, DateWriting::iso);
        if (!plain) return client_error(Code::invalid, "a literal is no value of column " + target.name + "'s type");
        return replace_literal(operand.begin, bytea_literal(compared ? target.cipher->compared(*plain) : target.cipher->seal(*plain)));
      }
      case Kind::parameter: break;
    }
    const auto [place, added] = made_->parameters.emplace(operand.parameter, SealedParameter{target.cipher, compared, target.name, 0});
    if (!added && (place->second.cipher != target.cipher || place->second.compared != compared))
      return refuse(target.name, "parameter $" + std::to_string(operand.parameter) + " stands elsewhere too");
    ++uses_[operand.parameter];
    return {};
  }

  std::size_t token_at(std::size_t begin) const {
    const auto found =
        std::lower_bound(tokens_.begin(), tokens_.end(), begin, [](const sql::Token& each, std::size_t at) { return each.begin < at; });
    return found != tokens_.end() && found->begin == begin ? static_cast<std::size_t>(found - tokens_.begin()) : tokens_.size();
  }

  Result<void> replace_literal(std::size_t begin, std::string with) {
    std::size_t token = token_at(begin);
    const bool sign = token < tokens_.size() && tokens_[token].in(text_) == "-";
    token += sign ? 1 : 0;
    if (token >= tokens_.size() || !tokens_[token].literal())
      return client_error(Code::unsupported, "a literal is written in a way that is not known here");
    edits_.push_back({begin, tokens_[token].end, std::move(with)});
    made_->literals.push_back(tokens_[token].begin);
    return {};
  }

  /// What the stored forms of equal values have in common.
  static std::string index_of(const std::string& column) {
    return "pg_catalog.substr(" + column + ", 1, " + std::to_string(ColumnCipher::kIndexBytes) + ")";
  }

  /// Where plain values are stored too: one of the operands, which have index and plain value, if it is that one's in either way; else the
  /// stored value, which is none of them.
  Result<std::string> either_way(const std::string& column, const sql::ValueSite& site, const Target& target) const {
    const std::string behind = ", " + std::to_string(ColumnCipher::kIndexBytes + 1) + ")";
    std::string cases;
    for (const auto& operand : site.operands) {
      if (operand.kind == Kind::nothing) continue;
      std::string value = "$" + std::to_string(operand.parameter) + "::pg_catalog.bytea";
      if (operand.kind == Kind::literal) {
        const auto plain = plain_value(target.cipher->type(), Format::text, operand.value, DateWriting::iso);
        if (!plain) return client_error(Code::invalid, "a literal is no value of column " + target.name + "'s type");
        value = bytea_literal(target.cipher->compared(*plain));
      }
      cases += " when " + column + " = pg_catalog.substr(" + value + behind + " or " + index_of(column) + " = " + index_of(value) +
               " then " + value;
    }
    return cases.empty() ? column : "case" + cases + " else " + column + " end";
  }

  Result<void> wrap_column(const sql::ValueSite& site, const Target& target) {
    const std::size_t first = token_at(site.column_begin);
    const std::size_t last = first + 2 * site.column_parts - 2;
    if (last >= tokens_.size()) return refuse(target.name, "its name is written in a way that is not known here");
    const std::size_t begin = tokens_[first].begin;
    const std::size_t end = tokens_[last].end;
    const std::string column(text_.substr(begin, end - begin));
    edits_.push_back(
        {begin, end, "(" + (target.cipher->settings().plaintext ? TRY(either_way(column, site, target)) : index_of(column)) + ")"});
    return {};
  }

  void apply() {
    std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    std::size_t at = 0;
    for (const auto& each : edits_) {
      if (each.begin < at) continue;  // the same place by two ways
      made_->sql.append(text_.substr(at, each.begin - at)).append(each.text);
      at = each.end;
    }
    made_->sql.append(text_.substr(at));
    std::sort(made_->literals.begin(), made_->literals.end());
  }

  std::string_view text_;
  const ShapeFacts& facts_;
  const Catalogue& catalogue_;
  std::shared_ptr<SealedStatement> made_;
  std::vector<sql::Token> tokens_;
  std::vector<Edit> edits_;
  std::map<std::uint32_t, std::size_t> uses_;
};

Error malformed() { return client_error(Code::invalid, "malformed message of bound values"); }

struct BoundValues {
  std::vector<std::uint16_t> formats;
  std::vector<std::optional<std::string_view>> values;
  std::string_view results;  ///< the formats of results, as they came

  std::uint16_t format(std::size_t index) const { return formats.empty() ? 0 : formats.size() == 1 ? formats[0] : formats[index]; }
};

Result<BoundValues> read_bound(std::string_view rest) {
  BoundValues out;
  Cursor cursor(rest);
  const auto formats = cursor.u16();
  for (std::size_t i = 0; formats && i < *formats; ++i) {
    const auto format = cursor.u16();
    if (!format || *format > 1) return malformed();
    out.formats.push_back(*format);
  }
  const auto count = formats ? cursor.u16() : std::nullopt;
  if (!count || (out.formats.size() > 1 && out.formats.size() != *count)) return malformed();
  for (std::size_t i = 0; i < *count; ++i) {
    const auto size = cursor.u32();
    if (!size) return malformed();
    if (*size == 0xffffffff) {
      out.values.emplace_back();
      continue;
    }
    const auto value = cursor.bytes(*size);
    if (!value) return malformed();
    out.values.emplace_back(*value);
  }
  out.results = cursor.rest();
  return out;
}

}  // namespace

bool concerns_encrypted(const ShapeFacts& facts, const Catalogue& catalogue, const Protection& protection) {
  return std::any_of(facts.relations.begin(), facts.relations.end(), [&](const RelationUse& relation) {
    const auto meant = catalogue.named(relation.schema, relation.name);
    return std::any_of(meant.begin(), meant.end(), [&](const auto* each) { return protection.encrypts(*each); });
  });
}

Result<std::shared_ptr<SealedStatement>> seal_statement(std::string_view text, const sql::LexerOptions& options, const ShapeFacts& facts,
                                                        const Catalogue& catalogue, std::shared_ptr<const Protection> protection) {
  if (!concerns_encrypted(facts, catalogue, *protection)) return std::shared_ptr<SealedStatement>();
  return Sealer(text, facts, catalogue, std::move(protection)).run(options);
}

Result<std::string> seal_parameter_types(std::string_view types, SealedStatement& statement) {
  Cursor cursor(types);
  const auto count = cursor.u16();
  if (!count) return malformed();
  std::string out;
  append_integer(out, *count, 2);
  for (std::uint32_t number = 1; number <= *count; ++number) {
    const auto type = cursor.u32();
    if (!type) return malformed();
    const auto found = statement.parameters.find(number);
    if (found != statement.parameters.end()) found->second.told_type = *type;
    append_integer(out, found != statement.parameters.end() ? type_oid::kBytea : *type, 4);
  }
  if (!cursor.done()) return malformed();
  return out;
}

Result<std::string> seal_bound_values(std::string_view rest, const SealedStatement& statement) {
  const BoundValues bound = TRY(read_bound(rest));
  std::string out;
  append_integer(out, bound.formats.size(), 2);
  for (const auto format : bound.formats) append_integer(out, format, 2);
  append_integer(out, bound.values.size(), 2);
  for (std::size_t i = 0; i < bound.values.size(); ++i) {
    const auto& value = bound.values[i];
    const auto found = statement.parameters.find(static_cast<std::uint32_t>(i + 1));
    if (!value || found == statement.parameters.end()) {
      append_integer(out, value ? value->size() : 0xffffffff, 4);
      if (value) out.append(*value);
      continue;
    }
    const SealedParameter& to = found->second;
    const Format format = bound.format(i) == 1 ? Format::binary : Format::text;
    const bool told = to.told_type != 0 && to.told_type != type_oid::kUnknown;
    const auto sent = plain_value(told ? to.told_type : to.cipher->type(), format, *value, DateWriting::iso);
    const auto plain = sent ? plain_value(to.cipher->type(), Format::text, *sent, DateWriting::iso) : std::nullopt;
    if (!plain)
      return client_error(Code::invalid, "parameter $" + std::to_string(i + 1) + " is no value of column " + to.column + "'s type");
    const std::string sealed = to.compared ? to.cipher->compared(*plain) : to.cipher->seal(*plain);
    const std::string written = format == Format::binary ? sealed : "\\x" + to_hex(sealed);
    append_integer(out, written.size(), 4);
    out.append(written);
  }
  return out.append(bound.results);
}

Result<std::string> describe_parameters(std::string_view body, const SealedStatement& statement) {
  Cursor cursor(body);
  const auto count = cursor.u16();
  if (!count) return malformed();
  std::string out;
  append_integer(out, *count, 2);
  for (std::uint32_t number = 1; number <= *count; ++number) {
    const auto type = cursor.u32();
    if (!type) return malformed();
    const auto found = statement.parameters.find(number);
    append_integer(out, found != statement.parameters.end() ? found->second.cipher->type() : *type, 4);
  }
  return cursor.done() ? Result<std::string>(std::move(out)) : malformed();
}

}  // namespace bulwark::database
