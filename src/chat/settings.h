// The chat guard's settings: once for the process, and per route.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "chat/budget_settings.h"
#include "chat/conversation_store.h"
#include "chat/injection/alarms.h"
#include "chat/input_settings.h"
#include "chat/mode.h"
#include "chat/model_settings.h"
#include "chat/output_settings.h"
#include "chat/safety_settings.h"
#include "chat/tool_settings.h"
#include "config/schema.h"

namespace bulwark::chat {

struct Settings {
  std::string models;     ///< a model file; empty: the one built in
  std::string tagger;     ///< a file with the model that finds names; empty: the one built in
  std::string model_key;  ///< whose signature both must carry; empty: the built-in key
  CanarySettings canaries;
  DriftSettings drift;
  config::Secret pseudonym_key;  ///< empty: a random one for this run
  ConversationSettings conversations;
  std::vector<BudgetSettings> budgets;
  std::map<std::string, PriceSettings> prices;  ///< by the upstream's name of a model; "*" at the end stands for any rest
};

/// What to do with each kind of personal data.
struct PiiSettings {
  Mode email = Mode::mask;
  Mode card = Mode::mask;
  Mode iban = Mode::mask;
  Mode phone = Mode::mask;
  Mode ip = Mode::mask;
  Mode secret = Mode::mask;
  Mode account = Mode::off;
  Mode ssn = Mode::mask;
  Mode url = Mode::off;
  Mode person = Mode::off;
  Mode organisation = Mode::off;
  Mode location = Mode::off;
  Mode address = Mode::off;
  Mode date = Mode::off;
  Mode age = Mode::off;
  Mode group = Mode::off;
  std::vector<std::string> allow;
};

/// Attacks on the model itself. `monitor` and `block` only.
struct InjectionSettings {
  Mode user = Mode::block;          ///< the user's own turn
  Mode data = Mode::monitor;        ///< retrieved text and tool results
  Mode conversation = Mode::block;  ///< the user's turns together
  Mode gibberish = Mode::block;     ///< strings made by an optimiser, in the user's turns
  injection::Alarms thresholds;     ///< hundredths of honest texts that each guard may flag
  std::vector<std::string> allow;   ///< texts that are no attack wherever they stand
};

struct RequestLimits {
  config::ByteSize max_body{4 * 1024 * 1024};
  std::int64_t max_depth = 32;
  std::int64_t max_messages = 2'000;
};

enum class Failure : std::uint8_t { closed, open };
inline config::EnumNames<Failure> enum_names(Failure) { return {{{"closed", Failure::closed}, {"open", Failure::open}}}; }

struct RouteSettings {
  config::Secret api_key;  ///< empty: none is sent
  bool pass_client_credentials = false;
  std::vector<ModelSettings> models;  ///< empty: every name, at the route's upstream
  PiiSettings pii;
  InjectionSettings injection;
  InputSettings input;
  OutputSettings output;
  ToolPolicySettings tools;
  RequestLimits limits;
  Failure on_error = Failure::closed;
};

void describe(config::Object<Settings>& object);
void describe(config::Object<PiiSettings>& object);
void describe(config::Object<InjectionSettings>& object);
void describe(config::Object<RequestLimits>& object);
void describe(config::Object<RouteSettings>& object);

}  // namespace bulwark::chat
