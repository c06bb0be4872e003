// The writer's prepared statements.
#pragma once

#include "events/embedded/writer.h"

namespace bulwark::events::embedded {

struct Writer::Statements {
  storage::Statement row;
  storage::Statement batch;
  storage::Statement filter;
  storage::Statement key;
  storage::Statement count;
  storage::Statement ids;
  storage::Statement position;
  storage::Statement forget;
  storage::Statement totals;
};

}  // namespace bulwark::events::embedded
