/* The one door to libpg_query: PostgreSQL's raw parser called inside its own error handling, so that its longjmp never crosses a
   C++ frame. The tree lives in a memory context of the calling thread until the next call. */
#ifndef BULWARK_DATABASE_SQL_RAW_PARSE_H
#define BULWARK_DATABASE_SQL_RAW_PARSE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct BulwarkRawTree {
  void* statements;  /* a PostgreSQL List of RawStmt; null with an error or for an empty text */
  char message[160]; /* the parser's words, which name tokens of the text; empty: parsed */
  int position;      /* of the error, in characters from 1; 0 unknown */
};

/* `text` is zero-terminated. */
void bulwark_raw_parse(const char* text, bool standard_strings, struct BulwarkRawTree* out);

#ifdef __cplusplus
}
#endif

#endif
