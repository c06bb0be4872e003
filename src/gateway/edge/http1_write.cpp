// The writing half: response heads straight into the output buffer, head and first body bytes in one write.
#include "gateway/edge/flow.h"
#include "gateway/edge/http1.h"
#include "gateway/edge/text.h"

namespace bulwark::gateway {
namespace {

std::size_t room_for(const OutgoingHead& head) {
  std::size_t room = 512;
  for (const Header& header : *head.fields) room += header.name.size() + header.value.size() + 4;
  if (head.edits != nullptr)
    for (const auto& edit : head.edits->edits()) room += edit.name.size() + edit.value.size() + 4;
  return room;
}

/// The fields as the response has them, without what is this connection's business or ours. True if there was a Date.
bool add_fields(TextCursor& out, const OutgoingHead& head) {
  bool dated = false;
  const bool edited = head.edits != nullptr && !head.edits->edits().empty();
  for (const Header& header : *head.fields) {
    if (header.hop_by_hop || header.known == http::KnownField::content_length || header.known == http::KnownField::x_request_id) continue;
    if (edited && head.edits->find(header.name) != nullptr) continue;
    dated = dated || header.known == http::KnownField::date;
    out.field(header.name, header.value);
  }
  if (!edited) return dated;
  for (const auto& edit : head.edits->edits()) {
    bool look_alike = false;
    const http::KnownField known = http::known_field(edit.name, look_alike);
    if (edit.remove || known == http::KnownField::content_length || http::is_hop_by_hop(known)) continue;
    if (http::is_token(edit.name) && http::is_field_value(edit.value)) out.field(edit.name, edit.value);
  }
  return dated;
}

}  // namespace

std::size_t Http1Session::send_head(const OutgoingHead& head) {
  if (body_open_) keep_alive_ = false;  // the rest of the request is not waited for
  chunked_out_ = head.body == http::BodyKind::chunked && version_ == 11;
  if (head.body == http::BodyKind::chunked && version_ != 11) keep_alive_ = false;
  const bool tunnel = head.status == 101;
  if (tunnel) keep_alive_ = false;

  const std::size_t room = room_for(head);
  TextCursor out(out_.reserve(worker().blocks(), room), room);
  out.add("HTTP/1.1 ").add(std::uint64_t{head.status}).add(" ").add(http::reason_phrase(head.status)).add("\r\n");
  if (!add_fields(out, head)) out.field("date", worker().date());
  char id[32];
  head.request_id->write_hex(id);
  out.field("x-request-id", {id, sizeof id});
  if (chunked_out_) out.add("transfer-encoding: chunked\r\n");
  if (head.body == http::BodyKind::length || head.has_content_length) out.add("content-length: ").add(head.content_length).add("\r\n");
  if (tunnel)
    out.add("connection: upgrade\r\nupgrade: websocket\r\n");
  else if (!keep_alive_)
    out.add("connection: close\r\n");
  else if (version_ == 10)
    out.add("connection: keep-alive\r\n");
  out.add("\r\n");
  out_.commit(out.size());
  return out.size();
}

void Http1Session::send_body(std::string_view bytes, bool last) {
  std::string_view parts[3] = {bytes, {}, {}};
  char head[http::kMaxChunkHead];
  if (chunked_out_) {
    if (bytes.empty()) {
      parts[0] = last ? "0\r\n\r\n" : "";
    } else {
      parts[0] = {head, http::write_chunk_head(bytes.size(), head)};
      parts[1] = bytes;
      parts[2] = last ? "\r\n0\r\n\r\n" : "\r\n";
    }
  }
  after_write(out_.send(worker().blocks(), connection_.stream(), parts));
}

void Http1Session::flush() {
  const std::size_t before = out_.size();
  if (before == 0) return;
  after_write(out_.send(worker().blocks(), connection_.stream()));
  if (connection_.closed() || out_.size() == before) return;
  if (out_.size() > 0) return;
  if (flow_ != nullptr) return flow_->client_drained();
  if (!keep_alive_ && !lingering_) return begin_linger();
}

void Http1Session::after_write(net::IoStatus status) {
  switch (status) {
    case net::IoStatus::ok:
      if (awaiting_ == Awaiting::client_reads) await(body_open_ ? Awaiting::body : Awaiting::upstream);
      return;
    case net::IoStatus::would_block: return await(Awaiting::client_reads);
    default: return connection_.close("the client left");
  }
}

void Http1Session::send_continue() {
  if (version_ != 11 || !in_.empty()) return;  // it did not wait for it
  out_.append(worker().blocks(), "HTTP/1.1 100 Continue\r\n\r\n");
  flush();
}

void Http1Session::abort() {
  flow_ = nullptr;  // it ends itself
  connection_.abort();
}

}  // namespace bulwark::gateway
