#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>

#define MAX_WATCHED 32

static _Atomic(gbx_session *) watched[MAX_WATCHED];
static atomic_bool seen;

/* SA_RESETHAND has put the default action back: the next signal of this kind kills. */
static void interrupt_handle(int number)
{
    (void)number;
    atomic_store(&seen, true);
    for (size_t i = 0; i < MAX_WATCHED; i++) {
        gbx_session *session = atomic_load(&watched[i]);
        if (session) gbx_session_cancel(session);
    }
}

/* What was ignored when the program started (nohup, a shell's background job) stays ignored. */
static void interrupt_install_one(int number)
{
    struct sigaction action = {0};
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) return;
    action = (struct sigaction){0};
    action.sa_handler = interrupt_handle;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void interrupt_install(void)
{
    interrupt_install_one(SIGINT);
    interrupt_install_one(SIGTERM);
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone is an EPIPE of the write */
    signal(SIGXFSZ, SIG_IGN); /* a file past the limit of the shell is an EFBIG */
}

void interrupt_watch(gbx_session *session)
{
    size_t i = 0;
    while (session && i < MAX_WATCHED && atomic_load(&watched[i])) i++;
    if (i < MAX_WATCHED) atomic_store(&watched[i], session);
    for (i = 0; !session && i < MAX_WATCHED; i++) atomic_store(&watched[i], NULL);
    /* A signal that came before had nobody to tell. */
    if (session && atomic_load(&seen)) gbx_session_cancel(session);
}

bool interrupt_seen(void)
{
    return atomic_load(&seen);
}
