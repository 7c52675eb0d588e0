/* To be loaded before libc (LD_PRELOAD): a name server that does not answer, for names that end with ".slow" and for who asks while he waits. glibc's own
 * look-ups (getaddrinfo_a) do not come by here, and find no such name. */
#include <netdb.h>
#include <string.h>
#include <unistd.h>

enum { SILENT_S = 600 };

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    struct gaicb request = { .ar_name = name, .ar_service = service, .ar_request = hints };
    size_t length = name ? strlen(name) : 0;
    if (length > 5 && strcmp(name + length - 5, ".slow") == 0)
        sleep(SILENT_S);
    int result = getaddrinfo_a(GAI_WAIT, (struct gaicb *[]){ &request }, 1, NULL);
    if (!result)
        result = gai_error(&request);
    *found = request.ar_result;
    return result;
}
