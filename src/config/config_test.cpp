// What a person sees who mistypes a configuration, and that strict YAML is strict.
#include <gtest/gtest.h>

#include "config/schema.h"

namespace bulwark::config {
namespace {

enum class Mode { off, monitor, enforce };
EnumNames<Mode> enum_names(Mode) { return {{{"off", Mode::off}, {"monitor", Mode::monitor}, {"enforce", Mode::enforce}}}; }

struct Inner {
  std::string path;
  Mode mode = Mode::enforce;
  std::uint16_t port = 443;
};
void describe(Object<Inner>& o) {
  o.field("path", &Inner::path, {.help = "Where.", .required = true})
      .field("mode", &Inner::mode, {.help = "How."})
      .field("port", &Inner::port, {.help = "Port.", .min = 1});
}

struct Outer {
  std::vector<Inner> routes;
  std::map<std::string, Inner> named;
  std::chrono::milliseconds timeout{1500};
  ByteSize size{64 * 1024};
  Endpoint listen;
  std::optional<bool> flag;
};
void describe(Object<Outer>& o) {
  o.field("routes", &Outer::routes, {.help = "Routes."})
      .field("named", &Outer::named, {.help = "By name."})
      .field("timeout", &Outer::timeout, {.help = "Time.", .min = 1, .max = 60'000})
      .field("size", &Outer::size, {.help = "Size."})
      .field("listen", &Outer::listen, {.help = "Where to listen."})
      .field("flag", &Outer::flag, {.help = "A flag."})
      .check([](const Outer& outer) { return outer.routes.size() > 2 ? std::string("too many routes") : std::string(); });
}

std::string complaint(std::string_view yaml) {
  auto node = Node::parse(yaml, "f.yaml");
  if (!node.ok()) return node.error().message;
  auto settings = read_settings<Outer>(*node, "f.yaml");
  return settings.ok() ? "" : settings.error().message;
}

TEST(Config, ReadsEveryType) {
  auto node = Node::parse(
      "routes:\n  - path: /a\n    mode: monitor\n  - {path: /b, port: 8443}\n"
      "named:\n  x: {path: /c}\ntimeout: 30s\nsize: 2MiB\nlisten: '[::1]:80'\nflag: true\n",
      "f.yaml");
  ASSERT_TRUE(node.ok());
  auto settings = read_settings<Outer>(*node, "f.yaml");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  ASSERT_EQ(settings->routes.size(), 2U);
  EXPECT_EQ(settings->routes[0].mode, Mode::monitor);
  EXPECT_EQ(settings->routes[1].port, 8443);
  EXPECT_EQ(settings->named.at("x").path, "/c");
  EXPECT_EQ(settings->timeout, std::chrono::seconds(30));
  EXPECT_EQ(settings->size.bytes, 2U << 20);
  EXPECT_EQ(settings->listen.text(), "[::1]:80");
  EXPECT_EQ(settings->flag, true);
}

TEST(Config, NamesLineKeyAndNearestSpelling) {
  EXPECT_EQ(complaint("timeout: 1s\nroutes:\n  - path: /\n    mod: off\n"), "f.yaml:4: unknown key 'mod'; did you mean 'mode'?");
  EXPECT_EQ(complaint("routes:\n  - path: /\n    mode: enforced\n"),
            "f.yaml:3: 'enforced' is not one of off, monitor, enforce; did you mean 'enforce'?");
  EXPECT_EQ(complaint("routes:\n  - mode: off\n"), "f.yaml:2: missing key 'path'");
  EXPECT_EQ(complaint("wholly_different: 1\n"),
            "f.yaml:1: unknown key 'wholly_different'; known here: routes, named, timeout, size, listen, flag");
}

TEST(Config, TellsAllProblemsAtOnce) {
  EXPECT_EQ(complaint("timeout: fast\nsize: 1XB\nlisten: here\n"),
            "f.yaml:1: expected a duration such as 500ms, 30s, 10min, 2h or 7d, not 'fast'\n"
            "f.yaml:2: expected a size such as 512, 64KiB or 10MiB, not '1XB'\n"
            "f.yaml:3: expected address:port such as 127.0.0.1:8443, not 'here'");
}

TEST(Config, HoldsBounds) {
  EXPECT_EQ(complaint("timeout: 2min\n"), "f.yaml:1: 2min is out of range: at least 1ms at most 1min");
  EXPECT_EQ(complaint("routes: [{path: /, port: 70000}]\n"), "f.yaml:1: 70000 is out of range: at least 1 at most 65535");
  EXPECT_EQ(complaint("routes: [{path: /},{path: /},{path: /}]\n"), "f.yaml:1: too many routes");
}

TEST(Config, RefusesWhatMakesYamlSurprising) {
  EXPECT_EQ(complaint("a: &x 1\n"), "f.yaml:1: anchors ('&') are not supported");
  EXPECT_EQ(complaint("timeout: 1s\ntimeout: 2s\n"), "f.yaml:2: duplicate key 'timeout'");
  EXPECT_EQ(complaint("timeout: !!str 1s\n"), "f.yaml:1: tags ('!') are not supported");
  EXPECT_EQ(complaint("a: 1\n---\nb: 2\n"), "f.yaml: more than one document ('---')");
  EXPECT_NE(complaint("a: [1, 2\n"), "");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "[";
  EXPECT_EQ(complaint(deep + std::string(40, ']')), "f.yaml:1: nested deeper than 16");
}

struct Whole {
  Inner inner;
  bool more = false;
};
void describe(Object<Whole>& o) { o.embed(&Whole::inner).field("more", &Whole::more, {.help = "More."}); }

TEST(Config, AnEmbeddedPartLendsItsKeysToTheWhole) {
  auto node = Node::parse("path: /x\nmore: true\nport: 80\n", "f.yaml");
  auto settings = read_settings<Whole>(*node, "f.yaml");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->inner.path, "/x");
  EXPECT_EQ(settings->inner.port, 80);
  auto bad = Node::parse("path: /x\nprot: 80\n", "f.yaml");
  EXPECT_EQ(read_settings<Whole>(*bad, "f.yaml").error().message, "f.yaml:2: unknown key 'prot'; did you mean 'port'?");
}

TEST(Config, ReferenceListsEveryKeyWithItsDefault) {
  const auto keys = reference<Outer>();
  const auto find = [&](std::string_view path) {
    for (const auto& key : keys)
      if (key.path == path) return key.type + "=" + key.default_text;
    return std::string("missing");
  };
  EXPECT_EQ(find("routes[].mode"), "off | monitor | enforce=enforce");
  EXPECT_EQ(find("timeout"), "duration=1500ms");
  EXPECT_EQ(find("size"), "size=64KiB");
  EXPECT_EQ(find("named.<name>.port"), "number=443");
}

}  // namespace
}  // namespace bulwark::config
