// The command line: one binary, one file per command. Nothing is decided here but which command was meant.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>

#include "bulwark/commands.h"

namespace {

using namespace bulwark::app;

/// What the command line said; `run` is the command chosen.
struct Call {
  std::string config_file = "bulwark.yaml";
  std::string id;
  bool brief = false;
  bool undo = false;
  InitOptions init;
  BlockOptions block;
  KeyOptions key;
  AuditOptions audit;
  TrainOptions train;
  RedteamOptions redteam;
  ReplayOptions replay;
  WafTestOptions waf_test;
  SignOptions sign;
  RotateOptions rotate;
  EncryptColumnOptions encrypt;
  std::function<int()> run;
};

CLI::App* command(CLI::App& parent, Call& call, const char* name, const char* help, std::function<int()> run) {
  CLI::App* sub = parent.add_subcommand(name, help);
  sub->callback([&call, run = std::move(run)] { call.run = run; });
  return sub;
}

/// A command that reads the configuration: as its argument, or with --config where an argument means something else.
CLI::App* configured(CLI::App& parent, Call& call, const char* name, const char* help, std::function<int()> run) {
  CLI::App* sub = command(parent, call, name, help, std::move(run));
  sub->add_option("-c,--config", call.config_file, "Configuration file")->capture_default_str();
  return sub;
}

void add_everyday(CLI::App& app, Call& call) {
  CLI::App* init_command = command(app, call, "init", "Write a commented first configuration", [&] { return init(call.init); });
  init_command->add_option("file", call.init.config_file, "Where to write it")->capture_default_str();
  init_command->add_option("--upstream", call.init.upstream, "address:port of your app")->capture_default_str();
  init_command->add_flag("--force", call.init.force, "Overwrite an existing file");
  command(app, call, "check", "Read the configuration and all it names; tell every mistake", [&] { return check(call.config_file); })
      ->add_option("file", call.config_file, "Configuration file")
      ->capture_default_str();
  command(app, call, "serve", "Run; SIGHUP reloads, SIGTERM ends", [&] { return serve(call.config_file); })
      ->add_option("file", call.config_file, "Configuration file")
      ->capture_default_str();
  CLI::App* explain_command =
      configured(app, call, "explain", "Why was this request blocked?", [&] { return explain(call.config_file, call.id, call.brief); });
  explain_command->add_option("request-id", call.id, "The x-request-id of the answer")->required();
  explain_command->add_flag("--short", call.brief, "Only the reasons, a line each");
  command(app, call, "reference", "Every key of the configuration, as Markdown", [] { return reference(); });
}

void add_operating(CLI::App& app, Call& call) {
  configured(app, call, "status", "What the running process is doing", [&] { return status(call.config_file); });
  configured(app, call, "reload", "Read the configuration again; a broken one changes nothing", [&] { return reload(call.config_file); });
  configured(app, call, "entries", "What is blocked, throttled or revoked now, why and until when",
             [&] { return entries(call.config_file); });
  configured(app, call, "undo", "Take an entry back", [&] { return undo(call.config_file, call.id); })
      ->add_option("id", call.id, "The entry's id, from `bulwark entries`")
      ->required();
  CLI::App* block_command =
      configured(app, call, "block", "Refuse someone on every plane for a while", [&] { return block(call.config_file, call.block); });
  block_command->add_option("subject", call.block.subject, "ip, user, tenant, credential, session or database_role")->required();
  block_command->add_option("value", call.block.value, "Whom")->required();
  block_command->add_option("--for", call.block.ttl, "How long, e.g. 10min")->capture_default_str();
  block_command->add_option("--reason", call.block.reason, "Why; stands in the record");
}

void add_keys(CLI::App& app, Call& call) {
  CLI::App* key = app.add_subcommand("key", "API keys of your app's users")->require_subcommand(1);
  CLI::App* made = configured(*key, call, "new", "Make a key; it is shown once", [&] { return key_new(call.config_file, call.key); });
  made->add_option("--user", call.key.user, "Whose key")->required();
  made->add_option("--tenant", call.key.tenant, "Of which tenant");
  made->add_option("--role", call.key.roles, "A role; may be given several times");
  configured(*key, call, "list", "List the keys (never their secrets)", [&] { return key_list(call.config_file); });
  configured(*key, call, "revoke", "End a key", [&] { return key_revoke(call.config_file, call.key); })
      ->add_option("id", call.key.id, "The key's id")
      ->required();
}

void add_audit(CLI::App& app, Call& call) {
  CLI::App* audit = app.add_subcommand("audit", "The record of every SQL statement that nobody can change unseen")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*run)(const AuditOptions&)) {
    CLI::App* sub = command(*audit, call, name, help, [&call, run] { return run(call.audit); });
    sub->add_option("-c,--config", call.audit.config_file, "Configuration file: says where the log and its key are")->capture_default_str();
    sub->add_option("--key", call.audit.key, "Verifier key, or a file with it, instead of the configuration's");
    return sub;
  };
  CLI::App* verify = add("verify", "Name every edited, missing, moved or added record, and a cut end", audit_verify);
  verify->add_option("directory", call.audit.directory, "Where the log is, unless the configuration says so");
  verify->add_option("--witness", call.audit.witnesses, "A file with a checkpoint that was kept elsewhere; may be given several times");
  CLI::App* show = add("show", "Print records", audit_show);
  show->add_option("--dir", call.audit.directory, "Where the log is");
  show->add_option("--from", call.audit.from, "The first record's number; without it the last ones");
  show->add_option("--count", call.audit.count, "How many")->capture_default_str();
  CLI::App* prove = add("prove", "Prove that a record is in the log, to somebody without it", audit_prove);
  prove->add_option("number", call.audit.number, "The record's number")->required();
  prove->add_option("--dir", call.audit.directory, "Where the log is");
  prove->add_option("--entry", call.audit.entry_file, "Where to write the record as the proof has it");
  CLI::App* check = add("check-proof", "Check a proof, without the log", audit_check);
  check->add_option("proof", call.audit.proof_file, "File with the proof")->required();
  check->add_option("entry", call.audit.entry_file, "File with the record")->required();
}

