// File format (docs/formats/waf-cache.md): 8 bytes of magic, the SHA-256 of the serialised database, the database. The name
// is the SHA-256 of the literals and of Hyperscan's version, so a file is never stale, only unused.
#include "waf/prefilter/database_cache.h"

#include <fmt/format.h>
#include <hs/hs.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace bulwark::waf {
namespace {

constexpr std::string_view kMagic = "BWLITDB1";
constexpr std::size_t kHashBytes = 32;
constexpr std::uintmax_t kMaxFileBytes = 256ULL * 1024 * 1024;

using Hash = std::array<unsigned char, kHashBytes>;

Hash sha256(std::string_view bytes) {
  Hash hash{};
  CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return hash;
}

std::string content_name(const std::vector<std::string>& literals) {
  std::string all = hs_version();
  for (const auto& literal : literals) all.append(fmt::format("\n{}:", literal.size())).append(literal);
  std::string name;
  for (const unsigned char byte : sha256(all)) name += fmt::format("{:02x}", byte);
  return name + ".hsdb";
}

hs_database_t* load(const std::filesystem::path& path) {
  std::error_code status;
  const auto size = std::filesystem::file_size(path, status);
  if (status || size > kMaxFileBytes || size < kMagic.size() + kHashBytes) return nullptr;
  std::ifstream in(path, std::ios::binary);
  std::string text(size, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(size)) || !text.starts_with(kMagic)) return nullptr;
  const std::string_view body = std::string_view(text).substr(kMagic.size() + kHashBytes);
  const Hash hash = sha256(body);
  if (std::string_view(text).substr(kMagic.size(), kHashBytes) != std::string_view(reinterpret_cast<const char*>(hash.data()), kHashBytes))
    return nullptr;
  hs_database_t* database = nullptr;
  return hs_deserialize_database(body.data(), body.size(), &database) == HS_SUCCESS ? database : nullptr;
}

void save(const std::filesystem::path& path, const hs_database_t* database) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  const std::unique_ptr<char, decltype(&std::free)> owner(bytes, &std::free);
  const Hash hash = sha256({bytes, size});
  std::error_code status;
  std::filesystem::create_directories(path.parent_path(), status);
  const std::filesystem::path temporary = path.string() + fmt::format(".{}.tmp", ::getpid());
  {
    std::ofstream out(temporary, std::ios::binary);
    out.write(kMagic.data(), kMagic.size());
    out.write(reinterpret_cast<const char*>(hash.data()), kHashBytes);
    out.write(bytes, static_cast<std::streamsize>(size));
    if (!out.flush()) status = std::make_error_code(std::errc::io_error);
  }
  if (!status) std::filesystem::rename(temporary, path, status);  // whole or not at all
  if (status) std::filesystem::remove(temporary, status);
}

Result<hs_database_t*> compile(const std::vector<std::string>& literals) {
  std::vector<const char*> texts;
  std::vector<unsigned> flags(literals.size(), HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH);
  std::vector<unsigned> ids;
  std::vector<std::size_t> lengths;
  for (const auto& literal : literals) {
    ids.push_back(static_cast<unsigned>(texts.size()));
    texts.push_back(literal.data());
    lengths.push_back(literal.size());
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* failure = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(), static_cast<unsigned>(texts.size()), HS_MODE_BLOCK,
                           nullptr, &database, &failure) == HS_SUCCESS)
    return database;
  Error error = internal_error(Code::unsupported, fmt::format("the literal database does not compile: {}", failure->message));
  hs_free_compile_error(failure);
  return error;
}

}  // namespace

Result<hs_database*> literal_database(const std::vector<std::string>& literals, const std::string& cache_directory) {
  if (cache_directory.empty()) return compile(literals);
  const std::filesystem::path path = std::filesystem::path(cache_directory) / content_name(literals);
  if (hs_database_t* cached = load(path)) return cached;
  hs_database_t* database = TRY(compile(literals));
  save(path, database);
  return database;
}

}  // namespace bulwark::waf
