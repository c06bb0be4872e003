// The words for kinds and subjects, as configuration, events and people use them.
#include <array>

#include "control/table.h"

namespace bulwark::control {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"block", "throttle", "revoke", "freeze"};
constexpr std::array<std::string_view, 6> kSubjects{"ip", "user", "tenant", "credential", "session", "database_role"};

template <class E, std::size_t N>
std::optional<E> find(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Kind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }
std::string_view to_string(Subject subject) { return kSubjects.at(static_cast<std::size_t>(subject)); }
std::optional<Kind> kind_from(std::string_view text) { return find<Kind>(kKinds, text); }
std::optional<Subject> subject_from(std::string_view text) { return find<Subject>(kSubjects, text); }

}  // namespace bulwark::control
