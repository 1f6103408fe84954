#include "bench/support/command_line.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace bullpen::bench {

namespace {

constexpr int k_size_max = 10'000;
constexpr int k_exit_usage = 64;

}  // namespace

std::vector<int> sizes(int argc, char** argv, const std::vector<int>& otherwise) {
    std::vector<int> given;
    for (int i = 1; i < argc; ++i) {
        char* end = nullptr;
        const long value = std::strtol(argv[i], &end, 10);
        if (end == argv[i] || *end != '\0' || value < 1 || value > k_size_max) {
            std::fprintf(stderr, "usage: %s [N...]   N: how many accounts, 1 to %d\n", argv[0],
                         k_size_max);
            std::exit(k_exit_usage);
        }
        given.push_back(static_cast<int>(value));
    }
    return given.empty() ? otherwise : given;
}

void require(bool condition, std::string_view sentence) {
    if (!condition)
        throw Unmeasured(std::string(sentence));
}

int give_up(const Unmeasured& why) {
    std::fprintf(stderr, "cannot measure: %s\n", why.what());
    return EXIT_FAILURE;
}

}  // namespace bullpen::bench
