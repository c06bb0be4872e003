// Prefixes in a sorted table; the few formats that have their mark elsewhere are functions.
#include "chat/pii/secret_tokens.h"

#include <algorithm>
#include <array>

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kShortestToken = 20;  // "AKIA" and sixteen more

bool digit(char c) { return c >= '0' && c <= '9'; }
bool capital(char c) { return c >= 'A' && c <= 'Z'; }
bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool alnum(char c) { return digit(c) || letter(c); }
bool hex(char c) { return digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool word(char c) { return alnum(c) || c == '_' || c == '-'; }

template <class F>
bool all(std::string_view text, F kind) {
  return std::all_of(text.begin(), text.end(), kind);
}

struct Prefix {
  std::string_view text;
  std::size_t body;      ///< at least so many token characters follow
  bool certain = false;  ///< nobody writes this but in front of a token
};

// Sorted by bytes: found by their first character.
constexpr Prefix kPrefixes[] = {
    {"ABSK", 100},
    {"AGE-SECRET-KEY-1", 50, true},
    {"AKCp", 50},
    {"API-", 26},
    {"AQVN", 35},
    {"ATATT3", 50},
    {"ATBB", 24},
    {"CLOJARS_", 50},
    {"EAAA", 20},
    {"EAAC", 90},
    {"EAACEdEose0cBA", 10, true},
    {"EAAM", 90},
    {"EZAK", 50},
    {"EZTK", 50},
    {"FLWSECK", 12},
    {"GOCSPX-", 20, true},
    {"GR1348941", 20, true},
    {"HRKU-", 50},
    {"LTAI", 18},
    {"NRAA-", 20, true},
    {"NRAK-", 20, true},
    {"NRII-", 20, true},
    {"NRIQ-", 20, true},
    {"NRJS-", 19},
    {"NRRA-", 20, true},
    {"PMAK-", 30},
    {"SG.", 40},
    {"SSWS", 30},
    {"aio_", 24},
    {"amzn.mws.", 30, true},
    {"api_org_", 30},
    {"cio", 32},
    {"cmVmd", 50},
    {"ctx7sk-", 20},
    {"da2-", 24},
    {"dckr_pat_", 24, true},
    {"dnkey-", 70},
    {"doo_v1_", 60},
    {"dop_v1_", 60},
    {"dor_v1_", 60},
    {"dp.", 30},
    {"dt0c01.", 30},
    {"dt0s01.", 30},
    {"duffel_", 40},
    {"eyJ", 30},
    {"eyJrIjoi", 40},
    {"fc-", 30},
    {"figd_", 30},
    {"fio-u-", 30},
    {"fm1a_", 90},
    {"fm2_", 90},
    {"fo1_", 40},
    {"ghe_", 30},
    {"gho_", 30, true},
    {"ghp_", 30, true},
    {"ghr_", 30, true},
    {"ghs_", 30, true},
    {"ghu_", 30, true},
    {"github_pat_", 60, true},
    {"glagent-", 40},
    {"glc_", 30},
    {"glcbt-", 20},
    {"gldt-", 20},
    {"glffct-", 20},
    {"glft-", 20},
    {"glimt-", 20},
    {"gloas-", 50},
    {"glpat-", 18, true},
    {"glptt-", 30, true},
    {"glrt-", 18},
    {"glsa_", 30},
    {"glsoat-", 20},
    {"gsk_", 40},
    {"hawk.", 30},
    {"hf_", 30},
    {"hvb.", 24},
    {"hvr.", 24},
    {"hvs.", 24},
    {"ico-", 30},
    {"jina_", 40},
    {"key-", 30},
    {"lin_api_", 30},
    {"lob_", 30},
    {"mcp_", 30},
    {"npm_", 30},
    {"ntn_", 40},
    {"oa2-client-id_", 20, true},
    {"odt_", 30},
    {"ops_eyJ", 100},
    {"oy2", 40},
    {"p8e-", 24},
    {"pat-na1-", 30},
    {"pk.eyJ", 30},
    {"pnu_", 30},
    {"pplx-", 40},
    {"pscale_oauth_", 30},
    {"pscale_pw_", 30},
    {"pscale_tkn_", 30},
    {"pul-", 40},
    {"pypi-AgEIcHlwaS5vcmc", 20, true},
    {"r8_", 30},
    {"rdme_", 60},
    {"rk_live_", 20},
    {"rubygems_", 40},
    {"sbp_", 30},
    {"secret_", 40},
    {"sgp_", 30},
    {"sha256~", 40},
    {"shippo_live_", 30},
    {"shippo_test_", 30},
    {"shpat_", 30},
    {"shpca_", 30},
    {"shppa_", 30},
    {"shpss_", 30},
    {"sk-", 24},
    {"sk-ant-", 40},
    {"sk-proj-", 40},
    {"sk.eyJ", 30},
    {"sk_live_", 20},
    {"sk_test_", 20},
    {"sl.", 60},
    {"sm_aat_", 16},
    {"sm_pat_", 16},
    {"sm_sat_", 16},
    {"sntrys_", 30},
    {"sntryu_", 60},
    {"sq0atp-", 20},
    {"sq0csp-", 30},
    {"sqa_", 36},
    {"sqp_", 36},
    {"squ_", 36},
    {"t1.", 80},
    {"tfp_", 50},
    {"tk-us-", 40},
    {"tk.eyJ", 30},
    {"tvly-", 24, true},
    {"vcp_", 20},
    {"whsec_", 24},
    {"xai-", 60},
    {"xapp-", 20, true},
    {"xkeysib-", 60},
    {"xox", 20, true},
    {"ya29.", 20},
};

/// Where the prefixes begin that start with each byte; the last entry ends them.
constexpr std::array<std::uint8_t, 257> kFirst = [] {
  std::array<std::uint8_t, 257> first{};
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < 257; ++byte) {
    while (at < std::size(kPrefixes) && static_cast<unsigned char>(kPrefixes[at].text[0]) < byte) ++at;
    first[byte] = static_cast<std::uint8_t>(at);
  }
  return first;
}();
static_assert(std::size(kPrefixes) < 256);

