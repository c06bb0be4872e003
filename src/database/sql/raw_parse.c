/* Runs raw_parser() under PG_TRY. One memory context a thread is made once and reset before each use: cheaper than a new one. */
#include "database/sql/raw_parse.h"

#include "postgres.h"

#include "nodes/pg_list.h"
#include "parser/parser.h"
#include "pg_query.h"
#include "utils/memutils.h"

static __thread MemoryContext bulwark_parse_context = NULL;

/* libpg_query keeps the parser's settings per thread; the server's headers declare them as plain globals. */
extern __thread bool bulwark_standard_conforming_strings __asm__("standard_conforming_strings");
extern __thread sigjmp_buf* bulwark_exception_stack __asm__("PG_exception_stack");
extern __thread ErrorContextCallback* bulwark_error_context_stack __asm__("error_context_stack");
extern __thread MemoryContext bulwark_current_context __asm__("CurrentMemoryContext");
extern __thread MemoryContext bulwark_top_context __asm__("TopMemoryContext");

static void prepare_context(void) {
  pg_query_init();
  if (bulwark_parse_context == NULL) {
    bulwark_parse_context = AllocSetContextCreateInternal(bulwark_top_context, "bulwark parse", ALLOCSET_DEFAULT_SIZES);
  } else {
    MemoryContextReset(bulwark_parse_context);
  }
  bulwark_current_context = bulwark_parse_context;
}

static void keep_error(struct BulwarkRawTree* out) {
  bulwark_current_context = bulwark_parse_context;
  ErrorData* error = CopyErrorData();
  const char* words = error->message != NULL && error->message[0] != '\0' ? error->message : "syntax error";
  strncpy(out->message, words, sizeof out->message - 1);
  out->message[sizeof out->message - 1] = '\0';
  out->position = error->cursorpos;
  FlushErrorState();
}

void bulwark_raw_parse(const char* text, bool standard_strings, struct BulwarkRawTree* out) {
  sigjmp_buf here;
  sigjmp_buf* const outer_exceptions = bulwark_exception_stack;
  ErrorContextCallback* const outer_callbacks = bulwark_error_context_stack;
  out->statements = NULL;
  out->message[0] = '\0';
  out->position = 0;
  prepare_context();
  bulwark_standard_conforming_strings = standard_strings;
  if (sigsetjmp(here, 0) == 0) {
    bulwark_exception_stack = &here;
    out->statements = raw_parser(text, RAW_PARSE_DEFAULT);
  } else {
    keep_error(out);
  }
  bulwark_exception_stack = outer_exceptions;
  bulwark_error_context_stack = outer_callbacks;
  bulwark_current_context = bulwark_top_context;
}
