// What a PostgreSQL server may send, hostile or broken.
#include <cstddef>
#include <cstdint>

#include "wire/postgres/message.h"
#include "wire/postgres/reply.h"
#include "wire/postgres/scram.h"

using namespace bulwark::wire::postgres;

namespace {

void read_body(char type, std::string_view body) {
  switch (type) {
    case backend::kErrorResponse: (void)read_error(body); break;
    case backend::kCommandComplete: (void)read_command_complete(body); break;
    case backend::kReadyForQuery: (void)read_ready_for_query(body); break;
    case backend::kParameterStatus: (void)read_parameter_status(body); break;
    case backend::kBackendKeyData: (void)read_backend_key(body); break;
    case backend::kAuthentication: {
      const auto message = read_authentication(body);
      if (!message.ok()) break;
      (void)read_sasl_mechanisms(message->data);
      (void)read_server_first(message->data);
      (void)read_server_final(message->data);
      break;
    }
    default: break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (;;) {
    const auto header = read_header(rest);
    if (!header.ok() || !header->has_value()) return 0;
    rest.remove_prefix(kHeaderBytes);
    if ((*header)->body_bytes > rest.size()) return 0;
    read_body((*header)->type, rest.substr(0, (*header)->body_bytes));
    rest.remove_prefix((*header)->body_bytes);
  }
}
