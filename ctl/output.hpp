// Output: one buffer before one descriptor, so that a command's answer is one write. Style: colour,
// as escape sequences or as nothing. One thread.
#pragma once

#include <string>
#include <string_view>

namespace bullpen::ctl {

enum class Colour { none, bold, dim, red, green, yellow, magenta, cyan };

// The escape sequence that begins a colour, and the one that ends every colour.
std::string_view sequence(Colour colour);
inline constexpr std::string_view k_colour_end = "\x1b[0m";

class Output {
  public:
    // `fd` is not owned. `colour`: whether colours are written.
    Output(int fd, bool colour) : fd_(fd), colour_(colour) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() { flush(); }

    Output& operator+=(std::string_view text) {
        buffer_ += text;
        return *this;
    }
    // One line of text, in a colour if colours are on.
    void line(std::string_view text, Colour colour = Colour::none);
    [[nodiscard]] std::string& buffer() { return buffer_; }
    [[nodiscard]] bool coloured() const { return colour_; }
    [[nodiscard]] int fd() const { return fd_; }
    // False when the other side is gone or full; what was buffered is dropped then.
    bool flush();
    // What a write has failed with, the first one that did; empty: none.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    int fd_;
    bool colour_;
    std::string buffer_;
    std::string trouble_;
};

enum class ColourWish { automatic, always, never };

// The rule: --color decides; else NO_COLOR set to anything forbids, else a terminal that is not
// "dumb" has colours. `no_colour` and `term` are the environment's words, null when unset.
bool wants_colour(ColourWish wish, bool terminal, const char* no_colour, const char* term);

// Columns of the terminal behind `fd`; 0 when it is not a terminal.
std::size_t terminal_width(int fd);
// Lines of the terminal behind `fd`; 0 when it is not a terminal.
std::size_t terminal_height(int fd);

}  // namespace bullpen::ctl
