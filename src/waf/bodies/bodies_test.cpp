// Body parsers: what they give, what they flag, where they stop. Agreement with libmodsecurity is tested in tests/reference/waf.
#include <gtest/gtest.h>

#include <chrono>

#include "waf/bodies/json.h"
#include "waf/bodies/multipart.h"
#include "waf/bodies/urlencoded.h"
#include "waf/bodies/xml.h"

namespace bulwark::waf {
namespace {

std::string text_of(const std::vector<Argument>& arguments) {
  std::string text;
  for (const Argument& argument : arguments) text.append(argument.name).append("=").append(argument.value).append("|");
  return text;
}

struct Parsed {
  TextArena arena;
  std::vector<Argument> arguments;
};

TEST(TextArena, KeepsWhatItGaveOutAndReusesItsBlocks) {
  TextArena arena;
  std::vector<std::string_view> views;
  for (int i = 0; i < 5000; ++i) views.push_back(arena.store(std::string(20, static_cast<char>('a' + i % 26))));
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(views[static_cast<std::size_t>(i)], std::string(20, static_cast<char>('a' + i % 26)));
  char* half = arena.allocate(100);
  const std::size_t before = arena.bytes();
  arena.shrink(half, 10);
  EXPECT_EQ(arena.bytes(), before - 90);
  EXPECT_EQ(arena.allocate(1), half + 10) << "the tail given back is used next";
  arena.clear();
  EXPECT_EQ(arena.bytes(), 0u);
}

TEST(Urlencoded, LeavesUndecodedTextInPlace) {
  Parsed parsed;
  const std::string text = "a=1&b=%41+c&=x&d";
  EXPECT_FALSE(parse_urlencoded(text, '&', {}, parsed.arena, parsed.arguments).invalid_encoding);
  EXPECT_EQ(text_of(parsed.arguments), "a=1|b=A c|=x|d=|");
  EXPECT_EQ(parsed.arguments[0].value.data(), text.data() + 2);
}

TEST(Urlencoded, StopsAtTheLimit) {
  Parsed parsed;
  EXPECT_TRUE(parse_urlencoded("a&b&c", '&', {.max_arguments = 2}, parsed.arena, parsed.arguments).limit_reached);
  EXPECT_EQ(parsed.arguments.size(), 2u);
}

TEST(Json, FlattensWithTheReferencesNames) {
  Parsed parsed;
  const auto result = parse_json(R"({"a":{"b":[1,"x\u0041",{"c":null}]},"":true})", {}, parsed.arena, parsed.arguments);
  EXPECT_FALSE(result.error);
  EXPECT_EQ(text_of(parsed.arguments), "json.a.b.array_0=1|json.a.b.array_1=xA|json.a.b.array_2.c=|json.empty-key=true|");
}

TEST(Json, BoundsDepthValuesAndNames) {
  Parsed parsed;
  const auto deep = parse_json(std::string(1'000'000, '['), {}, parsed.arena, parsed.arguments);
  EXPECT_TRUE(deep.error && deep.depth_exceeded);
  std::string many = "[1";
  for (int i = 0; i < 5000; ++i) many += ",1";
  EXPECT_TRUE(parse_json(many + "]", {}, parsed.arena, parsed.arguments).limit_reached);
  std::string nested;
  for (int i = 0; i < 400; ++i) nested += "{\"" + std::string(1000, 'n') + "\":";
  EXPECT_TRUE(parse_json(nested, {}, parsed.arena, parsed.arguments).error);
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\"}", "01", "1.", "\"a", "\"\n\"", "\"\xff\"", "\"\\x\"", "nul", "{}{}", "[1}",
                           "\"\\u12\"", "-", "+1"}) {
    Parsed parsed;
    EXPECT_TRUE(parse_json(text, {}, parsed.arena, parsed.arguments).error) << text;
  }
}

struct ParsedMultipart {
  std::string type;
  std::string text;
  TextArena arena;
  MultipartBody body;

  ParsedMultipart(std::string content_type, std::string all, const MultipartLimits& limits = {})
      : type(std::move(content_type)), text(std::move(all)) {
    parse_multipart(type, text, limits, arena, body);
  }
};

