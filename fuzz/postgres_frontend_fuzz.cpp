// What a PostgreSQL client may send: start-up packets, framed messages, SCRAM texts. The first byte chooses the parser.
#include <cstddef>
#include <cstdint>

#include "wire/postgres/message.h"
#include "wire/postgres/scram.h"
#include "wire/postgres/startup.h"
#include "wire/postgres/writer.h"

using namespace bulwark::wire::postgres;

namespace {

void walk_frames(std::string_view rest) {
  for (;;) {
    const auto header = read_header(rest, 1024 * 1024);
    if (!header.ok() || !header->has_value()) return;
    rest.remove_prefix(kHeaderBytes);
    const std::string_view body = rest.substr(0, (*header)->body_bytes);
    const bool whole = body.size() == (*header)->body_bytes;
    switch ((*header)->type) {
      case frontend::kQuery: (void)read_query(body); break;
      case frontend::kParse: (void)read_parse(body); break;
      case frontend::kBind: (void)read_bind_names(body), (void)read_bind(body); break;
      case frontend::kExecute: (void)read_execute(body); break;
      case frontend::kPassword: (void)read_sasl_initial(body); break;
      default: (void)read_named_target(body); break;
    }
    if (!whole) return;
    rest.remove_prefix(body.size());
  }
}

/// What was accepted must come back the same from what we would send on.
void startup_round_trip(std::string_view bytes) {
  const auto packet = read_startup(bytes);
  if (!packet.ok() || !packet->has_value() || (*packet)->kind != Startup::Kind::startup) return;
  std::string again;
  write_startup(again, (*packet)->parameters);
  const auto second = read_startup(again);
  if (!second.ok() || (*second)->parameters.size() != (*packet)->parameters.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: startup_round_trip(bytes); break;
    case 1: walk_frames(bytes); break;
    case 2: (void)read_client_first(bytes); break;
    default: (void)read_client_final(bytes); break;
  }
  return 0;
}
