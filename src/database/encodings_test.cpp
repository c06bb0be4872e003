// Names of encodings.
#include "database/encodings.h"

#include <gtest/gtest.h>

namespace bulwark::database {
namespace {

TEST(Encodings, NamesOfUtf8) {
  for (const char* name : {"UTF8", "utf-8", "'Utf_8'", "unicode"}) EXPECT_TRUE(means_utf8(name)) << name;
  for (const char* name : {"", "LATIN1", "UTF", "UTF16", "utf8x"}) EXPECT_FALSE(means_utf8(name)) << name;
}

TEST(Encodings, WhichKeepAscii) {
  for (const char* name :
       {"UTF8", "SQL_ASCII", "latin1", "ISO_8859_5", "WIN1252", "windows-1251", "KOI8R", "EUC_JP", "EUC_JIS_2004", "MULE_INTERNAL"})
    EXPECT_TRUE(keeps_ascii(name)) << name;
  for (const char* name : {"SJIS", "BIG5", "GBK", "GB18030", "UHC", "JOHAB", "SHIFT_JIS_2004", "WIN932", "WIN936", "WIN949", "WIN950",
                           "Windows932", "Windows950", "", "?", "nothing"})
    EXPECT_FALSE(keeps_ascii(name)) << name;
}

}  // namespace
}  // namespace bulwark::database
