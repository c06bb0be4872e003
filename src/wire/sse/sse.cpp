// The event-stream interpreter line by line; a chunk may end anywhere, also between CR and LF or inside a code point.
#include "wire/sse/sse.h"

#include <algorithm>

namespace bulwark::sse {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void Decoder::push(std::string_view chunk) {
  if (position_ > 0) {
    buffer_.erase(0, position_);
    searched_ -= position_;
    position_ = 0;
  }
  buffer_.append(chunk);
}

bool Decoder::take_line(std::string_view& line) {
  if (!started_) {
    const std::string_view head = std::string_view(buffer_).substr(0, kByteOrderMark.size());
    if (head.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(head) && !finished_) return false;
    if (head == kByteOrderMark) position_ = searched_ = kByteOrderMark.size();
    started_ = true;
  }
  if (skip_line_feed_ && position_ < buffer_.size()) {
    if (buffer_[position_] == '\n') ++position_;
    searched_ = std::max(searched_, position_);
    skip_line_feed_ = false;
  }
  const std::size_t end = buffer_.find_first_of("\r\n", searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    if (!finished_ || position_ == buffer_.size()) return false;
    line = std::string_view(buffer_).substr(position_);
    position_ = buffer_.size();
    return true;
  }
  line = std::string_view(buffer_).substr(position_, end - position_);
  skip_line_feed_ = buffer_[end] == '\r';
  position_ = searched_ = end + 1;
  return true;
}

void Decoder::take_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) data_.push_back('\n');
    data_.append(value);
    has_data_ = true;
  } else if (name == "event") {
    type_.assign(value);
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    id_.assign(value);
    has_id_ = true;
  } else if (name == "retry" && all_digits(value)) {
    retry_.assign(value);
  }
}

bool Decoder::dispatch(Item& item) {
  reset_ = true;
  if (!has_data_ && !has_id_ && retry_.empty()) return false;  // an event type without data is dispatched by nobody
  item = {Item::Kind::event, type_, data_, id_, retry_, has_data_, has_id_};
  return true;
}

Result<bool> Decoder::next(Item& item) {
  std::string_view line;
  for (;;) {
    if (reset_) {
      type_.clear();
      data_.clear();
      id_.clear();
      retry_.clear();
      has_data_ = has_id_ = reset_ = false;
    }
    if (!take_line(line)) break;
    if (line.empty()) {
      if (dispatch(item)) return true;
      continue;
    }
    if (type_.size() + data_.size() + id_.size() + line.size() > max_event_bytes_)
      return upstream_error(Code::too_large, "one event of the stream exceeds the limit");
    if (line.front() == ':') {
      line.remove_prefix(line.starts_with(": ") ? 2 : 1);
      comment_.assign(line);
      item = {Item::Kind::comment, {}, comment_, {}, {}, false, false};
      return true;
    }
    take_field(line);
  }
  if (buffer_.size() - position_ > max_event_bytes_) return upstream_error(Code::too_large, "one line of the stream exceeds the limit");
  return finished_ && dispatch(item);
}

void append(std::string& out, const Item& item) {
  if (item.kind == Item::Kind::comment) {
    out.append(item.data.empty() ? ":" : ": ").append(item.data).append("\n\n");
    return;
  }
  if (!item.type.empty()) out.append("event: ").append(item.type).push_back('\n');
  if (item.has_id) out.append("id: ").append(item.id).push_back('\n');
  if (!item.retry.empty()) out.append("retry: ").append(item.retry).push_back('\n');
  if (item.has_data) {
    std::size_t begin = 0;
    for (;;) {
      const std::size_t end = item.data.find('\n', begin);
      out.append("data: ").append(item.data.substr(begin, end - begin)).push_back('\n');
      if (end == std::string_view::npos) break;
      begin = end + 1;
    }
  }
  out.push_back('\n');
}

}  // namespace bulwark::sse
