// `bulwark serve`: starts the planes, says where they listen, and waits for signals.
#include <fmt/core.h>
#include <signal.h>

#include <cstdio>

#include "base/log.h"
#include "bulwark/commands.h"
#include "bulwark/system.h"
#include "wire/json/writer.h"

namespace bulwark::app {
namespace {

/// Blocks the signals that the main thread waits for; threads started later inherit that.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file-size limit is then an error of the write, not the end of the process
  return set;
}

/// One line of JSON on standard output, for whoever started us.
void announce(const Addresses& addresses) {
  std::string line;
  json::Writer writer(line);
  writer.begin_object().field("ready", true).key("addresses").begin_object().field("edge", addresses.edge.text());
  if (addresses.database) writer.field("database", addresses.database->text());
  if (addresses.console) writer.field("console", addresses.console->text());
  writer.end_object().end_object();
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void reload(System& system) {
  auto done = system.reload();
  if (!done.ok())
    log::error("reload refused, the old configuration stays in force:\n{}", done.error().message);
  else
    log::info("reloaded{}{}", done->empty() ? "" : "; ", *done);
}

}  // namespace

int serve(const std::string& config_file) {
  const sigset_t signals = block_signals();
  auto started = System::start(config_file);
  if (!started.ok()) {
    log::error("cannot start: {}", started.error().message);
    return started.error().origin == Origin::config ? 2 : 1;
  }
  System& system = **started;
  if (const auto& code = system.setup_code())
    log::info("nobody has an account yet: open https://{}/#set-up={} to make the first one", system.addresses().console->text(), *code);
  announce(system.addresses());
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    reload(system);
  }
  log::info("stopping");
  system.stop();
  return 0;
}

}  // namespace bulwark::app
