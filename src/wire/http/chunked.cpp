// A state a byte for the lines, whole spans for the data.
#include "wire/http/chunked.h"

#include <algorithm>

#include "wire/http/characters.h"
#include "wire/http/refusals.h"

namespace bulwark::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

bool ChunkedDecoder::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  return false;
}

bool ChunkedDecoder::go(At next) {
  at_ = next;
  digits_ = 0;
  return true;
}

bool ChunkedDecoder::take_size_byte(char c) {
  if (const int digit = hex_digit(c); digit >= 0) {
    if (++digits_ > kMaxSizeDigits || size_ >> 56 != 0) return refuse(refusals::kChunkSize);
    size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
    return true;
  }
  if (digits_ == 0) return refuse(refusals::kChunkSize);
  if (c == '\r') return go(At::size_lf);
  if (c == ';') return go(At::extension_name);
  return refuse(refusals::kChunkSize);
}

/// No white space around ';' and '=': RFC 9112 calls it bad, and parsers differ on it.
bool ChunkedDecoder::take_extension_byte(char c) {
  if (++extension_bytes_ > kMaxExtensionBytes) return refuse(refusals::kChunkExtension);
  switch (at_) {
    case At::extension_name:
    case At::extension_token:
      if (has(c, kToken)) {
        digits_ = 1;  // here: not empty
        return true;
      }
      if (digits_ == 0) break;
      if (c == '=' && at_ == At::extension_name) return go(At::extension_equals);
      if (c == ';') return go(At::extension_name);
      if (c == '\r') return go(At::size_lf);
      break;
    case At::extension_equals:
      if (c == '"') return go(At::extension_quoted);
      if (has(c, kToken)) {
        at_ = At::extension_token;
        digits_ = 1;
        return true;
      }
      break;
    case At::extension_quoted:
      if (c == '"') return go(At::extension_end);
      if (c == '\\') return go(At::extension_escape);
      if (has(c, kQuoted)) return true;
      break;
    case At::extension_escape:
      if (has(c, kFieldValue)) return go(At::extension_quoted);
      break;
    case At::extension_end:
      if (c == ';') return go(At::extension_name);
      if (c == '\r') return go(At::size_lf);
      break;
    default: break;
  }
  return refuse(refusals::kChunkExtension);
}

bool ChunkedDecoder::take_trailer_byte(char c) {
  if (trailers_.size() == kMaxTrailerBytes) return refuse(refusals::kTrailer);
  const bool after_cr = !trailers_.empty() && trailers_.back() == '\r';
  if (after_cr && c != '\n') return refuse(refusals::kBareCr);
  if (!after_cr && c == '\n') return refuse(refusals::kBareLf);
  trailers_.push_back(c);
  const std::string_view text = trailers_;
  if (text == "\r\n" || (text.size() >= 4 && text.substr(text.size() - 4) == "\r\n\r\n")) return end_trailers();
  return true;
}

/// Trailers are checked and then dropped: no field that a server acts on may come after the checks of the head.
bool ChunkedDecoder::end_trailers() {
  std::vector<Field> fields;
  const std::string_view lines = std::string_view(trailers_).substr(0, trailers_.size() - 2);
  if (parse_fields(lines, kMaxTrailerFields, fields)) return refuse(refusals::kTrailer);
  for (const Field& field : fields)
    if (field.known != KnownField::other || field.hop_by_hop) return refuse(refusals::kTrailer);
  return go(At::done);
}

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view input) {
  std::size_t used = 0;
  while (used < input.size() && at_ != At::done) {
    if (at_ == At::data) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(size_, input.size() - used));
      size_ -= take;
      if (size_ == 0) go(At::data_cr);
      return {State::data, used + take, input.substr(used, take)};
    }
    const char c = input[used++];
    bool fine = true;
    switch (at_) {
      case At::size: fine = take_size_byte(c); break;
      case At::size_lf: fine = c == '\n' ? go(size_ == 0 ? At::trailer : At::data) : refuse(refusals::kChunkSize); break;
      case At::data_cr: fine = c == '\r' ? go(At::data_lf) : refuse(refusals::kChunkEnd); break;
      case At::data_lf: fine = c == '\n' ? go(At::size) : refuse(refusals::kChunkEnd); break;
      case At::trailer: fine = take_trailer_byte(c); break;
      default: fine = take_extension_byte(c); break;
    }
    if (!fine) return {State::refused, used, {}};
  }
  return {at_ == At::done ? State::done : State::more, used, {}};
}

std::size_t write_chunk_head(std::uint64_t size, char* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char reversed[16];
  std::size_t digits = 0;
  do reversed[digits++] = kDigits[size & 15];
  while ((size >>= 4) != 0);
  std::reverse_copy(reversed, reversed + digits, out);
  out[digits] = '\r';
  out[digits + 1] = '\n';
  return digits + 2;
}

}  // namespace bulwark::http
