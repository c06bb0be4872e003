// Which characters nobody sees, and that scripts and emoji keep theirs.
#include "chat/unseen.h"

#include <gtest/gtest.h>

namespace bulwark::chat {
namespace {

Unseen first(std::string_view text) { return unseen_at(text, 0); }

TEST(Unseen, Kinds) {
  EXPECT_EQ(first("\x01").kind, UnseenKind::control);
  EXPECT_EQ(first("\x1b[31;1mred").length, 7U);
  EXPECT_EQ(first("\x1b]8;;https://x.example\x07 link").length, 23U);
  EXPECT_EQ(first("\u202E").kind, UnseenKind::bidi);
  EXPECT_EQ(first("\u2066").kind, UnseenKind::bidi);
  EXPECT_EQ(first("\u200B").kind, UnseenKind::zero_width);
  EXPECT_EQ(first("\uFEFF").kind, UnseenKind::zero_width);
  EXPECT_EQ(first("\U000E0041").kind, UnseenKind::tag);
  EXPECT_EQ(first("\u0090").kind, UnseenKind::control);
}

TEST(Unseen, WhatPeopleWriteIsSeen) {
  for (const char* text : {"a", "\n", "\t", "\u00e4", "\u200d", "\u200c", "\ufe0f", "\u200f", "\u4f60", "\U0001F600"})
    EXPECT_EQ(first(text).length, 0U) << text;
  const std::string scotland = "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F";
  for (std::size_t at = 0; at < scotland.size(); at += 4) EXPECT_EQ(unseen_at(scotland, at).length, 0U);
}

TEST(Unseen, ASequenceEndsBeforeTheNextAndInsideNoCharacter) {
  EXPECT_EQ(first("\x1b]8;;x\x1b\\y").length, 8U);
  EXPECT_EQ(first("\x1b]\x1b\xe2\x81\x8b").length, 2U);
}

TEST(Unseen, ACutSequenceEndsWithTheText) {
  for (const char* text : {"\x1b", "\x1b[", "\x1b[31", "\x1b]8;;x", "\x1b]x\x1b"}) {
    const std::string_view view = text;
    EXPECT_LE(first(view).length, view.size());
    EXPECT_GT(first(view).length, 0U);
  }
}

}  // namespace
}  // namespace bulwark::chat
