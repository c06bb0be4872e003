// The visible list of the query path. A new guard is one file and one line here that says why it stands at this place.
#include "bulwark/query_path.h"

#include "database/guards/allow_list.h"
#include "database/guards/bulk_read.h"
#include "database/guards/catalogue.h"
#include "database/guards/dangerous_functions.h"
#include "database/guards/encoding.h"
#include "database/guards/honey_rows.h"
#include "database/guards/least_privilege.h"
#include "database/guards/max_rows.h"
#include "database/guards/multiple_statements.h"
#include "database/guards/parameterised_only.h"
#include "database/guards/session_settings.h"
#include "database/guards/taint.h"
#include "database/guards/tenant_filter.h"

namespace bulwark::app {

using database::GuardMode;

Result<std::vector<std::shared_ptr<const database::Guard>>> query_path(const database::GuardSettings& settings) {
  std::vector<std::shared_ptr<const database::Guard>> guards;

  // Of which characters a statement is made: before anything is read in it, and for roles whom the others leave alone too.
  guards.push_back(database::make_encoding(settings.exempt_roles));

  // One statement at a time: what the later guards say about a statement must hold for all of the message.
  guards.push_back(database::make_multiple_statements(settings.allow_multiple_statements));

  // How statements are read: before anybody relies on having read them as the server will.
  guards.push_back(database::make_session_settings());

  // Reaching beyond the database: never an app's business, whoever asks.
  guards.push_back(database::make_dangerous_functions(settings.allow_functions, settings.deny_functions, settings.allow_server_code));

  // Looking around in the catalogues: an attacker's first step, whichever hole it comes through.
  if (settings.catalogue.mode != GuardMode::off) guards.push_back(database::make_catalogue(settings.catalogue));

  // What the role may do at all, then whose rows: rules that people wrote down, before anything that is inferred.
  if (settings.least_privilege.mode != GuardMode::off) guards.push_back(database::make_least_privilege(settings.least_privilege));
  if (settings.tenant_filter.mode != GuardMode::off) guards.push_back(database::make_tenant_filter(settings.tenant_filter));

  // Built by concatenation: before taint, which is about what somebody made of that.
  if (settings.parameterised_only.mode != GuardMode::off) guards.push_back(database::make_parameterised_only(settings.parameterised_only));

  // Injection: text of the request that crossed a literal's border. Last of the cheap ones, since it compares every input.
  if (settings.taint) guards.push_back(database::make_taint());

  // What this role always ran: last, so that nothing which an earlier guard denies is ever learned.
  if (settings.allow_list.mode != database::AllowListMode::off) guards.push_back(TRY(database::make_allow_list(settings.allow_list)));

  // What comes back, from here on: written down limits, then what is unusual, then what nobody should see. They follow the result of what
  // all above have let through.
  if (settings.max_rows.mode != GuardMode::off) guards.push_back(database::make_max_rows(settings.max_rows));
  if (settings.bulk_read.mode != GuardMode::off) guards.push_back(TRY(database::make_bulk_read(settings.bulk_read)));
  if (settings.honey_rows.mode != GuardMode::off) guards.push_back(database::make_honey_rows(settings.honey_rows));

  // New guards go above this line
  return guards;
}

}  // namespace bulwark::app
