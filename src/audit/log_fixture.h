// For tests: an audit log in a folder of its own, in memory where that can be had: what is tested is what is written, not the disk.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "audit/log.h"
#include "audit/verify.h"

namespace bulwark::audit {

class LogFixture : public testing::Test {
 protected:
  LogFixture() {
    const std::filesystem::path memory = "/dev/shm";
    const bool usable = access(memory.c_str(), W_OK) == 0;
    std::string name = ((usable ? memory : std::filesystem::temp_directory_path()) / "audit.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    settings_.directory = (folder_ / "log").string();
  }
  ~LogFixture() override { std::filesystem::remove_all(folder_); }

  static crypto::SigningKey key(std::uint8_t first = 1) {
    crypto::Key seed;
    seed.bytes[0] = first;
    return crypto::SigningKey::from_seed(seed);
  }
  NoteVerifier verifier() const { return NoteVerifier::of(settings_.origin, key()); }

  static std::string body(std::uint64_t number) { return R"({"kind":"statement","n":)" + std::to_string(number) + "}"; }
  /// One run of a process: appends `count` records and ends in good order.
  void write(std::uint64_t count) {
    auto log = Log::open(settings_, key());
    ASSERT_TRUE(log.ok()) << log.error().message;
    (*log)->start();
    for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE((*log)->append(body(i), false).ok());
    (*log)->stop();
    EXPECT_EQ((*log)->durable(), count);
  }
  Report check(const std::vector<Anchor>& anchors = {}) const { return verify(settings_.directory, verifier(), anchors).value(); }

  std::string path(const std::string& name) const { return settings_.directory + "/" + name; }
  std::string read(const std::string& name) const { return read_file(path(name), kMaxSegmentBytes).value(); }
  void overwrite(const std::string& name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << content;
  }

  std::filesystem::path folder_;
  LogSettings settings_;
};

}  // namespace bulwark::audit
