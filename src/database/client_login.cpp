// The steps of a client's login.
#include "database/client_login.h"

#include <algorithm>

#include "database/encodings.h"
#include "wire/postgres/message.h"
#include "wire/postgres/scram.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

constexpr std::size_t kMaxName = 63;  // the server cuts longer names: two names would become one role
constexpr std::size_t kMaxLoginMessage = 4096;
constexpr int kMaxEncryptionRequests = 2;  // one GSSENCRequest, one SSLRequest

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// The next word of `options` as the server splits it: by white space, a backslash takes the next character as it is.
std::string next_word(std::string_view& options) {
  const auto space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!options.empty() && space(options[0])) options.remove_prefix(1);
  std::string word;
  while (!options.empty() && !space(options[0])) {
    if (options[0] == '\\' && options.size() > 1) options.remove_prefix(1);
    word.push_back(options[0]);
    options.remove_prefix(1);
  }
  return word;
}

}  // namespace

ClientLogin::Step ClientLogin::refuse(std::string_view sqlstate, std::string message, std::string_view rule) {
  refusal_ = {std::string(sqlstate), std::move(message), std::string(rule), {}};
  state_ = State::finished;
  return Step::refused;
}

ClientLogin::Step ClientLogin::advance(Buffer& in, std::string& out) {
  if (state_ == State::startup) return startup(in, out);
  if (state_ == State::finished) return Step::need_bytes;
  return sasl(in, out);
}

void ClientLogin::tls_started(ChannelBinding binding) {
  encrypted_ = true;
  binding_ = std::move(binding);
}

ClientLogin::Step ClientLogin::startup(Buffer& in, std::string& out) {
  const auto packet = wire::read_startup(in.view());
  if (!packet.ok())
    return refuse(packet.error().code == Code::unsupported ? "0A000" : "08P01", packet.error().message, "database.protocol");
  if (!packet->has_value()) return Step::need_bytes;
  const wire::Startup& startup = **packet;
  switch (startup.kind) {
    case wire::Startup::Kind::tls:
    case wire::Startup::Kind::gss_encryption: return encryption_request(in, startup, out);
    case wire::Startup::Kind::cancel:
      cancel_key_ = startup.key;
      state_ = State::finished;
      return Step::cancel;
    case wire::Startup::Kind::startup: break;
  }
  if (!encrypted_ && policy_->settings.tls.required && policy_->tls != nullptr)
    return refuse("28000", "this gateway speaks TLS only (sslmode=require or stricter)");
  const Step step = accept_startup(startup, out);
  in.consume(startup.bytes);
  return step;
}

ClientLogin::Step ClientLogin::encryption_request(Buffer& in, const wire::Startup& packet, std::string& out) {
  if (encrypted_ || ++encryption_requests_ > kMaxEncryptionRequests)
    return refuse("08P01", "unexpected encryption request", "database.protocol");
  // Bytes sent before the answer would be read as if they had come under TLS (CVE-2021-23214).
  if (in.size() != packet.bytes) return refuse("08P01", "bytes after the encryption request", "database.stuffed_tls");
  in.consume(packet.bytes);
  const bool tls = packet.kind == wire::Startup::Kind::tls && policy_->tls != nullptr;
  out.push_back(tls ? 'S' : 'N');
  return tls ? Step::start_tls : advance(in, out);
}

ClientLogin::Step ClientLogin::accept_startup(const wire::Startup& packet, std::string& out) {
  std::vector<std::string_view> unknown;
  if (!take_parameters(packet, unknown)) return Step::refused;
  if (user_.empty()) return refuse("28000", "no PostgreSQL user name specified in startup packet");
  if (database_.empty()) database_ = user_;
  if (user_.size() > kMaxName || database_.size() > kMaxName) return refuse("28000", "role or database name too long");
  parameters_.emplace_back("user", user_);
  parameters_.emplace_back("database", database_);
  parameters_.emplace_back("client_encoding", "UTF8");
  if (packet.minor > 0 || !unknown.empty()) wire::write_negotiate_version(out, unknown);
  if (policy_->settings.client_login == database::ClientLoginMode::trust) {
    state_ = State::finished;
    return Step::done;
  }
  return begin_scram(out);
}

