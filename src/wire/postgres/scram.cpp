// Parsing of SCRAM's comma-separated attributes: strict about order, as RFC 5802 demands, and bounded.
#include "wire/postgres/scram.h"

#include <charconv>

#include "wire/postgres/cursor.h"

namespace bulwark::wire::postgres {
namespace {

Error malformed() { return client_error(Code::invalid, "malformed SCRAM message"); }

/// Takes "k=value" up to the next comma (or the end) from the front of `text`.
Result<std::string_view> take(std::string_view& text, char key) {
  if (text.size() < 2 || text[0] != key || text[1] != '=') return malformed();
  const auto comma = text.find(',');
  const auto value = text.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  return value;
}

/// RFC 5802 "printable": %x21-2B / %x2D-7E.
bool is_nonce(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (c < 0x21 || c > 0x7e) return false;
  return true;
}

}  // namespace

Result<SaslInitial> read_sasl_initial(std::string_view body) {
  Cursor cursor(body);
  const auto mechanism = cursor.c_string();
  const auto length = mechanism ? cursor.u32() : std::nullopt;
  if (!length || *length != cursor.rest().size() || *length > kMaxScramMessage) return malformed();
  return SaslInitial{*mechanism, cursor.rest()};
}

Result<ClientFirst> read_client_first(std::string_view text) {
  if (text.size() > kMaxScramMessage || text.empty()) return malformed();
  ClientFirst first;
  std::string_view rest = text;
  first.binding = rest[0];
  if (first.binding == 'p') {
    first.binding_name = TRY(take(rest, 'p'));
  } else {
    if ((first.binding != 'n' && first.binding != 'y') || rest.size() < 2 || rest[1] != ',') return malformed();
    rest.remove_prefix(2);
  }
  if (rest.empty() || rest[0] != ',') return malformed();  // an authzid is not for us to honour
  rest.remove_prefix(1);
  first.gs2_header = text.substr(0, text.size() - rest.size());
  first.bare = rest;
  TRY(take(rest, 'n'));  // the user of the start-up packet counts, as in the server itself
  first.nonce = TRY(take(rest, 'r'));
  if (!is_nonce(first.nonce)) return malformed();
  return first;
}

Result<ServerFirst> read_server_first(std::string_view text) {
  if (text.size() > kMaxScramMessage) return malformed();
  ServerFirst first;
  first.nonce = TRY(take(text, 'r'));
  first.salt = TRY(take(text, 's'));
  const std::string_view count = TRY(take(text, 'i'));
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), first.iterations);
  if (error != std::errc{} || end != count.data() + count.size() || !is_nonce(first.nonce)) return malformed();
  if (first.iterations == 0 || first.iterations > kMaxScramIterations) return malformed();
  return first;
}

std::string make_server_first(const ServerFirst& parts) {
  std::string text = "r=";
  text.append(parts.nonce).append(",s=").append(parts.salt).append(",i=").append(std::to_string(parts.iterations));
  return text;
}

Result<ClientFinal> read_client_final(std::string_view text) {
  if (text.size() > kMaxScramMessage) return malformed();
  ClientFinal final_message;
  std::string_view rest = text;
  final_message.binding = TRY(take(rest, 'c'));
  final_message.nonce = TRY(take(rest, 'r'));
  const auto proof_at = text.rfind(",p=");
  if (proof_at == std::string_view::npos) return malformed();
  final_message.without_proof = text.substr(0, proof_at);
  std::string_view proof = text.substr(proof_at + 1);
  final_message.proof = TRY(take(proof, 'p'));
  if (!proof.empty() || !is_nonce(final_message.nonce)) return malformed();
  return final_message;
}

Result<std::string_view> read_server_final(std::string_view text) {
  if (text.size() > kMaxScramMessage) return malformed();
  if (text.starts_with("e=")) return upstream_error(Code::denied, "the server refused the SCRAM proof");
  return take(text, 'v');
}

}  // namespace bulwark::wire::postgres
