#include "dispatcher/remotes.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/log.h"

int remotes_open(struct remotes *remotes, const struct book *book, const char *cert, const char *ca_folder,
                 struct fault *fault)
{
    struct buffer ca_file = { 0 };
    int result = 0;
    *remotes =
        (struct remotes){ .book = book, .sockets = calloc(book->department_count + 1, sizeof *remotes->sockets) };
    if (!remotes->sockets)
        abort();
    for (size_t i = 0; !result && i < book->department_count; i++) {
        const struct book_department *department = &book->departments[i];
        if (!*department->remote_listen)
            continue;
        if (!cert || !ca_folder) {
            log_warn("remote department has no socket: --remote-cert and --remote-ca are not given", "department=%s",
                     department->code);
            continue;
        }
        struct remote_socket *socket = &remotes->sockets[remotes->count];
        buffer_clear(&ca_file);
        buffer_format(&ca_file, "%s/%s.pem", ca_folder, department->code);
        socket->department = department;
        result = bus_remote_open(department->remote_listen, cert, buffer_string(&ca_file), &socket->socket, fault);
        remotes->count += !result;
    }
    buffer_finish(&ca_file);
    return result;
}

void remotes_finish(struct remotes *remotes)
{
    free(remotes->sockets);
    *remotes = (struct remotes){ 0 };
}

/* The department that a topic belongs to; NULL for those of the centre and the reporters. */
static const struct book_department *department_of(const struct book *book, const char *topic)
{
    if (strncmp(topic, "dept/", 5) == 0)
        return book_department(book, topic + 5);
    const struct book_person *person = strncmp(topic, "worker/", 7) == 0 ? book_person(book, topic + 7) : NULL;
    return person ? person->department : NULL;
}

void remotes_publish(const struct remotes *remotes, const struct notice *notice, struct bytes message)
{
    if (!remotes->count)
        return;
    const struct book_department *department = department_of(remotes->book, notice->topic);
    for (size_t i = 0; department && i < remotes->count; i++)
        if (remotes->sockets[i].department == department)
            bus_remote_publish(remotes->sockets[i].socket, notice->topic, message);
}
