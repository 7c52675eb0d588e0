#include "proto/bus/mailbox.h"

#include <stddef.h>

static struct mail *take_all(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct mail *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    return first;
}

static int deliver_all(void *context)
{
    struct mailbox *mailbox = context;
    struct mail *mail = take_all(mailbox);
    while (mail) {
        struct mail *next = mail->next; /* delivery may post it again */
        int result = mailbox->deliver(mailbox->context, mail);
        if (result)
            return result; /* the loop ends: what is left has nobody to go to */
        mail = next;
    }
    return 0;
}

int mailbox_init(struct mailbox *mailbox, struct loop *loop, int (*deliver)(void *context, struct mail *mail),
                 void *context)
{
    *mailbox = (struct mailbox){ .deliver = deliver, .context = context };
    mailbox->last = &mailbox->first;
    pthread_mutex_init(&mailbox->lock, NULL);
    return loop_wake_init(loop, &mailbox->wake, deliver_all, mailbox);
}

void mailbox_post(struct mailbox *mailbox, struct mail *mail)
{
    mail->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    *mailbox->last = mail;
    mailbox->last = &mail->next;
    pthread_mutex_unlock(&mailbox->lock);
    loop_wake_notify(&mailbox->wake);
}
