// Whole requests: every text is masked, whatever field it stands in, and the rest of the document stays what it was.
#include "chat/protocols/masking.h"

#include <gtest/gtest.h>

#include "chat/protocols/restoring.h"

namespace bulwark::chat {
namespace {

struct Masked {
  std::string body;
  pii::Pseudonyms pseudonyms{pii::derive({}, "test", "k")};
  bool ok = false;
};

Masked mask(std::string_view body) {
  Masked out;
  pii::Policy policy;
  policy.modes.fill(Mode::mask);
  policy.allowed = {"@acme.example", "support@x.io"};
  pii::Redactor redactor(policy, out.pseudonyms);
  MaskingRewriter rewriter(redactor);
  const auto document = json::Document::parse(body);
  json::Writer writer(out.body);
  out.ok = document.ok() && transcribe(document->root(), rewriter, writer).ok();
  return out;
}

TEST(Masking, ReplacesInEveryFieldAndLeadsBack) {
  const std::string body =
      R"({"model":"gpt-4o","messages":[{"role":"user","content":"I am jane@acme.io, call +1 415-555-0132"},)"
      R"({"role":"user","content":[{"type":"text","text":"card 4111 1111 1111 1111"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},)"
      R"({"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"mail","arguments":"{\"to\":\"jane@acme.io\",\"n\":4111111111111111,\"x\":\"\\njoe@acme.io\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"call_1","content":"[\"203.0.113.7\"]"}],"user":"jane@acme.io","temperature":0.5,"n":2,"stream":true,"stop":null})";
  const Masked masked = mask(body);
  ASSERT_TRUE(masked.ok);
  for (const char* value : {"jane@", "joe@", "415-555", "4111", "203.0.113.7"})
    EXPECT_EQ(masked.body.find(value), std::string::npos) << masked.body;
  EXPECT_EQ(masked.pseudonyms.size(), 6U);  // the card in two spellings
  EXPECT_EQ(restore_reply(masked.pseudonyms.index(), masked.body), body);
  EXPECT_NE(masked.body.find(R"("temperature":0.5,"n":2,"stream":true,"stop":null)"), std::string::npos);
}

TEST(Masking, LeavesAllowedValuesAndCleanDocumentsAlone) {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"ask support@x.io or JOE@acme.example"}]})";
  EXPECT_EQ(mask(body).body, body);
}

TEST(Masking, RefusesAKeyThatStandsTwice) {
  EXPECT_FALSE(mask(R"({"messages":[],"messages":[{"role":"user","content":"a@b.de"}]})").ok);
  EXPECT_FALSE(mask(R"({"messages":[{"content":"a","\u0063ontent":"b"}]})").ok);
}

TEST(Masking, ReadsJsonInsideATextButNotWithoutEnd) {
  std::string nested = R"(jane@acme.io)";
  for (int i = 0; i < 6; ++i) {
    std::string quoted;
    json::append_string(quoted, nested);
    nested = "[" + quoted + "]";
  }
  const Masked masked = mask(nested);
  ASSERT_TRUE(masked.ok);
  EXPECT_EQ(masked.body.find("jane@"), std::string::npos);
}

}  // namespace
}  // namespace bulwark::chat
