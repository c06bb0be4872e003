// From blocked requests to a block in force, its undo, and what is left after a restart: with a real bus, store folder and table.
#include "soc/center.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "soc/actions/block.h"
#include "soc/control_journal.h"
#include "soc/detection/repeated_blocks.h"

namespace bulwark::soc {
namespace {

using std::chrono::steady_clock;

class CenterTest : public testing::Test {
 protected:
  CenterTest() {
    std::string name = (std::filesystem::temp_directory_path() / "soc.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    settings_.repeated_blocks = {.count = 3, .window = std::chrono::seconds(10)};
  }
  ~CenterTest() override {
    shut_down();
    std::filesystem::remove_all(folder_);
  }
  storage::OpenOptions file(const char* name) {
    storage::OpenOptions options;
    options.path = folder_ / name;
    return options;
  }
  void start() {
    table_ = control::Table::create(open_control_journal(file("control.db")).value()).value();
    bus_ = events::Bus::create({.directory = folder_ / "spool", .segment_bytes = 256 * 1024}, nullptr).value();
    publisher_ = bus_->add_publisher("waf").value();
    Parts parts{.settings = settings_, .ledger = file("soc.db"), .table = table_.get(), .publisher = bus_->add_publisher("soc").value()};
    parts.detectors.push_back(make_repeated_blocks(settings_.repeated_blocks));
    for (auto& each : more_detectors_) parts.detectors.push_back(std::move(each));
    parts.actions.push_back(make_block(*table_));
    center_ = Center::create(std::move(parts)).value();
    bus_->subscribe(*center_);
    center_->start();
    ASSERT_TRUE(bus_->start().ok());
  }
  void shut_down() {
    if (bus_ != nullptr) bus_->stop();
    center_.reset();
    bus_.reset();
    table_.reset();
  }
  void attack(std::string_view source, int times) {
    for (int i = 0; i < times; ++i) {
      events::Event event;
      event.time = system_clock().wall();
      event.plane = events::Plane::waf;
      event.disposition = events::Disposition::blocked;
      event.severity = events::Severity::high;
      event.source = IpAddress::parse(source).value();
      event.trace = TraceId::random();
      event.rule = "942100";
      ASSERT_TRUE(publisher_->publish(event));
    }
  }
  template <class Condition>
  static bool eventually(Condition&& condition) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(5);
    while (!condition())
      if (steady_clock::now() > deadline)
        return false;
      else
        std::this_thread::yield();
    return true;
  }
  bool refused(std::string_view source) {
    return table_->snapshot()->refusal(IpAddress::parse(source).value(), nullptr, system_clock().wall()) != nullptr;
  }

