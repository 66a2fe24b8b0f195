#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>

static _Atomic(gbx_session *) watched;
static atomic_bool seen;

/* SA_RESETHAND has put the default action back: the next signal of this kind kills. */
static void interrupt_handle(int number)
{
    (void)number;
    atomic_store(&seen, true);
    gbx_session *session = atomic_load(&watched);
    if (session) gbx_session_cancel(session);
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
    atomic_store(&watched, session);
    /* A signal that came before had nobody to tell. */
    if (session && atomic_load(&seen)) gbx_session_cancel(session);
}

bool interrupt_seen(void)
{
    return atomic_load(&seen);
}
