// What a route's stage is made of: its own settings, and what all routes share.
#pragma once

#include <memory>

#include "chat/budgets/budgets.h"
#include "chat/conversation_store.h"
#include "chat/drift/monitor.h"
#include "chat/injection/detector.h"
#include "chat/pii/pseudonyms.h"
#include "chat/pii/tagger.h"
#include "chat/routing/router.h"
#include "chat/settings.h"
#include "chat/tools/confirmations.h"
#include "chat/tools/policy.h"
#include "gateway/stage.h"

namespace bulwark::chat {

struct Shared {
  pii::Key key{};
  std::shared_ptr<const injection::Detector> detector;
  std::shared_ptr<const pii::TaggerModel> tagger;
  std::shared_ptr<drift::Monitor> drift;
  std::shared_ptr<budgets::Budgets> budgets;
  std::shared_ptr<ConversationStore> conversations;  ///< nullptr: nothing is kept
  std::shared_ptr<tools::Confirmations> confirmations = std::make_shared<tools::Confirmations>();
};

std::shared_ptr<const gateway::Stage> make_chat_stage(RouteSettings settings, tools::Policy tools, routing::Router router, Shared shared);

}  // namespace bulwark::chat
