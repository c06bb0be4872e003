// The words, bounds and examples of the chat guard's settings.
#include "chat/settings.h"

#include <algorithm>

namespace bulwark::chat {

namespace {
constexpr std::size_t kMinPseudonymKey = 16;
constexpr std::size_t kMaxAllowed = 1'000;
constexpr std::size_t kMinAllowedText = 8;
}  // namespace

void describe(config::Object<Settings>& object) {
  object
      .field("pseudonym_key", &Settings::pseudonym_key,
             {.help = "Secret from which surrogates are drawn. Give every instance the same, or a conversation that moves between "
                      "them, or outlives a restart, sees new surrogates. Without it: random at every start.",
              .example = "env:BULWARK_PSEUDONYM_KEY",
              .needs_restart = true})
      .field("models", &Settings::models,
             {.help = "File of guard models made by 'bulwark train'. Without it: the models that came with this version.",
              .example = "/etc/bulwark/injection.bwcm"})
      .field("tagger", &Settings::tagger,
             {.help = "File of the model that finds names in prompts, made by 'bulwark train'. Without it: the one that came with this "
                      "version.",
              .example = "/etc/bulwark/tagger.bwpt"})
      .field(
          "model_key", &Settings::model_key,
          {.help = "Public key (64 hexadecimal digits) that signed the file; 'bulwark train' writes it beside the models.", .example = ""});
  object.field("canaries", &Settings::canaries, {.help = "What a model must know before it is in force."})
      .field("drift", &Settings::drift, {.help = "When the scores of the model in force no longer lie where they lay."});
  object.field("conversations", &Settings::conversations, {.help = "Whether, and how long, what is said is kept."});
  object.field("budgets", &Settings::budgets, {.help = "How much users and tenants may spend at models, on all chat routes together."})
      .field("prices", &Settings::prices,
             {.help = "What a million tokens cost, by the model's name at its upstream; a '*' at the end stands for any rest."});
  object.check([](const Settings& settings) { return budgets_problem(settings.budgets, !settings.prices.empty()); });
  object.check([](const Settings& settings) -> std::string {
    const std::size_t size = settings.pseudonym_key.value.size();
    return size == 0 || size >= kMinPseudonymKey ? "" : "pseudonym_key must have at least 16 characters";
  });
}

void describe(config::Object<PiiSettings>& object) {
  object.field("email", &PiiSettings::email, {.help = "E-mail addresses in prompts.", .example = "mask"})
      .field("card", &PiiSettings::card, {.help = "Payment card numbers that pass the Luhn check.", .example = "block"})
      .field("iban", &PiiSettings::iban, {.help = "Bank accounts (IBAN) that pass MOD 97.", .example = "mask"})
      .field("phone", &PiiSettings::phone, {.help = "Telephone numbers.", .example = "mask"})
      .field("ip", &PiiSettings::ip, {.help = "IPv4 and IPv6 addresses.", .example = "monitor"})
      .field("secret", &PiiSettings::secret,
             {.help = "Credentials: tokens, keys, passwords beside their names, password hashes.", .example = "block"})
      .field("account", &PiiSettings::account,
             {.help = "Accounts and cloud resources: ARNs and account numbers, buckets, OAuth client ids, login names in settings.",
              .example = "mask"})
      .field("ssn", &PiiSettings::ssn, {.help = "Social security numbers of the United States.", .example = "block"})
      .field("url", &PiiSettings::url, {.help = "Addresses of web pages.", .example = "mask"})
      .field("person", &PiiSettings::person,
             {.help = "Names of people, as a model of names finds them: it misses some and takes some ordinary words for names. Masked, "
                      "the model cannot know who a well-known person is.",
              .example = "mask"})
      .field("organisation", &PiiSettings::organisation, {.help = "Names of companies and other organisations.", .example = "mask"})
      .field("location", &PiiSettings::location, {.help = "Names of places.", .example = "monitor"})
      .field("address", &PiiSettings::address, {.help = "Postal addresses.", .example = "mask"})
      .field("date", &PiiSettings::date, {.help = "Dates; they cannot be masked.", .example = "monitor"})
      .field("age", &PiiSettings::age, {.help = "Ages of people; they cannot be masked.", .example = "monitor"})
      .field("group", &PiiSettings::group, {.help = "Nationalities, religions, political groups.", .example = "monitor"})
      .field("allow", &PiiSettings::allow,
             {.help = "Values left as they are: whole values, or domains of e-mail addresses written as '@example.com'. Letters compare "
                      "without case.",
              .example = "[support@acme.example, '@acme.example']"});
  object.check([](const PiiSettings& settings) -> std::string {
    if (settings.date == Mode::mask || settings.age == Mode::mask)
      return "a date or an age cannot be masked, since its surrogate would be a number like any other: off, monitor or block";
    return settings.allow.size() <= kMaxAllowed ? "" : "allow holds more than 1000 values";
  });
}

namespace injection {

void describe(config::Object<Alarms>& object) {
  constexpr std::int64_t kMost = 10;
  object
      .field("user", &Alarms::user,
             {.help = "Of a hundred honest turns, how many the guard may flag: more finds more attacks.",
              .example = "2",
              .min = 0,
              .max = kMost})
      .field("data", &Alarms::data, {.help = "The same of documents that arrive as data.", .example = "1", .min = 0, .max = kMost})
      .field("conversation", &Alarms::conversation, {.help = "The same of conversations.", .example = "0.5", .min = 0, .max = kMost})
      .field("gibberish", &Alarms::gibberish,
             {.help = "The same of turns, for strings that an optimiser made.", .example = "0.2", .min = 0, .max = kMost});
  object.check([](const Alarms& alarms) -> std::string {
    constexpr double kLeast = 0.05;
    for (const double each : {alarms.user, alarms.data, alarms.conversation, alarms.gibberish})
      if (each < kLeast) return "a threshold below 0.05 cannot be told from the models' honest texts; to switch a guard off, set it to off";
    return {};
  });
}

}  // namespace injection

void describe(config::Object<InjectionSettings>& object) {
  object.field("user", &InjectionSettings::user, {.help = "Jailbreaks and overrides in the user's own turn.", .example = "block"})
      .field("data", &InjectionSettings::data,
             {.help = "Instructions in what arrives as data: retrieved documents, tool results, e-mails.", .example = "block"})
      .field("conversation", &InjectionSettings::conversation,
             {.help = "Turns of the user that only together are an attack: each a step further than the last. Never stricter than `user`.",
              .example = "monitor"})
      .field(
          "gibberish", &InjectionSettings::gibberish,
          {.help =
               "Strings in the user's turn that an optimiser made to jailbreak a model: neither text nor code. Never stricter than `user`.",
           .example = "block"})
      .field("thresholds", &InjectionSettings::thresholds, {.help = "How sensitive each of them is."})
      .field("allow", &InjectionSettings::allow,
             {.help = "Texts that are no attack, to the letter: what else stands beside them is still judged.",
              .example = "['Ignore the text above and start over.']"});
  object.check([](const InjectionSettings& settings) -> std::string {
    for (const Mode mode : {settings.user, settings.data, settings.conversation, settings.gibberish})
      if (mode == Mode::mask) return "an attack cannot be masked: off, monitor or block";
    if (settings.allow.size() > kMaxAllowed) return "allow holds more than 1000 texts";
    return std::any_of(settings.allow.begin(), settings.allow.end(), [](const std::string& text) { return text.size() < kMinAllowedText; })
               ? "allow holds a text of fewer than 8 bytes: it would stand in half of all attacks"
               : "";
  });
}

void describe(config::Object<RequestLimits>& object) {
  object
      .field("max_body", &RequestLimits::max_body,
             {.help = "Largest request; past it the client gets 413.", .example = "4MiB", .min = 1024, .max = 64 * 1024 * 1024})
      .field("max_depth", &RequestLimits::max_depth,
             {.help = "Deepest nesting of the request's JSON.", .example = "32", .min = 4, .max = 60})
      .field("max_messages", &RequestLimits::max_messages,
             {.help = "Most messages in one request.", .example = "2000", .min = 1, .max = 100'000});
}

void describe(config::Object<RouteSettings>& object) {
  object
      .field("api_key", &RouteSettings::api_key,
             {.help = "The model's API key, held here and never by clients; sent as 'authorization: Bearer' or, for Anthropic "
                      "messages, as 'x-api-key'.",
              .example = "env:OPENAI_API_KEY"})
      .field("pass_client_credentials", &RouteSettings::pass_client_credentials,
             {.help = "Pass the client's own authorization on to the model. Only without api_key.", .example = "false"})
      .field("models", &RouteSettings::models,
             {.help = "The models that clients may name, and where each is. Empty: every name goes to the route's upstream."})
      .field("pii", &RouteSettings::pii, {.help = "Personal data in prompts."})
      .field("injection", &RouteSettings::injection, {.help = "Attacks on the model: jailbreaks, instructions hidden in data."})
      .field("input", &RouteSettings::input, {.help = "The form of prompts: size, characters, attachments."})
      .field("output", &RouteSettings::output, {.help = "What the model answers."})
      .field("tools", &RouteSettings::tools, {.help = "Which tools a model may call for whom, and with what."})
      .field("limits", &RouteSettings::limits, {.help = "Bounds on requests."})
      .field("on_error", &RouteSettings::on_error,
             {.help = "When the guard itself fails: refuse the request (closed) or let it through unguarded (open).", .example = "closed"});
  object.check([](const RouteSettings& settings) { return models_problem(settings.models); });
  object.check([](const RouteSettings& settings) -> std::string {
    return settings.pass_client_credentials && !settings.api_key.value.empty() ? "pass_client_credentials and api_key exclude each other"
                                                                               : "";
  });
}

}  // namespace bulwark::chat
