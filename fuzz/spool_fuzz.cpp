// A spool segment as another process (or a power loss) may have left it: the input overwrites the start of a real segment,
// behind its header, and everything is read as replay does.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "events/codec.h"
#include "events/segment.h"

namespace {

using bulwark::events::Segment;

/// One file for the whole run, mapped here too, so that a round costs no file operations but the open.
struct File {
  File() {
    char name[] = "/tmp/spool_fuzz.XXXXXX";
    close(mkstemp(name));
    unlink(name);
    path = name;
    if (!Segment::create(path, Segment::kMinBytes, 0).ok()) std::abort();
    const int descriptor = open(path.c_str(), O_RDWR);
    bytes = static_cast<std::uint8_t*>(mmap(nullptr, Segment::kMinBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0));
    close(descriptor);
  }
  ~File() { unlink(path.c_str()); }
  std::string path;
  std::uint8_t* bytes;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static File file;
  size = std::min(size, Segment::kMinBytes - Segment::kHeaderBytes);
  std::memcpy(file.bytes + Segment::kHeaderBytes, data, size);
  auto segment = Segment::open(file.path);
  if (!segment) std::abort();
  for (const bool verify : {true, false}) {
    Segment::End end{};
    std::size_t offset = Segment::kHeaderBytes;
    while (const auto record = (*segment)->read(offset, verify, end)) {
      if (record->next <= offset || record->next > Segment::kMinBytes) std::abort();
      (void)bulwark::events::decode(record->payload).ok();
      offset = record->next;
    }
  }
  std::memset(file.bytes + Segment::kHeaderBytes, 0, size);
  return 0;
}