void add_training(CLI::App& app, Call& call) {
  CLI::App* sub = command(app, call, "train", "Train the chat guard's models on your own data", [&] { return train(call.train); });
  sub->add_option("--data", call.train.data, "Folder with train.jsonl and dev.jsonl")->required();
  sub->add_option("--phrases", call.train.phrases, "Folder of patterns of turns, a file a language (models/phrases in the source)");
  sub->add_option("--also", call.train.also, "More rows to train on, such as tools/catalogue_rows.py makes");
  sub->add_option("--out", call.train.output, "The model file to write")->capture_default_str();
  sub->add_option("--personal-data", call.train.personal_data,
                  "Rows with personal data or credentials: refuse them, redact the values (surrogates instead), or keep them as they are")
      ->check(CLI::IsMember({"refuse", "redact", "keep"}))
      ->capture_default_str();
  sub->add_option("--key", call.train.key_file, "Secret key to sign with; made if it does not exist")->capture_default_str();
}

void add_chat(CLI::App& app, Call& call) {
  CLI::App* redteam = app.add_subcommand("redteam", "Attack what guards your app")->require_subcommand(1);
  CLI::App* attack =
      command(*redteam, call, "chat", "Attack a running chat guard, technique by technique", [&] { return redteam_chat(call.redteam); });
  attack->add_option("url", call.redteam.url, "Its chat completions, e.g. https://127.0.0.1:8443/v1/chat/completions")->required();
  attack->add_option("--key", call.redteam.api_key, "Sent as authorization: Bearer")->envname("BULWARK_REDTEAM_KEY");
  attack->add_option("--ca", call.redteam.ca_file, "Certificates to trust; without it the system's");
  attack->add_option("--seeds", call.redteam.seeds, "Attacks of your own, one a line");
  attack->add_option("--only", call.redteam.only, "One technique");
  attack->add_option("--model", call.redteam.model, "Named in the requests")->capture_default_str();
  attack->add_option("--min-blocked", call.redteam.min_blocked, "Share of attacks that each technique must find blocked, 0 to 1");
  attack->add_option("--max-refused", call.redteam.max_refused, "Share of honest prompts that may be refused, 0 to 1");
  CLI::App* chat = app.add_subcommand("chat", "The chat guard")->require_subcommand(1);
  CLI::App* replay = configured(*chat, call, "replay", "What the guard would say to recorded requests; sends nothing", [&] {
    call.replay.config_file = call.config_file;
    return chat_replay(call.replay);
  });
  replay->add_option("log", call.replay.log, "One request a line: its body, or {path, user, tenant, body}")->required();
  const auto about_person = [&](const char* name, const char* help, int (*run)(const std::string&, const std::string&)) {
    configured(*chat, call, name, help, [&call, run] { return run(call.config_file, call.id); })
        ->add_option("--person", call.id, "The user's name, or the address of who has none")
        ->required();
  };
  about_person("export", "What is kept of a person's turns, a line of JSON each", chat_export);
  about_person("erase", "Destroy the key of a person's turns", chat_erase);
  configured(*chat, call, "models", "Which models are in force, which were before, and how their scores lie",
             [&] { return chat_models(call.config_file); });
  configured(*chat, call, "rollback", "Put the models in force again that were before these", [&] {
    return chat_rollback(call.config_file, call.undo);
  })->add_flag("--undo", call.undo, "Take a rollback back: what the configuration names is in force");
  configured(*chat, call, "accept-drift", "Take how scores lie from now on for what is usual",
             [&] { return chat_accept_drift(call.config_file); });
  configured(*chat, call, "pending", "Tool calls that wait for a person", [&] { return chat_pending(call.config_file); });
  for (const bool yes : {true, false})
    configured(*chat, call, yes ? "confirm" : "refuse", yes ? "Let a tool call go to the app" : "End the answer that asks for it",
               [&call, yes] { return chat_decide(call.config_file, call.id, yes); })
        ->add_option("id", call.id, "The call's id, from `bulwark chat pending`")
        ->required();
  replay->add_option("--route", call.replay.route, "The route's id; without it the first with chat");
}

