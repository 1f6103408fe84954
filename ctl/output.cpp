#include "ctl/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/descriptor.hpp"

namespace bullpen::ctl {

std::string_view sequence(Colour colour) {
    switch (colour) {
        case Colour::none: return "";
        case Colour::bold: return "\x1b[1m";
        case Colour::dim: return "\x1b[2m";
        case Colour::red: return "\x1b[31m";
        case Colour::green: return "\x1b[32m";
        case Colour::yellow: return "\x1b[33m";
        case Colour::magenta: return "\x1b[35m";
        case Colour::cyan: return "\x1b[36m";
    }
    return "";
}

void Output::line(std::string_view text, Colour colour) {
    const bool painted = colour_ && colour != Colour::none;
    if (painted)
        buffer_ += sequence(colour);
    buffer_ += text;
    if (painted)
        buffer_ += k_colour_end;
    buffer_ += '\n';
}

bool Output::flush() {
    if (buffer_.empty())
        return true;
    const auto written = write_all(fd_, buffer_);
    buffer_.clear();
    if (!written && trouble_.empty())
        trouble_ = written.error().message();
    return written.has_value();
}

bool wants_colour(ColourWish wish, bool terminal, const char* no_colour, const char* term) {
    if (wish != ColourWish::automatic)
        return wish == ColourWish::always;
    if (no_colour != nullptr && *no_colour != '\0')
        return false;
    return terminal && term != nullptr && std::string_view(term) != "dumb";
}

namespace {

winsize window(int fd) {
    winsize size{};
    if (::isatty(fd) == 0 || ::ioctl(fd, TIOCGWINSZ, &size) != 0)
        return winsize{};
    return size;
}

// What a terminal that does not know its size is taken to have.
constexpr std::size_t k_width_unknown = 80;
constexpr std::size_t k_height_unknown = 24;

}  // namespace

std::size_t terminal_width(int fd) {
    if (::isatty(fd) == 0)
        return 0;
    const auto columns = window(fd).ws_col;
    return columns == 0 ? k_width_unknown : columns;
}

std::size_t terminal_height(int fd) {
    if (::isatty(fd) == 0)
        return 0;
    const auto lines = window(fd).ws_row;
    return lines == 0 ? k_height_unknown : lines;
}

}  // namespace bullpen::ctl
