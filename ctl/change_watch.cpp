#include "ctl/change_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

namespace bullpen::ctl {

Result<ChangeWatch> ChangeWatch::of(const std::string& directory) {
    Descriptor notify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!notify.valid())
        return fail_errno("cannot watch for changes");
    constexpr std::uint32_t events =
        IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF;
    if (::inotify_add_watch(notify.get(), directory.c_str(), events) < 0)
        return fail_errno("cannot watch " + directory);
    return ChangeWatch(std::move(notify));
}

Result<ChangeWatch::End> ChangeWatch::wait(std::optional<Millis> timeout, int other) const {
    constexpr Millis::rep k_most = std::numeric_limits<int>::max();
    const int wait =
        timeout ? static_cast<int>(std::clamp<Millis::rep>(timeout->count(), 0, k_most)) : -1;
    std::array<pollfd, 2> waiting = {{{notify_.get(), POLLIN, 0}, {other, 0, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), wait);
    if (ready < 0 && errno != EINTR)
        return fail_errno("cannot wait for changes");
    if (ready == 0)
        return End::timeout;
    if (waiting[1].revents != 0)
        return End::other;
    alignas(inotify_event) std::array<char, 16UL * 1024> drained;
    while (::read(notify_.get(), drained.data(), drained.size()) > 0) {
    }
    return End::changed;
}

}  // namespace bullpen::ctl