void add_waf(CLI::App& app, Call& call) {
  CLI::App* waf = app.add_subcommand("waf", "The web application firewall")->require_subcommand(1);
  CLI::App* test = command(*waf, call, "test", "Run a folder of regression tests in the Core Rule Set's formats",
                           [&] { return waf_test(call.waf_test); });
  test->add_option("directory", call.waf_test.directory, "Where the .yaml files are")->required();
  test->add_option("-c,--config", call.waf_test.config_file, "Whose rules to test; without it Debian's Core Rule Set");
  test->add_option("--rules", call.waf_test.rules, "Rule files, or a folder of the Core Rule Set, to test instead");
  test->add_option("--rule-set", call.waf_test.rule_set, "Which of the configuration's rule sets")->capture_default_str();
  test->add_option("--only", call.waf_test.only, "Only tests whose title holds this");
  test->add_option("--overrides", call.waf_test.overrides, "Expectations that the gateway meets differently, each with its reason");
}

void add_database(CLI::App& app, Call& call) {
  CLI::App* db = app.add_subcommand("db", "The database gateway: its learned statements, advice on the server")->require_subcommand(1);
  configured(*db, call, "review", "Roles, grants, logins and settings that are weaker than they need to be",
             [&] { return database_review(call.config_file); });
  CLI::App* rotate = configured(*db, call, "rotate-key", "A new key for an encrypted column, and all its values sealed again under it",
                                [&] { return database_rotate_key(call.config_file, call.rotate); });
  rotate->add_option("--column", call.rotate.column, "As database.protection.encrypt names it")->required();
  rotate->add_option("--url", call.rotate.url, "Connection URL of a role that may read and update the table (env:NAME, file:PATH)")
      ->capture_default_str();
  rotate->add_option("--batch", call.rotate.batch, "Rows of one transaction")->check(CLI::Range(1, 100'000))->capture_default_str();
  CLI::App* encrypt =
      configured(*db, call, "encrypt-column", "Encrypt what a column holds in clear, batch by batch beside the running gateway",
                 [&] { return database_encrypt_column(call.config_file, call.encrypt); });
  encrypt->add_option("--column", call.encrypt.column, "As database.protection.encrypt names it, with plaintext: true")->required();
  encrypt->add_option("--url", call.encrypt.url, "Connection URL of a role that may read and update the table (env:NAME, file:PATH)")
      ->capture_default_str();
  encrypt->add_option("--batch", call.encrypt.batch, "Rows of one transaction")->check(CLI::Range(1, 100'000))->capture_default_str();
  encrypt->add_flag("--dry-run", call.encrypt.dry_run, "Only count, and look whether each value is of the column's type");
  encrypt->add_flag("--convert", call.encrypt.convert, "Make a column of another type one of bytea first: PostgreSQL rewrites the table");
  CLI::App* list = db->add_subcommand("allow-list", "The learned statements")->require_subcommand(1);
  configured(*list, call, "diff", "What is new or gone since somebody signed the list", [&] { return allow_list_diff(call.config_file); });
  CLI::App* sign =
      configured(*list, call, "sign", "Vouch for the list as it is", [&] { return allow_list_sign(call.config_file, call.sign); });
  sign->add_option("--key", call.sign.key_file, "Secret key to sign with; made if it does not exist")->capture_default_str();
  sign->add_option("--by", call.sign.by, "Who signs")->required();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app("Bulwark guards an app, its AI chat and its PostgreSQL.", "bulwark");
    app.require_subcommand(1);
    app.set_version_flag("--version", BULWARK_VERSION);
    Call call;
    add_everyday(app, call);
    add_operating(app, call);
    add_keys(app, call);
    add_audit(app, call);
    add_training(app, call);
    add_chat(app, call);
    add_waf(app, call);
    add_database(app, call);
    CLI11_PARSE(app, argc, argv);
    return call.run();
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "bulwark: %s\n", exception.what());
    return 1;
  }
}
