#include "proto/door/inside.h"

bool gate_allows(struct request *request)
{
    if (!request->route || !request->route->roles)
        return true;
    request_refuse(request, 503, "no_accounts", "Nobody can sign in here yet.", "");
    return false;
}
