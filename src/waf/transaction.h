// One request and its response as the rules see them: filled phase by phase, asked after each phase whether to go on.
// Used by one thread at a time; begin() makes it ready for the next request and keeps its memory.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "waf/bodies/multipart.h"
#include "waf/bodies/xml.h"
#include "waf/compiler/program.h"
#include "waf/engine/bag.h"
#include "waf/engine/columns.h"
#include "waf/engine/persistent.h"
#include "waf/engine/texts.h"
#include "waf/policy.h"

namespace bulwark::waf {

struct RequestLine {
  std::string_view method;
  std::string_view target;    ///< as received
  std::string_view protocol;  ///< "HTTP/1.1"
  std::string_view line;      ///< the whole line; empty: put together from the above
};

struct Connection {
  Endpoint client;
  Endpoint server;
  std::string_view unique_id;
  std::string_view user;  ///< as established before us; empty: nobody
};

/// A rule that matched and logs. Texts are cut at kMaxMatchText bytes.
struct Match {
  static constexpr std::size_t kMaxMatchText = 1024;
  const Rule* rule = nullptr;
  std::string variable;  ///< "ARGS:q"
  std::string value;     ///< as it came
  std::string decoded;   ///< as the operator saw it
  std::string matched;   ///< the bytes that the operator found
  std::string message;
  std::string data;               ///< logdata
  bool budget_exhausted = false;  ///< did not match, but took longer than a pattern may
  bool unanswered = false;        ///< did not match, but because a blocklist gave no answer
};

/// What the rules decided.
struct Intervention {
  Disruptive action = Disruptive::deny;  ///< deny, drop or redirect
  std::uint16_t status = 403;
  std::string redirect;
  const Rule* rule = nullptr;  ///< nullptr: a body is longer than the rule files let pass
  bool enforced = true;        ///< false: only detecting
};

class Transaction {
 public:
  static constexpr std::size_t kMaxMatches = 256;
  static constexpr std::size_t kMaxValues = 200'000;       ///< gathered for one rule
  static constexpr std::uint32_t kLeastMatchLimit = 1000;  ///< of a pattern, however many before it spent theirs

  explicit Transaction(const Clock& clock = system_clock());
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// All views given from here to the end must stay valid until the next begin().
  /// `blocklists`: whom @rbl asks; without them it never matches.
  void begin(std::shared_ptr<const Program> program, std::shared_ptr<const Policy> policy, PersistentStore* store,
             Blocklists* blocklists = nullptr);

  void set_request(const RequestLine& line, const Connection& connection);
  void add_request_header(std::string_view name, std::string_view value);
  void run_request_headers();  ///< phase 1
  bool wants_request_body() const { return request_body_access_; }
  void run_request_body(std::string_view body);  ///< phase 2; called with an empty body as well
  void set_response(std::uint16_t status, std::string_view protocol);
  void add_response_header(std::string_view name, std::string_view value);
  void run_response_headers();       ///< phase 3
  bool wants_response_body() const;  ///< by access and content type
  /// Phase 4. `longer`: there is more of it than `body` shows.
  void run_response_body(std::string_view body, bool longer = false);
  void run_logging();  ///< phase 5

  Engine engine() const { return engine_; }
  const Intervention* intervention() const { return intervened_ ? &intervention_ : nullptr; }
  const std::vector<Match>& matches() const { return matches_; }
  /// A TX variable, empty if not set; for scores and tests.
  std::string_view tx(std::string_view name) const { return tx_.get(name); }

 private:
  struct Item {
    std::string_view name;
    std::string_view value;
    TextId name_text = 0;
    TextId value_text = 0;
  };
  using Items = std::vector<Item>;
  /// A value that a rule looks at.
  struct Value {
    Variable variable = Variable::ARGS;
    bool count = false;
    std::string_view name;  ///< within the variable; may be empty
    std::string_view value;
    TextId text = 0;  ///< of `value`
  };
  /// The values of a source, in order.
  struct Gathered {
    std::uint64_t version = 0;
    std::vector<std::string_view> names;  ///< within the variable; may be empty
    ColumnId column = 0;                  ///< as they came
  };
  /// Where a lane's chain led.
  struct LaneEnd {
    std::uint64_t version = 0;   ///< with which this was looked at
    std::uint64_t gathered = 0;  ///< of the source's values
    ColumnId column = 0;
  };
  /// The latest value that matched.
  struct Hit {
    Value value;
    std::string_view decoded;
    std::string_view matched;
  };

  // engine/request_data.cpp, engine/response_data.cpp
  void set(Variable variable, std::string_view value);
  void add(Variable variable, std::string_view name, std::string_view value);
  void set_target(std::string_view target);
  void read_cookies(std::string_view header);
  void read_query(std::string_view query);
  void read_body(std::string_view body);
  void read_multipart(std::string_view body);
  void read_xml(std::string_view body);
  void read_json(std::string_view body);
  void body_error(std::string_view message);
  bool limit_body(std::string_view& body);
  void reject(std::uint16_t status);
  void set_full_request(std::string_view body);
  void set_sizes();
  bool mentioned(Variable variable) const { return program_->mentioned[static_cast<std::size_t>(variable)]; }
  void change(Variable variable) { changed_[static_cast<std::size_t>(variable)] = ++version_; }
  std::uint64_t changed(Variable list) const;
  Items& items(Variable variable) { return items_[static_cast<std::size_t>(variable)]; }

