// From a response to variables.
#include <string>

#include "waf/seclang/text.h"
#include "waf/transaction.h"

namespace bulwark::waf {

void Transaction::set_response(std::uint16_t status, std::string_view protocol) {
  set(Variable::RESPONSE_STATUS, number_text(status));
  set(Variable::RESPONSE_PROTOCOL, protocol);
  set(Variable::STATUS_LINE, arena_.store(std::string(protocol) + ' ' + std::to_string(status)));
}

void Transaction::add_response_header(std::string_view name, std::string_view value) {
  add(Variable::RESPONSE_HEADERS, name, value);
  if (same_text(name, "content-type"))
    set(Variable::RESPONSE_CONTENT_TYPE, value);
  else if (same_text(name, "content-length"))
    set(Variable::RESPONSE_CONTENT_LENGTH, value);
}

}  // namespace bulwark::waf
