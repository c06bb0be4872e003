// Honey reads: somebody got a row that stands in a table for nobody to read, or tried to. One is enough: there is no honest way to it.
#pragma once

#include <memory>

#include "soc/detector.h"

namespace bulwark::soc {

std::unique_ptr<Detector> make_honey_reads();

}  // namespace bulwark::soc
