// Form, multipart, JSON and XML bodies and content codings: every view stays within the input or the arena (ASan tells), every limit holds.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "waf/bodies/decompress.h"
#include "waf/bodies/json.h"
#include "waf/bodies/multipart.h"
#include "waf/bodies/urlencoded.h"
#include "waf/bodies/xml.h"

using namespace bulwark::waf;

namespace {

constexpr std::size_t kMostArguments = 50;

std::size_t touch(const std::vector<Argument>& arguments) {
  if (arguments.size() > kMostArguments) std::abort();
  std::size_t sum = 0;
  for (const Argument& argument : arguments) {
    for (const char c : argument.name) sum += static_cast<unsigned char>(c);
    for (const char c : argument.value) sum += static_cast<unsigned char>(c);
  }
  return sum;
}

void read_multipart(std::string_view text, TextArena& arena) {
  const std::size_t newline = text.find('\n');
  const bool own_type = text.starts_with("multipart/") && newline != std::string_view::npos;
  const std::string_view type = own_type ? text.substr(0, newline) : "multipart/form-data; boundary=X";
  MultipartBody body;
  parse_multipart(type, own_type ? text.substr(newline + 1) : text, {.arguments = {.max_arguments = kMostArguments}, .max_files = 5}, arena,
                  body);
  touch(body.arguments);
  if (body.files.size() > 5) std::abort();
  for (const auto& file : body.files) arena.store(file.filename);
  for (const auto& header : body.part_headers) arena.store(header.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto all = XmlPath::compile("/*", {});
  static const auto attributes = XmlPath::compile("//@*", {});
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  TextArena arena;
  std::vector<Argument> arguments;
  switch (data[0] % 5) {
    case 0: parse_urlencoded(text, '&', {.max_arguments = kMostArguments}, arena, arguments); break;
    case 1: read_multipart(text, arena); break;
    case 2: {
      const JsonLimits limits{.arguments = {.max_arguments = kMostArguments}, .max_depth = 20};
      parse_json(text, limits, arena, arguments);
      parse_nested_json(limits, arena, arguments, 0);
      break;
    }
    case 4: {  // the second byte chooses the coding
      constexpr std::size_t kLimit = 10'000;
      std::string out;
      const auto coding = static_cast<Coding>(text.empty() ? 0 : static_cast<unsigned char>(text[0]) % 5);
      decompress(coding, std::string_view(text).substr(std::min<std::size_t>(1, text.size())), kLimit, out);
      if (out.size() > kLimit) std::abort();
      break;
    }
    default: {
      XmlDocument document;
      const ArgumentLimits limits{.max_arguments = kMostArguments};
      if (document.parse(text, {.max_depth = 20, .max_nodes = 1000, .max_results = 20})) {
        document.select(**all, arena, arguments);
        document.select(**attributes, arena, arguments);
      }
      document.flatten(limits, arena, arguments);
    }
  }
  touch(arguments);
  return 0;
}