bool has_prefix(std::string_view token) {
  const auto byte = static_cast<unsigned char>(token[0]);
  for (std::size_t i = kFirst[byte]; i < kFirst[byte + 1U]; ++i) {
    const Prefix& prefix = kPrefixes[i];
    if (!token.starts_with(prefix.text)) continue;
    const std::string_view body = token.substr(prefix.text.size());
    if (body.size() >= prefix.body && (prefix.certain || looks_drawn(body))) return true;
  }
  return false;
}

/// A prefix and an exact number of characters of one kind.
template <class F>
bool exactly(std::string_view token, std::string_view prefix, std::size_t body, F kind) {
  return token.size() == prefix.size() + body && token.starts_with(prefix) && all(token.substr(prefix.size()), kind);
}

/// Amazon's key ids, Databricks, Google, Pixie, Twitch: formats that fix every character.
bool has_fixed_form(std::string_view token) {
  const auto key_id = [](char c) { return capital(c) || digit(c); };
  if (token[0] == 'A') {
    for (const std::string_view prefix : {"AKIA", "ASIA", "ABIA", "ACCA"})
      if (exactly(token, prefix, 16, key_id)) return true;
    return exactly(token, "A3T", 17, key_id) || exactly(token, "AIza", 35, word);
  }
  const auto uuid = [](char c) { return hex(c) || c == '-'; };
  if (token[0] == 'p') return exactly(token, "px-api-", 36, uuid) || exactly(token, "px-dep-", 36, uuid);
  if (token[0] == 'd') return exactly(token, "dapi", 32, hex) || (token.size() == 38 && exactly(token.substr(0, 36), "dapi", 32, hex));
  return token.size() >= 43 && token.size() <= 48 && token.starts_with("live_") && looks_drawn(token.substr(5));
}

/// HashiCorp Vault before 1.10: "s.", "b." or "r." and drawn letters; "s.getServerAddress" is a program.
bool vault(std::string_view token) {
  if (token.size() < 26 || token[1] != '.' || (token[0] != 's' && token[0] != 'b' && token[0] != 'r')) return false;
  const std::string_view body = token.substr(2);
  const auto digits = std::count_if(body.begin(), body.end(), digit);
  const bool length = (token[0] == 's' && body.size() >= 90) || (token[0] != 'b' && body.size() == 24);
  return length && all(body, word) && digits >= 2 && looks_drawn(body);
}

/// "4839574813:AA…": the number of a Telegram bot stands before this.
bool telegram(std::string_view token) { return token.size() >= 34 && token.size() <= 36 && token.starts_with("AA") && all(token, word); }

/// Providers that put a mark inside: OpenAI, Azure DevOps, Azure client secrets, Azure storage, New Relic.
bool has_mark(std::string_view token) {
  if (token.size() == 42 && token.starts_with("00") && all(token, word) && looks_drawn(token)) return true;  // Okta
  if (token.size() == 84 && token.substr(76, 4) == "AZDO") return true;
  if (token.size() == 40 && token.ends_with("NRAL") && all(token.substr(8, 28), hex)) return true;
  if (token.size() >= 38 && token.size() <= 40 && digit(token[3]) && token.substr(4, 2) == "Q~") return true;
  return token.size() >= 48 && token.find("T3BlbkFJ") != std::string_view::npos && token.starts_with("sk-");
}

/// A key in PEM, encoded once more: "-----BEGIN" in base64, and "PRIVATE KEY" at one of its three alignments soon after.
bool encoded_pem(std::string_view token) {
  constexpr std::size_t kHeader = 80;
  if (!token.starts_with("LS0tLS1CRUdJTi")) return false;
  const std::string_view header = token.substr(0, kHeader);
  for (const std::string_view name : {"UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ", "QUklWQVRFIEtFW"})
    if (header.find(name) != std::string_view::npos) return true;
  return false;
}

