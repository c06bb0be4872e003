// The text of the base rules.
#include "waf/base_rules.h"

namespace bulwark::waf {

std::string_view base_rules() {
  return R"conf(
SecRequestBodyAccess On
SecResponseBodyAccess On
SecResponseBodyMimeType text/plain text/html text/xml application/json

SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:application(?:/soap\+|/)|text/)xml" \
    "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/(?:[a-z0-9.-]+[+])?json" \
    "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/graphql-response\+json" \
    "id:200006,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"

SecRule &REQUEST_HEADERS:Content-Type "@gt 1" \
    "id:200010,phase:1,t:none,log,deny,status:400,severity:2,msg:'The request has more than one content type'"
SecRule REQUEST_HEADERS:Content-Type "@rx ^[^;]*,|charset[^;]*;.*charset|boundary[^;]*;.*boundary" \
    "id:200011,phase:1,t:none,t:lowercase,log,deny,status:400,severity:2,\
    msg:'The content type can be understood in more than one way'"
SecRule REQUEST_HEADERS:Content-Type "@rx charset\s*=\s*+[\"']?+\s*+(?!(?:utf-?8|(?:us-)?ascii|iso-?8859-\d{1,2}|latin-?\d|(?:windows-|cp)125\d|koi8-[ru]|shift[_-]jis|sjis|euc-(?:jp|kr|tw)|gb(?:k|2312|18030)|big5|tis-620)\s*[\"']?\s*(?:;|$))" \
    "id:200012,phase:1,t:none,t:lowercase,log,deny,status:415,severity:2,\
    msg:'The body is written in a charset whose letters rules cannot read'"

SecRule REQBODY_ERROR "!@eq 0" \
    "id:200002,phase:2,t:none,log,deny,status:400,severity:2,\
    msg:'The request body cannot be parsed',logdata:'%{reqbody_error_msg}'"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" \
    "id:200003,phase:2,t:none,log,deny,status:400,severity:2,\
    msg:'The multipart body can be understood in more than one way'"
SecRule MULTIPART_UNMATCHED_BOUNDARY "@eq 1" \
    "id:200004,phase:2,t:none,log,deny,status:400,severity:2,\
    msg:'The multipart body holds a line that looks like its boundary but is none'"
)conf";
}

}  // namespace bulwark::waf
