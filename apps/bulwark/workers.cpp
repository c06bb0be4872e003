// Threads around reactors.
#include "bulwark/workers.h"

namespace bulwark::app {

Result<std::unique_ptr<Workers>> Workers::create(std::size_t count) {
  auto workers = std::make_unique<Workers>();
  for (std::size_t i = 0; i < count; ++i) workers->reactors_.push_back(TRY(net::Reactor::create()));
  return workers;
}

std::vector<net::Reactor*> Workers::reactors() const {
  std::vector<net::Reactor*> all;
  for (const auto& reactor : reactors_) all.push_back(reactor.get());
  return all;
}

void Workers::run() {
  for (const auto& reactor : reactors_) threads_.emplace_back([reactor = reactor.get()] { reactor->run(); });
}

void Workers::stop() {
  for (const auto& reactor : reactors_) reactor->stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace bulwark::app
