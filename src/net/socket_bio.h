// The socket under TLS as OpenSSL sees it: send and recv in place of write and read (cheaper, and without SIGPIPE), and it
// remembers whether the last read emptied the socket, which saves asking again only to be told that nothing is there.
#pragma once

#include <memory>

struct bio_st;
struct ssl_st;

namespace bulwark::net {

/// Puts a new BIO over `fd`, which stays the caller's to close, under `ssl`. False: no memory.
bool attach_socket(ssl_st* ssl, int fd);

/// Called before a read: one that is served from what TLS held learns nothing of the socket, where more may have come since.
void forget_drained(const ssl_st* ssl);
/// The read since then took all that had come, and TLS holds none of it back: the next byte will be a new readiness.
bool socket_drained(const ssl_st* ssl);

}  // namespace bulwark::net
