// Notes and checkpoints: strict texts, since two readings of a signed text are none.
#include "audit/checkpoint.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "crypto/base64.h"

namespace bulwark::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash and a space open a signature line
constexpr char kEd25519 = 1;                         // the algorithm's byte in keys and key ids
constexpr std::size_t kIdBytes = 4;

std::string key_id(std::string_view name, std::string_view public_key) {
  const Hash hash = crypto::sha256(std::string(name) + '\n' + kEd25519 + std::string(public_key));
  return std::string(crypto::as_bytes(hash).substr(0, kIdBytes));
}

Error no_checkpoint(const char* why) { return client_error(Code::invalid, std::string("not a checkpoint: ") + why); }

/// The next line without its end; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<Checkpoint> parse_body(std::string_view body) {
  Checkpoint made;
  const auto origin = take_line(body);
  const auto size = take_line(body);
  const auto root = take_line(body);
  if (!origin || !size || !root) return no_checkpoint("fewer than three lines");
  if (!valid_origin(*origin)) return no_checkpoint("its origin");
  const auto [end, failed] = std::from_chars(size->data(), size->data() + size->size(), made.size);
  if (failed != std::errc() || end != size->data() + size->size() || (size->size() > 1 && size->front() == '0'))
    return no_checkpoint("its size");
  const auto hash = crypto::base64_decode(*root);
  if (!hash.ok() || hash->size() != sizeof(Hash)) return no_checkpoint("its root");
  std::copy(hash->begin(), hash->end(), reinterpret_cast<char*>(made.root.data()));
  made.origin = *origin;
  return made;
}

}  // namespace

std::string hex(const Hash& hash) { return to_hex(crypto::as_bytes(hash)); }

bool valid_origin(std::string_view origin) {
  return !origin.empty() && origin.size() <= kMaxOrigin &&
         std::all_of(origin.begin(), origin.end(), [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  std::string note = fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, crypto::base64(crypto::as_bytes(checkpoint.root)));
  const std::string signature = key_id(checkpoint.origin, key.public_key()) + key.sign(note);
  return note.append("\n").append(kDash).append(checkpoint.origin).append(" ").append(crypto::base64(signature)).append("\n");
}

NoteVerifier::NoteVerifier(std::string name, std::string public_key, crypto::VerifyKey key)
    : name_(std::move(name)), id_(key_id(name_, public_key)), key_(std::move(key)) {
  text_ = fmt::format("{}+{}+{}", name_, to_hex(id_), crypto::base64(kEd25519 + public_key));
}

NoteVerifier NoteVerifier::of(std::string_view origin, const crypto::SigningKey& key) {
  return {std::string(origin), key.public_key(), crypto::VerifyKey::ed25519(key.public_key()).value()};
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  const Error malformed = client_error(Code::invalid, "not a verifier key (name+id+key)");
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || !valid_origin(text.substr(0, first))) return malformed;
  const auto bytes = crypto::base64_decode(text.substr(second + 1));
  if (!bytes.ok() || bytes->size() != 1 + crypto::SigningKey::kPublicBytes || bytes->front() != kEd25519) return malformed;
  auto key = crypto::VerifyKey::ed25519(bytes->substr(1));
  if (!key.ok()) return malformed;
  NoteVerifier made(std::string(text.substr(0, first)), bytes->substr(1), *std::move(key));
  if (made.text_ != text) return malformed;  // its id is another key's
  return made;
}

Result<Checkpoint> NoteVerifier::open(std::string_view note) const {
  if (note.size() > kMaxNote) return no_checkpoint("too long");
  const auto blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || !note.ends_with('\n')) return no_checkpoint("no signature");
  const std::string_view body = note.substr(0, blank + 1);
  Checkpoint made = TRY(parse_body(body));
  if (made.origin != name_) return client_error(Code::denied, "the checkpoint of another log: " + made.origin);
  std::string_view lines = note.substr(blank + 2);
  for (std::size_t count = 0; !lines.empty() && count < kMaxSignatures; ++count) {
    auto line = take_line(lines);
    if (!line || !line->starts_with(kDash)) return no_checkpoint("a malformed signature line");
    line->remove_prefix(kDash.size());
    const auto space = line->find(' ');
    if (space == std::string_view::npos) return no_checkpoint("a malformed signature line");
    if (line->substr(0, space) != name_) continue;
    const auto signature = crypto::base64_decode(line->substr(space + 1));
    if (!signature.ok()) return no_checkpoint("a malformed signature");
    if (signature->size() != kIdBytes + crypto::SigningKey::kSignatureBytes || !signature->starts_with(id_)) continue;
    if (key_.verify(body, std::string_view(*signature).substr(kIdBytes))) return made;
    return client_error(Code::denied, "a wrong signature");
  }
  return client_error(Code::denied, "no signature by " + text_);
}

}  // namespace bulwark::audit
