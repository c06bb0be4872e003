// Which values a target means at this moment.
#include <algorithm>
#include <charconv>
#include <ctime>

#include "waf/seclang/text.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

constexpr Variable kCollections[] = {Variable::IP, Variable::GLOBAL, Variable::SESSION, Variable::USER, Variable::RESOURCE};

bool is_among(const std::vector<Target>& targets, Variable variable, std::string_view name) {
  return std::any_of(targets.begin(), targets.end(), [&](const Target& each) {
    return each.variable == variable && (each.selector == Target::Selector::none || each.selects(name));
  });
}

bool names_only(const Target& target) { return kind_of(target.variable) == VariableKind::N; }

}  // namespace

std::string_view Transaction::number_text(std::int64_t number) {
  static constexpr char kDigits[] = "0123456789";
  if (number >= 0 && number < 10) return {kDigits + number, 1};
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return arena_.store({buffer, static_cast<std::size_t>(end - buffer)});
}

/// "ARGS:q", as MATCHED_VAR_NAME gives it.
std::string_view Transaction::label(const Value& value) {
  const std::string_view variable = to_string(value.variable);
  if (value.count) return arena_.concat("&", variable);
  if (value.name.empty()) return variable;
  return arena_.concat(arena_.concat(variable, ":"), value.name);
}

const std::string* Transaction::collection_key(Variable collection) const {
  const auto at = std::find(std::begin(kCollections), std::end(kCollections), collection);
  if (at == std::end(kCollections) || store_ == nullptr) return nullptr;
  const std::string& key = collection_keys_[static_cast<std::size_t>(at - std::begin(kCollections))];
  return key.empty() ? nullptr : &key;
}

/// What initcol, setsid or setuid named it: the key without kind and application.
std::string_view Transaction::collection_id(Variable collection) const {
  const std::string* key = collection_key(collection);
  return key == nullptr ? std::string_view{} : std::string_view(*key).substr(collection_prefix(collection).size());
}

std::string Transaction::collection_prefix(Variable collection) const {
  return std::string(to_string(collection)) + '/' + program_->settings.web_app_id + '/';
}

/// Items of request and response data: visit(item).
template <class Visit>
void Transaction::each_item(const Target& target, Visit&& visit) {
  const Variable list = list_of(target.variable);
  const auto walk = [&](Items& all) {
    for (auto& item : all)
      if (target.selector == Target::Selector::none || target.selects(item.name)) visit(item);
  };
  if (list == Variable::ARGS) {
    walk(items(Variable::ARGS_GET));
    walk(items(Variable::ARGS_POST));
  } else if (list == Variable::XML) {
    if (target.xpath == kNone) return;
    Items& found = xpath_items_[target.xpath];
    if (!xpath_done_[target.xpath] && xml_) {
      xpath_done_[target.xpath] = true;
      scratch_arguments_.clear();
      xml_->select(*program_->xpaths[target.xpath], arena_, scratch_arguments_);
      for (const auto& argument : scratch_arguments_) found.push_back({{}, argument.value});
    }
    for (auto& item : found) visit(item);
  } else {
    walk(items(list));
  }
}

/// What changes while rules run: visit(name, value).
template <class Visit>
void Transaction::each_dynamic(const Target& target, Visit&& visit) {
  const bool one = target.selector == Target::Selector::name;
  const auto offer = [&](std::string_view name, std::string_view value) {
    if (target.selector == Target::Selector::none || target.selects(name)) visit(name, value);
  };
  switch (target.variable) {
    case Variable::TX:
      if (one) {
        const std::string_view value = target.slot != kNone ? tx_.get(target.slot) : tx_.get(target.name);
        if (value.data() != nullptr) visit(std::string_view(target.name), value);
      } else {
        tx_.each_of(target.slots, visit);
        tx_.each_other(offer);
      }
      return;
    case Variable::IP:
    case Variable::GLOBAL:
    case Variable::SESSION:
    case Variable::USER:
    case Variable::RESOURCE: {
      const std::string* key = collection_key(target.variable);
      if (key == nullptr) return;
      if (one) {
        if (const auto value = store_->get(*key, target.name, started_)) visit(std::string_view(target.name), arena_.store(*value));
      } else {
        for (const auto& [name, value] : store_->all(*key, started_)) offer(arena_.store(name), arena_.store(value));
      }
      return;
    }
    case Variable::GEO:
      for (const auto& [name, value] : geo_) offer(name, value);
      return;
    case Variable::ENV:  // only what rules set: the process's own environment is nobody's business
      for (const auto& [name, value] : environment_) offer(name, value);
      return;
    case Variable::MATCHED_VARS:
    case Variable::MATCHED_VARS_NAMES: {
      const std::size_t count = matched_.size();  // grows while a chain looks at it
      for (std::size_t i = 0; i < count; ++i) {
        const std::string_view name = label(matched_[i].first);
        offer(name, target.variable == Variable::MATCHED_VARS ? matched_[i].second : name);
      }
      return;
    }
    default: {
      const std::string_view value = dynamic_text(target.variable, target.name);
      if (value.data() != nullptr) visit(std::string_view(target.name), value);
    }
  }
}

/// Of what a rule may yet change; what is empty stays apart from what is not there.
std::string_view Transaction::copied(std::string_view text) {
  return text.empty() ? text.data() == nullptr ? text : "" : arena_.store(text);
}

