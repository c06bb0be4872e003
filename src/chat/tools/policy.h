// Whether a tool call that the model asks for may go to the app: whose role it needs, whether its arguments have the shape they must
// have, and whether they come from somebody who may say so, or from a document that the model has read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/pii/surrogate_index.h"
#include "chat/protocols/request.h"
#include "chat/tool_settings.h"
#include "chat/tools/calls.h"
#include "chat/tools/schema.h"
#include "trace/principal.h"

namespace bulwark::chat::tools {

/// Why a call is against the policy.
struct Objection {
  Mode mode = Mode::block;
  std::string_view what;  ///< static: "unlisted tool", "role", "schema", "untrusted argument"
  std::string why;        ///< for people; names tool and place, never a value
  bool confirm = false;   ///< a person is to be asked; `what` may be no more than that
};
inline constexpr std::string_view kUnconfirmed = "unconfirmed call";

/// Immutable, one a route.
class Policy {
 public:
  /// Errors: config/invalid, a schema that cannot be read.
  static Result<Policy> create(const ToolPolicySettings& settings);

  bool idle() const { return mode_ == Mode::off || tools_.empty(); }
  /// Whether people are to be asked about any of the tools.
  bool confirms() const;
  /// A call whose arguments are not known yet is judged by its name alone. `index`: arguments are judged as the app will get
  /// them; may be nullptr.
  std::optional<Objection> judge(const Call& call, const trace::Principal& who, const Conversation& conversation,
                                 const pii::SurrogateIndex* index) const;

 private:
  struct Tool {
    ToolSettings settings;
    std::optional<Schema> schema;
  };
  const Tool* find(std::string_view name) const;
  std::optional<Objection> objection(const Call& call, const trace::Principal& who, const Conversation& conversation,
                                     const pii::SurrogateIndex* index) const;
  Mode mode_ = Mode::off;
  Mode unlisted_ = Mode::block;
  std::vector<Tool> tools_;
};

/// Whether a text inside the arguments stands in the conversation's data and in nothing that user, app or model said.
bool comes_from_data(const json::Value& arguments, const Conversation& conversation);

}  // namespace bulwark::chat::tools
