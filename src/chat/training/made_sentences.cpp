// Every gap of a pattern (sentence_patterns.h) is filled anew each time, with the letter case and length that people use.
#include "chat/training/made_sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "chat/training/sentence_patterns.h"

namespace bulwark::chat::training {

namespace {

using pii::Kind;

class Maker {
 public:
  Maker(const Lists& lists, std::uint32_t seed) : lists_(lists), random_(seed) {}

  LabelledText sentence() {
    const std::string_view pattern = kPatterns[below(std::size(kPatterns))];
    LabelledText out;
    const bool shouting = below(40) == 0;
    const bool small = below(12) == 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '%') {
        out.text.push_back(pattern[i]);
        continue;
      }
      fill(pattern[++i], out, small ? 1 : shouting ? 2 : 0);
    }
    return out;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  template <std::size_t n>
  std::string one_of(const std::string_view (&list)[n]) {
    return std::string(list[below(n)]);
  }
  const std::string& one_of(const std::vector<std::string>& list) { return list[below(list.size())]; }

  static std::string cased(std::string text, int how) {
    if (how == 0) return text;
    std::transform(text.begin(), text.end(), text.begin(), [&](char c) {
      const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
      return !letter ? c : static_cast<char>(how == 1 ? c | 0x20 : c & ~0x20);
    });
    return text;
  }

  void put(LabelledText& out, std::string value, Kind kind) {
    const std::size_t begin = out.text.size();
    out.text += value;
    out.spans.push_back({begin, out.text.size(), kind});
  }

  void fill(char gap, LabelledText& out, int how) {
    switch (gap) {
      case 'p': return put(out, cased(person(), how), Kind::person);
      case 'f': return put(out, cased(first_name(), how), Kind::person);
      case 'l': return put(out, cased(last_name(), how), Kind::person);
      case 'o': return put(out, cased(organisation(), how), Kind::organisation);
      case 'c': return put(out, cased(place(), how), Kind::location);
      case 'n': return put(out, cased(country(), how), Kind::location);
      case 'g': return put(out, cased(one_of(lists_.peoples), how), Kind::group);
      case 's': return put(out, cased(street(), how), Kind::address);
      case 'h': return put(out, number(), Kind::address);
      case 'z': return put(out, postal_code(), Kind::address);
      case 'a': return address(out, below(4) == 0 ? "\n " : below(8) == 0 ? " " : ", ");
      case 'b': return address(out, below(2) ? "\n" : "\n ");
      case 'd': return put(out, date(), Kind::date);
      case 'w': return put(out, one_of(kDays), Kind::date);
      case 'y': return put(out, std::to_string(1 + below(98)), Kind::age);
      case 't': out.text += one_of(kSalutations); return;
      case 'q': out.text += one_of(kStems) + (below(3) ? "" : one_of(kStems)) + one_of(kEndings); return;
      case 'j': out.text += work(); return;
      default: return;
    }
  }

  /// Half of the names are on no list: the front of one and the end of another, some with a letter of another alphabet's habit.
  std::string unlisted(const std::vector<std::string>& list) {
    const std::string& front = one_of(list);
    const std::string& end = one_of(list);
    std::string out = front.substr(0, (front.size() + 1) / 2) + cased(end.substr(end.size() / 2), 1);
    constexpr std::string_view kPlain = "aeioucnszl";
    constexpr std::string_view kMarked[] = {"á", "é", "í", "ö", "ü", "č", "ñ", "š", "ž", "ł"};
    if (below(3) == 0)
      if (const std::size_t at = out.find_first_of(kPlain, 1); at != std::string::npos) out.replace(at, 1, kMarked[kPlain.find(out[at])]);
    return out;
  }
  std::string first_name() { return below(2) ? one_of(lists_.first_names) : unlisted(lists_.first_names); }
  std::string last_name() { return below(2) ? one_of(lists_.last_names) : unlisted(lists_.last_names); }
  std::string work() {
    std::string out = below(2) ? one_of(kWork) : one_of(kWorkOf) + " " + one_of(kWork);
    if (below(2)) out[0] = static_cast<char>(out[0] & ~0x20);
    return out;
  }
  std::string country() {
    if (below(14) == 0) return one_of(kStates) + one_of(lists_.countries);
    return below(14) == 0 ? one_of(lists_.countries) + " and " + unlisted(lists_.places) : one_of(lists_.countries);
  }

  std::string place() {
    if (below(14) == 0) return fmt::format("{} {} {}", unlisted(lists_.places), one_of(kBetween), unlisted(lists_.places));
    std::string out = below(2) ? one_of(lists_.places) : unlisted(lists_.places);
    if (below(8) == 0) return cased(out, 2);
    return below(10) == 0 ? out + " " + one_of(lists_.places) : out;
  }

  std::string person() {
    std::string out = first_name();
    if (const auto more = below(8); more == 0)
      out += fmt::format(" {}.", static_cast<char>('A' + below(26)));
    else if (more == 1)
      out += " " + one_of(lists_.first_names);
    out += " " + last_name();
    if (below(20) == 0) out += "-" + last_name();
    return out;
  }

