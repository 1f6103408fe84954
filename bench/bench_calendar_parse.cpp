// What a body of a mebibyte can cost: the processor's time and the memory of each parser's worst
// case over bodies that are made to be hard. Each is read in a process of its own, as they are in a
// refresh. The floor is a look at each byte.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "calendar/source.hpp"
#include "tests/support/hostile_bodies.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;
using namespace bullpen::calendar;

constexpr int k_rounds = 3;
constexpr int k_year = 2026;
constexpr double k_kib = 1024;

struct Cost {
    double ms = 0;   // of the processor
    double mib = 0;  // by which the process grew
};

double processor_ms() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto ms_of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
}

double resident_mib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / k_kib;
}

Cost cost_of(const Source& source, const std::string& body, const Context& context) {
    int ends[2];
    require(::pipe(ends) == 0, "there is a pipe");
    const pid_t child = ::fork();
    require(child >= 0, "there is a process");
    if (child == 0) {
        const Cost before{processor_ms(), resident_mib()};
        const Parsed parsed = parse(source, body, context);
        const Cost cost{processor_ms() - before.ms, resident_mib() - before.mib};
        const bool told = ::write(ends[1], &cost, sizeof cost) == sizeof cost;
        ::_exit(told && parsed.events.size() <= body.size() ? 0 : 1);
    }
    ::close(ends[1]);
    Cost cost;
    const bool told = ::read(ends[0], &cost, sizeof cost) == sizeof cost;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!told || status != 0)
        return {1e9, 0};
    return cost;
}

// The least of a few rounds: what others do on this machine is not counted.
Cost least_of(const Source& source, const std::string& body, const Context& context) {
    Cost least = cost_of(source, body, context);
    for (int i = 1; i < k_rounds; ++i) {
        const Cost cost = cost_of(source, body, context);
        least = {std::min(least.ms, cost.ms), std::min(least.mib, cost.mib)};
    }
    return least;
}

double floor_ms(const std::string& body) {
    const double begin = processor_ms();
    unsigned sum = 0;
    for (int round = 0; round < 100; ++round) {
        for (const char c : body)
            sum += static_cast<unsigned char>(c);
    }
    volatile unsigned kept = sum;
    (void)kept;
    return (processor_ms() - begin) / 100;
}

}  // namespace

int main(int argc, char** argv) try {
    // With a name: every body that this source takes, from the quickest to the slowest.
    require(argc <= 2, "it takes the name of a source, or nothing");
    const auto zones = Zones::load();
    require(zones.has_value(), "the time zones are there");
    Context context;
    context.zones = &*zones;
    context.year_now = k_year;
    const auto bodies = test::hostile_bodies(k_body_size_max);
    for (const Source& source : all_sources()) {
        if (argc == 2 && source.name != argv[1])
            continue;
        Cost worst;
        std::string slowest;
        for (const test::HostileBody& body : bodies) {
            const Cost cost = least_of(source, body.body, context);
            if (argc == 2)
                std::fprintf(stderr, "%8.1f ms %8.1f MiB  %s\n", cost.ms, cost.mib,
                             body.name.c_str());
            if (cost.ms > worst.ms)
                slowest = body.name;
            worst = {std::max(worst.ms, cost.ms), std::max(worst.mib, cost.mib)};
        }
        std::fprintf(stderr, "%s: the slowest is %s\n", std::string(source.name).c_str(),
                     slowest.c_str());
        JsonLine("calendar_parse " + std::string(source.name))
            .add("bodies", static_cast<double>(bodies.size()))
            .add("ms", worst.ms)
            .add("mib", worst.mib)
            .add("floor_ms", floor_ms(bodies.front().body))
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
