#include "worker/tools/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace bullpen::tools {

Progress::Progress(bool shown) : shown_(shown && ::isatty(STDERR_FILENO) == 1) {}

void Progress::clear() {
    const std::lock_guard lock(mutex_);
    if (!line_.empty())
        std::fputs("\r\x1b[K", stderr);
    line_.clear();
}

void Progress::show(double share, const std::string& words) {
    constexpr int k_width = 40;
    if (!shown_)
        return;
    const double part = std::clamp(share, 0.0, 1.0);
    std::string bar(static_cast<std::size_t>(part * k_width), '#');
    bar.resize(k_width, '.');
    char text[128];
    std::snprintf(text, sizeof text, "[%s] %3d %%  %s", bar.c_str(), static_cast<int>(part * 100),
                  words.c_str());
    const std::lock_guard lock(mutex_);
    if (line_ == text)
        return;
    line_ = text;
    std::fprintf(stderr, "\r%s\x1b[K", text);
}

}  // namespace bullpen::tools
