// An HTTP/2 request's header block, rewritten as the HTTP/1.1 head that says the same, so that one strict parser judges both:
// what no HTTP/1.1 client may send upstream, no HTTP/2 client can smuggle there (RFC 9113 §8.2, §8.3, §10.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "wire/http/head.h"

namespace bulwark::gateway {

class Http2RequestHead {
 public:
  /// One field in the order of arrival. Past a limit or after a first mistake nothing more is kept.
  void add(std::string_view name, std::string_view value, const http::HeadLimits& limits);
  /// The end of the block: views in `out` point into this object.
  http::Refusal finish(const http::HeadLimits& limits, http::RequestHead& out);

  std::size_t bytes() const { return bytes_; }  ///< seen so far, also what was not kept
  void clear();                                 ///< ready for another request, keeping a little memory

 private:
  http::Refusal add_pseudo(std::string_view name, std::string_view value);
  http::Refusal add_regular(std::string_view name, std::string_view value);
  http::Refusal begin_fields();

  static constexpr std::size_t kFieldOverhead = 32;  // RFC 9113 §10.5.1
  static constexpr std::size_t kKeptBytes = 4 * 1024;

  http::Refusal refusal_;
  bool fields_begun_ = false;
  bool has_scheme_ = false;
  std::string method_;
  std::string path_;
  std::string authority_;
  std::string cookies_;
  std::string text_;
  std::size_t bytes_ = 0;
};

}  // namespace bulwark::gateway
