// SPDX-License-Identifier: MIT
#include "nn/terminal/interrupt.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "tensor/parallel.h"

using namespace gradus;

namespace {

// The signal that ends a child process which does this; 0 if it runs to its end, -1 if it gives up.
// Forked from one thread: the thread sanitizer delivers no signals to a child of several.
int ended_by(const std::function<void()>& body) {
    const int before = threads();
    set_threads(1);
    const pid_t child = ::fork();
    if (child == 0) {
        body();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    set_threads(before);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) == 0 ? 0 : -1;
}

}  // namespace

TEST_CASE("the first signal of each kind asks to stop, and after the guard it ends the program") {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        CAPTURE(number);
        const auto raised = [&](bool guarded) {
            std::signal(number, SIG_DFL);
            {
                const InterruptGuard guard;
                if (guarded) std::raise(number);
                if (interrupted() != guarded) ::_exit(1);
            }
            if (!guarded) std::raise(number);
        };
        CHECK(ended_by([&] { raised(true); }) == 0);
        CHECK(ended_by([&] { raised(false); }) == number);
    }
}

TEST_CASE("a second Ctrl-C ends the program at once, a second SIGHUP or SIGPIPE does not") {
    const auto twice = [](int first, int second) {
        return ended_by([=] {
            for (const int number : {first, second}) std::signal(number, SIG_DFL);
            const InterruptGuard guard;
            std::raise(first), std::raise(second);
        });
    };
    CHECK(twice(SIGINT, SIGINT) == SIGINT);
    CHECK(twice(SIGINT, SIGTERM) == SIGTERM);
    CHECK(twice(SIGHUP, SIGTERM) == SIGTERM);
    CHECK(twice(SIGHUP, SIGHUP) == 0);  // the kernel sends one, and the shell another
    CHECK(twice(SIGTERM, SIGHUP) == 0);
    CHECK(twice(SIGPIPE, SIGPIPE) == 0);
}

TEST_CASE("after nohup a closed terminal does not stop the program") {
    CHECK(ended_by([] {
              std::signal(SIGHUP, SIG_IGN);
              {
                  const InterruptGuard guard;
                  std::raise(SIGHUP);
                  if (interrupted()) std::signal(SIGKILL, SIG_DFL), std::raise(SIGKILL);
              }
              std::raise(SIGHUP);
          }) == 0);
}