bool ClientLogin::take_parameters(const wire::Startup& packet, std::vector<std::string_view>& unknown) {
  for (const auto& [name, value] : packet.parameters) {
    const std::string key = lower(name);
    if (key == "user")
      user_ = value;
    else if (key == "database")
      database_ = value;
    else if (key.starts_with("_pq_."))
      unknown.push_back(name);
    else if (key == "options") {
      if (!take_options(value)) return false;
    } else if (key == "client_encoding") {
      if (!means_utf8(value)) return refuse("22023", "only the client encoding UTF8 is spoken here"), false;
    } else if (key == "replication") {
      const std::string wanted = lower(value);
      if (wanted == "false" || wanted == "off" || wanted == "no" || wanted == "0") continue;
      if (!policy_->settings.allow_replication) return refuse("42501", "replication is not allowed through this gateway"), false;
      parameters_.emplace_back("replication", value);
    } else {
      if (key == "application_name")
        application_ = value.substr(0, kMaxName);
      else if (!setting_allowed(key))
        return false;
      parameters_.emplace_back(key, value);
    }
  }
  return true;
}

bool ClientLogin::take_options(std::string_view options) {
  while (!options.empty()) {
    std::string word = next_word(options);
    if (word.empty()) continue;
    if (word == "-c") word = "-c" + next_word(options);
    const bool dashes = word.starts_with("--");
    if (!dashes && !word.starts_with("-c")) return refuse("42501", "only -c name=value is allowed in options"), false;
    const std::string_view setting = std::string_view(word).substr(2);
    const auto equals = setting.find('=');
    std::string name = lower(setting.substr(0, equals));
    std::replace(name.begin(), name.end(), '-', '_');
    if (equals == std::string_view::npos) return refuse("42501", "only -c name=value is allowed in options"), false;
    if (!setting_allowed(name)) return false;
    parameters_.emplace_back(std::move(name), setting.substr(equals + 1));
  }
  return true;
}

bool ClientLogin::setting_allowed(std::string_view name) {
  for (const auto& each : policy_->settings.startup_options)
    if (lower(each) == name) return true;
  refuse("42501", "setting not allowed when connecting (see startup_options)", "database.startup_options");
  return false;
}

ClientLogin::Step ClientLogin::begin_scram(std::string& out) {
  const ScramVerifier* verifier = policy_->verifiers->find(user_);
  known_role_ = verifier != nullptr;
  scram_.emplace(known_role_ ? *verifier : ScramVerifier::decoy(user_), binding_);
  const std::string_view both[] = {wire::kScramSha256Plus, wire::kScramSha256};
  wire::write_sasl_mechanisms(out, binding_.empty() ? std::span(both).subspan(1) : std::span(both));
  state_ = State::sasl_initial;
  return Step::need_bytes;
}

ClientLogin::Step ClientLogin::sasl(Buffer& in, std::string& out) {
  const auto header = wire::read_header(in.view(), kMaxLoginMessage);
  if (!header.ok()) return refuse("08P01", header.error().message, "database.protocol");
  if (!header->has_value()) return Step::need_bytes;
  if ((*header)->type != wire::frontend::kPassword) return refuse("08P01", "expected a SASL response", "database.protocol");
  const std::size_t whole = wire::kHeaderBytes + (*header)->body_bytes;
  if (in.size() < whole) return Step::need_bytes;
  const Step step = sasl_message(in.view().substr(wire::kHeaderBytes, (*header)->body_bytes), out);
  in.consume(whole);
  return step;
}

ClientLogin::Step ClientLogin::sasl_message(std::string_view body, std::string& out) {
  const bool first = state_ == State::sasl_initial;
  const auto reply = first ? scram_->first(body) : scram_->last(body);
  if (!reply.ok()) {
    const bool wrong = reply.error().code == Code::denied && !first;
    return refuse(wrong ? "28P01" : "08P01", wrong ? "password authentication failed for user \"" + user_ + "\"" : reply.error().message,
                  wrong ? "database.password" : "database.protocol");
  }
  if (first) {
    wire::write_authentication(out, wire::Authentication::kSaslContinue, *reply);
    state_ = State::sasl_final;
    return Step::need_bytes;
  }
  // A decoy's keys are random, so nobody proves them; kept as a second lock.
  if (!known_role_) return refuse("28P01", "password authentication failed for user \"" + user_ + "\"", "database.password");
  wire::write_authentication(out, wire::Authentication::kSaslFinal, *reply);
  secret_ = scram_->secret();
  scram_.reset();
  state_ = State::finished;
  return Step::done;
}

}  // namespace bulwark::database
