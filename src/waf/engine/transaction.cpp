// Beginning anew, and the phases in order.
#include "waf/transaction.h"

#include <algorithm>

#include "waf/seclang/text.h"

namespace bulwark::waf {

Transaction::Transaction(const Clock& clock) : clock_(clock) {}
Transaction::~Transaction() = default;

void Transaction::begin(std::shared_ptr<const Program> program, std::shared_ptr<const Policy> policy, PersistentStore* store,
                        Blocklists* blocklists) {
  const bool same_program = program == program_;
  program_ = std::move(program);
  policy_ = std::move(policy);
  store_ = store;
  context_.blocklists = blocklists;
  arena_.clear();
  texts_.clear(program_->prefilter.get(), program_->settings.unicode_map.get());
  tx_.clear(*program_);
  for (auto& list : items_) list.clear();
  xpath_items_.resize(program_->xpaths.size());
  for (auto& list : xpath_items_) list.clear();
  xpath_done_.assign(program_->xpaths.size(), false);
  columns_.clear();
  if (!same_program) {
    lanes_.clear();
    gathered_.clear();
  }
  lanes_.resize(program_->lanes.size());
  gathered_.resize(program_->sources.size());
  begun_ = ++version_;
  multipart_.clear();
  xml_.reset();
  engine_ = std::min(program_->settings.engine, policy_->engine);
  request_body_access_ = program_->settings.request_body_access;
  response_body_access_ = program_->settings.response_body_access;
  force_body_ = false;
  xml_arguments_ = program_->settings.xml_arguments;
  phase_ = 0;
  allowed_until_ = 0;
  highest_severity_ = 255;
  intervened_ = false;
  budgets_spent_ = 0;
  body_processor_.clear();
  content_type_ = {};
  unique_id_ = {};
  started_ = clock_.wall();
  removed_.assign((program_->rules.size() + 63) / 64, 0);
  restricted_.assign(removed_.size(), 0);
  exclusions_.clear();
  for (auto& key : collection_keys_) key.clear();
  geo_.clear();
  environment_.clear();
  matched_.clear();
  last_ = {};
  current_ = nullptr;
  intervention_ = {};
  matches_.clear();
  for (const auto& [name, value] : policy_->tx) tx_.set(name, value);
  for (const auto& exclusion : policy_->exclusions)
    if (exclusion.expires == 0 || exclusion.expires > started_) control(exclusion.control);
}

void Transaction::run_request_headers() { run_phase(1); }

void Transaction::run_request_body(std::string_view body) {
  if (engine_ == Engine::off) return;
  if (request_body_access_) {
    if (!limit_body(body)) return reject(413);
    read_body(body);
  }
  run_phase(2);
}

/// Cuts a body that is longer than SecRequestBodyLimit, or says false where it is to be refused. Only detecting never refuses.
bool Transaction::limit_body(std::string_view& body) {
  const ProgramSettings& settings = program_->settings;
  const bool longer = settings.request_body_limit != 0 && body.size() > settings.request_body_limit;
  set(Variable::INBOUND_DATA_ERROR, longer ? "1" : "0");
  if (!longer) return true;
  body = body.substr(0, settings.request_body_limit);
  return !settings.reject_long_request || engine_ != Engine::on;
}

/// A body is longer than the rule files let pass.
void Transaction::reject(std::uint16_t status) {
  if (intervened_) return;
  intervened_ = true;
  intervention_ = {Disruptive::deny, status, {}, nullptr, true};
}

void Transaction::run_response_headers() { run_phase(3); }

bool Transaction::wants_response_body() const {
  if (!response_body_access_ || engine_ == Engine::off) return false;
  const auto& types = items_[static_cast<std::size_t>(Variable::RESPONSE_CONTENT_TYPE)];
  if (types.empty()) return false;
  const std::string type = lower(types[0].value.substr(0, types[0].value.find(';')));
  const auto& wanted = program_->settings.response_mime_types;
  return std::find(wanted.begin(), wanted.end(), type) != wanted.end();
}

void Transaction::run_response_body(std::string_view body, bool longer) {
  if (wants_response_body()) {
    const ProgramSettings& settings = program_->settings;
    if (settings.response_body_limit != 0 && body.size() > settings.response_body_limit) {
      body = body.substr(0, settings.response_body_limit);
      longer = true;
    }
    set(Variable::OUTBOUND_DATA_ERROR, longer ? "1" : "0");
    if (longer && settings.reject_long_response && engine_ == Engine::on) return reject(500);
    set(Variable::RESPONSE_BODY, body);
  }
  run_phase(4);
}

void Transaction::run_logging() { run_phase(5); }

}  // namespace bulwark::waf
