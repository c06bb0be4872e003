// Differences between the engines that are understood: the reference's fault or our intent (ADR 0026). Each is recognised by
// a condition and then proven, mostly by the verdicts agreeing once the cause is gone from the request.
#pragma once

#include "engines.h"

namespace bulwark::reference {

/// The reason in a sentence, or nullptr if the difference is not understood.
const char* explanation(const Request& request, const Verdict& mine, const Verdict& reference, Ours& ours, Theirs& theirs);

}  // namespace bulwark::reference
