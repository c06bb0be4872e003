#include "waf/bodies/decompress.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

constexpr std::size_t kFirstStep = 16 * 1024;
constexpr int kAutomaticHeader = 15 + 32;  ///< zlib: a gzip or zlib header
constexpr int kNoHeader = -15;             ///< zlib: raw deflate, which some servers send as "deflate"
constexpr int kMaxZstdWindowLog = 23;      ///< 8 MiB, what RFC 8878 §3.1.1.1.2 asks decoders to support

/// Room for the next piece of output within the limit; 0: none is left.
std::size_t grow(std::string& out, std::size_t used, std::size_t limit) {
  const std::size_t wanted = std::min(limit, std::max(kFirstStep, used * 2));
  if (wanted > out.size()) out.resize(wanted);
  return out.size() - used;
}

Decoded inflated(int window_bits, std::string_view bytes, std::size_t limit, std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return Decoded::broken;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib's interface is older than const
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::size_t used = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t room = grow(out, used, limit);
    if (room == 0) break;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    status = inflate(&stream, Z_NO_FLUSH);
    used += room - stream.avail_out;
  }
  out.resize(used);
  return status == Z_STREAM_END ? Decoded::whole : status == Z_OK || status == Z_BUF_ERROR ? Decoded::cut : Decoded::broken;
}

Decoded unzstd(std::string_view bytes, std::size_t limit, std::string& out) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::size_t used = 0;
  std::size_t status = 1;
  while (status != 0) {
    const std::size_t room = grow(out, used, limit);
    if (room == 0) break;
    ZSTD_outBuffer piece{out.data() + used, room, 0};
    status = ZSTD_decompressStream(context.get(), &piece, &in);
    used += piece.pos;
    if (ZSTD_isError(status) != 0 || (piece.pos < room && in.pos == in.size)) break;
  }
  out.resize(used);
  return ZSTD_isError(status) != 0 ? Decoded::broken : status == 0 ? Decoded::whole : Decoded::cut;
}

Decoded unbrotli(std::string_view bytes, std::size_t limit, std::string& out) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr),
                                                                                 BrotliDecoderDestroyInstance);
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  std::size_t used = 0;
  auto status = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (status == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
    std::size_t room = grow(out, used, limit);
    if (room == 0) break;
    auto* next_out = reinterpret_cast<std::uint8_t*>(out.data() + used);
    status = BrotliDecoderDecompressStream(state.get(), &left, &next_in, &room, &next_out, nullptr);
    used = out.size() - room;
  }
  out.resize(used);
  return status == BROTLI_DECODER_RESULT_SUCCESS ? Decoded::whole : status == BROTLI_DECODER_RESULT_ERROR ? Decoded::broken : Decoded::cut;
}

}  // namespace

std::optional<Coding> coding_from(std::string_view field) {
  while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
  if (field.empty() || same_text(field, "identity")) return Coding::identity;
  if (same_text(field, "gzip") || same_text(field, "x-gzip")) return Coding::gzip;
  if (same_text(field, "deflate")) return Coding::deflate;
  if (same_text(field, "zstd")) return Coding::zstd;
  if (same_text(field, "br")) return Coding::brotli;
  return std::nullopt;
}

Decoded decompress(Coding coding, std::string_view bytes, std::size_t limit, std::string& out) {
  out.clear();
  switch (coding) {
    case Coding::gzip: return inflated(kAutomaticHeader, bytes, limit, out);
    case Coding::deflate: {
      const Decoded with_header = inflated(kAutomaticHeader, bytes, limit, out);
      return with_header == Decoded::broken && out.empty() ? inflated(kNoHeader, bytes, limit, out) : with_header;
    }
    case Coding::zstd: return unzstd(bytes, limit, out);
    case Coding::brotli: return unbrotli(bytes, limit, out);
    case Coding::identity: break;
  }
  out = bytes.substr(0, limit);
  return out.size() == bytes.size() ? Decoded::whole : Decoded::cut;
}

}  // namespace bulwark::waf
