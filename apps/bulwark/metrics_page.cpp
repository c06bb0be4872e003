// Text exposition format 0.0.4, made anew for every scrape.
#include "bulwark/metrics_page.h"

namespace bulwark::app {

void MetricsPage::handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) {
  if (exchange.request.method != "GET" || exchange.request.path != "/metrics") return responder->respond(404, {}, "");
  responder->respond(200, {{"content-type", "text/plain; version=0.0.4"}, {"cache-control", "no-store"}}, metrics_.text());
}

}  // namespace bulwark::app
