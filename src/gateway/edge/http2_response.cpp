// Building of response heads.
#include "gateway/edge/http2_response.h"

#include <charconv>

#include "gateway/edge/http2_stream.h"

namespace bulwark::gateway {
namespace {

std::vector<nghttp2_nv>& thread_list() {
  thread_local std::vector<nghttp2_nv> list;
  list.clear();
  return list;
}

std::string& thread_names() {
  thread_local std::string names;
  names.clear();
  return names;
}

std::size_t names_size(const OutgoingHead& head) {
  std::size_t size = 0;
  for (const Header& header : *head.fields) size += header.name.size();
  if (head.edits != nullptr)
    for (const auto& edit : head.edits->edits()) size += edit.name.size();
  return size;
}

}  // namespace

Http2ResponseHead::Http2ResponseHead(const OutgoingHead& head, std::string_view date) : list_(thread_list()), names_(thread_names()) {
  names_.reserve(names_size(head));
  std::to_chars(status_, status_ + sizeof status_, head.status);
  add(":status", {status_, sizeof status_});
  add_fields(head);
  if (head.edits != nullptr) add_edits(*head.edits);
  if (!dated_) add("date", date);
  head.request_id->write_hex(id_);
  add("x-request-id", {id_, sizeof id_}, NGHTTP2_NV_FLAG_NO_INDEX);  // never the same twice: not worth a table entry
  if (head.body == http::BodyKind::length || head.has_content_length) {
    const char* end = std::to_chars(length_, length_ + sizeof length_, head.content_length).ptr;
    add("content-length", {length_, static_cast<std::size_t>(end - length_)});
  }
}

std::size_t Http2ResponseHead::bytes() const {
  std::size_t sum = 0;
  for (const auto& field : list_) sum += field.namelen + field.valuelen;
  return sum;
}

void Http2ResponseHead::add(std::string_view name, std::string_view value, std::uint8_t flags) {
  list_.push_back(http2_field(name, value, flags));
}

std::string_view Http2ResponseHead::lower(std::string_view name) {
  const std::size_t begin = names_.size();
  for (const char c : name) names_.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  return std::string_view(names_).substr(begin);
}

void Http2ResponseHead::add_fields(const OutgoingHead& head) {
  const bool edited = head.edits != nullptr && !head.edits->edits().empty();
  for (const Header& header : *head.fields) {
    if (header.hop_by_hop || header.known == http::KnownField::content_length || header.known == http::KnownField::x_request_id) continue;
    if (edited && head.edits->find(header.name) != nullptr) continue;
    dated_ = dated_ || header.known == http::KnownField::date;
    add(lower(header.name), header.value);
  }
}

void Http2ResponseHead::add_edits(const HeaderEdits& edits) {
  for (const auto& edit : edits.edits()) {
    bool look_alike = false;
    const http::KnownField known = http::known_field(edit.name, look_alike);
    if (edit.remove || known == http::KnownField::content_length || http::is_hop_by_hop(known)) continue;
    if (http::is_token(edit.name) && http::is_field_value(edit.value)) add(lower(edit.name), edit.value);
  }
}

}  // namespace bulwark::gateway
