// What the console's actions work with, made once and shared by all routes.
#pragma once

#include <functional>
#include <string>

#include "console/accounts.h"
#include "console/chat_desk.h"
#include "console/enrolment.h"
#include "console/live.h"
#include "console/record.h"
#include "console/sessions.h"
#include "console/settings.h"
#include "console/sign_in.h"
#include "events/bus.h"
#include "events/store.h"
#include "soc/center.h"

namespace bulwark::console {

class Router;

struct Services {
  events::Store* store = nullptr;  ///< may be nullptr: no events to search
  events::Bus* bus = nullptr;      ///< may be nullptr; flushed before events are looked for
  soc::Desk* desk = nullptr;       ///< may be nullptr: no incidents, nothing to block
  ChatDesk chat;                   ///< may be empty: no chat page
  const Clock& clock;
  Accounts& accounts;
  Sessions& sessions;
  SignIn& sign_in;
  Enrolment& enrolment;
  Record& record;
  Live& live;
  std::function<void()> first_admin_exists;  ///< called once the set-up code is used up
};

// One file each; every function adds its rows to the table.
void add_account_routes(Router& router, Services& services);   ///< set-up, sign-in and -out, the own account
void add_people_routes(Router& router, Services& services);    ///< admins: who may come in
void add_event_routes(Router& router, Services& services);     ///< search, traces, the live stream
void add_control_routes(Router& router, Services& services);   ///< entries, block, undo
void add_incident_routes(Router& router, Services& services);  ///< what needs a person
void add_chat_routes(Router& router, Services& services);      ///< what models may do and cost

}  // namespace bulwark::console
