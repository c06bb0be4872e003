// The steps of a login at PostgreSQL.
#include "database/server_login.h"

#include <algorithm>

#include "wire/postgres/message.h"
#include "wire/postgres/scram.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

constexpr std::uint32_t kMaxLoginMessage = 64 * 1024;

}  // namespace

ServerLogin::Step ServerLogin::refuse(std::string_view sqlstate, std::string message, std::string_view rule) {
  refusal_ = {std::string(sqlstate), std::move(message), std::string(rule), {}};
  return Step::refused;
}

void ServerLogin::connected(std::string& out) {
  awaiting_tls_ = policy_->upstream_tls != nullptr;
  if (awaiting_tls_)
    wire::write_ssl_request(out);
  else
    send_startup(out);
}

void ServerLogin::tls_started(ChannelBinding binding, std::string& out) {
  binding_ = std::move(binding);
  send_startup(out);
}

void ServerLogin::send_startup(std::string& out) {
  std::vector<wire::Parameter> parameters;
  for (const auto& [name, value] : parameters_) parameters.push_back({name, value});
  wire::write_startup(out, parameters);
}

ServerLogin::Step ServerLogin::advance(Buffer& in, std::string& out) {
  if (awaiting_tls_) return tls_answer(in);
  for (;;) {
    const auto header = wire::read_header(in.view(), kMaxLoginMessage);
    if (!header.ok()) return refuse("08P01", "PostgreSQL sent a malformed message");
    if (!header->has_value()) return Step::need_bytes;
    const std::size_t size = wire::kHeaderBytes + (*header)->body_bytes;
    if (in.size() < size) return Step::need_bytes;
    const std::string_view whole = in.view().substr(0, size);
    const Step step = message((*header)->type, whole.substr(wire::kHeaderBytes), whole, out);
    in.consume(size);
    if (step != Step::need_bytes) return step;
  }
}

ServerLogin::Step ServerLogin::tls_answer(Buffer& in) {
  if (in.empty()) return Step::need_bytes;
  // More than the one byte was put there by somebody on the way (CVE-2021-23222).
  if (in.size() != 1) return refuse("08P01", "bytes after PostgreSQL's answer to the TLS request", "database.stuffed_tls");
  const char answer = in.view()[0];
  in.consume(1);
  awaiting_tls_ = false;
  if (answer != 'S') return refuse("08001", "PostgreSQL does not offer TLS, and the gateway is told to use it");
  return Step::start_tls;
}

ServerLogin::Step ServerLogin::message(char type, std::string_view body, std::string_view whole, std::string& out) {
  switch (type) {
    case wire::backend::kAuthentication: return authentication(body, out);
    case wire::backend::kErrorResponse:
      refuse("08006", "PostgreSQL refused the login");
      refusal_.raw = whole;
      if (const auto fields = wire::read_error(body); fields.ok()) refusal_.sqlstate = fields->sqlstate;
      return Step::refused;
    case wire::backend::kNoticeResponse:
      if (notices_.size() + whole.size() <= kMaxNotices) notices_.append(whole);
      return Step::need_bytes;
    case wire::backend::kParameterStatus: return parameter_status(body);
    case wire::backend::kBackendKeyData: {
      const auto key = wire::read_backend_key(body);
      if (!key.ok()) return refuse("08P01", key.error().message);
      key_ = *key;
      return Step::need_bytes;
    }
    case wire::backend::kReadyForQuery: {
      const auto state = wire::read_ready_for_query(body);
      if (!state.ok() || !authenticated_) return refuse("08P01", "PostgreSQL was ready before the login was over");
      return *state == wire::TransactionState::idle ? Step::done : refuse("08P01", "PostgreSQL was in a transaction after the login");
    }
    default: return refuse("08P01", "PostgreSQL sent an unexpected message during login");
  }
}

ServerLogin::Step ServerLogin::authentication(std::string_view body, std::string& out) {
  const auto request = wire::read_authentication(body);
  if (!request.ok()) return refuse("08P01", request.error().message);
  switch (request->code) {
    case wire::Authentication::kSasl: return sasl(request->data, out);
    case wire::Authentication::kSaslContinue: {
      if (!scram_) break;
      const auto reply = scram_->last(request->data);
      if (!reply.ok()) return refuse("28000", reply.error().message);
      wire::write_password_message(out, *reply);
      return Step::need_bytes;
    }
    case wire::Authentication::kSaslFinal: {
      if (!scram_) break;
      const auto checked = scram_->check(request->data);
      if (!checked.ok()) return refuse("28000", checked.error().message);
      proven_ = true;
      return Step::need_bytes;
    }
    case wire::Authentication::kOk:
      if (!proven_ && !policy_->settings.upstream_trust)
        return refuse("28000", "PostgreSQL asked for no password; upstream_trust would allow that");
      authenticated_ = true;
      return Step::need_bytes;
    case wire::Authentication::kCleartext:
    case wire::Authentication::kMd5:
      return refuse("28000", "PostgreSQL asks for a cleartext or MD5 password; only SCRAM-SHA-256 is used here");
    default: return refuse("28000", "PostgreSQL asks for an authentication that is not supported here");
  }
  return refuse("08P01", "PostgreSQL sent an unexpected authentication message");
}

ServerLogin::Step ServerLogin::sasl(std::string_view data, std::string& out) {
  const auto offered = wire::read_sasl_mechanisms(data);
  if (!offered.ok() || scram_) return refuse("08P01", "PostgreSQL sent a malformed authentication message");
  const auto offers = [&](std::string_view name) { return std::find(offered->begin(), offered->end(), name) != offered->end(); };
  if (!offers(wire::kScramSha256)) return refuse("28000", "PostgreSQL does not offer SCRAM-SHA-256");
  const std::string& password = policy_->settings.upstream_password.value;
  if (!secret_ && password.empty()) return refuse("28000", "PostgreSQL asks for a password and the gateway has none for this role");
  scram_.emplace(std::move(secret_), password, binding_);
  const std::string_view mechanism = scram_->mechanism(offers(wire::kScramSha256Plus));
  wire::write_sasl_initial(out, mechanism, scram_->first());
  return Step::need_bytes;
}

ServerLogin::Step ServerLogin::parameter_status(std::string_view body) {
  const auto parameter = wire::read_parameter_status(body);
  if (!parameter.ok()) return refuse("08P01", parameter.error().message);
  if (parameter->name == "client_encoding" && parameter->value != "UTF8") return refuse("22023", "PostgreSQL does not speak UTF8");
  reported_.set(parameter->name, parameter->value);
  return Step::need_bytes;
}

}  // namespace bulwark::database