  std::string organisation() {
    switch (below(10)) {
      case 6: return fmt::format("{} {}", one_of(kTrade), below(2) ? one_of(kTrade) : one_of(kForms));
      case 7: return one_of(kTrade) + cased(one_of(kTrade), below(2) ? 0 : 1);
      case 8: return fmt::format("The {} {}", below(2) ? one_of(lists_.last_names) : one_of(kTrade), one_of(kForms));
      case 9: return unlisted(lists_.places);
      case 0: return fmt::format("{} {}", one_of(lists_.last_names), one_of(kForms));
      case 1: return fmt::format("{}, {} and {}", one_of(lists_.last_names), one_of(lists_.last_names), one_of(lists_.last_names));
      case 2: return fmt::format("{}-{}", one_of(lists_.last_names), one_of(lists_.last_names));
      case 3: return fmt::format("{} {}", one_of(lists_.places), one_of(kForms));
      case 4: return invented();
      default: return fmt::format("{} {}", invented(), one_of(kForms));
    }
  }

  /// "Zentrobi", "Acme"-like: syllables with a capital, sometimes all capitals.
  std::string invented() {
    constexpr std::string_view kSyllables[] = {"zen", "tro", "bi",  "ac",   "me",  "lu", "cid", "pax", "ta",  "vo",
                                               "net", "go",  "sys", "data", "max", "on", "ix",  "ra",  "fin", "tel"};
    std::string out;
    for (std::size_t i = 0; i < 2 + below(2); ++i) out += one_of(kSyllables);
    if (below(6) == 0) return cased(out.substr(0, 3 + below(2)), 2);
    out[0] = static_cast<char>(out[0] & ~0x20);
    return out;
  }

  std::string number() { return std::to_string(1 + below(below(3) == 0 ? 30'000 : 200)); }

  std::string street() {
    switch (below(8)) {
      case 4: return last_name();
      case 5: return place();
      case 6: return unlisted(lists_.places) + " " + (below(2) ? last_name() : cased(unlisted(lists_.places), 1));
      case 7: return fmt::format("{} {}.", last_name(), static_cast<char>('a' + below(26)));
      case 0: return one_of(kStreetStarts) + last_name();
      case 1: return last_name() + one_of(kStreetEnds);
      case 2: return last_name() + " " + one_of(kStreetEnds);
      default: return (below(2) ? last_name() : first_name()) + " " + one_of(kStreets);
    }
  }

  std::string postal_code() {
    switch (below(4)) {
      case 0: return fmt::format("{:05}", below(99'999));
      case 1: return fmt::format("{:04}", 1'000 + below(8'999));
      case 2: return fmt::format("{:03} {:02}", 100 + below(899), 10 + below(89));
      default:
        return fmt::format("{}{}{} {}{}{}", char('A' + below(26)), char('A' + below(26)), below(20), below(10), char('A' + below(26)),
                           char('A' + below(26)));
    }
  }

  void address(LabelledText& out, std::string_view between) {
    if (below(12) == 0) return military(out, between);
    const std::size_t order = below(5);
    if (below(10) == 0) put(out, number(), Kind::address), out.text.push_back(' ');
    put(out,
        order == 0  ? number() + " " + street() + " " + number()
        : order < 3 ? street() + " " + number()
                    : number() + " " + street(),
        Kind::address);
    if (below(12) == 0) out.text += below(2) ? " and " : " or ", put(out, street(), Kind::address);
    if (below(4) == 0) {
      out.text += below(2) ? " " : between;
      put(out, fmt::format("{} {}", one_of(kUnits), below(999)), Kind::address);
    }
    out.text += between;
    const bool code_first = below(2) == 0;
    if (code_first) put(out, postal_code(), Kind::address), out.text += " ";
    put(out, place(), Kind::location);
    if (below(5) == 0) out.text += ", ", put(out, cased(one_of(lists_.places).substr(0, 2), 2), Kind::location);
    if (!code_first && below(2)) out.text += " ", put(out, postal_code(), Kind::address);
    if (below(2) == 0) {
      out.text += between;
      put(out, one_of(lists_.countries), Kind::location);
      if (below(3) == 0) out.text += " ", put(out, postal_code(), Kind::address);
    }
  }

  /// "PSC 4115, Box 7815\nAPO AA 41945"
  void military(LabelledText& out, std::string_view between) {
    put(out, fmt::format("{} {}", below(2) ? "PSC" : below(2) ? "Unit" : "USNS", below(2) ? number() : last_name()), Kind::address);
    out.text += between;
    put(out, fmt::format("{} {} {:05}", below(2) ? "APO" : below(2) ? "FPO" : "DPO", below(2) ? "AE" : "AP", below(99'999)), Kind::address);
  }

  std::string date() {
    const std::size_t day = 1 + below(28);
    const std::size_t month = 1 + below(12);
    const std::size_t year = 1930 + below(100);
    switch (below(9)) {
      case 0: return fmt::format("{}/{}/{}", month, day, year);
      case 1: return fmt::format("{}-{:02}-{:02}", year, month, day);
      case 2: return fmt::format("{:02}.{:02}.{}", day, month, year);
      case 3: return fmt::format("{} {}, {}", one_of(kMonths), day, year);
      case 4: return fmt::format("{} {} {}", day, one_of(kMonths), year);
      case 5: return fmt::format("{}-{:02}-{:02} {:02}:{:02}:{:02}", year, month, day, below(24), below(60), below(60));
      case 6: return fmt::format("{}", year);
      case 7: return fmt::format("{} {}", one_of(kMonths), year);
      default: return fmt::format("{} {}", one_of(kMonths), day);
    }
  }

  const Lists& lists_;
  std::mt19937 random_;
};

}  // namespace

std::vector<LabelledText> make_sentences(const Lists& lists, std::size_t count, std::uint32_t seed) {
  Maker maker(lists, seed);
  std::vector<LabelledText> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(maker.sentence());
  return out;
}

}  // namespace bulwark::chat::training
