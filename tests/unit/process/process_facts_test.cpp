#include "common/process/process_facts.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "common/process/limits.hpp"

namespace bullpen::process {
namespace {

constexpr const char* k_rest =
    " 4242 4711 4000 34816 5000 4194304 400 0 0 0 10 20 0 0 20 0 1 0 987654321 1 2 3";

TEST_CASE("a stat line is read whatever the program calls itself") {
    for (const std::string name :
         {"sleep", "a b", "a) S 1 2 (b", "((", "))", "", "tab\tnew\nline", ") R 1 1 1 1"}) {
        const auto stat = parse_stat("123 (" + name + ") S" + k_rest + "\n");
        INFO(name);
        REQUIRE(stat);
        CHECK(stat->pid == 123);
        CHECK(stat->state == 'S');
        CHECK(stat->parent == 4242);
        CHECK(stat->group == 4711);
        CHECK(stat->session == 4000);
        CHECK(stat->flags == 4194304);
        CHECK_FALSE(stat->exiting());
        CHECK(stat->start_time == 987654321);
        CHECK_FALSE(stat->dead());
    }
}

TEST_CASE("a stat line that is cut off or is none is refused") {
    const std::string whole = std::string("123 (sleep) S") + k_rest;
    const std::size_t needed = whole.find(" 987654321");
    for (std::size_t length = 0; length <= needed; ++length)
        CHECK_FALSE(parse_stat(whole.substr(0, length)));
    CHECK_FALSE(parse_stat("x (sleep) S" + std::string(k_rest)));
    CHECK_FALSE(parse_stat("-5 (sleep) S" + std::string(k_rest)));
    CHECK_FALSE(parse_stat("123 (sleep) SS" + std::string(k_rest)));
    CHECK_FALSE(parse_stat("123 )sleep( S" + std::string(k_rest)));
}

TEST_CASE("a zombie and a process being removed are dead") {
    for (const char* state : {"Z", "X"})
        CHECK(parse_stat(std::string("1 (x) ") + state + k_rest)->dead());
    for (const char* state : {"R", "S", "D", "T", "t", "I"})
        CHECK_FALSE(parse_stat(std::string("1 (x) ") + state + k_rest)->dead());
}

TEST_CASE("the calling process finds itself") {
    const auto self = read_stat(::getpid());
    REQUIRE(self);
    CHECK(self->pid == ::getpid());
    CHECK(self->parent == ::getppid());
    CHECK(self->session == ::getsid(0));
    CHECK(alive(::getpid(), self->start_time));
    CHECK(alive(::getpid(), 0));
    CHECK(*resident_bytes(::getpid()) > 100'000);
}

TEST_CASE("the roster's need of descriptors grows with it, and the limit can be raised") {
    CHECK(descriptors_needed(500) > 1000);
    CHECK(descriptors_needed(501) > descriptors_needed(500));
    const auto limit = raise_descriptor_limit();
    REQUIRE(limit);
    CHECK(limit->original <= limit->now);
    CHECK(raise_descriptor_limit()->original == limit->original);
    CHECK(descriptor_limit().now == limit->now);
}

}  // namespace
}  // namespace bullpen::process