/// TrueNAS: a number, '-' and 64 letters and digits.
bool truenas(std::string_view token) {
  const std::size_t dash = token.substr(0, 6).find('-');
  return dash != std::string_view::npos && dash > 0 && token.size() == dash + 65 && all(token.substr(0, dash), digit) &&
         all(token.substr(dash + 1), alnum);
}

/// Twilio: "SK" or "AC" and 32 hexadecimal digits.
bool twilio(std::string_view token) {
  return token.size() == 34 && (token.starts_with("SK") || token.starts_with("AC")) && all(token.substr(2), hex) &&
         looks_drawn(token.substr(2));
}

}  // namespace

bool token_char(char c) { return alnum(c) || c == '_' || c == '-' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~'; }

bool looks_drawn(std::string_view value) {
  std::size_t digits = 0;
  std::size_t letters = 0;
  std::size_t capitals = 0;
  std::array<bool, 256> seen{};
  std::size_t distinct = 0;
  for (char c : value) {
    digits += digit(c);
    letters += letter(c);
    capitals += capital(c);
    if (!seen[static_cast<unsigned char>(c)]) seen[static_cast<unsigned char>(c)] = true, ++distinct;
  }
  const bool mixed_case = value.size() >= 20 && capitals >= 4 && letters - capitals >= 4 && digits + letters == value.size();
  return distinct >= 6 && ((digits >= 2 && letters >= 2) || mixed_case);
}

bool counts(std::string_view value) {
  constexpr int kSteps = 6;
  for (const std::size_t stride : {1, 2}) {
    int up = 0;
    int down = 0;
    for (std::size_t i = stride; i < value.size(); ++i) {
      up = value[i] == value[i - stride] + 1 ? up + 1 : 0;
      down = value[i] == value[i - stride] - 1 ? down + 1 : 0;
      if (up == kSteps || down == kSteps) return true;
    }
  }
  return false;
}

bool is_drawn_run(std::string_view value) {
  constexpr std::size_t kShortest = 32;
  if (value.size() < kShortest || !all(value, [](char c) { return alnum(c) || c == '+' || c == '/' || c == '='; })) return false;
  if (const std::size_t slash = value.find('/'); slash != std::string_view::npos && all(value.substr(0, slash), letter)) return false;
  const auto digits = static_cast<std::size_t>(std::count_if(value.begin(), value.end(), digit));
  return looks_drawn(value) && !counts(value) && digits * 20 >= value.size() && digits < value.size();
}

bool is_known_token(std::string_view token) {
  if (token.size() < kShortestToken) return false;  // most words
  return has_prefix(token) || has_fixed_form(token) || vault(token) || has_mark(token) || twilio(token) || encoded_pem(token) ||
         telegram(token) || truenas(token);
}

std::size_t pem_end(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("-----BEGIN ")) return 0;
  const std::string_view block = text.substr(at, kMaxSecret);
  const std::size_t line = block.find("-----", 11);
  if (line == std::string_view::npos || block.substr(0, line).find("PRIVATE KEY") == std::string_view::npos) return 0;
  const std::size_t close = block.find("-----END", line);
  const std::size_t end = close == std::string_view::npos ? std::string_view::npos : block.find("-----", close + 8);
  return at + (end == std::string_view::npos ? block.size() : end + 5);
}

std::size_t salesforce_end(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at, 160);
  const std::size_t sign = rest.substr(0, 19).find('!');
  if (!rest.starts_with("00D") || (sign != 15 && sign != 18) || !all(rest.substr(0, sign), alnum)) return 0;
  std::size_t end = sign + 1;
  while (end < rest.size() && (word(rest[end]) || rest[end] == '.')) ++end;
  return end - sign > 80 ? at + end : 0;
}

std::size_t hash_end(std::string_view text, std::size_t at) {
  static constexpr std::string_view kSchemes[] = {"$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$8$", "$krb5"};
  const auto fits = [&](std::string_view scheme) { return text.substr(at).starts_with(scheme); };
  if (std::none_of(std::begin(kSchemes), std::end(kSchemes), fits)) return 0;
  std::size_t end = at;
  while (end < text.size() && (token_char(text[end]) || text[end] == '$' || text[end] == '@' || text[end] == ':') && end - at < kMaxSecret)
    ++end;
  return end - at >= 26 ? end : 0;
}

std::size_t webhook_end(std::string_view text, std::size_t at) {
  static constexpr std::string_view kHosts[] = {"hooks.slack.com/", "outlook.office.com/webhook/", "discord.com/api/webhooks/",
                                                "discordapp.com/api/webhooks/", "thingsboard.cloud/api/v1/"};
  for (const std::string_view host : kHosts) {
    if (!text.substr(at).starts_with(host)) continue;
    std::size_t end = at + host.size();
    while (end < text.size() && (token_char(text[end]) || text[end] == '@') && end - at < 512) ++end;
    return end - at >= host.size() + 20 ? end : 0;
  }
  return 0;
}

}  // namespace bulwark::chat::pii
