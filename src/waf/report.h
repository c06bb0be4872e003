// What the gateway learns of a match: findings and denials, without the secrets that a request may carry.
#pragma once

#include <string>
#include <string_view>

#include "gateway/exchange.h"
#include "waf/transaction.h"

namespace bulwark::waf {

/// Bytes of a client's value that a finding may show.
constexpr std::size_t kMaxShown = 100;

/// True for fields whose values are secrets by their name: passwords, tokens, keys, session cookies.
bool is_secret_field(std::string_view variable);

/// `score` is the anomaly score at this moment; empty: none.
gateway::Finding make_finding(const Match& match, std::string_view score);

/// Of an enforced intervention. Names the rules that led there.
gateway::Denial make_denial(const Transaction& transaction);

/// The rule that decided, as findings and denials name it: its id, or "waf.budget".
std::string rule_name(const Intervention& intervention, const std::vector<Match>& matches);

/// The inbound anomaly score, whichever CRS generation keeps it; empty if no rule counts.
std::string_view anomaly_score(const Transaction& transaction);

}  // namespace bulwark::waf
