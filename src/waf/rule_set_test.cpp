// A reload: what is compiled again, what is kept, and what stays in force when the new files are wrong.
#include "waf/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "waf/compiler/program.h"

namespace bulwark::waf {
namespace {

class RuleSets : public testing::Test {
 protected:
  RuleSets() {
    std::filesystem::create_directories(folder_);
    write("a.conf", "SecRule ARGS \"@pmFromFile words.data\" \"id:1,phase:1,deny\"\n");
    write("words.data", "evil\n");
    settings_.rules = {(folder_ / "*.conf").string()};
    settings_.rule_sets["other"].files = {(folder_ / "a.conf").string()};
  }
  ~RuleSets() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  std::shared_ptr<const RuleSet> load(const RuleSet* before = nullptr) const {
    auto loaded = RuleSet::load(settings_, before);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message;
    return loaded.ok() ? *loaded : nullptr;
  }
  /// A rule set whose files were not written just now: only such a one can be recognised as unchanged.
  std::shared_ptr<const RuleSet> settled() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    auto set = load();
    while (!set->program("default")->inputs.unchanged() && std::chrono::steady_clock::now() < deadline) set = load();
    return set;
  }
  static bool kept(const RuleSet& before, const RuleSet& after, std::string_view name = "default") {
    return before.program(name) == after.program(name);
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("bulwark_rule_set_" + std::to_string(::getpid()));
  Settings settings_;
};

TEST_F(RuleSets, AreKeptWhereNothingChanged) {
  const auto before = settled();
  const auto after = load(before.get());
  EXPECT_TRUE(kept(*before, *after));
  EXPECT_TRUE(kept(*before, *after, "other"));
  EXPECT_EQ(&before->store(), &after->store());
  EXPECT_TRUE(kept(*before, *load(after.get()))) << "and again";
}

TEST_F(RuleSets, AreCompiledAgainWhenAFileChanges) {
  const auto before = settled();
  write("a.conf", "SecRule ARGS \"@pmFromFile words.data\" \"id:2,phase:1,deny\"\n");  // as long as before
  const auto after = load(before.get());
  EXPECT_FALSE(kept(*before, *after));
  EXPECT_EQ(after->program("default")->rules.back().id, 2u);
  EXPECT_EQ(after->program("other")->rules.back().id, 2u);
}

TEST_F(RuleSets, AreCompiledAgainWhenTheirDataChanges) {
  const auto before = settled();
  write("words.data", "vile\n");
  EXPECT_FALSE(kept(*before, *load(before.get())));
}

TEST_F(RuleSets, AreCompiledAgainWhenAFileIsAddedOrGone) {
  const auto before = settled();
  write("b.conf", "SecAction \"id:3,phase:1,pass\"\n");
  const auto more = load(before.get());
  EXPECT_FALSE(kept(*before, *more));
  EXPECT_TRUE(kept(*before, *more, "other")) << "it does not read that file";
  std::filesystem::remove(folder_ / "b.conf");
  EXPECT_FALSE(kept(*more, *load(more.get())));
}

TEST_F(RuleSets, AreCompiledAgainForAnotherReading) {
  const auto before = settled();
  settings_.reference = Reference::modsecurity3;
  EXPECT_FALSE(kept(*before, *load(before.get())));
}

TEST_F(RuleSets, AreNeverTakenForUnchangedRightAfterAChange) {
  write("a.conf", "SecAction \"id:4,phase:1,pass\"\n");
  const auto before = load();
  EXPECT_FALSE(before->program("default")->inputs.unchanged()) << "a second change could have the same time";
}

TEST_F(RuleSets, SayWhatIsWrong) {
  write("a.conf", "SecRule ARGS \"@rx (\" \"id:1,phase:1,deny\"\n");
  const auto loaded = RuleSet::load(settings_, nullptr);
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, testing::HasSubstr("a.conf:1"));
}

}  // namespace
}  // namespace bulwark::waf
