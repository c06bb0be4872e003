// A BIO over a non-blocking socket.
#include "net/socket_bio.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cerrno>

#include "base/check.h"
#include "net/socket_calls.h"

namespace bulwark::net {
namespace {

struct Socket {
  int fd = -1;
  bool drained = false;
  bool ended = false;
};

Socket& socket_of(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

bool try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int receive(BIO* bio, char* into, int size) {
  Socket& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t got = net::receive(socket.fd, into, static_cast<std::size_t>(size));
  socket.drained = got < size;
  socket.ended = got == 0;
  if (got < 0 && try_again()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int transmit(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t put = net::transmit(socket_of(bio).fd, bytes, static_cast<std::size_t>(size));
  if (put < 0 && try_again()) BIO_set_retry_write(bio);
  return static_cast<int>(put);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return socket_of(bio).ended ? 1 : 0;
  return 0;
}

int forget(BIO* bio) {
  delete static_cast<Socket*>(BIO_get_data(bio));
  return 1;
}

const BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "bulwark socket");
    CHECK(fresh != nullptr);
    BIO_meth_set_read(fresh, receive);
    BIO_meth_set_write(fresh, transmit);
    BIO_meth_set_ctrl(fresh, control);
    BIO_meth_set_destroy(fresh, forget);
    return fresh;
  }();
  return made;
}

}  // namespace

bool attach_socket(ssl_st* ssl, int fd) {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) return false;
  BIO_set_data(bio, new Socket{fd});
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  return true;
}

void forget_drained(const ssl_st* ssl) { socket_of(SSL_get_rbio(ssl)).drained = false; }

bool socket_drained(const ssl_st* ssl) { return socket_of(SSL_get_rbio(ssl)).drained && SSL_has_pending(ssl) == 0; }

}  // namespace bulwark::net
