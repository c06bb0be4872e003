// nghttp2's callbacks into a session.
#pragma once

struct nghttp2_session_callbacks;

namespace bulwark::gateway {

/// One immutable set for all sessions.
const nghttp2_session_callbacks* http2_callbacks();

}  // namespace bulwark::gateway
