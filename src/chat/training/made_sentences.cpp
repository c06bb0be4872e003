// The patterns are ordinary sentences of chats, letters, forms and signatures in a handful of languages; a gap's letter says what
// goes there. Every gap is filled anew each time, with the letter case and length that people use.
#include "chat/training/made_sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace bulwark::chat::training {

namespace {

using pii::Kind;

// %p full name, %f first name, %l last name, %o organisation, %c city, %n country, %a address in one line, %b address over lines,
// %s street, %d date, %y age, %g people, %t salutation, %w day of the week, %z postal code, %h house number
constexpr std::string_view kPatterns[] = {
    "Hi, this is %p, I have a question about my order.", "I'm %f and I need help with my account.", "My colleague %p from %o will join us.",
    "Please forward this to %f %l at %o.", "%f asked %f whether the report is ready.", "Dear %t %l,\nthank you for your letter of %d.",
    "Best regards,\n%p\n%o\n%a", "%p\n%b", "Kind regards\n\n%p", "Yours, %f", "Could you ship it to %a instead?", "We moved to %a on %d.",
    "My address is %a.", "Deliver to:\n%p\n%b", "I live in %c, %n.", "She grew up in %c and moved to %n in %d.",
    "Flights from %c to %c on %w", "What's the weather like in %c on %w?", "%p, %y, of %c, was born on %d.", "My son %f is %y years old.",
    "I am %y years old and live in %n.", "The patient is a %y year old woman from %c.", "At %y, %f joined %o.",
    "%o announced on %w that %p will become its new director.", "%p works for %o in %c.", "I worked at %o from %d to %d.",
    "The contract between %o and %o was signed on %d.", "Call %t %l at %o.", "%t %p lives at %a", "Is %f there?",
    "%f's sister %f is getting married on %d.", "Tell %f that %f called.", "I met %p in %c last summer.",
    "A %g friend of mine, %f, recommended %o.", "The %g embassy in %c is closed on %w.", "He speaks %g and was born in %n.",
    "All %g citizens need a visa for %n.", "Name: %p\nDate of birth: %d\nAddress: %a\nNationality: %g",
    "Customer: %p\nCity: %c\nCountry: %n", "Employer: %o\nEmployee: %p\nStart: %d", "name=%p; city=%c",
    "From: %p\nTo: %p\nSubject: Meeting on %w", "Meet me at %h %s on %w.", "The shop on %s is closed.", "the corner of %s and %s",
    "at the corner of %s %h and %s, %c", "It is %a", "my address is %a", "%a", "Is %a still right?", "send it to %a please", "%f is here.",
    "%f and %f", "Call me %f.", "people call me %f", "%p, but everyone says %f", "My grandfather was called %p and my grandmother %p",
    "%f spent a year at %o as a trainee.", "%f said to %f: hello", "We meet on %w at %o, %h %s, %c", "Where: %c Town Hall\nWhen: %d",
    "When: %w", "Turn left into %s, then right.", "The corner of %s and %s.", "%h %s\n%c %z", "%c, %n %z", "Send the invoice to %o, %a.",
    "An open letter to %p", "Who is %p?", "Have you read the latest book by %p?", "%p and %p wrote the song together.",
    "a tribute to %l and his band", "The %l family owns %o.", "according to %l, the plan failed", "by %p (%d)",
    "User: %p\nBot: Thank you, %f. How can I help?", "Who's calling? - %f %l.", "You can reach %f in the %c office.",
    "Add %p to the guest list, please.", "Remove %f from my account", "Can you book a table for %f at eight?",
    "The doctor, %t %l, saw me on %d.", "I was born on %d in %c.", "DOB %d", "Expires %d", "Our offices are in %c, %c and %c.",
    "%n beat %n two to one.", "It rained all %w in %c.", "%o is hiring in %c", "I bought shares of %o and %o.", "My bank is %o.",
    "I study at the University of %c.", "%f %l (%y) from %c", "Signed: %p, %c, %d", "cc: %p, %p", "@%f did you see this?", "thanks %f!",
    "%f, can you help?", "My maiden name is %l.", "Her last name is %l", "the %l method", "Write an e-mail to %f about the delay.",
    "Summarise the call between %p and %p.", "Hallo, mein Name ist %p und ich wohne in %c.",
    "Sehr geehrter Herr %l,\nvielen Dank für Ihr Schreiben vom %d.", "Ich arbeite bei der %o in %c.", "Frau %p, geboren am %d in %c",
    "Die Adresse lautet %a.", "Mit freundlichen Grüßen\n%p", "%f ist %y Jahre alt.", "Bonjour, je m'appelle %p et j'habite à %c.",
    "Madame %l habite %a.", "M. %p, né le %d à %c", "Je travaille chez %o.", "Cordialement,\n%p", "Hola, me llamo %p y vivo en %c.",
    "El señor %l trabaja en %o.", "Mi dirección es %a", "Nací el %d en %c, %n.", "Ciao, sono %p di %c.", "Il signor %l lavora per %o.",
    "Abito in %a.", "Ik ben %p en woon in %c.", "Meu nome é %p, moro em %c.", "How do I get from %c to %c by train?",
    "Is %n in the European Union?", "I need a hotel near %s in %c", "Our customer %o complained about %f.", "%f %l\n%o\n%h %s\n%c\n%n %z",
    "%t %p %h %s\n%c %z", "%p\n\n%h %s\n %c\n\n %n %z", "The letter from %a never arrived.", "In %d, %o was founded by %p in %c.",
    "My parents, %f and %f, are from %n.", "On %d at noon", "since %d", "until %w, %d", "I was %y when it happened.", "He turned %y on %w.",
    "She's %y.", "ages %y and %y",
    // Sentences without anybody: what looks like a name there is none.
    "Please reset my password.", "How do I write a loop in Python?", "Explain the Pythagorean theorem in simple words.",
    "The API returns HTTP 404 when the resource is missing.", "My Card Was Declined At The Store",
    "I would like to cancel my subscription.", "What is the capital of the country?", "Error 500 in line 23 of the file",
    "Add 2 cups of flour and 3 eggs.", "The meeting has 12 participants.", "Chapter 4 explains Version 2.1 of the Product.",
    "IMPORTANT: Read The Instructions First", "It costs 1250 dollars or 99 cents.", "Step 3: Click on Settings, then Save",
    "Give me 5 reasons to learn JavaScript", "Thank you for your help!", "Is it possible to return the item within 30 days?", "Total: 4500",
    "Yes. No. Maybe. Sorry, I don't know.", "Good Morning! Welcome to our Service.", "Der Hund läuft über die Straße.",
    "Die Lieferung ist noch nicht angekommen.", "Le colis n'est pas arrivé.", "Quiero cancelar mi pedido.",
    "If a train goes 60 miles in 2 hours, how fast is it?", "Use SELECT name FROM users WHERE id = 7;",
    "The White Whale is a symbol in the novel.", "Monthly Report: Sales And Marketing"};

constexpr std::string_view kStreets[] = {"Street", "St.",   "St",    "Road",      "Rd",      "Avenue",   "Ave",     "Lane", "Drive",
                                         "Dr",     "Court", "Way",   "Bypass",    "Parkway", "Crescent", "Grove",   "Hill", "Gardens",
                                         "Row",    "Walk",  "Alley", "Boulevard", "Place",   "Square",   "Terrace", "Close"};
constexpr std::string_view kStreetEnds[] = {"straße", "strasse", "weg",   "gasse", "gatan", "vej",   "gata",  "laan",
                                            "straat", "utca",    "platz", "allee", "gade",  "vägen", "vegen", "tér",
                                            "tie",    "katu",    "ring",  "berg",  "dijk",  "plein", "kade"};
constexpr std::string_view kStreetStarts[] = {"Rue ",    "Avenue ", "Calle ", "Via ",    "Rua ",
                                              "Piazza ", "Plaza ",  "ul. ",   "Chemin ", "Rue de "};
constexpr std::string_view kForms[] = {"Inc.",      "Inc",         "GmbH",      "Ltd",      "Ltd.",       "LLC",        "AG",
                                       "Group",     "Corporation", "Corp.",     "S.A.",     "SE",         "Bank",       "Systems",
                                       "Insurance", "Partners",    "Solutions", "Hospital", "University", "Foundation", "Airlines",
                                       "Motors",    "Research",    "Records",   "Media",    "Energy",     "Labs",       "Technologies"};
constexpr std::string_view kSalutations[] = {"Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "mr.", "Mr", "Mrs", "Miss", "Sir"};
constexpr std::string_view kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",    "May", "June", "July", "August",
                                        "September", "October",  "November", "December", "Jan", "Feb",  "Mar",  "Apr",
                                        "Jun",       "Jul",      "Aug",      "Sep",      "Oct", "Nov",  "Dec"};
constexpr std::string_view kUnits[] = {"Apt.", "Suite", "Unit", "Floor", "Apartment", "Box", "unit"};

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
      case 'n': return put(out, cased(one_of(lists_.countries), how), Kind::location);
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
  std::string place() {
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
    switch (below(6)) {
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
