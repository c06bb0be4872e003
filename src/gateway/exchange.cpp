// What stages ask of an exchange, recorded for the edge to act upon.
#include "gateway/exchange.h"

#include <algorithm>
#include <utility>

namespace bulwark::gateway {

std::string_view Headers::get(std::string_view name) const {
  for (const Header& header : list)
    if (same_header(header.name, name)) return header.value.data() != nullptr ? header.value : std::string_view("");
  return {};
}

std::string_view Headers::get(http::KnownField known) const {
  for (const Header& header : list)
    if (header.known == known) return header.value.data() != nullptr ? header.value : std::string_view("");
  return {};
}

const HeaderEdits::Edit* HeaderEdits::find(std::string_view name) const {
  for (const Edit& edit : edits_)
    if (same_header(edit.name, name)) return &edit;
  return nullptr;
}

void HeaderEdits::set(std::string_view name, std::string_view value) {
  remove(name);
  edits_.back().value = value;
  edits_.back().remove = false;
}

void HeaderEdits::remove(std::string_view name) {
  std::erase_if(edits_, [&](const Edit& edit) { return same_header(edit.name, name); });
  edits_.push_back({std::string(name), {}, true});
}

namespace {

std::size_t smaller_limit(std::size_t current, std::size_t asked) { return current == 0 ? asked : std::min(current, asked); }

}  // namespace

void Exchange::want_request_body(std::size_t limit) { request_body_limit = smaller_limit(request_body_limit, limit); }
void Exchange::want_response_body(std::size_t limit) { response_body_limit = smaller_limit(response_body_limit, limit); }

void Exchange::want_response_prefix(std::size_t limit) { response_prefix_limit = smaller_limit(response_prefix_limit, limit); }

void Exchange::replace_request_body(std::string body) {
  // The old body stays readable through views that stages took of it.
  if (new_request_body) retired_bodies_.push_back(std::move(new_request_body));
  new_request_body = std::make_unique<std::string>(std::move(body));
  request.body = *new_request_body;
}

void Exchange::replace_response_body(std::string body) {
  if (new_response_body) retired_bodies_.push_back(std::move(new_response_body));
  new_response_body = std::make_unique<std::string>(std::move(body));
  response.body = *new_response_body;
}

void Exchange::filter_request_body(std::unique_ptr<BodyFilter> filter) { request_filters.push_back(std::move(filter)); }
void Exchange::filter_response_body(std::unique_ptr<BodyFilter> filter) { response_filters.push_back(std::move(filter)); }

Verdict Exchange::deny(Denial denial) {
  denial_ = std::make_unique<Denial>(std::move(denial));
  return Verdict::deny;
}

void Exchange::add_finding(Finding finding) {
  if (findings_.size() < kMaxFindings) findings_.push_back(std::move(finding));
}

std::function<void()> Exchange::resumer() { return make_resumer(); }

void Exchange::reset() {
  trace = {};
  trace_inputs.clear();
  span = {};
  client = {};
  route = nullptr;
  upstream = nullptr;
  auto request_fields = std::move(request.headers.list);
  auto response_fields = std::move(response.headers.list);
  request_fields.clear();
  response_fields.clear();
  request = {};
  response = {};
  request.headers.list = std::move(request_fields);
  response.headers.list = std::move(response_fields);
  if (!principal.anonymous() || principal.credential != trace::Credential::none || !principal.roles.empty()) principal = {};
  upstream_edits.clear();
  response_edits.clear();
  request_body_limit = response_body_limit = response_prefix_limit = 0;
  new_request_body.reset();
  new_response_body.reset();
  retired_bodies_.clear();
  request_filters.clear();
  response_filters.clear();
  in_flight = {};
  make_resumer = nullptr;
  denial_.reset();
  findings_.clear();
  for (auto& state : states_) state.reset();
}

}  // namespace bulwark::gateway
