#include "ctl/screen.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "common/base/errc.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::string_view k_enter = "\x1b[?1049h\x1b[?25l";  // own page, no cursor
constexpr std::string_view k_leave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view k_home = "\x1b[H";
constexpr std::string_view k_clear_line_end = "\x1b[K";
constexpr std::string_view k_clear_below = "\x1b[J";

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH})
        sigaddset(&set, number);
    return set;
}

}  // namespace

Result<Screen> Screen::open(int in, int out) {
    if (::isatty(in) == 0 || ::isatty(out) == 0)
        return fail(Errc::refused, "top needs a terminal; bullpenctl status does not");
    termios before{};
    if (::tcgetattr(in, &before) != 0)
        return fail_errno("cannot read the settings of the terminal");
    const auto set = watched_signals();
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    Descriptor signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals.valid())
        return fail_errno("cannot wait for signals");
    termios changed = before;
    changed.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    changed.c_cc[VMIN] = 0;
    changed.c_cc[VTIME] = 0;
    if (::tcsetattr(in, TCSANOW, &changed) != 0)
        return fail_errno("cannot change the settings of the terminal");
    static_cast<void>(write_all(out, k_enter));
    return Screen(in, out, before, std::move(signals));
}

Screen::Screen(int in, int out, const termios& before, Descriptor signals)
    : in_(in), out_(out), before_(before), signals_(std::move(signals)) {}

Screen::Screen(Screen&& other) noexcept
    : in_(other.in_),
      out_(std::exchange(other.out_, -1)),
      before_(other.before_),
      signals_(std::move(other.signals_)) {}

Screen::~Screen() {
    if (out_ < 0)
        return;
    static_cast<void>(write_all(out_, k_leave));
    ::tcsetattr(in_, TCSANOW, &before_);
}

ScreenEvent Screen::wait(Millis time) {
    std::array<pollfd, 2> waiting = {{{in_, POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(time.count()));
    if (ready < 0 && errno != EINTR)
        return ScreenEvent::quit;
    signalfd_siginfo signal{};
    if (::read(signals_.get(), &signal, sizeof signal) == sizeof signal)
        return signal.ssi_signo == SIGWINCH ? ScreenEvent::resized : ScreenEvent::quit;
    if (ready <= 0 || waiting[0].revents == 0)
        return ScreenEvent::timeout;
    std::array<char, 64> keys;
    const auto got = ::read(in_, keys.data(), keys.size());
    if (got <= 0)
        return ScreenEvent::quit;
    const std::string_view typed(keys.data(), static_cast<std::size_t>(got));
    const bool quits = typed.find_first_of("qQ\x03\x04") != std::string_view::npos;
    return quits ? ScreenEvent::quit : ScreenEvent::other_key;
}

bool Screen::draw(std::string_view text) {
    std::string page(k_home);
    const auto height = terminal_height(out_);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) +
                       (text.empty() || text.back() == '\n' ? 0 : 1);
    std::string rest;
    if (height > 0 && lines > height) {
        rest = "-- " + std::to_string(lines - height + 1) +
               " more lines: a taller window or names of accounts show them --";
    }
    for (std::size_t line = 0; line < height && !text.empty(); ++line) {
        const auto end = text.find('\n');
        const bool cut_here = !rest.empty() && line + 1 == height;
        page += cut_here ? std::string_view(rest) : text.substr(0, end);
        page += k_clear_line_end;
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        // No newline after the last line: the terminal would scroll.
        if (line + 1 < height && !text.empty())
            page += "\r\n";
    }
    page += k_clear_below;
    return write_all(out_, page).has_value();
}

}  // namespace bullpen::ctl