const std::string kType = "multipart/form-data; boundary=XYZ";

std::string part(const std::string& disposition, const std::string& data) {
  return "--XYZ\r\nContent-Disposition: " + disposition + "\r\n\r\n" + data + "\r\n";
}

TEST(Multipart, TellsFieldsFromFiles) {
  const ParsedMultipart parsed(
      kType, part("form-data; name=\"a\"", "1\r\n2") + part("form-data; name=\"f\"; filename=\"x.php\"", "<?php") + "--XYZ--\r\n");
  EXPECT_FALSE(parsed.body.flags.strict_error());
  EXPECT_EQ(text_of(parsed.body.arguments), "a=1\r\n2|");
  ASSERT_EQ(parsed.body.files.size(), 1u);
  EXPECT_EQ(parsed.body.files[0].filename, "x.php");
  EXPECT_EQ(parsed.body.files[0].content, "<?php");
  EXPECT_EQ(text_of(parsed.body.part_headers).substr(0, 48), "a=Content-Disposition: form-data; name=\"a\"|f=Con");
}

TEST(Multipart, FlagsWhatTwoReadersCouldUnderstandDifferently) {
  const std::string good = part("form-data; name=\"a\"", "1");
  const auto flags = [](const std::string& type, const std::string& text) { return ParsedMultipart(type, text).body.flags; };
  EXPECT_TRUE(flags("multipart/form-data; boundary=\"XYZ\"", good + "--XYZ--\r\n").boundary_quoted);
  EXPECT_TRUE(flags("multipart/form-data boundary=XYZ", good + "--XYZ--\r\n").missing_semicolon);
  EXPECT_TRUE(flags(kType, "x\r\n" + good + "--XYZ--\r\n").data_before);
  EXPECT_TRUE(flags(kType, good + "--XYZ--\r\nx").data_after);
  EXPECT_TRUE(flags(kType, part("form-data; name='a'", "1") + "--XYZ--\r\n").invalid_quoting);
  EXPECT_TRUE(flags(kType, part("form-data;\r\n name=a", "1") + "--XYZ--\r\n").header_folding);
  EXPECT_TRUE(flags(kType, "--XYZ\nContent-Disposition: form-data; name=a\n\n1\n--XYZ--\n").lf_line);
  EXPECT_TRUE(flags(kType, good).error) << "no final boundary";
  EXPECT_TRUE(flags(kType, part("form-data; name=\"a", "1") + "--XYZ--\r\n").error) << "a quote that never closes";
  EXPECT_TRUE(flags(kType, part("form-data; name=a\r\nContent-Disposition: form-data; name=b", "1") + "--XYZ--\r\n").error);
  EXPECT_TRUE(flags("multipart/form-data; boundary=X; boundary=Y", good).error);
  EXPECT_EQ(flags(kType, part("form-data; name=a", "1\r\n--aXYZ\r\n") + "--XYZ--\r\n").unmatched_boundary, 1u);
  EXPECT_EQ(flags(kType, part("form-data; name=a", "1\r\n-- \r\n") + "--XYZ--\r\n").unmatched_boundary, 2u);
  EXPECT_EQ(flags(kType, "--Z\r\n--XYZ--\r\n").unmatched_boundary, 1u);
  EXPECT_EQ(flags(kType, "--aXYZ\r\n" + good + "--XYZ--\r\n").unmatched_boundary, 2u);  // before the first boundary
  EXPECT_EQ(flags(kType, good + "--XYZ--\r\n").unmatched_boundary, 0u);
}

TEST(Multipart, BoundsPartsHeadersAndFiles) {
  std::string parts;
  for (int i = 0; i < 20; ++i) parts += part("form-data; name=a; filename=b", "1");
  parts += "--XYZ--\r\n";
  EXPECT_TRUE(ParsedMultipart(kType, parts, {.max_parts = 10}).body.flags.error);
  const ParsedMultipart files(kType, parts, {.max_files = 5});
  EXPECT_TRUE(files.body.flags.file_limit_exceeded && files.body.flags.strict_error());
  EXPECT_EQ(files.body.files.size(), 5u);
  EXPECT_TRUE(ParsedMultipart(kType, part("form-data; name=" + std::string(5000, 'a'), "1") + "--XYZ--\r\n").body.flags.error);
}

