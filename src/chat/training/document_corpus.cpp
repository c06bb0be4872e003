// Which sets serve as instructions, as attacked documents and as hosts is decided here, by the names of the sets in
// docs/operating/chat.md; unknown sets are used by label and channel alone.
#include "chat/training/document_corpus.h"

#include <algorithm>
#include <random>
#include <set>

#include "chat/injection/segments.h"

namespace bulwark::chat::training {

namespace {

constexpr std::size_t kMaxInstruction = 250;  ///< bytes of a prompt that can pass for one instruction
constexpr std::size_t kMaxPlanted = 160;
constexpr std::size_t kMinArticle = 400;
constexpr std::size_t kArticleEnds = 2;  ///< segments at each end of an article that may be the task itself
constexpr std::uint32_t kSeed = 5;

std::uint32_t fold_of(std::string_view text) {
  std::uint32_t hash = 0x811c9dc5;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  return (hash ^ hash >> 16) % kFolds;
}

std::vector<std::string> segments_of(std::string_view text) {
  std::vector<std::string_view> views;
  injection::split_segments(text, views);
  return {views.begin(), views.end()};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

bool is_one_of(std::string_view source, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), source) != names.end();
}
bool attacked_document(const Example& e) { return e.attack && e.indirect && e.source.starts_with("bipia"); }
bool clean_document(const Example& e) { return !e.attack && e.indirect; }
bool article(const Example& e) {
  return !e.attack && is_one_of(e.source, {"t0", "safeguard", "tr_t0", "tr_safeguard"}) && e.text.size() > kMinArticle;
}
bool plain_instruction(const Example& e) {
  return !e.attack && e.text.size() <= kMaxInstruction && e.text.find('\n') == std::string::npos &&
         is_one_of(e.source, {"halueval", "selfinstruct", "instructionwild", "fuzzyai_benign", "pib500", "gpt_codegen", "gpt_toolformer"});
}

class Maker {
 public:
  DocumentCorpus make(std::span<const Example> train) {
    for (const Example& example : train)
      if (clean_document(example))
        for (const std::string& line : lines_of(example.text)) clean_lines_.emplace(trimmed(line));
    for (const Example& example : train) take(example);
    plant();
    return std::move(corpus_);
  }

 private:
  void take(const Example& e) {
    if (attacked_document(e))
      attacked(e);
    else if (plain_instruction(e))
      instruction(e.text, 1, e.text.size() < kMaxPlanted);
    else if (e.attack && e.text.size() <= kMaxSegmentAttack)
      instruction(e.text, 0.5F, e.text.size() > 30 && e.text.size() < kMaxPlanted && e.text.find('\n') == std::string::npos);
    else if (clean_document(e))
      clean(e);
    else if (article(e))
      middle(e);
    else if (!e.attack && e.source == "malignant")
      for (const std::string& segment : segments_of(e.text)) add(segment, false, 1);
  }

  void add(std::string_view text, bool instruction, float weight) { add(text, instruction, weight, fold_of(text)); }
  void add(std::string_view text, bool instruction, float weight, std::uint32_t fold) {
    corpus_.segments.push_back({features_of(text), instruction, weight, fold});
  }

  void instruction(const std::string& text, float weight, bool plantable) {
    add(text, true, weight);
    if (plantable) instructions_.push_back(text);
  }

  /// Lines that no clean document has were put there by the attacker; code that came along says less than the words before it.
  void attacked(const Example& e) {
    const bool code = e.source == "bipia_code";
    std::vector<std::string> planted;
    for (const std::string& raw : lines_of(e.text)) {
      const std::string line(trimmed(raw));
      if (line.size() >= injection::kMinSegmentBytes && line.front() != '|' && line.size() <= kMaxInstruction &&
          !clean_lines_.contains(line))
        planted.push_back(line);
    }
    corpus_.documents.push_back(
        {segments_of(e.text), true, e.source == "bipia_table" ? 0.5F : 2.0F, fold_of(planted.empty() ? e.text : planted.front())});
    if (!code && planted.size() > 1) return;  // the document's clean form is not in the set: its own lines would be taken for planted
    for (const std::string& line : planted) {
      if (!planted_lines_.insert(line).second) continue;
      const bool leads_in = line.back() == ':' && line.find('(') == std::string::npos;
      add(line, true, !code ? 6.0F : leads_in ? 4.0F : 0.15F);
    }
  }

  void clean(const Example& e) {
    const bool table = e.source == "bipia_ctx_table";
    const float weight = table || e.source == "gpt_code_out" ? 1.0F : 4.0F;
    host(segments_of(e.text), weight, fold_of(e.text), table ? 0.5F : 1.5F, table);
  }

  void middle(const Example& e) {
    std::vector<std::string> segments = segments_of(e.text);
    if (segments.size() <= 2 * kArticleEnds) return;
    segments = {segments.begin() + kArticleEnds, segments.end() - kArticleEnds};
    if (segments.size() > 3)
      host(std::move(segments), 1, fold_of(e.text), 1, false);
    else
      for (const std::string& segment : segments) add(segment, false, 1, fold_of(e.text));
  }

  void host(std::vector<std::string> segments, float weight, std::uint32_t fold, float segment_weight, bool table) {
    for (const std::string& segment : segments)
      if (seen_.insert(segment).second) add(segment, false, segment_weight, fold);
    corpus_.documents.push_back({std::move(segments), false, weight, fold});
    hosts_.push_back({corpus_.documents.size() - 1, table});
  }

  /// One instruction into each host (half of the tables), of the same fold, at the start, at the end or in between.
  void plant() {
    std::mt19937 random(kSeed);
    for (const Host& host : hosts_) {
      if (host.table && random() % 2 == 0) continue;
      for (int attempt = 0; attempt < 20 && !instructions_.empty(); ++attempt) {
        const std::string& text = instructions_[random() % instructions_.size()];
        if (fold_of(text) != corpus_.documents[host.document].fold) continue;
        DocumentSample made = corpus_.documents[host.document];
        made.attack = true;
        made.weight = 0.7F;
        const std::size_t where = random() % 3 == 0 ? 0 : random() % 2 ? made.segments.size() : random() % (made.segments.size() + 1);
        made.segments.insert(made.segments.begin() + static_cast<std::ptrdiff_t>(where), text);
        corpus_.documents.push_back(std::move(made));
        break;
      }
    }
  }

  struct Host {
    std::size_t document;
    bool table;
  };
  static constexpr std::size_t kMaxSegmentAttack = 300;
  DocumentCorpus corpus_;
  std::set<std::string, std::less<>> clean_lines_;
  std::set<std::string> planted_lines_;
  std::set<std::string> seen_;
  std::vector<std::string> instructions_;
  std::vector<Host> hosts_;
};

}  // namespace

DocumentCorpus document_corpus(std::span<const Example> train) { return Maker().make(train); }

std::vector<std::string> benign_documents(std::span<const Example> examples) {
  std::vector<std::string> all;
  for (const Example& e : examples) {
    if (clean_document(e)) all.push_back(e.text);
    if (!article(e)) continue;
    const std::vector<std::string> segments = segments_of(e.text);
    if (segments.size() <= 2 * kArticleEnds + 1) continue;
    std::string middle;
    for (std::size_t i = kArticleEnds; i + kArticleEnds < segments.size(); ++i) middle.append(segments[i]).push_back('\n');
    all.push_back(std::move(middle));
  }
  return all;
}

}  // namespace bulwark::chat::training
