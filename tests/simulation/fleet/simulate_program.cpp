// bullpen-simulate: lives through one seed and says how it went. With --trace and --until-step it
// shows the steps that led to a failure.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/base/exit_code.hpp"
#include "simulate.hpp"

namespace {

using bullpen::ExitCode;
using namespace bullpen::simulation;

constexpr std::string_view k_usage =
    "usage: bullpen-simulate [--seed N] [--seeds N] [--accounts N] [--days N]\n"
    "                        [--defect NAME] [--until-step N] [--trace]\n"
    "  --seed N        the life to live; 1 unless said\n"
    "  --seeds N       so many lives, from --seed on\n"
    "  --accounts N    otherwise drawn from the seed, 1 to 100\n"
    "  --days N        otherwise drawn from the seed, up to 7\n"
    "  --defect NAME   plants a defect; list shows them\n"
    "  --until-step N  ends after that step\n"
    "  --trace         prints every step\n";

int usage() {
    std::fputs(k_usage.data(), stderr);
    return bullpen::value(ExitCode::usage);
}

int list_defects() {
    for (int i = 1; i < static_cast<int>(bullpen::fleet::Defect::count_); ++i)
        std::puts(std::string(code(static_cast<bullpen::fleet::Defect>(i))).c_str());
    return 0;
}

bool parse_defect(std::string_view text, bullpen::fleet::Defect* defect) {
    for (int i = 1; i < static_cast<int>(bullpen::fleet::Defect::count_); ++i) {
        *defect = static_cast<bullpen::fleet::Defect>(i);
        if (code(*defect) == text)
            return true;
    }
    return false;
}

// False when the argument is unknown or has no value.
bool take(int argc, char** argv, int* i, Options* options, std::uint64_t* seeds) {
    const std::string_view name = argv[*i];
    if (name == "--trace") {
        options->trace = true;
        return true;
    }
    if (*i + 1 >= argc)
        return false;
    const char* value = argv[++*i];
    if (name == "--seed")
        options->seed = std::strtoull(value, nullptr, 10);
    else if (name == "--seeds")
        *seeds = std::strtoull(value, nullptr, 10);
    else if (name == "--accounts")
        options->size.accounts = static_cast<std::uint32_t>(std::strtoul(value, nullptr, 10));
    else if (name == "--days")
        options->size.days = std::strtod(value, nullptr);
    else if (name == "--until-step")
        options->until_step = std::strtoull(value, nullptr, 10);
    else
        return name == "--defect" && parse_defect(value, &options->defect);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    std::uint64_t seeds = 1;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--defect" && i + 1 < argc &&
            std::string_view(argv[i + 1]) == "list")
            return list_defects();
        if (!take(argc, argv, &i, &options, &seeds))
            return usage();
    }
    std::uint64_t steps = 0;
    int failed = 0;
    const auto started = std::chrono::steady_clock::now();
    for (const std::uint64_t first = options.seed; options.seed < first + seeds; ++options.seed) {
        const Outcome outcome = simulate(options);
        steps += outcome.step;
        const double days = std::chrono::duration<double>(outcome.lived).count() / 86'400;
        if (seeds == 1 || !outcome.failure.empty()) {
            std::printf(
                "seed %llu: %u accounts, %.2f days, %llu launches, %llu deaths, %llu daemons, "
                "%llu adoptions, %llu steps\n",
                static_cast<unsigned long long>(options.seed), outcome.accounts, days,
                static_cast<unsigned long long>(outcome.launches),
                static_cast<unsigned long long>(outcome.deaths),
                static_cast<unsigned long long>(outcome.daemons),
                static_cast<unsigned long long>(outcome.adoptions),
                static_cast<unsigned long long>(outcome.step));
        }
        if (!outcome.failure.empty()) {
            ++failed;
            std::printf("FAILED at step %llu: %s\nreplay: %s\n",
                        static_cast<unsigned long long>(outcome.step), outcome.failure.c_str(),
                        replay_line(options, outcome).c_str());
        }
    }
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    std::printf("%llu events in %.2f s, %.0f events per second; %d of %llu seeds failed\n",
                static_cast<unsigned long long>(steps), took, static_cast<double>(steps) / took,
                failed, static_cast<unsigned long long>(seeds));
    return failed == 0 ? 0 : bullpen::value(ExitCode::failed);
}
