// A soup stands behind some ordinary text, as it does in an attack.
#include "chat/training/soup_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "chat/injection/gibberish.h"
#include "chat/training/linear_trainer.h"

namespace bulwark::chat::training {

namespace {

constexpr FitSettings kSoupFit{.epochs = 4, .rate = 0.2F, .ridge = 1e-4F};
constexpr std::size_t kSoups = 50'000;
constexpr std::size_t kEncodings = 6'000;
constexpr std::size_t kMaxTextBytes = 4'000;  // of one text
constexpr std::size_t kMaxPieces = 400'000;
constexpr std::uint32_t kSeed = 7;

bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/// Words and what stands between them, as the vocabulary of a tokeniser has them: a blank in front, long words cut.
std::vector<std::string> pieces_of(std::span<const Example> texts, std::mt19937& random) {
  std::vector<std::string> pieces;
  for (const Example& example : texts) {
    const std::string_view text = std::string_view(example.text).substr(0, 600);
    for (std::size_t at = 0; at < text.size() && pieces.size() < kMaxPieces;) {
      std::size_t end = at + 1;
      const bool word = letter(text[at]) || static_cast<unsigned char>(text[at]) >= 0x80;
      while (end < text.size() && text[end] != ' ' && text[end] != '\n' &&
             (letter(text[end]) || static_cast<unsigned char>(text[end]) >= 0x80) == word)
        ++end;
      std::string_view piece = text.substr(at, end - at);
      at = end;
      if (random() % 6 != 0 || piece == " " || piece.size() > 24) continue;
      if (piece.size() > 4 && random() % 2 == 0 && letter(piece[3])) {
        const std::size_t cut = 2 + random() % (piece.size() - 3);
        piece = random() % 2 ? piece.substr(0, cut) : piece.substr(cut);
      }
      pieces.emplace_back(piece);
    }
  }
  return pieces;
}

/// Signs as they come in code and mark-up, where no code is.
constexpr std::string_view kSigns[] = {"\\",   "](", "**", "--", "\"", "}{", "=\"", "();", "++", "/*", "~~", "<?",  "::", "->", "$$",
                                       "\\\"", "!",  "?",  ".(", "[[", "_{", "^",   "##",  "@",  "||", ":=", "'''", "%s", ";-", "`"};

/// Rows of attacks that are themselves garbled.
bool unlike_text(const Example& example) {
  return example.attack && example.source != "phrases" && example.source != "cse_pi_multi" && example.source != "safeguard";
}

std::string soup(const std::vector<std::string>& pieces, std::mt19937& random) {
  std::string out;
  const unsigned glued = 1 + random() % 6;  // tenths of the pieces that follow without a blank
  const unsigned signs = random() % 4;      // tenths that are signs
  for (std::size_t left = 10 + random() % 25; left > 0; --left) {
    if (!out.empty() && random() % 10 >= glued) out.push_back(' ');
    std::string piece(random() % 10 < signs ? kSigns[random() % std::size(kSigns)] : std::string_view(pieces[random() % pieces.size()]));
    if (letter(piece[0]) && random() % 4 == 0) piece[0] = static_cast<char>(piece[0] ^ 0x20);
    out.append(piece);
  }
  return out;
}

/// What programs write that is no soup either: hashes, base64, identifiers, addresses, lines of a log.
std::string encoding(std::mt19937& random) {
  const auto run = [&](std::string_view alphabet, std::size_t size) {
    std::string out;
    while (out.size() < size) out.push_back(alphabet[random() % alphabet.size()]);
    return out;
  };
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::string_view kSmall = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  switch (random() % 6) {
    case 0: return run(kHex, 32 + random() % 96);
    case 1: return run(kBase64, 40 + random() % 400) + (random() % 2 ? "==" : "");
    case 2: return fmt::format("{}-{}-{}-{}-{}", run(kHex, 8), run(kHex, 4), run(kHex, 4), run(kHex, 4), run(kHex, 12));
    case 3:
      return fmt::format("https://{}.com/{}/{}?id={}&t={}", run(kSmall, 9), run(kSmall, 6), run(kBase64, 22), random(), run(kBase64, 27));
    case 4: return fmt::format("eyJ{}.eyJ{}.{}", run(kBase64, 33), run(kBase64, 90), run(kBase64, 43));
    default:
      return fmt::format("2026-11-{:02} 10:{:02}:31.{} [{}] INFO c.e.{} - took {} ms, key={}", 1 + random() % 28, random() % 60,
                         random() % 1000, run(kHex, 8), run(kSmall, 8), random() % 9000, run(kBase64, 16));
  }
}

}  // namespace

std::vector<std::string> make_soups(std::span<const Example> texts, std::size_t count) {
  std::mt19937 random(kSeed);
  const std::vector<std::string> pieces = pieces_of(texts, random);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count && !pieces.empty(); ++i) all.push_back(soup(pieces, random));
  return all;
}

injection::LinearModel train_soup(std::span<const Example> texts) {
  std::mt19937 random(kSeed);
  injection::FeatureSet features;
  std::vector<Sample> samples;
  const auto add = [&](std::string_view window, bool soup, float weight) {
    if (injection::seams(window) < injection::kMinSeams) return;
    features.extract(injection::shaped(window));
    samples.push_back({features.list(), soup, weight, 0});
  };
  std::vector<std::string_view> plain;
  for (const Example& example : texts) {
    if (unlike_text(example)) continue;
    const std::string_view text = std::string_view(example.text).substr(0, kMaxTextBytes);
    for (std::size_t at = 0; at < text.size(); at += injection::kSoupWindow) {
      plain.push_back(text.substr(at, injection::kSoupWindow));
      add(plain.back(), false, 1);
    }
  }
  for (std::size_t i = 0; i < kEncodings; ++i) add(encoding(random).substr(0, injection::kSoupWindow), false, 1);
  for (const std::string& each : make_soups(texts, kSoups)) {
    std::string window(plain[random() % plain.size()].substr(0, random() % 60));
    window.append(" ").append(each);
    add(std::string_view(window).substr(window.size() - std::min(window.size(), injection::kSoupWindow)), true, 1);
  }
  return fit(samples, kSoupFit);
}

}  // namespace bulwark::chat::training
