// @detectSQLi and @detectXSS.
#include "waf/operators/factories.h"
#include "waf/operators/sqli/detector.h"
#include "waf/operators/xss/detector.h"

namespace bulwark::waf::operators {
namespace {

class DetectSqli final : public Operator {
 public:
  explicit DetectSqli(const Request& request) : Operator(request.name, request.argument, false) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const sqli::Fingerprint fingerprint = sqli::detect(value);
    if (fingerprint.empty()) return false;
    const std::size_t size = fingerprint.text().copy(context.text.data(), context.text.size());
    context.matched = value;
    if (context.want_captures) context.capture(0, {context.text.data(), size});
    return true;
  }
};

class DetectXss final : public Operator {
 public:
  explicit DetectXss(const Request& request) : Operator(request.name, request.argument, false) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    if (!xss::detect(value)) return false;
    context.matched = value;
    if (context.want_captures) context.capture(0, value);
    return true;
  }
};

}  // namespace

Made detect_sqli(const Request& request) { return Made(std::make_unique<const DetectSqli>(request)); }
Made detect_xss(const Request& request) { return Made(std::make_unique<const DetectXss>(request)); }

}  // namespace bulwark::waf::operators
