// Streams of every dialect, cut into random delta events and random chunks: what the client puts together is the original text,
// no surrogate shows, nothing is lost, and other events stay.
#include "chat/protocols/restoring.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace bulwark::chat {
namespace {

constexpr int kRechunkings = 10'000;

struct Fixture {
  std::shared_ptr<pii::Pseudonyms> pseudonyms = std::make_shared<pii::Pseudonyms>(pii::derive({}, "test", "k"));
  std::string email = std::string(pseudonyms->of(pii::Kind::email, "jane.doe@acme.io").value());
  std::string card = std::string(pseudonyms->of(pii::Kind::card, "4111 1111 1111 1111").value());
  std::string ip = std::string(pseudonyms->of(pii::Kind::ip, "203.0.113.7").value());

  std::string filter(std::string_view stream, std::mt19937& random, std::size_t largest) const {
    StreamRestorer restorer(pseudonyms);
    std::string out;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % largest, stream.size() - at);
      EXPECT_TRUE(restorer.feed(stream.substr(at, size), false, out).ok());
      at += size;
    }
    EXPECT_TRUE(restorer.feed({}, true, out).ok());
    return out;
  }
  bool leaks(std::string_view text) const {
    return text.find(email) != std::string_view::npos || text.find(card) != std::string_view::npos ||
           text.find(ip) != std::string_view::npos;
  }
};

std::vector<std::string> pieces(std::string_view text, std::mt19937& random) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 12, text.size() - at);
    all.emplace_back(text.substr(at, size));
    at += size;
  }
  return all;
}

std::string json_string(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

/// Concatenates, per choice, content and arguments as an SDK does.
struct Client {
  std::map<std::string, std::string> texts;
  std::vector<std::string> order;
  bool done = false;

  explicit Client(std::string_view stream) {
    sse::Decoder decoder;
    decoder.push(stream);
    decoder.finish();
    sse::Item item;
    while (decoder.next(item).value()) {
      if (item.kind == sse::Item::Kind::comment) continue;
      if (item.data == "[DONE]")
        done = true;
      else
        take(item.data);
    }
  }
  void take(std::string_view data) {
    const auto document = json::Document::parse(data);
    ASSERT_TRUE(document.ok()) << data;
    const json::Value root = document->root();
    if (const auto delta = root.find("delta"); delta && delta->is(json::Type::object)) {
      const std::string block = fmt::format("block{}", root.find("index")->integer().value());
      texts[block].append(delta->text("text")).append(delta->text("partial_json"));
    } else if (delta) {
      texts["output"].append(delta->string());
    }
    if (const auto choices = root.find("choices"))
      for (const json::Value& choice : *choices) take_choice(choice);
  }
  void take_choice(const json::Value& choice) {
    const auto index = choice.find("index")->integer().value();
    if (const auto delta = choice.find("delta")) {
      ASSERT_FALSE(texts.contains(fmt::format("end{}", index)) && !delta->text("content").empty()) << "text after the end";
      texts[fmt::format("content{}", index)].append(delta->text("content"));
      if (const auto calls = delta->find("tool_calls"))
        for (const json::Value& call : *calls) {
          texts[fmt::format("call{}.{}", index, call.find("index")->integer().value())].append(call.find("function")->text("arguments"));
          texts["names"].append(call.find("function")->text("name"));
        }
    }
    if (const std::string_view reason = choice.text("finish_reason"); !reason.empty()) texts[fmt::format("end{}", index)] = reason;
  }
};

TEST(StreamRestorer, OpenAiChatForAnySplitOfDeltasAndChunks) {
  const Fixture f;
  std::mt19937 random(5);
  const std::string content = "Write to " + f.email + " or " + f.email + "'s host " + f.ip + " with card " + f.card;
  const std::string other = "ro" + f.email.substr(0, 5);  // ends inside a surrogate: must come out as it is
  const std::string arguments = R"({"to":")" + f.email + R"(","note":"\n)" + f.card + R"("})";
  for (int round = 0; round < kRechunkings; ++round) {
    std::vector<std::string> events[3];
    const auto chunk = [](int index, const std::string& delta) {
      return fmt::format(
          R"(data: {{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":{},"delta":{},"finish_reason":null}}]}})"
          "\n\n",
          index, delta);
    };
    const auto end = [](int index) {
      return fmt::format(R"(data: {{"id":"c1","choices":[{{"index":{},"delta":{{}},"finish_reason":"stop"}}]}})"
                         "\n\n",
                         index);
    };
    for (const auto& piece : pieces(content, random)) events[0].push_back(chunk(0, R"({"content":)" + json_string(piece) + "}"));
    for (const auto& piece : pieces(other, random)) events[1].push_back(chunk(1, R"({"content":)" + json_string(piece) + "}"));
    events[2].push_back(chunk(
        2, R"({"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"mail","arguments":""}}]})"));
    for (const auto& piece : pieces(arguments, random))
      events[2].push_back(chunk(2, R"({"tool_calls":[{"index":0,"function":{"arguments":)" + json_string(piece) + "}}]}"));
    std::string stream = ": ping\n\n";
    std::size_t next[3] = {0, 0, 0};
    for (int left = 3; left > 0;) {
      const unsigned i = random() % 3;
      if (next[i] > events[i].size()) continue;
      stream += next[i] < events[i].size() ? events[i][next[i]] : end(static_cast<int>(i));
      if (next[i]++ == events[i].size()) --left;
    }
    stream += R"(data: {"id":"c1","choices":[],"usage":{"total_tokens":9}})"
              "\n\ndata: [DONE]\n\n";
    const std::string out = f.filter(stream, random, 40);
    ASSERT_FALSE(f.leaks(out)) << out;
    Client client(out);
    ASSERT_EQ(client.texts["content0"], "Write to jane.doe@acme.io or jane.doe@acme.io's host 203.0.113.7 with card 4111 1111 1111 1111");
    ASSERT_EQ(client.texts["content1"], other);
    ASSERT_EQ(client.texts["call2.0"], R"({"to":"jane.doe@acme.io","note":"\n4111 1111 1111 1111"})");
    ASSERT_EQ(client.texts["names"], "mail");
    ASSERT_TRUE(client.done);
    ASSERT_NE(out.find(": ping\n"), std::string::npos);
    ASSERT_NE(out.find("total_tokens"), std::string::npos);
  }
}

