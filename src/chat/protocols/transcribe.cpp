// A walk over the tree, as deep as the reader allowed it to be.
#include "chat/protocols/transcribe.h"

#include <algorithm>

namespace bulwark::chat {

namespace {

class Walk {
 public:
  Walk(Rewriter& rewriter, json::Writer& writer) : rewriter_(rewriter), writer_(writer) {}

  Result<void> value(const json::Value& value) {
    switch (value.type()) {
      case json::Type::null: writer_.null(); return {};
      case json::Type::boolean: writer_.value(value.boolean()); return {};
      case json::Type::number: return number(value.number_text());
      case json::Type::string: return string(value.string());
      case json::Type::array: return array(value);
      case json::Type::object: return object(value);
    }
    return {};
  }

 private:
  Result<void> string(std::string_view text) {
    scratch_.clear();
    writer_.value(TRY(rewriter_.text(path_, text, false, scratch_)) ? std::string_view(scratch_) : text);
    return {};
  }

  Result<void> number(std::string_view digits) {
    scratch_.clear();
    writer_.raw(TRY(rewriter_.number(digits, scratch_)) ? std::string_view(scratch_) : digits);
    return {};
  }

  Result<void> array(const json::Value& list) {
    writer_.begin_array();
    path_.steps.push_back({});
    for (const json::Value& item : list) {
      TRY(value(item));
      ++path_.steps.back().position;
    }
    path_.steps.pop_back();
    writer_.end_array();
    return {};
  }

  Result<void> object(const json::Value& members) {
    TRY(refuse_duplicates(members));
    writer_.begin_object();
    path_.steps.push_back({});
    for (const json::Value& member : members) {
      path_.steps.back().key = member.name();
      scratch_.clear();
      writer_.key(TRY(rewriter_.text(path_, member.name(), true, scratch_)) ? std::string_view(scratch_) : member.name());
      if (rewriter_.drops(path_, member))
        writer_.null();
      else
        TRY(value(member));
    }
    path_.steps.pop_back();
    writer_.end_object();
    return {};
  }

  Result<void> refuse_duplicates(const json::Value& members) {
    names_.clear();
    for (const json::Value& member : members) names_.push_back(member.name());
    std::sort(names_.begin(), names_.end());
    if (std::adjacent_find(names_.begin(), names_.end()) != names_.end())
      return client_error(Code::invalid, "an object of the JSON document has the same key twice");
    return {};
  }

  Rewriter& rewriter_;
  json::Writer& writer_;
  Path path_;
  std::string scratch_;
  std::vector<std::string_view> names_;
};

}  // namespace

Result<void> transcribe(const json::Value& root, Rewriter& rewriter, json::Writer& writer) { return Walk(rewriter, writer).value(root); }

}  // namespace bulwark::chat
