// Requests for the comparison of whole engines: ordinary traffic, attacks of every family the Core Rule Set knows, and mutations
// of both, placed in every part of a request. Deterministic for a seed.
#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace bulwark::reference {

struct Request {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string text() const;  ///< for a failure's message
};

class RequestGenerator {
 public:
  explicit RequestGenerator(unsigned seed) : random_(seed) {}
  Request next();

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class List>
  std::string pick(const List& list) {
    return std::string(list[below(std::size(list))]);
  }
  std::string value();
  std::string mutated(std::string text);
  std::string name();
  std::string query();
  std::string json(int depth);
  std::string xml();
  std::string multipart();
  void add_body(Request& request);

  std::mt19937 random_;
};

}  // namespace bulwark::reference
