// A walk over the request: what counts is the shape of a member, not where it stands.
#include "chat/input/attachment.h"

#include <algorithm>
#include <array>

namespace bulwark::chat::input {

namespace {

struct Signature {
  std::string_view type;
  std::string_view bytes;
};
using namespace std::string_view_literals;
constexpr std::array kSignatures = {
    Signature{"image/png", "\x89PNG\r\n"sv}, Signature{"image/jpeg", "\xFF\xD8\xFF"sv}, Signature{"image/gif", "GIF8"sv},
    Signature{"image/webp", "RIFF"sv},       Signature{"application/pdf", "%PDF-"sv},   Signature{"audio/wav", "RIFF"sv},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string lowered(std::string_view text) {
  std::string out(text.substr(0, 100));
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

/// The first bytes that a base64 text stands for.
std::string first_bytes(std::string_view base64) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : base64.substr(0, 16)) {
    const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+' || c == '-' ? 62
                      : c == '/' || c == '_' ? 63
                                             : -1;
    if (value < 0) break;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out.push_back(static_cast<char>(bits >> static_cast<unsigned>(have) & 0xFFU));
  }
  return out;
}

class Finder {
 public:
  explicit Finder(std::vector<Attachment>& out) : out_(out) {}

  void visit(const json::Value& value) {
    if (out_.size() >= kMaxAttachments) return;
    if (value.is(json::Type::object)) object(value);
    if (value.is(json::Type::object) || value.is(json::Type::array))
      for (const json::Value& each : value) visit(each);
    if (value.is(json::Type::string)) url(value);
  }

 private:
  void object(const json::Value& value) {
    if (!value.text("file_id").empty()) out_.push_back({Attachment::Kind::file_id, {}, {}});
    if (value.text("type") == "base64")
      out_.push_back({Attachment::Kind::inline_data, lowered(value.text("media_type")), value.text("data")});
    if (const auto audio = value.find("input_audio"))
      out_.push_back(
          {Attachment::Kind::inline_data, lowered(audio->text("format") == "mp3" ? "audio/mpeg" : "audio/wav"), audio->text("data")});
  }

  void url(const json::Value& value) {
    const std::string_view text = value.string();
    const std::string_view name = value.name();
    if (text.size() > 5 && lowered(text.substr(0, 5)) == "data:") {
      const std::size_t comma = std::min(text.find(','), text.size());
      const std::string_view head = text.substr(5, comma - 5);
      const bool base64 = head.ends_with(";base64");
      if (head.size() > 100 || head.find(' ') != std::string_view::npos) return;  // prose that begins with "data:"
      out_.push_back({Attachment::Kind::inline_data, lowered(head.substr(0, head.find(';'))),
                      base64 && comma < text.size() ? text.substr(comma + 1) : std::string_view()});
      return;
    }
    const bool fetched = name == "url" || name == "image_url" || name == "file_url" || name == "document_url";
    if (fetched && (lowered(text.substr(0, 7)) == "http://" || lowered(text.substr(0, 8)) == "https://"))
      out_.push_back({Attachment::Kind::remote_url, {}, {}});
  }

  std::vector<Attachment>& out_;
};

}  // namespace

std::vector<Attachment> attachments(const json::Value& root) {
  std::vector<Attachment> found;
  Finder(found).visit(root);
  return found;
}

bool begins_like(const Attachment& attachment) {
  const auto known =
      std::find_if(kSignatures.begin(), kSignatures.end(), [&](const Signature& each) { return each.type == attachment.type; });
  return known == kSignatures.end() || first_bytes(attachment.base64).starts_with(known->bytes);
}

}  // namespace bulwark::chat::input
