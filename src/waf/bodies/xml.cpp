#include "waf/bodies/xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <mutex>

#include "base/check.h"

namespace bulwark::waf {
namespace {

constexpr int kMaxXPathOperations = 1'000'000;  ///< libxml2's own count, within one evaluation

struct Deleter {
  void operator()(xmlDocPtr document) const { xmlFreeDoc(document); }
  void operator()(xmlParserCtxtPtr context) const { xmlFreeParserCtxt(context); }
  void operator()(xmlXPathContextPtr context) const { xmlXPathFreeContext(context); }
  void operator()(xmlXPathCompExprPtr expression) const { xmlXPathFreeCompExpr(expression); }
  void operator()(xmlXPathObjectPtr object) const { xmlXPathFreeObject(object); }
  void operator()(xmlChar* text) const { xmlFree(text); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

void ignore_error(void*, xmlErrorPtr) {}

/// No entity may be declared or loaded, and the tree stays within the limits: the handlers of libxml2's tree builder, guarded.
struct Guard {
  const XmlLimits* limits = nullptr;
  std::size_t depth = 0;
  std::size_t nodes = 0;
  std::string_view broken;  ///< which limit, if one was passed
};

Guard& guard_of(void* context) { return *static_cast<Guard*>(static_cast<xmlParserCtxtPtr>(context)->_private); }

void stop(void* context, std::string_view why) {
  guard_of(context).broken = why;
  xmlStopParser(static_cast<xmlParserCtxtPtr>(context));
}

void start_element(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri, int namespace_count,
                   const xmlChar** namespaces, int attribute_count, int default_count, const xmlChar** attributes) {
  Guard& guard = guard_of(context);
  guard.nodes += 1 + static_cast<std::size_t>(attribute_count + namespace_count);
  if (++guard.depth > guard.limits->max_depth) return stop(context, "the XML body is nested too deeply");
  if (guard.nodes > guard.limits->max_nodes) return stop(context, "the XML body has too many nodes");
  xmlSAX2StartElementNs(context, name, prefix, uri, namespace_count, namespaces, attribute_count, default_count, attributes);
}

void end_element(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri) {
  --guard_of(context).depth;
  xmlSAX2EndElementNs(context, name, prefix, uri);
}

void refuse_entity(void* context, const xmlChar*, int, const xmlChar*, const xmlChar*, xmlChar*) {
  stop(context, "the XML body declares an entity");
}

void ignore_external_subset(void*, const xmlChar*, const xmlChar*, const xmlChar*) {}

void count_comment(void* context, const xmlChar* text) {
  if (++guard_of(context).nodes > guard_of(context).limits->max_nodes) return stop(context, "the XML body has too many nodes");
  xmlSAX2Comment(context, text);
}

void count_instruction(void* context, const xmlChar* target, const xmlChar* text) {
  if (++guard_of(context).nodes > guard_of(context).limits->max_nodes) return stop(context, "the XML body has too many nodes");
  xmlSAX2ProcessingInstruction(context, target, text);
}

void initialise_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    // Whatever a document names, nothing is opened.
    xmlSetExternalEntityLoader([](const char*, const char*, xmlParserCtxtPtr) -> xmlParserInputPtr { return nullptr; });
  });
}

std::string_view view_of(const xmlChar* text) { return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text); }

}  // namespace

struct XmlPath::Storage {
  Owned<xmlXPathCompExpr> expression;
  std::vector<std::pair<std::string, std::string>> namespaces;
};

XmlPath::XmlPath() : storage_(std::make_unique<Storage>()) {}
XmlPath::~XmlPath() = default;

Result<std::shared_ptr<const XmlPath>> XmlPath::compile(std::string_view expression, const std::vector<Argument>& namespaces) {
  initialise_library();
  const std::string text(expression);
  Owned<xmlXPathContext> context(xmlXPathNewContext(nullptr));
  CHECK(context);
  context->error = ignore_error;
  std::shared_ptr<XmlPath> path(new XmlPath());
  path->storage_->expression.reset(xmlXPathCtxtCompile(context.get(), reinterpret_cast<const xmlChar*>(text.c_str())));
  if (!path->storage_->expression) return config_error("'" + text + "' is no XPath");
  for (const Argument& entry : namespaces) path->storage_->namespaces.emplace_back(entry.name, entry.value);
  return std::shared_ptr<const XmlPath>(std::move(path));
}

struct XmlDocument::Storage {
  Owned<xmlDoc> document;
  std::size_t max_results = 0;
  bool well_formed = false;
  std::string_view message;
};

XmlDocument::XmlDocument() : storage_(std::make_unique<Storage>()) {}
XmlDocument::~XmlDocument() = default;
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;

