// `make bench-chat`: what the guards add to a request and to the first token of its answer, through the stage as the gateway runs
// it; and a stream with surrogates in its text cut at random 100,000 times.
#include <fmt/format.h>

#include <time.h>

#include <algorithm>
#include <random>
#include <vector>

#include "chat/protocols/restoring.h"
#include "chat/stage.h"

using namespace bulwark;
using gateway::Exchange;
using gateway::Phase;

namespace {

constexpr int kRounds = 5'000;
constexpr int kRechunkings = 100'000;

bool all_met = true;

void figure(std::string_view name, double value, std::string_view unit, double bar) {
  const bool met = value <= bar;
  all_met &= met;
  fmt::print("figure {} {:.1f} {} goal <={} {}\n", name, value, unit, bar, met ? "met" : "short");
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

/// Ordinary sentences with some personal data among them, never twice the same.
std::string prompt(std::size_t bytes, std::mt19937& random) {
  constexpr std::string_view kSentences[] = {"Could you draft a friendly answer to this customer who asks where her parcel is? ",
                                             "The order left our warehouse on Tuesday and the carrier says it is in transit. ",
                                             "She already wrote twice, so please apologise for the delay and offer free shipping. ",
                                             "Our policy allows returns within thirty days, provided the box is unopened. ",
                                             "Summarise the three points below in a table, and keep the tone neutral. ",
                                             "Why does this query take four seconds when the table has only ten thousand rows? "};
  std::string text;
  while (text.size() < bytes) {
    if (random() % 6 == 0)
      text += fmt::format("Write to customer{}@mail.example or call +49 30 {}. ", random() % 100'000, 1'000'000 + random() % 9'000'000);
    else
      text += kSentences[random() % std::size(kSentences)];
  }
  text.resize(bytes);
  return text;
}

struct Times {
  std::vector<double> request;
  std::vector<double> first_token;
};

/// CPU time of this thread: the guards never wait, and other programs on the machine are not theirs to answer for.
double now_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}
double us_since(double start) { return now_us() - start; }

double p99(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() * 99 / 100];
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The request's guards, then the first event of a streamed answer.
Times measure(const gateway::Stage& stage, std::size_t bytes) {
  std::mt19937 random(1);
  Times times;
  for (int round = 0; round < kRounds; ++round) {
    const std::string body = R"({"model":"m","stream":true,"messages":[{"role":"user","content":)" + quoted(prompt(bytes, random)) + "}]}";
    Exchange exchange;
    exchange.request.method = "POST";
    exchange.request.path = "/v1/chat/completions";
    exchange.request.headers.list = {{"content-type", "application/json"}};
    exchange.response.headers.list = {{"content-type", "text/event-stream"}};
    double start = now_us();
    (void)stage.run(Phase::request_head, exchange, 0).value();
    exchange.request.body = body;
    (void)stage.run(Phase::request_body, exchange, 0).value();
    times.request.push_back(us_since(start));
    start = now_us();
    (void)stage.run(Phase::response_head, exchange, 0).value();
    std::string out;
    for (const auto& filter : exchange.response_filters)
      (void)filter->feed("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}]}\n\n",
                         false, out);
    times.first_token.push_back(times.request.back() + us_since(start));
  }
  return times;
}

std::string content_of(std::string_view stream) {
  sse::Decoder decoder;
  decoder.push(stream);
  decoder.finish();
  std::string text;
  for (sse::Item item; decoder.next(item).value();) {
    const auto document = json::Document::parse(item.data);
    if (!document.ok()) continue;
    if (const auto choices = document->root().find("choices"))
      for (const json::Value& choice : *choices)
        if (const auto delta = choice.find("delta")) text += delta->text("content");
  }
  return text;
}

void rechunk() {
  auto pseudonyms = std::make_shared<chat::pii::Pseudonyms>(chat::pii::derive({}, "bench", "k"));
  const std::string email(pseudonyms->of(chat::pii::Kind::email, "jane.doe@acme.io").value());
  const std::string card(pseudonyms->of(chat::pii::Kind::card, "4111 1111 1111 1111").value());
  const std::string text = "Dear " + email + ", card " + card + " of " + email + "'s: " + email.substr(0, 5);
  const std::string wanted = "Dear jane.doe@acme.io, card 4111 1111 1111 1111 of jane.doe@acme.io's: " + email.substr(0, 5);
  std::mt19937 random(2);
  std::size_t leaks = 0;
  std::size_t unrestored = 0;
  for (int round = 0; round < kRechunkings; ++round) {
    std::string stream;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 14, text.size() - at);
      stream += "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":" + quoted(text.substr(at, size)) + "}}]}\n\n";
      at += size;
    }
    stream += "data: [DONE]\n\n";
    chat::StreamRestorer restorer(pseudonyms);
    std::string out;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 200, stream.size() - at);
      (void)restorer.feed(std::string_view(stream).substr(at, size), false, out);
      at += size;
    }
    (void)restorer.feed({}, true, out);
    const std::string got = content_of(out);
    leaks += got.find(email) != std::string::npos || got.find(card) != std::string::npos;
    unrestored += got != wanted;
  }
  figure("chat.rechunk.leaks", static_cast<double>(leaks), "of 100000", 0);
  figure("chat.rechunk.unrestored", static_cast<double>(unrestored), "of 100000", 0);
}

}  // namespace

int main() {
  chat::RouteSettings settings;
  settings.injection.data = settings.injection.user = chat::Mode::monitor;
  const auto stage = chat::Guard::create({}).value()->stage(settings).value();
  (void)measure(*stage, 256);  // warm
  const Times small = measure(*stage, 2 * 1024);
  const Times large = measure(*stage, 16 * 1024);
  fmt::print("medians: 2k {:.1f} us, 16k {:.1f} us\n", median(small.request), median(large.request));
  figure("chat.guards.2k.p99", p99(small.request), "us", 400);
  figure("chat.guards.16k.p99", p99(large.request), "us", 1500);
  figure("chat.first_token.2k.p99", p99(small.first_token), "us", 300);
  rechunk();
  return all_met ? 0 : 2;
}
