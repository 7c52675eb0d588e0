#include "proto/door/static.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/crypto.h"
#include "proto/door/refused.h"
#include "proto/door/reply.h"
#include "proto/door/reply_inside.h"
#include "proto/door/request.h"
#include "proto/door/request_inside.h"

enum { PAGE_BYTES_MAX = 1 << 20, DATE_TEXT = 40 };

static const struct pair types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".json", "application/json" },
    { ".geojson", "application/geo+json" },
    { ".map", "application/json" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".jpg", "image/jpeg" },
    { ".webp", "image/webp" },
    { ".ico", "image/x-icon" },
    { ".woff2", "font/woff2" },
    { ".webmanifest", "application/manifest+json" },
    { ".txt", "text/plain; charset=utf-8" },
    { ".crt", "application/x-x509-ca-cert" },
};

int files_add(struct files **list, const char *prefix, const char *folder, bool immutable, struct fault *fault)
{
    size_t size = strlen(prefix);
    if (prefix[0] != '/')
        return fault_set(fault, -EINVAL, "files at '%s': expected a prefix that begins with '/'", prefix);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(fault, -errno, "folder of pages %s: %s", folder, strerror(errno));
    struct files *files = calloc(1, sizeof *files);
    char *slashed = calloc(1, size + 2);
    if (!files || !slashed)
        abort();
    memcpy(slashed, prefix, size);
    if (prefix[size - 1] != '/')
        slashed[size++] = '/';
    *files = (struct files){ slashed, size, fd, immutable, *list };
    *list = files;
    return 0;
}

void files_finish(struct files **list)
{
    while (*list) {
        struct files *files = *list;
        *list = files->next;
        close(files->folder_fd);
        free(files->prefix);
        free(files);
    }
}

const struct files *files_find(const struct files *list, const char *path)
{
    const struct files *best = NULL;
    for (const struct files *files = list; files; files = files->next)
        if (strncmp(path, files->prefix, files->prefix_size) == 0 && (!best || files->prefix_size > best->prefix_size))
            best = files;
    return best;
}

static const char *type_of(const char *path)
{
    size_t size = strlen(path);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t ending = strlen(types[i].name);
        if (size > ending && strcasecmp(path + size - ending, types[i].name) == 0)
            return types[i].value;
    }
    return "application/octet-stream";
}

/* An opened regular file, or -1. The lint has left no ".." in the path; links are not followed either. */
static int open_file(const struct files *files, const char *path, struct stat *stat)
{
    int fd = openat(files->folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, stat) < 0 || !S_ISREG(stat->st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool is_hidden(const char *path)
{
    return path[0] == '.' || strstr(path, "/.") || strstr(path, "//") || path[0] == '/';
}

static bool takes_gzip(const struct request *request)
{
    const char *accepted = request_header(request, "Accept-Encoding");
    const char *gzip = accepted ? strcasestr(accepted, "gzip") : NULL;
    if (!gzip)
        return false;
    const char *quality = gzip + strlen("gzip");
    quality += strspn(quality, " \t");
    return strncasecmp(quality, ";q=0", 4) != 0 || strspn(quality + 4, ".0") != strcspn(quality + 4, ", \t");
}

/* The list of If-None-Match holds the tag, or is "*"; W/ before a tag makes no difference (RFC 9110, 13.1.2). */
static bool is_known(const struct request *request, const char *tag, const char *date)
{
    const char *tags = request_header(request, "If-None-Match");
    if (tags)
        return strcmp(tags, "*") == 0 || strstr(tags, tag) != NULL;
    const char *since = request_header(request, "If-Modified-Since");
    return since && strcmp(since, date) == 0;
}

static void name_state(struct request *request, const struct files *files, const char *tag, const char *date)
{
    reply_header(request, "ETag", tag);
    reply_header(request, "Last-Modified", date);
    reply_header(request, "Vary", "Accept-Encoding");
    reply_header(request, "Cache-Control", files->immutable ? "public, max-age=31536000, immutable" : "no-cache");
}

/* ---- import maps ----
 * Chromium takes an import map inline only, and our policy runs no inline script: so the policy names the hash of each. */

static const char *importmap_after(const char *at, size_t *size)
{
    for (const char *tag; (tag = strcasestr(at, "<script")); at = tag + 1) {
        const char *close = strchr(tag, '>');
        const char *type = strcasestr(tag, "importmap");
        const char *end = close ? strcasestr(close, "</script") : NULL;
        if (!end)
            return NULL;
        if (type && type < close) {
            *size = (size_t)(end - close - 1);
            return close + 1;
        }
    }
    return NULL;
}

static void allow_importmaps(struct request *request, int fd)
{
    char *page = arena_alloc(&request->arena, PAGE_BYTES_MAX + 1);
    ssize_t page_size = pread(fd, page, PAGE_BYTES_MAX, 0);
    char *policy = arena_format(&request->arena, "%s; script-src 'self'", REPLY_POLICY);
    size_t size;
    for (const char *map = page; page_size > 0 && (map = importmap_after(map, &size)); map += size) {
        struct hash hash = sha256_of(map, size);
        char text[HASH_BASE64];
        policy = arena_format(&request->arena, "%s 'sha256-%s'", policy, hash_base64(text, &hash));
    }
    reply_header(request, "Content-Security-Policy", policy);
}

/* ---- the answer ---- */

static void reply_file(struct request *request, const char *path, int fd, const struct stat *plain)
{
    struct stat stat = *plain, packed;
    char date[DATE_TEXT];
    struct tm when;
    if (strncmp(type_of(path), "text/html", 9) == 0)
        allow_importmaps(request, fd);
    int gz =
        takes_gzip(request) ? open_file(request->files, arena_format(&request->arena, "%s.gz", path), &packed) : -1;
    if (gz >= 0 && packed.st_mtim.tv_sec < plain->st_mtim.tv_sec) { /* of an older build */
        close(gz);
        gz = -1;
    }
    if (gz >= 0) {
        close(fd);
        fd = gz;
        stat = packed;
    }
    gmtime_r(&plain->st_mtim.tv_sec, &when);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &when);
    const char *tag = arena_format(&request->arena, "\"%llx-%lx-%llx%s\"", (long long)stat.st_mtim.tv_sec,
                                   (long)stat.st_mtim.tv_nsec, (long long)stat.st_size, gz >= 0 ? "-gz" : "");
    name_state(request, request->files, tag, date);
    if (is_known(request, tag, date)) {
        close(fd);
        reply_bytes(request, 304, NULL, (struct bytes){ 0 });
        return;
    }
    reply_header(request, "Content-Type", type_of(path));
    if (gz >= 0)
        reply_header(request, "Content-Encoding", "gzip");
    reply_response(request, 200, MHD_create_response_from_fd64((uint64_t)stat.st_size, fd), (size_t)stat.st_size);
}

void files_reply(struct request *request)
{
    const struct files *files = request->files;
    const char *path = request->path + files->prefix_size;
    size_t size = strlen(path);
    if (!size || path[size - 1] == '/')
        path = arena_format(&request->arena, "%sindex.html", path);
    struct stat stat;
    int fd = is_hidden(path) ? -1 : open_file(files, path, &stat);
    if (fd < 0) {
        refused_count(REFUSED_ROUTE);
        reply_error(request, 404, "not_found", "There is no such file.", "Look at the address again.");
        return;
    }
    reply_file(request, path, fd, &stat);
}