TEST(StreamRestorer, AnthropicMessagesForAnySplit) {
  const Fixture f;
  std::mt19937 random(6);
  for (int round = 0; round < kRechunkings / 5; ++round) {
    std::string stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[]}}\n\n";
    const auto block = [&](int index, std::string_view kind, std::string_view key, const std::string& text) {
      stream += fmt::format("event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":{}}}\n\n", index);
      for (const auto& piece : pieces(text, random))
        stream += fmt::format(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":{},\"delta\":{{\"type\":\"{}\",\"{}\":{}}}}}\n\n",
            index, kind, key, json_string(piece));
      stream += fmt::format("event: content_block_stop\ndata: {{\"type\":\"content_block_stop\",\"index\":{}}}\n\n", index);
    };
    block(0, "text_delta", "text", "Mail " + f.email + " now " + f.email.substr(0, 4));
    block(1, "input_json_delta", "partial_json", R"({"card":")" + f.card + R"("})");
    stream += "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    const std::string out = f.filter(stream, random, 30);
    ASSERT_FALSE(f.leaks(out));
    Client client(out);
    ASSERT_EQ(client.texts["block0"], "Mail jane.doe@acme.io now " + f.email.substr(0, 4));
    ASSERT_EQ(client.texts["block1"], R"({"card":"4111 1111 1111 1111"})");
    ASSERT_LT(out.rfind("content_block_delta"), out.find("message_stop"));
  }
}

TEST(StreamRestorer, OpenAiResponsesForAnySplit) {
  const Fixture f;
  std::mt19937 random(8);
  for (int round = 0; round < kRechunkings / 5; ++round) {
    std::string stream;
    const std::string text = "Hi " + f.email + f.ip.substr(0, 3);
    for (const auto& piece : pieces(text, random))
      stream +=
          "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,\"delta\":" +
          json_string(piece) + "}\n\n";
    stream +=
        "event: response.output_text.done\ndata: {\"type\":\"response.output_text.done\",\"output_index\":0,\"content_index\":0,\"text\":" +
        json_string(text) + "}\n\n";
    const std::string out = f.filter(stream, random, 30);
    ASSERT_FALSE(f.leaks(out));
    ASSERT_EQ(Client(out).texts["output"], "Hi jane.doe@acme.io" + f.ip.substr(0, 3));
    ASSERT_LT(out.rfind("output_text.delta"), out.find("output_text.done"));
  }
}

TEST(StreamRestorer, PassesErrorsAndTextThatIsNoJson) {
  const Fixture f;
  std::mt19937 random(9);
  const std::string out = f.filter("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + f.email.substr(0, 3) +
                                       "\"}}]}\n\ndata: {\"error\":{\"message\":\"overloaded for " + f.email + "\"}}\n\ndata: oops " +
                                       f.email + "\n\ndata: {\"cut\":",
                                   random, 10);
  EXPECT_EQ(Client(out.substr(0, out.find("data: {\"error"))).texts["content0"], f.email.substr(0, 3));
  EXPECT_NE(out.find("overloaded for jane.doe@acme.io"), std::string::npos);
  EXPECT_NE(out.find("data: oops jane.doe@acme.io\n"), std::string::npos);
  EXPECT_NE(out.find("data: {\"cut\":\n"), std::string::npos);
}

TEST(RestoreReply, DropsLogProbabilitiesOfSurrogates) {
  const Fixture f;
  EXPECT_EQ(restore_reply(f.pseudonyms->index(),
                          R"({"choices":[{"message":{"content":")" + f.email + R"("},"logprobs":{"content":[{"token":"ro"}]}}]})"),
            R"({"choices":[{"message":{"content":"jane.doe@acme.io"},"logprobs":null}]})");
}

}  // namespace
}  // namespace bulwark::chat