  std::filesystem::path folder_;
  Settings settings_;
  std::vector<std::unique_ptr<Detector>> more_detectors_;
  std::unique_ptr<control::Table> table_;
  std::unique_ptr<events::Bus> bus_;
  events::Publisher* publisher_ = nullptr;
  std::unique_ptr<Center> center_;
};

TEST_F(CenterTest, BlocksTheSourceWithinMilliseconds) {
  start();
  attack("203.0.113.9", 2);
  const auto decided = steady_clock::now();
  attack("203.0.113.9", 1);
  ASSERT_TRUE(eventually([&] { return refused("203.0.113.9"); }));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - decided);
  RecordProperty("microseconds_to_block", static_cast<int>(took.count()));
  EXPECT_LT(took, std::chrono::milliseconds(100));
  ASSERT_TRUE(eventually([&] { return center_->incidents(10, true).value().size() == 1; }));
  const auto incident = center_->incidents(10, true).value()[0];
  EXPECT_EQ(incident.alerts, 1);
  const auto actions = center_->actions_of(incident.id).value();
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(actions[0].summary, "blocked ip 203.0.113.9 for 10 min");
  EXPECT_EQ(center_->alerts_of(incident.id).value()[0].alert.evidence.size(), 3U);
}

/// Raises an alert about nobody for every event.
class AboutNobody final : public Detector {
 public:
  std::string_view name() const override { return "about_nobody"; }
  void on_event(const events::Event& event, AlertSink& sink) override {
    Alert alert;
    alert.id = Id<16>::random();
    alert.time = event.time;
    alert.detector = alert.rule = alert.title = name();
    sink.raise(std::move(alert));
  }
  void on_tick(WallTime, AlertSink&) override {}
};

TEST_F(CenterTest, NobodyIsActedOnForAnAlertAboutNobody) {
  settings_.playbooks = {{.name = "all", .detector = "*", .action = "block"}};
  more_detectors_.push_back(std::make_unique<AboutNobody>());
  start();
  attack("203.0.113.9", 1);
  ASSERT_TRUE(eventually([&] { return center_->incidents(10, true).value().size() == 1; }));
  const auto actions = center_->actions_of(center_->incidents(10, true).value()[0].id).value();
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(actions[0].summary, "not done: the alert is about nobody");
  EXPECT_FALSE(refused("203.0.113.9"));
}

TEST_F(CenterTest, AFurtherAlertJoinsItsIncident) {
  start();
  attack("203.0.113.9", 6);
  ASSERT_TRUE(eventually([&] { return center_->alerts(10, 0).value().size() == 2; }));
  const auto incidents = center_->incidents(10, true).value();
  ASSERT_EQ(incidents.size(), 1U);
  EXPECT_EQ(incidents[0].alerts, 2);
  ASSERT_TRUE(center_->close_incident(incidents[0].id, "user:ann").ok());
  EXPECT_TRUE(center_->incidents(10, true).value().empty());
  EXPECT_FALSE(center_->close_incident(incidents[0].id, "user:ann").ok());
}

TEST_F(CenterTest, AfterAnUndoPlaybooksLeaveTheSubjectAlone) {
  start();
  attack("203.0.113.9", 3);
  ASSERT_TRUE(eventually([&] { return refused("203.0.113.9") && !center_->incidents(1, true).value().empty(); }));
  ASSERT_TRUE(center_->undo(center_->entries()[0].id.hex(), "user:ann").ok());
  EXPECT_FALSE(refused("203.0.113.9"));
  attack("203.0.113.9", 3);
  ASSERT_TRUE(eventually([&] { return center_->alerts(10, 0).value().size() == 2; }));
  EXPECT_FALSE(refused("203.0.113.9"));
  const auto actions = center_->actions_of(center_->incidents(1, true).value()[0].id).value();
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_TRUE(actions[0].summary.starts_with("not done: a person undid"));
  EXPECT_EQ(actions[1].undone_by, "user:ann");
  EXPECT_FALSE(center_->undo("00000000000000000000000000000001", "user:ann").ok());
}

TEST_F(CenterTest, TrustedAndLoopbackAddressesAreAlertedOnOnly) {
  settings_.trusted.push_back(IpPrefix::parse("198.51.100.0/24").value());
  start();
  attack("198.51.100.7", 3);
  attack("127.0.0.1", 3);
  ASSERT_TRUE(eventually([&] { return center_->alerts(10, 0).value().size() == 2; }));
  EXPECT_TRUE(table_->snapshot()->empty());
  // By hand anything goes.
  EXPECT_TRUE(center_->block(control::Subject::ip, "198.51.100.7", std::chrono::minutes(1), "sure", "user:ann").ok());
  EXPECT_TRUE(refused("198.51.100.7"));
}

TEST_F(CenterTest, BlocksAndIncidentsOutliveARestart) {
  start();
  attack("203.0.113.9", 3);
  ASSERT_TRUE(eventually([&] { return !center_->incidents(1, true).value().empty(); }));
  shut_down();
  start();
  EXPECT_TRUE(refused("203.0.113.9"));
  EXPECT_EQ(center_->incidents(10, true).value().size(), 1U);
  ASSERT_TRUE(center_->undo(center_->entries()[0].id.hex(), "user:ann").ok());
  shut_down();
  start();
  EXPECT_FALSE(refused("203.0.113.9"));
}

TEST_F(CenterTest, APlaybookThatNamesNothingKnownIsRefused) {
  settings_.playbooks[0].action = "blok";
  table_ = control::Table::create(nullptr).value();
  Parts parts{.settings = settings_, .ledger = file("soc.db"), .table = table_.get()};
  parts.detectors.push_back(make_repeated_blocks(settings_.repeated_blocks));
  parts.actions.push_back(make_block(*table_));
  EXPECT_EQ(Center::create(std::move(parts)).error().origin, Origin::config);
}

}  // namespace
}  // namespace bulwark::soc
