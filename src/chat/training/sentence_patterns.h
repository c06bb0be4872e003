// What made sentences are made of: ordinary sentences of chats, letters, forms and signatures in a handful of languages, whose gaps have
// a letter that says what goes there, and the words that names of streets, companies and trades consist of.
#pragma once

#include <string_view>

namespace bulwark::chat::training {

// %p full name, %f first name, %l last name, %o organisation, %c city, %n country, %a address in one line, %b address over lines,
// %s street, %d date, %y age, %g people, %t salutation, %w day of the week, %z postal code, %h house number, %j work, %q a rare word
inline constexpr std::string_view kPatterns[] = {
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
    "She's %y.", "ages %y and %y", "%f: \"Where have you been?\"\n%f: \"At home.\"", "%f: What a day.\n%f: I know, %f!",
    "%f: hi\n%f: hello %f", "%p: Thanks!", "%f: \\\"Are you coming?\\\"\n%f:\\\"Ask %f's brother.\\\"", "%p: \"No comment.\"",
    "%f, %f and %f are in", "you know %f is a big %p admirer", "It was %f, not %f.", "%p, a %j from %c, agreed.", "%p\n%j\n%o\n%a",
    "%p, %j\n%o\n%b", "%p, the %j, replied: \"Not yet.\"", "We are looking for a %j in %c.", "The %j will call you back.",
    "%p works as a %j at %o.", "Position: %j", "I work as a %j.", "I'm %g but I grew up in %n.", "an old %g film with %p", "the %g team",
    "a %g restaurant", "%g is my first language.", "Do you speak %g?", "My wife is %g.", "the %g language", "%o is a %g company.",
    "He retired at the age of %y", "at the age of %y", "when I turned %y", "My sister is %y", "He has just turned %y", "aged %y",
    "My uncle died at the age of %y.", "our cat is %y", "During %d, %o grew fast.", "In %d %o bought %o.", "%o was founded in %d.",
    "%o has been in business since %d", "%p of %o", "The %o concert was sold out.", "%o's new office", "I ordered from %o", "a film by %o",
    "shares in %o", "%o is a charity.", "The stop is on %s %h", "The office is on %s %h", "%f lives on %s %h.", "It's on %s",
    "%p lives at %s %h", "The bakery is on %s.", "the corner of %h %s and %s", "We will meet at %o on %w.", "I flew to %c in %d.",
    "next week in %c", "I am in %c, for a fair", "The capital of %n is %c.", "%n is beautiful.", "They came from %n", "as far as %c and %c",
    "Southern %n", "northern %n", "%a\nPhone:", "Site: %a\nContact: %p", "%p\nPhone:\nAddress:\n%a", "%h %s\n%c, %c %z",
    "%p\n%h %s\n%c\n%n", "Address:     %a", "Name:    %p\nAge:    %y", "Directed by:    %p", "Starring %p and %p", "like in the %l novels",
    "a song by %l", "music: %p, words: %p", "Where:    %c Concert Hall\nWho:    %p", "WHO: %p", "hello %f", "my name's %p",
    "i am %p from %c", "tell %f about %o", "ask %p in %c",
    // Rare words that name nobody.
    "the %q is broken and the %q is missing", "we sell %q and %q", "my order is in %q", "a box of %q, please", "is it in %q?", "what is %q",
    "it is in %q at the moment", "how do i remove %q from a %q", "The %q of the %q was %q.", "can you %q the text and %q it",
    "the parcel is still at %q", "I am on %q until Monday", "write about %q in %q", "explain %q and %q to me", "my %q does not %q",
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

inline constexpr std::string_view kStreets[] = {
    "Street",  "St.",      "St",    "Road", "Rd",      "Avenue", "Ave",  "Lane",  "Drive",     "Dr",    "Court",  "Way",     "Bypass",
    "Parkway", "Crescent", "Grove", "Hill", "Gardens", "Row",    "Walk", "Alley", "Boulevard", "Place", "Square", "Terrace", "Close"};
inline constexpr std::string_view kStreetEnds[] = {"straße", "strasse", "weg",   "gasse", "gatan", "vej",   "gata",  "laan",
                                                   "straat", "utca",    "platz", "allee", "gade",  "vägen", "vegen", "tér",
                                                   "tie",    "katu",    "ring",  "berg",  "dijk",  "plein", "kade"};
inline constexpr std::string_view kStreetStarts[] = {
    "Rue ",       "Avenue ", "Calle ", "Via ", "Rua ", "Piazza ", "Plaza ", "ul. ",   "Chemin ", "Rue de ", "avenue de ", "Boulevard de ",
    "boulevard ", "Av. ",    "Av ",    "trg ", "Pod ", "Rua do ", "Plac ",  "place ", "rue ",    "Trg ",    "Calle de "};
inline constexpr std::string_view kForms[] = {
    "Inc.",     "Inc",    "GmbH",     "Ltd",     "Ltd.",      "LLC",      "AG",        "Group",       "Corporation", "Corp.",
    "S.A.",     "SE",     "Bank",     "Systems", "Insurance", "Partners", "Solutions", "Hospital",    "University",  "Foundation",
    "Airlines", "Motors", "Research", "Records", "Media",     "Energy",   "Labs",      "Technologies"};
inline constexpr std::string_view kWork[] = {
    "accountant", "clerk",   "nurse",     "teacher",   "engineer", "manager", "technician", "driver",  "cook",       "designer", "editor",
    "lawyer",     "surgeon", "architect", "librarian", "baker",    "cashier", "analyst",    "painter", "consultant", "operator", "officer",
    "assistant",  "guard",   "inspector", "attendant", "mechanic", "plumber", "dentist",    "farmer",  "economist",  "actuary"};
inline constexpr std::string_view kWorkOf[] = {"sales",   "office",   "airport", "water",   "power", "dining room", "payroll",
                                               "network", "research", "medical", "postal",  "legal", "software",    "school",
                                               "traffic", "event",    "bank",    "tax",     "hotel", "kitchen",     "machine",
                                               "quality", "senior",   "plant",   "records", "field"};
inline constexpr std::string_view kStems[] = {"trans", "progr", "cust",  "over", "inter", "pre",  "sub",  "mech",
                                              "fabr",  "lumin", "cert",  "rend", "plast", "grav", "turb", "sol",
                                              "vent",  "arch",  "quant", "mod",  "harm",  "fort", "rel",  "dist"};
inline constexpr std::string_view kEndings[] = {"it",  "ess", "oms", "tion", "ment",  "ing",  "ness",  "able",
                                                "er",  "ic",  "al",  "ive",  "ance",  "ism",  "ology", "ed",
                                                "ify", "ous", "ary", "s",    "ation", "ical", "or",    "ure"};
inline constexpr std::string_view kTrade[] = {"Scale",  "Clear",   "North",   "Blue",   "Open",   "Urban",  "First",  "Bright",
                                              "Green",  "Summit",  "Pioneer", "Code",   "Health", "River",  "Signal", "Red",
                                              "Market", "Quantum", "Harvest", "Vision", "Water",  "Social", "People", "Cloud",
                                              "Credit", "Metro",   "True",    "Silver", "Data",   "Eagle"};
inline constexpr std::string_view kBetween[] = {"upon", "pri", "am", "an der", "sur", "de", "di", "na", "del", "en", "bei", "nad", "of"};
inline constexpr std::string_view kStates[] = {"Republic of ", "People's Republic of ", "Kingdom of ", "State of ", "Islamic Republic of "};
inline constexpr std::string_view kSalutations[] = {"Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "mr.", "Mr", "Mrs", "Miss", "Sir"};
inline constexpr std::string_view kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
inline constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",    "May", "June", "July", "August",
                                               "September", "October",  "November", "December", "Jan", "Feb",  "Mar",  "Apr",
                                               "Jun",       "Jul",      "Aug",      "Sep",      "Oct", "Nov",  "Dec"};
inline constexpr std::string_view kUnits[] = {"Apt.", "Suite", "Unit", "Floor", "Apartment", "Box", "unit"};

}  // namespace bulwark::chat::training
