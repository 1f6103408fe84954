// Screen: a terminal for a program that redraws itself: no echo, keys at once, its own page, all
// put back at the end, also when a signal ends the program. One at a time.
#pragma once

#include <termios.h>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"
#include "ctl/output.hpp"

namespace bullpen::ctl {

enum class ScreenEvent { quit, resized, timeout, other_key };

class Screen {
  public:
    // Errc::refused when standard input or output is no terminal.
    static Result<Screen> open(int in, int out);
    Screen(Screen&& other) noexcept;
    Screen& operator=(Screen&&) = delete;
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen();

    // Waits for a key, a change of size, a signal that ends programs, or the time.
    ScreenEvent wait(Millis time);
    // Replaces what is shown by `text`, cut to the lines of the terminal; the last of them then
    // says how many are missing.
    bool draw(std::string_view text);

  private:
    Screen(int in, int out, const termios& before, Descriptor signals);

    int in_;
    int out_;
    termios before_;
    Descriptor signals_;
};

}  // namespace bullpen::ctl