std::string_view Transaction::dynamic_text(Variable variable, std::string_view name) {
  switch (variable) {
    case Variable::DURATION: return number_text((clock_.wall() - started_) / 1'000'000);
    case Variable::HIGHEST_SEVERITY: return number_text(highest_severity_);
    case Variable::MATCHED_VAR: return last_.decoded;
    case Variable::MATCHED_VAR_NAME: return matched_.empty() ? std::string_view{} : label(matched_.back().first);
    case Variable::MODSEC_BUILD: return "030009000";
    case Variable::MSC_PCRE_ERROR:
    case Variable::MSC_PCRE_LIMITS_EXCEEDED: return budgets_spent_ != 0 ? std::string_view("1") : std::string_view("0");
    case Variable::REQBODY_PROCESSOR: return copied(body_processor_);
    case Variable::WEBAPPID: return program_->settings.web_app_id;
    case Variable::SESSIONID: return copied(collection_id(Variable::SESSION));
    case Variable::USERID: return copied(collection_id(Variable::USER));
    case Variable::RULE:
      if (current_ == nullptr) return {};
      if (same_text(name, "id")) return number_text(static_cast<std::int64_t>(current_->id));
      if (same_text(name, "severity")) return number_text(current_->severity);
      if (same_text(name, "msg")) return current_->message.source;
      if (same_text(name, "logdata")) return current_->log_data.source;
      if (same_text(name, "ver")) return current_->version;
      return {};
    default: return time_text(variable);
  }
}

std::string_view Transaction::time_text(Variable variable) {
  const std::time_t seconds = started_ / 1'000'000'000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  const auto two = [this](int number) {
    const char text[] = {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
    return arena_.store({text, 2});
  };
  switch (variable) {
    case Variable::TIME: {
      char text[16];
      return arena_.store({text, std::strftime(text, sizeof text, "%H:%M:%S", &parts)});
    }
    case Variable::TIME_EPOCH: return number_text(seconds);
    case Variable::TIME_DAY: return number_text(parts.tm_mday);
    case Variable::TIME_HOUR: return two(parts.tm_hour);
    case Variable::TIME_MIN: return two(parts.tm_min);
    case Variable::TIME_MON: return two(parts.tm_mon + 1);
    case Variable::TIME_SEC: return two(parts.tm_sec);
    case Variable::TIME_WDAY: return number_text(parts.tm_wday);
    case Variable::TIME_YEAR: return number_text(parts.tm_year + 1900);
    default: return {};
  }
}

std::uint64_t Transaction::changed(Variable list) const {
  const auto of = [this](Variable variable) { return changed_[static_cast<std::size_t>(variable)]; };
  return list == Variable::ARGS ? std::max(of(Variable::ARGS_GET), of(Variable::ARGS_POST)) : of(list);
}

const Transaction::Gathered& Transaction::gathered(std::uint32_t index) {
  Gathered& all = gathered_[index];
  const Source& source = program_->sources[index];
  if (all.version >= std::max(begun_, changed(source.list))) return all;
  all.version = version_;
  all.names.clear();
  all.column = 0;
  const bool names = names_only(source.target);
  each_item(source.target, [&](Item& item) {
    if (all.names.size() >= kMaxValues || is_among(source.exclude, source.target.variable, item.name)) return;
    TextId& text = names ? item.name_text : item.value_text;
    if (text == 0) text = texts_.add(names ? item.name : item.value);
    if (all.names.empty()) all.column = columns_.begin();
    columns_.append(text);
    all.names.push_back(item.name);
  });
  return all;
}

/// The source must have been gathered.
Transaction::Value Transaction::value_of(std::uint32_t source, std::size_t at) const {
  const Gathered& all = gathered_[source];
  const TextId text = columns_.text(all.column, at);
  return {program_->sources[source].target.variable, false, all.names[at], texts_.bytes(text), text};
}

void Transaction::gather_dynamic(const Target& target, const TargetList& list, std::vector<Value>& out) {
  std::int64_t count = 0;
  each_dynamic(target, [&](std::string_view name, std::string_view value) {
    if (is_among(list.exclude, target.variable, name)) return;
    ++count;
    if (!target.count && out.size() < kMaxValues) out.push_back({target.variable, false, name, value, 0});
  });
  if (target.count) out.push_back({target.variable, true, target.name, number_text(count), 0});
}

void Transaction::gather(const TargetList& list, std::vector<Value>& out) {
  out.clear();
  for (const auto& target : list.include) {
    if (target.source == kNone) {
      gather_dynamic(target, list, out);
      continue;
    }
    const std::size_t count = gathered(target.source).names.size();
    if (target.count)
      out.push_back({target.variable, true, target.name, number_text(static_cast<std::int64_t>(count)), 0});
    else
      for (std::size_t i = 0; i < count && out.size() < kMaxValues; ++i) out.push_back(value_of(target.source, i));
  }
}

std::string_view Transaction::first_value(const Target& target) {
  std::string_view found;
  const VariableKind kind = kind_of(target.variable);
  if (kind == VariableKind::D || kind == VariableKind::C) {
    each_dynamic(target, [&](std::string_view, std::string_view value) {
      if (found.data() == nullptr) found = value;
    });
  } else {
    each_item(target, [&](Item& item) {
      if (found.data() == nullptr) found = names_only(target) ? item.name : item.value;
    });
  }
  return found;
}

std::string_view Transaction::expand(const Macro& macro) {
  if (macro.constant()) return macro.source;
  if (macro.parts.size() == 1) return first_value(macro.parts[0].target);
  std::string text;
  for (const auto& part : macro.parts) text.append(part.variable ? first_value(part.target) : std::string_view(part.text));
  return arena_.store(text);
}

}  // namespace bulwark::waf
