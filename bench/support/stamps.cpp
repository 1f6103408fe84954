#include "bench/support/stamps.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <sstream>

#include "bench/support/command_line.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::bench {

namespace {

constexpr std::size_t k_stamp_min = 15;  // bytes of the shortest line there can be

std::size_t size_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

}  // namespace

std::vector<Stamp> stamps(const std::string& path) {
    std::vector<Stamp> result;
    std::istringstream lines(test::read_text(path));
    Stamp stamp;
    while (lines >> stamp.at_ns >> stamp.pid)
        result.push_back(stamp);
    return result;
}

std::vector<Stamp> wait_for_stamps(const std::string& path, std::size_t count,
                                   std::chrono::milliseconds deadline) {
    std::vector<Stamp> found;
    // Looking costs processor time that what is measured could use, so the file is read only when
    // it may be long enough.
    const bool there = test::eventually(
        [&] {
            if (size_of(path) < count * k_stamp_min)
                return false;
            found = stamps(path);
            return found.size() >= count;
        },
        deadline);
    require(there, "only " + std::to_string(found.size()) + " of " + std::to_string(count) +
                       " processes ran");
    return found;
}

std::int64_t last_ns(const std::vector<Stamp>& stamps) {
    return std::max_element(stamps.begin(), stamps.end(),
                            [](const Stamp& a, const Stamp& b) { return a.at_ns < b.at_ns; })
        ->at_ns;
}

}  // namespace bullpen::bench
