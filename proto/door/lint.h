/* The lint of a request: what libmicrohttpd 0.9.75 lets through and a door must not.
 *
 * libmicrohttpd cuts the head in place: it writes a NUL over each blank, colon and line end and hands out pointers into that
 * memory. head_is_whole() walks over the same bytes and demands that every one of them belongs to the request line or to a
 * header that it was told of, and that each line ends with CR LF, which is two NULs by then. A bare LF leaves one NUL; a NUL that the peer sent
 * leaves one too many, or bytes that no header covers; a folded header was moved elsewhere. So all of them are refused without a
 * parser of our own, under TLS as well. What libmicrohttpd would have to lay out differently to break this makes every request fail, at once and in
 * the tests, not silently.
 *
 * What it cannot see: a line that ends with NUL LF in the place of CR LF, a last line of a colon and LF, and LF, a colon or NUL and CR LF for
 * both line ends behind the last header, since libmicrohttpd leaves the same bytes of all of them. So a request may end earlier than for
 * another reader of the same bytes; a proxy that writes the head anew hands none of them on.
 *
 * What stays libmicrohttpd's: empty lines before a request are skipped, with those that begin with NUL; HTTP/1.2 to 1.9 count as 1.1; a line between chunks may end
 * with a bare LF and carry an extension, and trailers are dropped. The last two are why a chunked request is the last one of its
 * connection: whatever another parser made of it, there is nothing behind it that this one could take for a request.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct request;

/* False = refused, request->refusal says why. header_bytes: the most that the head may have. */
bool lint_head(struct request *request, const char *method, const char *version, int64_t header_bytes);
bool lint_target(struct request *request, const char *target);
