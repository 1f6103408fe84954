#include "common/base/assert.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace bullpen {

namespace {

void put(const char* text) noexcept {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
}

}  // namespace

void assertion_failed(const char* condition, const char* file, int line,
                      const char* sentence) noexcept {
    char digits[12];
    char* cursor = digits + sizeof digits;
    *--cursor = '\0';
    for (int rest = line; rest > 0; rest /= 10)
        *--cursor = static_cast<char>('0' + rest % 10);
    put("bullpen: assertion failed at ");
    put(file);
    put(":");
    put(cursor);
    put(": ");
    put(condition);
    put(" (");
    put(sentence);
    put(")\n");
    std::abort();
}

}  // namespace bullpen