std::string selected(const XmlDocument& document, std::string_view expression) {
  const auto path = XmlPath::compile(expression, {});
  EXPECT_TRUE(path.ok());
  TextArena arena;
  std::vector<Argument> values;
  document.select(**path, arena, values);
  return text_of(values);
}

TEST(Xml, GivesTextAndAttributes) {
  XmlDocument document;
  ASSERT_TRUE(document.parse("<a x=\"1\"><b y='&lt;2'>t</b>u</a>", {}));
  EXPECT_EQ(selected(document, "/*"), "=tu|");
  EXPECT_EQ(selected(document, "//@*"), "=1|=<2|");
  EXPECT_FALSE(XmlPath::compile("/[", {}).ok());
}

TEST(Xml, BecomesArguments) {
  XmlDocument document;
  TextArena arena;
  std::vector<Argument> found;
  const auto flat = [&](std::string_view text, std::size_t most = 100) {
    found.clear();
    (void)document.parse(text, {});
    const bool whole = document.flatten({.max_arguments = most}, arena, found);
    std::string all;
    for (const auto& each : found) all += std::string(each.name) + "=" + std::string(each.value) + ";";
    return all + (whole ? "" : "...");
  };
  EXPECT_EQ(flat("<r>\n <a>1</a><a><b>2</b><c/></a>\n</r>"), "xml.r.a=1;xml.r.a.b=2;xml.r.a.c=;");
  EXPECT_EQ(flat("<r>own<a>1</a> and <b>2</b>rest</r>"), "xml.r=own and rest;xml.r.a=1;xml.r.b=2;") << "text beside elements is not lost";
  EXPECT_EQ(flat("<n:r xmlns:n='u'><n:a><![CDATA[<x>]]></n:a></n:r>"), "xml.r.a=<x>;");
  EXPECT_EQ(flat("<r>only</r>"), "xml.r=only;");
  EXPECT_EQ(flat("<r><a>1</a><a>2</a><a>3</a></r>", 2), "xml.r.a=1;xml.r.a=2;...");
  EXPECT_EQ(flat("no xml"), "");
}

TEST(Xml, OpensNothingAndExpandsNothing) {
  XmlDocument document;
  EXPECT_FALSE(document.parse("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", {}));
  EXPECT_EQ(document.message(), "the XML body declares an entity");
  EXPECT_FALSE(document.parse("<!DOCTYPE a [<!ENTITY x \"yy\"><!ENTITY z \"&x;&x;\">]><a>&z;</a>", {}));
  EXPECT_FALSE(document.parse("<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/x\"> %p;]><a/>", {}));
  document.parse("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a>t</a>", {});
  EXPECT_FALSE(document.parse("<a>t<b>", {}));
  EXPECT_FALSE(document.well_formed());
  EXPECT_EQ(selected(document, "/*"), "=t|") << "what was read before the fault is still seen";
}

TEST(Xml, BoundsDepthAndNodes) {
  XmlDocument document;
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<a>";
  EXPECT_FALSE(document.parse(deep, {}));
  EXPECT_EQ(document.message(), "the XML body is nested too deeply");
  std::string wide = "<a>";
  for (int i = 0; i < 2000; ++i) wide += "<b/>";
  EXPECT_FALSE(document.parse(wide + "</a>", {.max_nodes = 1000}));
  EXPECT_EQ(document.message(), "the XML body has too many nodes");
}

TEST(Xml, AnExpensivePathEnds) {
  XmlDocument document;
  std::string wide = "<a>";
  for (int i = 0; i < 5000; ++i) wide += "<b>t</b>";
  ASSERT_TRUE(document.parse(wide + "</a>", {}));
  const auto begin = std::chrono::steady_clock::now();
  selected(document, "//*[count(//*[count(//*) > 1]) > 1]");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace bulwark::waf
