// One function per command, one file each (command_<name>.cpp). They print for people and return the process's exit status:
// 0 fine, 1 the thing asked for failed, 2 the configuration or the call is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bulwark::app {

struct InitOptions {
  std::string config_file = "bulwark.yaml";
  std::string upstream = "127.0.0.1:3000";
  bool force = false;
};
/// Writes a commented configuration of at most 30 lines.
int init(const InitOptions& options);

/// Reads the configuration and everything it names (rules, certificates, keys); tells every mistake with its line.
int check(const std::string& config_file);

/// Runs every plane that the configuration names until SIGTERM; SIGHUP reloads.
int serve(const std::string& config_file);

/// Why a request was allowed or blocked: everything that carries its id, in order.
/// `brief`: only the reasons, a line each.
int explain(const std::string& config_file, const std::string& request_id, bool brief);

int status(const std::string& config_file);
int reload(const std::string& config_file);
int entries(const std::string& config_file);
int undo(const std::string& config_file, const std::string& entry_id);

struct BlockOptions {
  std::string subject;  ///< "ip", "user", …
  std::string value;
  std::string ttl = "10min";
  std::string reason;
};
int block(const std::string& config_file, const BlockOptions& options);

struct KeyOptions {
  std::string user;
  std::string tenant;
  std::vector<std::string> roles;
  std::string id;  ///< of the key to revoke
};
int key_new(const std::string& config_file, const KeyOptions& options);
int key_list(const std::string& config_file);
int key_revoke(const std::string& config_file, const KeyOptions& options);

struct AuditOptions {
  std::string config_file = "bulwark.yaml";
  std::string directory;               ///< empty: the configuration's
  std::string key;                     ///< a verifier key, or a file with one; empty: derived from the configuration's master key
  std::vector<std::string> witnesses;  ///< files with checkpoints that were kept elsewhere
  std::uint64_t number = 0;
  std::int64_t from = -1;  ///< negative: the last `count`
  std::uint64_t count = 20;
  std::string proof_file;
  std::string entry_file;
};
/// Names every edit, deletion, move or cut of the audit log. 0: it is what was signed.
int audit_verify(const AuditOptions& options);
int audit_show(const AuditOptions& options);
/// Prints a proof that record `number` is under the newest checkpoint; its entry goes to `entry_file` if that is named.
int audit_prove(const AuditOptions& options);
/// Checks such a proof without the log.
int audit_check(const AuditOptions& options);

struct TrainOptions {
  std::string data;
  std::string phrases;
  std::string also;
  std::string output = "injection.bwcm";
  std::string key_file = "model-key";
  std::string personal_data = "refuse";  ///< or "redact", "keep"
};
/// Fits the chat guard's models and signs them.
int train(const TrainOptions& options);

struct WafTestOptions {
  std::string config_file;  ///< whose rules; empty: Debian's Core Rule Set
  std::string directory;
  std::string only;
  std::string overrides;
  std::vector<std::string> rules;  ///< instead of the configuration's
  std::string rule_set = "default";
};
/// Runs regression files in CRS's own formats over HTTP through a listener of its own. 0: all passed.
int waf_test(const WafTestOptions& options);

/// What is in the learned list of statements and was not when it was last signed. 0: nothing, 1: something.
int allow_list_diff(const std::string& config_file);

struct SignOptions {
  std::string key_file = "allow-list-key";
  std::string by;
};
/// Signs the list as it is; the key is made if its file does not exist.
int allow_list_sign(const std::string& config_file, const SignOptions& options);

/// Advice on the server behind the gateway, its roles and settings. 0: nothing to say, 1: something.
int database_review(const std::string& config_file);

struct RotateOptions {
  std::string column;
  std::string url = "env:BULWARK_ROTATE_FROM";
  std::uint64_t batch = 500;
};
/// Makes a new key for an encrypted column and seals every stored value again under it, beside the running gateway.
int database_rotate_key(const std::string& config_file, const RotateOptions& options);

struct EncryptColumnOptions {
  std::string column;
  std::string url = "env:BULWARK_ROTATE_FROM";
  std::uint64_t batch = 500;
  bool dry_run = false;
  bool convert = false;
};
/// Encrypts what a column holds in clear, beside the running gateway.
int database_encrypt_column(const std::string& config_file, const EncryptColumnOptions& options);

struct RedteamOptions {
  std::string url;
  std::string api_key;
  std::string ca_file;
  std::string seeds;
  std::string only;
  std::string model = "gpt-4o-mini";
  double min_blocked = 0;
  double max_refused = 1;
};
/// Attacks a running guard, technique by technique. 0: every technique met its bars, 1: one did not, 2: could not be asked.
int redteam_chat(const RedteamOptions& options);

struct ReplayOptions {
  std::string config_file;
  std::string log;
  std::string route;  ///< empty: the first with chat
};
/// What the configured guard would say to recorded requests.
int chat_replay(const ReplayOptions& options);
int chat_export(const std::string& config_file, const std::string& person);
int chat_erase(const std::string& config_file, const std::string& person);
int chat_pending(const std::string& config_file);
/// Which models are in force in the running process, which were before, and how their scores lie.
int chat_models(const std::string& config_file);
/// The models that were in force before are again; `undo`: those of the configuration after all.
int chat_rollback(const std::string& config_file, bool undo);
/// How scores lie from now on is what is usual.
int chat_accept_drift(const std::string& config_file);
int chat_decide(const std::string& config_file, const std::string& id, bool confirmed);

/// Prints docs/operating/reference.md: every key with its meaning, default and bounds.
int reference();

}  // namespace bulwark::app
