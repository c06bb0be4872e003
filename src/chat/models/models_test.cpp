// Which models come in force: those that pass their trial, those that somebody put back, over a restart, and never half of anything.
#include <gtest/gtest.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "chat/models/keeper.h"
#include "chat/pii/tagger_file.h"
#include "chat/stage.h"
#include "wire/json/reader.h"

namespace bulwark::chat::models {
namespace {

class ModelsTest : public testing::Test {
 protected:
  ModelsTest() {
    EXPECT_GE(sodium_init(), 0);
    char made[] = "/tmp/bulwark_modelsXXXXXX";
    folder_ = ::mkdtemp(made);
    PublicKey key{};
    crypto_sign_keypair(key.data(), secret_.data());
    settings_.model_key = to_hex(key);
    settings_.models = folder_ + "/injection.bwcm";
    needs_.models.emplace();
    needs_.models->path = folder_ + "/models.db";
    needs_.tell = [this](const Notice& notice) { told_.push_back(notice.rule); };
  }
  ~ModelsTest() override { std::filesystem::remove_all(folder_); }

  /// The shipped models under another name, their threshold for turns moved.
  void configure(std::string name, float more_lenient = 0) {
    injection::Models models = injection::read_models(injection::built_in_models(), injection::built_in_key().value()).value();
    models.name = std::move(name);
    auto scores = models.turn_alarms.scores();
    for (float& score : scores) score += more_lenient;
    models.turn_alarms = injection::AlarmCurve(scores);
    std::ofstream(settings_.models, std::ios::binary) << injection::write_models(models, secret_);
  }
  /// As at a start.
  std::shared_ptr<const Guard> start() {
    auto guard = Guard::create(settings_, needs_);
    EXPECT_TRUE(guard.ok()) << guard.error().message;
    EXPECT_TRUE((*guard)->settle().ok());
    return *guard;
  }
  /// As at a reload.
  std::shared_ptr<const Guard> reload(const Guard& guard) {
    auto fresh = guard.renewed(settings_);
    EXPECT_TRUE(fresh.ok()) << fresh.error().message;
    EXPECT_TRUE((*fresh)->settle().ok());
    return *fresh;
  }
  static std::shared_ptr<const Guard> roll_back(const Guard& guard, bool undo = false) {
    auto fresh = guard.rolled_back("user:ada", undo);
    EXPECT_TRUE(fresh.ok()) << fresh.error().message;
    EXPECT_TRUE((*fresh)->settle().ok());
    return *fresh;
  }
  static std::string name_of(const Guard& guard) { return guard.models().substr(0, guard.models().find(' ')); }
  static json::Document status_of(const Guard& guard) {
    std::string text;
    json::Writer writer(text);
    guard.write_status(writer);
    return json::Document::parse(text).value();
  }

  std::string folder_;
  SecretKey secret_{};
  Settings settings_;
  Guard::Needs needs_;
  std::vector<std::string> told_;
};

TEST(Canaries, TheShippedModelsPassWithRoomToSpare) {
  Settings settings;
  const auto set = make_set(configured_files(settings).value(), settings);
  ASSERT_TRUE(set.ok()) << set.error().message;
  const Trial trial = try_out(*set->detector, *set->tagger, {}, {});
  ASSERT_EQ(trial.lines.size(), 5U);
  EXPECT_TRUE(trial.passed()) << trial.in_words();
}

TEST_F(ModelsTest, AModelThatMissesTheCanariesIsRefusedWithItsFigures) {
  configure("blind", 50);
  const auto guard = Guard::create(settings_, needs_);
  ASSERT_FALSE(guard.ok());
  EXPECT_EQ(guard.error().origin, Origin::config);
  EXPECT_NE(guard.error().message.find("blind"), std::string::npos) << guard.error().message;
  EXPECT_NE(guard.error().message.find("attacks in turns found (at least 85 % must be)"), std::string::npos) << guard.error().message;
  EXPECT_EQ(told_, std::vector<std::string>{"chat.model.refused"});
  configure("trigger-happy", -50);
  EXPECT_NE(Guard::create(settings_, needs_).error().message.find("ordinary turns flagged (at most 25 % may be)"), std::string::npos);
}

TEST_F(ModelsTest, ATextOfOnesOwnThatIsMissedRefusesToo) {
  settings_.canaries.file = folder_ + "/own.jsonl";
  configure("ours");
  std::ofstream(settings_.canaries.file) << R"({"label":0,"chan":"direct","text":"Where is my parcel?"})" << '\n';
  EXPECT_NE(name_of(*start()), "");
  std::ofstream(settings_.canaries.file) << R"({"label":1,"chan":"direct","text":"Where is my parcel?"})" << '\n';
  const auto guard = Guard::create(settings_, needs_);
  ASSERT_FALSE(guard.ok());
  EXPECT_NE(guard.error().message.find("0 of 1 of your attacks found"), std::string::npos) << guard.error().message;
}

TEST_F(ModelsTest, AReloadTakesNewModelsAndARefusedOneChangesNothing) {
  configure("first");
  const auto first = start();
  EXPECT_EQ(name_of(*first), "first");
  configure("second");
  const auto second = reload(*first);
  EXPECT_EQ(name_of(*second), "second");
  configure("third", 50);
  EXPECT_FALSE(second->renewed(settings_).ok());
  EXPECT_EQ(told_, (std::vector<std::string>{"chat.model.in_force", "chat.model.in_force", "chat.model.refused"}));
  EXPECT_EQ(status_of(*second).root().find("models")->find("shelf")->size(), 2U);
}

TEST_F(ModelsTest, ARollbackOutlivesARestartUntilTheConfigurationNamesOthers) {
  configure("first");
  auto guard = start();
  configure("second");
  guard = reload(*guard);
  guard = roll_back(*guard);
  EXPECT_EQ(name_of(*guard), "first");
  EXPECT_EQ(told_.back(), "chat.model.rollback");
  EXPECT_EQ(status_of(*guard).root().find("models")->find("put_back")->text("by"), "user:ada");
  EXPECT_EQ(guard->rolled_back("user:ada", false).error().code, Code::not_found);
  guard = start();
  EXPECT_EQ(name_of(*guard), "first");
  guard = reload(*guard);
  EXPECT_EQ(name_of(*guard), "first");
  guard = roll_back(*guard, true);
  EXPECT_EQ(name_of(*guard), "second");
  EXPECT_EQ(name_of(*start()), "second");
  guard = roll_back(*guard);
  configure("third");
  guard = reload(*guard);
  EXPECT_EQ(name_of(*guard), "third");
  guard = roll_back(*guard);
  EXPECT_EQ(name_of(*guard), "first") << "the second was withdrawn";
}

TEST_F(ModelsTest, WhatIsPutBackMustHoldItsSignatureToo) {
  configure("first");
  auto guard = start();
  settings_.models.clear();
  settings_.model_key.clear();
  guard = reload(*guard);  // the built-in ones, and the other key is trusted no more
  const auto back = guard->rolled_back("user:ada", false);
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, Code::corrupt);
}

TEST_F(ModelsTest, TheShelfIsBounded) {
  configure("0");
  auto guard = start();
  for (int i = 1; i < 9; ++i) {
    configure(std::to_string(i));
    guard = reload(*guard);
  }
  EXPECT_EQ(status_of(*guard).root().find("models")->find("shelf")->size(), static_cast<std::size_t>(Shelf::kKept));
}

}  // namespace
}  // namespace bulwark::chat::models
