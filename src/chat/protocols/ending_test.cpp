// What a stream of each protocol is ended with.
#include "chat/protocols/ending.h"

#include <gtest/gtest.h>

#include <vector>

namespace bulwark::chat {
namespace {

std::string ended(const std::vector<std::string>& events) {
  StreamEnding ending;
  for (const std::string& event : events) {
    const auto document = json::Document::parse(event);
    ending.saw(document->root());
    ending.sent(document->root());
  }
  std::string out;
  ending.write(out);
  return out;
}

TEST(StreamEnding, EveryOpenChoiceOfAChatIsFiltered) {
  const std::string out = ended(
      {R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{}}]})",
       R"({"id":"c","choices":[{"index":1,"delta":{}}]})", R"({"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"});
  EXPECT_EQ(out,
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":1,\"delta\":{},"
            "\"logprobs\":null,\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n");
}

TEST(StreamEnding, OpenBlocksOfAMessageAreStopped) {
  const std::string out = ended({R"({"type":"message_start","message":{}})", R"({"type":"content_block_start","index":0})",
                                 R"({"type":"content_block_stop","index":0})", R"({"type":"content_block_start","index":1})"});
  EXPECT_NE(out.find(R"({"type":"content_block_stop","index":1})"), std::string::npos);
  EXPECT_EQ(out.find(R"("index":0)"), std::string::npos);
  EXPECT_NE(out.find(R"("stop_reason":"refusal")"), std::string::npos);
  EXPECT_TRUE(out.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

TEST(StreamEnding, AResponseIsIncomplete) {
  const std::string out = ended({R"({"type":"response.created","sequence_number":3,"response":{"id":"r","model":"m","created_at":5}})"});
  EXPECT_NE(out.find(R"("sequence_number":4,"response":{"id":"r","object":"response","created_at":5,"status":"incomplete")"),
            std::string::npos);
  EXPECT_NE(out.find(R"("incomplete_details":{"reason":"content_filter"})"), std::string::npos);
}

}  // namespace
}  // namespace bulwark::chat