std::string_view XmlDocument::message() const { return storage_->message; }
bool XmlDocument::well_formed() const { return storage_->well_formed; }

bool XmlDocument::parse(std::string_view text, const XmlLimits& limits) {
  initialise_library();
  *storage_ = Storage{};
  storage_->max_results = limits.max_results;
  if (text.size() > limits.max_bytes) {
    storage_->message = "the XML body is too long";
    return false;
  }
  Owned<xmlParserCtxt> context(xmlCreatePushParserCtxt(nullptr, nullptr, nullptr, 0, "body.xml"));
  CHECK(context);
  // No XML_PARSE_NOENT, _DTDLOAD or _HUGE: entities stay unexpanded and libxml2's own limits stay on.
  xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
  Guard guard{&limits};
  context->_private = &guard;
  context->sax->startElementNs = start_element;
  context->sax->endElementNs = end_element;
  context->sax->entityDecl = refuse_entity;
  context->sax->externalSubset = ignore_external_subset;
  context->sax->comment = count_comment;
  context->sax->processingInstruction = count_instruction;
  context->sax->serror = nullptr;
  xmlParseChunk(context.get(), text.data(), static_cast<int>(text.size()), 1);
  storage_->document.reset(context->myDoc);
  context->myDoc = nullptr;
  storage_->well_formed = context->wellFormed == 1 && guard.broken.empty();
  if (!guard.broken.empty())
    storage_->message = guard.broken;
  else if (!storage_->well_formed)
    storage_->message = "the body is not well-formed XML";
  // What was read before an error in the text is kept for the rules, as in the reference; past a limit nothing is.
  if (!guard.broken.empty()) storage_->document.reset();
  return storage_->well_formed;
}

void XmlDocument::select(const XmlPath& path, TextArena& arena, std::vector<Argument>& out) const {
  if (!storage_->document) return;
  Owned<xmlXPathContext> context(xmlXPathNewContext(storage_->document.get()));
  CHECK(context);
  context->error = ignore_error;
  context->opLimit = kMaxXPathOperations;
  for (const auto& [prefix, uri] : path.storage_->namespaces) {
    xmlXPathRegisterNs(context.get(), reinterpret_cast<const xmlChar*>(prefix.c_str()), reinterpret_cast<const xmlChar*>(uri.c_str()));
  }
  const Owned<xmlXPathObject> result(xmlXPathCompiledEval(path.storage_->expression.get(), context.get()));
  if (!result || result->type != XPATH_NODESET || result->nodesetval == nullptr) return;
  const xmlNodeSet& nodes = *result->nodesetval;
  for (int i = 0; i < nodes.nodeNr && static_cast<std::size_t>(i) < storage_->max_results; ++i) {
    const Owned<xmlChar> content(xmlNodeGetContent(nodes.nodeTab[i]));
    if (content) out.push_back({{}, arena.store(view_of(content.get()))});
  }
}

namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// The next element in document order; `path` follows. Without recursion, though the depth is bounded.
const xmlNode* next_element(const xmlNode* node, std::string& path) {
  const auto element = [](const xmlNode* from) {
    while (from != nullptr && from->type != XML_ELEMENT_NODE) from = from->next;
    return from;
  };
  const xmlNode* next = element(node->children);
  while (next == nullptr) {
    path.resize(path.size() - view_of(node->name).size() - 1);
    next = element(node->next);
    if (next != nullptr) break;
    node = node->parent;
    if (node == nullptr || node->type != XML_ELEMENT_NODE) return nullptr;
  }
  path.append(".").append(view_of(next->name));
  return next;
}

}  // namespace

bool XmlDocument::flatten(const ArgumentLimits& limits, TextArena& arena, std::vector<Argument>& out) const {
  const xmlNode* node = storage_->document ? xmlDocGetRootElement(storage_->document.get()) : nullptr;
  if (node == nullptr) return true;
  std::string path = "xml." + std::string(view_of(node->name));
  std::size_t bytes = 0;
  for (; node != nullptr; node = next_element(node, path)) {
    std::string text;
    bool leaf = true;
    for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
      leaf = leaf && child->type != XML_ELEMENT_NODE;
      if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) text += view_of(child->content);
    }
    if (!leaf && is_blank(text)) continue;
    bytes += path.size() + text.size();
    if (out.size() >= limits.max_arguments || bytes > limits.max_bytes) return false;
    const std::string_view name = arena.store(path);
    out.push_back({name, text.empty() ? std::string_view("") : arena.store(text)});
  }
  return true;
}

}  // namespace bulwark::waf
