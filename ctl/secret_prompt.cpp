#include "ctl/secret_prompt.hpp"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "common/base/errc.hpp"
#include "common/vault/credentials.hpp"

namespace bullpen::ctl {

namespace {

constexpr char k_interrupt = 0x03;
constexpr char k_end = 0x04;
constexpr char k_backspace = 0x08;
constexpr char k_kill_line = 0x15;
constexpr char k_delete = 0x7F;
// A value and the end of its line.
constexpr std::size_t k_size_max = vault::k_value_max + 2;

// Keys come one by one and unseen as long as this lives.
class SilentTerminal {
  public:
    SilentTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
        silent.c_cc[VMIN] = 1;
        silent.c_cc[VTIME] = 0;
        ok_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    ~SilentTerminal() {
        if (ok_)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    [[nodiscard]] bool ok() const { return ok_; }

  private:
    termios before_{};
    bool ok_ = false;
};

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

Unexpected too_long() {
    return fail(Errc::too_large, "that is longer than a secret may be: " +
                                     std::to_string(vault::k_value_max) + " bytes");
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
    return text;
}

}  // namespace

bool at_terminal() {
    return ::isatty(STDIN_FILENO) != 0;
}

Result<Secret> ask_secret(Context& context, std::string_view question) {
    const SilentTerminal terminal;
    if (!terminal.ok())
        return fail_errno("cannot keep the terminal from showing what is typed");
    context.out.flush();
    context.err += question;
    context.err.flush();
    Secret typed = Secret::of_size(k_size_max);
    std::size_t size = 0;
    for (;;) {
        char key = 0;
        BULLPEN_TRY(const auto got, read_byte(key));
        const bool done = got == Got::end || key == '\n' || key == '\r' || key == k_end;
        if (done || key == k_interrupt) {
            context.err += "\n";
            context.err.flush();
            typed.cut(size);
            if (key == k_interrupt && !done)
                return fail(Errc::refused, "interrupted; nothing was done");
            return typed;
        }
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
