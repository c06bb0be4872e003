// Signed notes: what was signed opens, and no change of any byte does.
#include "audit/checkpoint.h"

#include <gtest/gtest.h>

namespace bulwark::audit {
namespace {

crypto::SigningKey some_key(std::uint8_t first) {
  crypto::Key seed;
  seed.bytes[0] = first;
  return crypto::SigningKey::from_seed(seed);
}

TEST(Checkpoint, OpensWithItsKeyAlone) {
  const Checkpoint at{"example.com/log", 12345, crypto::sha256("root")};
  const std::string note = sign_checkpoint(at, some_key(1));
  const auto key = NoteVerifier::of("example.com/log", some_key(1));
  const auto opened = key.open(note);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->size, at.size);
  EXPECT_EQ(opened->root, at.root);
  EXPECT_TRUE(NoteVerifier::parse(key.text()).value().open(note).ok());
  EXPECT_EQ(NoteVerifier::of("example.com/log", some_key(2)).open(note).error().code, Code::denied);
  EXPECT_EQ(NoteVerifier::of("example.com/other", some_key(1)).open(note).error().code, Code::denied);
}

TEST(Checkpoint, NoByteOfItCanBeChanged) {
  const std::string note = sign_checkpoint({"log", 7, crypto::sha256("root")}, some_key(1));
  const auto key = NoteVerifier::of("log", some_key(1));
  for (std::size_t at = 0; at < note.size(); ++at)
    for (const int bit : {0, 3, 7}) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ 1 << bit);
      EXPECT_FALSE(key.open(changed).ok()) << at;
    }
  for (std::size_t size = 0; size < note.size(); ++size) EXPECT_FALSE(key.open(note.substr(0, size)).ok());
}

TEST(Checkpoint, OthersMaySignToo) {
  std::string note = sign_checkpoint({"log", 7, crypto::sha256("root")}, some_key(1));
  note.append("\xe2\x80\x94 witness.example/w AAAAAAAAAAAAAAAA\n");
  EXPECT_TRUE(NoteVerifier::of("log", some_key(1)).open(note).ok());
}

TEST(NoteVerifier, RefusesWhatIsNoKey) {
  const std::string good = NoteVerifier::of("log", some_key(1)).text();
  EXPECT_TRUE(NoteVerifier::parse(good).ok());
  for (const std::string& bad :
       {std::string("log"), "log+00000000+" + good.substr(good.rfind('+') + 1), "l g" + good.substr(3), good + "A", std::string("++")})
    EXPECT_FALSE(NoteVerifier::parse(bad).ok()) << bad;
}

}  // namespace
}  // namespace bulwark::audit
