// However much of whatever is thrown at a parser, its verdict comes soon.
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/hostile_bodies.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

// Of the processor, for one body of a mebibyte: far more than one takes, and far less than what a
// time that grows faster than the body would be.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::milliseconds k_time_max{5000};
#elif defined(__OPTIMIZE__)
constexpr std::chrono::milliseconds k_time_max{1000};
#else
constexpr std::chrono::milliseconds k_time_max{3000};
#endif

std::chrono::microseconds processor_time() {
    rusage usage{};
    REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void give(const Source& source, const test::HostileBody& hostile) {
    const std::string& body = hostile.body;
    const auto begin = processor_time();
    const Parsed parsed = parse_as(source.name, body, 2026);
    const auto took = processor_time() - begin;
    CAPTURE(source.name);
    CAPTURE(hostile.name);
    CHECK(took.count() < std::chrono::microseconds(k_time_max).count());
    CHECK(parsed.events.size() <= 5000);
}

// The worst for each source of those that were found.
TEST_CASE("a mebibyte of brackets, tags or rows gets its verdict in a moment") {
    const std::pair<std::string_view, std::string_view> k_worst[] = {
        {"fomc-html", "html <"},
        {"fomc-html", "html a tag of many attributes"},
        {"bea-html", "html rows of a BEA page"},
        {"fed-json", "json statistics of many days"},
        {"fed-json", "json a list of many days"},
        {"bls-ics", "ics time zones"},
        {"bls-ics", "ics parameters"},
        {"bls-ics", "ics different names"},
        {"bls-ics", "ics different days"},
        {"fed-rss", "xml a tag of many attributes"},
        {"fed-rss", "xml different statements"},
        {"bea-json", "json dates of many names of the BEA"},
        {"forexfactory-json", "json different rows of a week"},
    };
    for (const auto& [source, name] : k_worst) {
        const auto found = test::hostile_bodies(k_body_size_max, name);
        REQUIRE_MESSAGE(!found.empty(), name);
        give(*find_source(source), found.front());
    }
}

TEST_SUITE("slow") {
    TEST_CASE("a mebibyte of anything gets its verdict in a moment, from every parser") {
        for (const test::HostileBody& body : test::hostile_bodies(k_body_size_max)) {
            for (const Source& source : all_sources())
                give(source, body);
        }
    }
}

}  // namespace
}  // namespace bullpen::calendar
