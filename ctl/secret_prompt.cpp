#include "ctl/secret_prompt.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/vault/credentials.hpp"

namespace bullpen::ctl {

namespace {

constexpr char k_interrupt = 0x03;
constexpr char k_end = 0x04;
constexpr char k_backspace = 0x08;
constexpr char k_kill_line = 0x15;
constexpr char k_quit = 0x1C;     // Ctrl-backslash
constexpr char k_suspend = 0x1A;  // Ctrl-Z
constexpr char k_delete = 0x7F;
// What an .env or a text of another system begins with, and nobody sees.
constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
// A value and the end of its line.
constexpr std::size_t k_size_max = vault::k_value_max + 2;

// What ends the program from outside.
constexpr std::array<int, 4> k_ends{SIGTERM, SIGHUP, SIGINT, SIGQUIT};

enum class Got { byte, end };

Result<Got> read_byte(char& byte) {
    for (;;) {
        const auto got = ::read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno("cannot read standard input");
        return got == 0 ? Got::end : Got::byte;
    }
}

// Keys come one by one and unseen as long as this lives. A signal that ends the program waits until
// the terminal is as it was.
class SilentTerminal {
  public:
    SilentTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            return;
        sigset_t ends;
        ::sigemptyset(&ends);
        for (const int number : k_ends)
            ::sigaddset(&ends, number);
        ::sigprocmask(SIG_BLOCK, &ends, &mask_before_);
        signals_ = Descriptor(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
        silent.c_cc[VMIN] = 1;
        silent.c_cc[VTIME] = 0;
        ok_ = signals_.valid() && ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
        if (!ok_)
            ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    ~SilentTerminal() {
        if (ok_)
            put_back();
    }
    [[nodiscard]] bool ok() const { return ok_; }

    // The next key, once there is one.
    Result<Got> key(char& byte) {
        std::array<pollfd, 2> both{{{STDIN_FILENO, POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
        while (::poll(both.data(), both.size(), -1) < 0) {
            if (errno != EINTR)
                return fail_errno("cannot wait for a key");
        }
        signalfd_siginfo signal{};
        if (both[1].revents != 0 &&
            ::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
            put_back();
            ok_ = false;
            // It does now what it would have done.
            ::raise(static_cast<int>(signal.ssi_signo));
            return fail(Errc::refused, "interrupted; nothing was done");
        }
        return read_byte(byte);
    }

  private:
    void put_back() const {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    }

    termios before_{};
    sigset_t mask_before_{};
    Descriptor signals_;
    bool ok_ = false;
};

Unexpected too_long() {
    return fail(Errc::too_large, "that is longer than a secret may be: " +
                                     std::to_string(vault::k_value_max) + " bytes");
}

// One in front is of the program that wrote the text, and no part of what is meant. Refused, for
// what is stored is what was given.
Result<void> has_no_mark(const Secret& text) {
    if (!text.reveal().starts_with(k_byte_order_mark))
        return {};
    return fail(Errc::invalid,
                "it begins with a byte order mark (EF BB BF), which the broker would take for a "
                "part of it: write it without one, as \"UTF-8 without BOM\"; nothing was stored");
}

void strip_line_end(Secret& text) {
    auto size = text.size();
    const auto bytes = text.reveal();
    if (size > 0 && bytes[size - 1] == '\n')
        --size;
    if (size > 0 && bytes[size - 1] == '\r')
        --size;
    text.cut(size);
}

// Up to the stop, or to the end of standard input.
Result<Secret> read_until(std::optional<char> stop) {
    Secret text = Secret::of_size(k_size_max);
    std::size_t size = 0;
    for (;;) {
        char byte = 0;
        BULLPEN_TRY(const auto got, read_byte(byte));
        if (got == Got::end || byte == stop)
            break;
        if (size == text.size())
            return too_long();
        text.writable()[size++] = byte;
    }
    text.cut(size);
    strip_line_end(text);
    BULLPEN_CHECK(has_no_mark(text));
    return text;
}

}  // namespace

bool at_terminal() {
    return ::isatty(STDIN_FILENO) != 0;
}

Result<Secret> ask_secret(Context& context, std::string_view question) {
    SilentTerminal terminal;
    if (!terminal.ok())
        return fail_errno("cannot keep the terminal from showing what is typed");
    context.out.flush();
    context.err += question;
    context.err.flush();
    Secret typed = Secret::of_size(k_size_max);
    std::size_t size = 0;
    for (;;) {
        char key = 0;
        BULLPEN_TRY(const auto got, terminal.key(key));
        const bool done = got == Got::end || key == '\n' || key == '\r' || key == k_end;
        const bool broken_off = key == k_interrupt || key == k_quit;
        if (done || broken_off) {
            context.err += "\n";
            context.err.flush();
            typed.cut(size);
            if (broken_off && !done)
                return fail(Errc::refused, "interrupted; nothing was done");
            return typed;
        }
        if (key == k_suspend)
            continue;
        if (key == k_backspace || key == k_delete) {
            // A whole character: bytes of the form 10xxxxxx go on with one begun before.
            while (size > 0 &&
                   (static_cast<unsigned char>(typed.reveal()[--size]) & 0xC0U) == 0x80U)
                continue;
        } else if (key == k_kill_line) {
            size = 0;
        } else if (size == typed.size()) {
            return too_long();
        } else {
            typed.writable()[size++] = key;
        }
    }
}

Result<Secret> read_secret_line() {
    return read_until('\n');
}

Result<Secret> read_secret_rest() {
    return read_until(std::nullopt);
}

}  // namespace bullpen::ctl
