// Little-endian integers and fixed offsets.
#include "audit/frame.h"

#include <algorithm>

namespace bulwark::audit {
namespace {

constexpr std::string_view kMagic = "BWAUDIT1";

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

Hash get_hash(std::string_view bytes, std::size_t at) {
  Hash hash;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), hash.size(), reinterpret_cast<char*>(hash.data()));
  return hash;
}

}  // namespace

FrameStatus read_frame(std::string_view bytes, Frame& out) {
  if (bytes.size() < kFrameHeaderBytes) return FrameStatus::incomplete;
  const std::uint64_t length = get(bytes, 0, 4);
  const std::uint64_t kind = get(bytes, 4, 4);  // three bytes of zero with it
  if (length == 0 || length > kMaxBody || (kind != 1 && kind != 2)) return FrameStatus::malformed;
  const std::size_t whole = kFrameOverhead + length;
  if (bytes.size() < whole) return FrameStatus::incomplete;
  out.kind = static_cast<FrameKind>(kind);
  out.number = get(bytes, 8, 8);
  out.body = bytes.substr(kFrameHeaderBytes, length);
  out.hash = get_hash(bytes, kFrameHeaderBytes + length);
  out.bytes = whole;
  return FrameStatus::whole;
}

void write_frame(std::string& out, FrameKind kind, std::uint64_t number, std::string_view body, const Hash& hash) {
  CHECK(!body.empty() && body.size() <= kMaxBody);
  put(out, body.size(), 4);
  put(out, static_cast<std::uint64_t>(kind), 4);
  put(out, number, 8);
  out.append(body).append(crypto::as_bytes(hash));
}

std::string entry(std::uint64_t number, const Hash& previous, std::string_view body) {
  std::string out;
  out.reserve(sizeof number + sizeof previous + body.size());
  put(out, number, 8);
  return out.append(crypto::as_bytes(previous)).append(body);
}

Hash record_hash(std::uint64_t number, const Hash& previous, std::string_view body) {
  thread_local std::string bytes;
  bytes.assign(1, '\0');  // RFC 6962: a leaf
  put(bytes, number, 8);
  bytes.append(crypto::as_bytes(previous)).append(body);
  return crypto::sha256(bytes);
}

Hash note_hash(std::string_view note) { return crypto::sha256(note); }

std::string write_header(const SegmentHeader& header) {
  std::string out(kMagic);
  put(out, header.first, 8);
  out.append(crypto::as_bytes(header.previous));
  out.resize(kSegmentHeaderBytes, '\0');
  return out;
}

std::optional<SegmentHeader> read_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::string_view reserved = bytes.substr(kMagic.size() + 8 + sizeof(Hash), kSegmentHeaderBytes - kMagic.size() - 8 - sizeof(Hash));
  if (std::any_of(reserved.begin(), reserved.end(), [](char c) { return c != 0; })) return std::nullopt;
  SegmentHeader header{get(bytes, 8, 8), get_hash(bytes, 16)};
  if (header.first % kSegmentRecords != 0) return std::nullopt;
  return header;
}

}  // namespace bulwark::audit