  // engine/values.cpp
  template <class Visit>
  void each_item(const Target& target, Visit&& visit);
  template <class Visit>
  void each_dynamic(const Target& target, Visit&& visit);
  const Gathered& gathered(std::uint32_t source);
  Value value_of(std::uint32_t source, std::size_t at) const;
  void gather(const TargetList& list, std::vector<Value>& out);
  void gather_dynamic(const Target& target, const TargetList& list, std::vector<Value>& out);
  std::string_view copied(std::string_view text);
  std::string_view dynamic_text(Variable variable, std::string_view name);
  std::string_view time_text(Variable variable);
  std::string_view first_value(const Target& target);
  std::string_view expand(const Macro& macro);
  std::string_view number_text(std::int64_t number);
  std::string_view label(const Value& value);
  const std::string* collection_key(Variable collection) const;
  std::string_view collection_id(Variable collection) const;
  std::string collection_prefix(Variable collection) const;

  // engine/evaluate.cpp
  void run_phase(std::uint8_t phase);
  bool evaluate(std::uint32_t index);
  bool match_lanes(std::uint32_t index, const Rule& rule);
  bool match_lane(std::uint32_t index, const Rule& rule, std::uint32_t lane, ColumnId column);
  bool match_dynamic(std::uint32_t index, const Rule& rule);
  bool match_tx(std::uint32_t index, const Rule& rule, const TargetList& list);
  bool steered_by(std::uint32_t index, const Rule& rule);
  bool tx_value(const TargetList& list, Value& value) const;
  bool match_steps(const Rule& rule, const Value& value, TextId text);
  bool match_text(const Rule& rule, const Value& value, TextId text);
  bool match_value(const Rule& rule, const Value& value, std::string_view decoded);
  bool possible_before(const Rule& rule, std::uint32_t lane);
  ColumnId column_of(std::uint32_t lane) { return lanes_[lane].version == version_ ? lanes_[lane].column : advance(lane); }
  ColumnId advance(std::uint32_t lane);
  bool match_place(const Rule& rule, std::string_view decoded);
  bool excluded(std::uint32_t index, const Value& value) const { return !exclusions_.empty() && is_excluded(index, value); }
  bool is_excluded(std::uint32_t index, const Value& value) const;
  void hit(const Rule& rule, const Value& value, std::string_view decoded);
  std::string_view kept(std::string_view found);
  void budget_spent(const Rule& rule, const Value& value);
  void unanswered(const Rule& rule, const Value& value);
  std::uint32_t match_limit() const;

  // engine/act.cpp
  void set_variables(const Rule& rule);
  void set_variable(const SetVariable& set);
  void act(std::uint32_t index);
  void control(const Control& control);
  void decide(const Rule& rule);
  void record(const Rule& rule);

  const Clock& clock_;
  std::shared_ptr<const Program> program_;
  std::shared_ptr<const Policy> policy_;
  PersistentStore* store_ = nullptr;

  TextArena arena_;
  Texts texts_{arena_};
  Columns columns_{texts_};
  Bag tx_{arena_};
  std::array<Items, kVariableCount> items_;
  std::vector<Items> xpath_items_;
  std::vector<bool> xpath_done_;
  std::vector<Gathered> gathered_;  ///< by source
  std::vector<LaneEnd> lanes_;      ///< by lane
  std::vector<Value> scratch_values_;
  // Every change of a variable makes a new version; what was gathered from an older one of its variable is gathered again.
  std::uint64_t version_ = 1;
  std::uint64_t begun_ = 1;  ///< the version with which this transaction began
  std::array<std::uint64_t, kVariableCount> changed_{};
  std::vector<Argument> scratch_arguments_;
  MultipartBody multipart_;
  std::unique_ptr<XmlDocument> xml_;

  Engine engine_ = Engine::on;
  bool request_body_access_ = true;
  bool response_body_access_ = false;
  bool force_body_ = false;
  XmlArguments xml_arguments_ = XmlArguments::off;
  std::uint8_t phase_ = 0;
  std::uint8_t allowed_until_ = 0;  ///< phases up to this one are skipped
  std::uint8_t highest_severity_ = 255;
  bool intervened_ = false;
  std::uint32_t budgets_spent_ = 0;
  std::string body_processor_;
  std::string_view content_type_;
  std::string_view unique_id_;
  WallTime started_ = 0;
  RuleBits removed_;
  RuleBits restricted_;  ///< rules with an exclusion from `exclusions_`
  std::vector<const Control*> exclusions_;
  std::array<std::string, 5> collection_keys_;  ///< IP, GLOBAL, SESSION, USER, RESOURCE; empty: not started
  std::vector<std::pair<std::string_view, std::string_view>> geo_;
  std::vector<std::pair<std::string_view, std::string_view>> environment_;  ///< of setenv
  std::vector<std::pair<Value, std::string_view>> matched_;                 ///< what matched since the chain began, and its decoded form
  Hit last_;
  MatchContext context_;  ///< of the operator that runs
  const Rule* current_ = nullptr;
  Intervention intervention_;
  std::vector<Match> matches_;
};

}  // namespace bulwark::waf
